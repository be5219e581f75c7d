// Package codeunit orders text as Java does: by its UTF-16 code units.
package codeunit

import (
	"cmp"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// Compare orders two strings by their UTF-16 code units. It differs from the
// order of bytes where text beyond the Basic Multilingual Plane, which begins
// with a unit from D800 to DBFF, meets characters from U+E000 on.
func Compare(a, b string) int {
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if x != y {
			return slices.Compare(utf16.AppendRune(nil, x), utf16.AppendRune(nil, y))
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}
