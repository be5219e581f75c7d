// Package encoding has what the encoders of both item formats share: the order
// and length of text in UTF-16 code units, as in Java, and buffer sizes.
package encoding

import (
	"cmp"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// CompareUTF16 compares two strings by their UTF-16 code units. The result
// differs from the order of bytes if a character beyond the Basic Multilingual
// Plane, which begins with a unit from D800 to DBFF, is compared with a
// character from U+E000 to U+FFFF.
func CompareUTF16(a, b string) int {
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

// LenUTF16 returns the number of code units in a string: two for each character
// beyond the Basic Multilingual Plane, and one for any other.
func LenUTF16(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return i + countUTF16(s[i:])
		}
	}
	return len(s) // ASCII
}

func countUTF16(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
