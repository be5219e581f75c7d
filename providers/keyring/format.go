package keyring

import (
	"fmt"
	"io"
)

// Format prints, for any verb, what the materials are and no key.
func (m EncryptionMaterials) Format(f fmt.State, _ rune) { io.WriteString(f, m.summary()) }

// MarshalText is what encoding/json, and so the JSON handler of log/slog,
// show: as Format does, no key.
func (m EncryptionMaterials) MarshalText() ([]byte, error) { return []byte(m.summary()), nil }

func (m EncryptionMaterials) summary() string {
	return fmt.Sprintf("encryption materials (%d encrypted data keys)", len(m.keys))
}

// Format prints, for any verb, what the materials are and no key.
func (m DecryptionMaterials) Format(f fmt.State, _ rune) { io.WriteString(f, m.summary()) }

// MarshalText is what encoding/json, and so the JSON handler of log/slog,
// show: as Format does, no key.
func (m DecryptionMaterials) MarshalText() ([]byte, error) { return []byte(m.summary()), nil }

func (m DecryptionMaterials) summary() string {
	if m.dataKey == nil {
		return "decryption materials (no data key yet)"
	}
	return "decryption materials (data key unwrapped)"
}
