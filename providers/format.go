package providers

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// Format prints, for any verb, what the materials are for and no key.
func (m EncryptionMaterials) Format(f fmt.State, _ rune) {
	algorithm := "nobody"
	if m.Signer != nil {
		algorithm = m.Signer.Algorithm()
	}
	io.WriteString(f, fmt.Sprintf("encryption materials (key of %d bytes, signed with %s, described by %q)",
		len(m.EncryptionKey), algorithm, slices.Sorted(maps.Keys(m.Description))))
}

// Format prints, for any verb, what the materials are for and no key.
func (m DecryptionMaterials) Format(f fmt.State, _ rune) {
	io.WriteString(f, fmt.Sprintf("decryption materials (key of %d bytes)", len(m.DecryptionKey)))
}
