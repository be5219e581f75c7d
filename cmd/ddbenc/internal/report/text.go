package report

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Visible escapes unprintable characters in Go syntax. Names and values must
// not move the cursor of a terminal or change the direction of text.
func Visible(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 || !strconv.IsPrint(r) {
			quoted := strconv.Quote(s[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// printable is like Visible for a name. It also quotes a name that could be
// mistaken for two or for none.
func printable(s string) string {
	if s == "" || Visible(s) != s || strings.ContainsAny(s, " \"`\\,") {
		return strconv.Quote(s)
	}
	return s
}

func printables(names []string) []string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = printable(name)
	}
	return texts
}
