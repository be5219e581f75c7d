package dbesdk

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/codeunit"
)

// field is a signed attribute as it is stored: encrypted attributes are
// binaries here.
type field struct {
	name string
	encoded
}

// sortCanonically puts names into the order of their canonical paths, in which
// a name's length comes before the name.
func sortCanonically(names []string) {
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(codeunit.Len(a), codeunit.Len(b)), cmp.Compare(a, b))
	})
}

// canonicalPath names an attribute of a table unambiguously. The name's length
// is that in UTF-16 code units, which the written specification does not tell;
// the name itself is in UTF-8.
// (specification/structured-encryption/header.md#canonical-path)
func canonicalPath(table, name string) []byte {
	path := make([]byte, 0, len(table)+8+1+8+len(name))
	path = append(path, table...)
	path = binary.BigEndian.AppendUint64(path, 1) // segments
	path = append(path, '$')
	path = binary.BigEndian.AppendUint64(path, uint64(codeunit.Len(name)))
	return append(path, name...)
}

// signedNames returns the names of the attributes of an item that are signed,
// in canonical order.
func (e *Encryptor) signedNames(actions crypto.Actions, item crypto.Item) []string {
	names := make([]string, 0, len(item))
	for name := range item {
		if !e.Reserved(name) && e.ActionOf(actions, name).Signed() {
			names = append(names, name)
		}
	}
	sortCanonically(names)
	return names
}
