package providers

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// Format prints a summary without keys, for every verb.
func (m EncryptionMaterials) Format(f fmt.State, _ rune) { io.WriteString(f, m.summary()) }

// MarshalText returns the text of Format, so that encoding/json and log/slog do
// not show keys either.
func (m EncryptionMaterials) MarshalText() ([]byte, error) { return []byte(m.summary()), nil }

func (m EncryptionMaterials) summary() string {
	algorithm := "nobody"
	if m.Signer != nil {
		algorithm = m.Signer.Algorithm()
	}
	return fmt.Sprintf("encryption materials (key of %d bytes, signed with %s, described by %q)",
		len(m.EncryptionKey), algorithm, slices.Sorted(maps.Keys(m.Description)))
}

// Format prints a summary without keys, for every verb.
func (m DecryptionMaterials) Format(f fmt.State, _ rune) { io.WriteString(f, m.summary()) }

// MarshalText returns the text of Format, so that encoding/json and log/slog do
// not show keys either.
func (m DecryptionMaterials) MarshalText() ([]byte, error) { return []byte(m.summary()), nil }

func (m DecryptionMaterials) summary() string {
	return fmt.Sprintf("decryption materials (key of %d bytes)", len(m.DecryptionKey))
}
