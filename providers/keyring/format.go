package keyring

import (
	"fmt"
	"io"
)

// Format prints a summary without keys, for every verb.
func (m EncryptionMaterials) Format(f fmt.State, _ rune) { io.WriteString(f, m.summary()) }

// MarshalText returns the text of Format, so that encoding/json and log/slog do
// not show keys either.
func (m EncryptionMaterials) MarshalText() ([]byte, error) { return []byte(m.summary()), nil }

func (m EncryptionMaterials) summary() string {
	return fmt.Sprintf("encryption materials (%d encrypted data keys)", len(m.keys))
}

// Format prints a summary without keys, for every verb.
func (m DecryptionMaterials) Format(f fmt.State, _ rune) { io.WriteString(f, m.summary()) }

// MarshalText returns the text of Format, so that encoding/json and log/slog do
// not show keys either.
func (m DecryptionMaterials) MarshalText() ([]byte, error) { return []byte(m.summary()), nil }

func (m DecryptionMaterials) summary() string {
	if m.dataKey == nil {
		return "decryption materials (no data key yet)"
	}
	return "decryption materials (data key unwrapped)"
}
