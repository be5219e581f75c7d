package providers

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// Format prints, for any verb, what the materials are for and no key.
func (m EncryptionMaterials) Format(f fmt.State, _ rune) { io.WriteString(f, m.summary()) }

// MarshalText is what encoding/json, and so the JSON handler of log/slog, show
// instead of the fields: as Format does, no key.
func (m EncryptionMaterials) MarshalText() ([]byte, error) { return []byte(m.summary()), nil }

func (m EncryptionMaterials) summary() string {
	algorithm := "nobody"
	if m.Signer != nil {
		algorithm = m.Signer.Algorithm()
	}
	return fmt.Sprintf("encryption materials (key of %d bytes, signed with %s, described by %q)",
		len(m.EncryptionKey), algorithm, slices.Sorted(maps.Keys(m.Description)))
}

// Format prints, for any verb, what the materials are for and no key.
func (m DecryptionMaterials) Format(f fmt.State, _ rune) { io.WriteString(f, m.summary()) }

// MarshalText is what encoding/json, and so the JSON handler of log/slog, show
// instead of the fields: as Format does, no key.
func (m DecryptionMaterials) MarshalText() ([]byte, error) { return []byte(m.summary()), nil }

func (m DecryptionMaterials) summary() string {
	return fmt.Sprintf("decryption materials (key of %d bytes)", len(m.DecryptionKey))
}
