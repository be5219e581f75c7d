package dbesdk

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
	"github.com/ddbenc/ddbenc/crypto/internal/encoding"
)

// field is a signed attribute as it is stored. The value of an encrypted
// attribute is a binary.
type field struct {
	name string
	attribute.Encoded
}

// sortCanonically sorts names by their canonical paths: by length, then by
// name.
func sortCanonically(names []string) {
	type path struct {
		length int
		name   string
	}
	paths := make([]path, len(names))
	for i, name := range names {
		paths[i] = path{encoding.LenUTF16(name), name}
	}
	slices.SortFunc(paths, func(a, b path) int {
		if a.length != b.length {
			return a.length - b.length
		}
		return strings.Compare(a.name, b.name)
	})
	for i, p := range paths {
		names[i] = p.name
	}
}

// appendPath appends the canonical path, which identifies an attribute of a
// table unambiguously. The name's length counts UTF-16 code units, which the
// specification does not mention, but the name itself is in UTF-8.
// (specification/structured-encryption/header.md#canonical-path)
func appendPath(path []byte, table, name string) []byte {
	path = append(path, table...)
	path = binary.BigEndian.AppendUint64(path, 1) // segments
	path = append(path, '$')
	path = binary.BigEndian.AppendUint64(path, uint64(encoding.LenUTF16(name)))
	return append(path, name...)
}

// signedNames returns the names of an item's signed attributes in canonical
// order.
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
