// Package codeunit orders and measures text as Java does: in UTF-16 code units.
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

// Len returns how many code units a string has: two for what is beyond the
// Basic Multilingual Plane, one for anything else.
func Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
