package ddbec

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ddbenc/ddbenc/crypto"
)

// order is how attribute names, the keys of maps and the members of sets are
// sorted before they are signed. The two official clients differ in it, and so
// cannot always read each other. We write one order and verify both.
type order bool

const (
	pythonOrder order = false // bytes: of UTF-8 text, and unsigned
	javaOrder   order = true  // UTF-16 code units of text, signed bytes of binaries
)

func (o order) compareStrings(a, b string) int {
	if o == javaOrder {
		return compareUTF16(a, b)
	}
	return strings.Compare(a, b)
}

func (o order) compareBinaries(a, b []byte) int {
	if o == javaOrder {
		return slices.CompareFunc(a, b, func(x, y byte) int { return cmp.Compare(int8(x), int8(y)) })
	}
	return bytes.Compare(a, b)
}

// sortedNames returns the names of attributes, or the keys of a map, in order.
func sortedNames(m crypto.Item, by order) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.SortFunc(names, by.compareStrings)
	return names
}

// compareUTF16 orders two strings by their UTF-16 code units. It differs from
// the order of bytes where text beyond the Basic Multilingual Plane, which
// begins with a unit from D800 to DBFF, meets characters from U+E000 on.
func compareUTF16(a, b string) int {
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
