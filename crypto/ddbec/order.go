package ddbec

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/encoding"
)

// reading is a way to serialize values for signing. It determines the order of
// attribute names, map keys and set members, and the spelling of negative zero.
// The two official clients differ in it, so they cannot always read each
// other's items. This package writes one reading and verifies all of them.
type reading int

const (
	ours           reading = iota // Python's order: bytes of UTF-8 text, unsigned bytes of binaries
	javaOrder                     // UTF-16 code units of text, signed bytes of binaries
	pythonNegative                // Python's order, and -0 as it is
)

var readings = []reading{ours, javaOrder, pythonNegative}

// number returns a number in its serialization for signing.
func (r reading) number(s string) (string, error) {
	number, err := crypto.NormalizeNumber(s)
	if r == pythonNegative && number == "0" && s[0] == '-' {
		return "-0", err
	}
	return number, err
}

func (r reading) compareStrings(a, b string) int {
	if r == javaOrder {
		return encoding.CompareUTF16(a, b)
	}
	return strings.Compare(a, b)
}

func (r reading) compareBinaries(a, b []byte) int {
	if r == javaOrder {
		return slices.CompareFunc(a, b, func(x, y byte) int { return cmp.Compare(int8(x), int8(y)) })
	}
	return bytes.Compare(a, b)
}

// sortedNames returns sorted attribute names or map keys.
func sortedNames(m crypto.Item, by reading) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.SortFunc(names, by.compareStrings)
	return names
}
