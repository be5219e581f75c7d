package vet

import (
	"strconv"
	"strings"
)

const keyAction = "ddbenc"

// pair is one key:"value" of a struct tag, and where in the tag it is.
type pair struct {
	key, value string
	start, end int
}

// scanTag splits a struct tag into its pairs; ok is false if it has a part that
// is none.
func scanTag(tag string) (pairs []pair, ok bool) {
	at := 0
	for {
		at += len(tag[at:]) - len(strings.TrimLeft(tag[at:], " "))
		if at == len(tag) {
			return pairs, true
		}
		key, rest, found := strings.Cut(tag[at:], `:"`)
		if !found || key == "" || strings.ContainsAny(key, " :\"\t\n") {
			return pairs, false
		}
		quoted, err := strconv.QuotedPrefix(`"` + rest)
		if err != nil {
			return pairs, false
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return pairs, false
		}
		end := at + len(key) + 1 + len(quoted)
		pairs = append(pairs, pair{key, value, at, end})
		at = end
	}
}

// noEffect is how package tags begins to complain about a ddbenc tag on a field
// that is not written.
const noEffect = "the ddbenc tag has no effect: "
