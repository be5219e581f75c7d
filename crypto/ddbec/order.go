package ddbec

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/codeunit"
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
		return codeunit.Compare(a, b)
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
