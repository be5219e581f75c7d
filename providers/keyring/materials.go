package keyring

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/encryptioncontext"
)

// EncryptionContext is what an item's keys are bound to: names and values that
// are not secret, and that are authenticated wherever a key is wrapped. The item
// format fills it with the table and the primary key.
type EncryptionContext map[string]string

// EncryptedDataKey is an item's data key, wrapped for one of the keys that may
// open the item.
type EncryptedDataKey struct {
	// ProviderID and ProviderInfo identify the keyring and the key: "aws-kms"
	// and the key's ARN, for example. Each has at most 65535 bytes.
	ProviderID   string
	ProviderInfo []byte
	// Ciphertext is the data key, wrapped with an intermediate key (48 bytes),
	// and then the intermediate key, wrapped by the keyring. It has at most
	// 65535 bytes.
	Ciphertext []byte
}

// maxUint16 is the limit of each length in an encrypted data key.
const maxUint16 = 1<<16 - 1

// maxDataKeys is how many encrypted data keys an item can have.
const maxDataKeys = 255

// EncryptionMaterials has the keys that seal one item. Keyrings fill it in. It is
// not safe for concurrent use.
type EncryptionMaterials struct {
	context  EncryptionContext
	aad      []byte
	dataKey  secret
	keys     []EncryptedDataKey
	signings []secret
}

// secret returns a key. It is a function because package fmt prints the contents
// of unexported fields without calling their Format methods, but not what a
// function returns.
type secret func() []byte

func keep(key []byte) secret { return func() []byte { return key } }

// reveal returns nil if there is no key.
func (s secret) reveal() []byte {
	if s == nil {
		return nil
	}
	return s()
}

// NewEncryptionMaterials returns materials with a new data key for an item with
// the given encryption context, which must not be changed afterwards. Encryptors
// and tests of keyrings call it; a keyring is given materials. The error wraps
// [crypto.ErrInvalidItem].
func NewEncryptionMaterials(ec EncryptionContext) (*EncryptionMaterials, error) {
	aad, err := encryptioncontext.Marshal(ec)
	if err != nil {
		return nil, err
	}
	return &EncryptionMaterials{context: ec, aad: aad, dataKey: keep(newKey())}, nil
}

// Context returns a copy of the encryption context.
func (m *EncryptionMaterials) Context() EncryptionContext { return maps.Clone(m.context) }

// AAD returns the serialized encryption context, which a keyring authenticates
// with the wrapped key.
func (m *EncryptionMaterials) AAD() []byte { return slices.Clone(m.aad) }

// Add adds an encrypted data key. intermediate is a key from
// [NewIntermediateKey], which wraps the data key, and wrapped is the same key,
// wrapped by the keyring. Each call needs a new intermediate key.
func (m *EncryptionMaterials) Add(providerID string, providerInfo, intermediate, wrapped []byte) error {
	if len(m.keys) == maxDataKeys {
		return fmt.Errorf("keyring: %w: an item has at most %d encrypted data keys", crypto.ErrPolicy, maxDataKeys)
	}
	if !utf8.ValidString(providerID) {
		return fmt.Errorf("keyring: %w: the provider ID of an encrypted data key must be UTF-8", crypto.ErrPolicy)
	}
	k, err := deriveKeys(intermediate)
	if err != nil {
		return err
	}
	ciphertext := k.wrap(m.DataKey(), m.aad)
	if len(providerID) > maxUint16 || len(providerInfo) > maxUint16 || len(ciphertext)+len(wrapped) > maxUint16 {
		return fmt.Errorf("keyring: %w: an encrypted data key is too large for an item", crypto.ErrPolicy)
	}
	m.keys = append(m.keys, EncryptedDataKey{
		ProviderID:   providerID,
		ProviderInfo: slices.Clone(providerInfo),
		Ciphertext:   append(ciphertext, wrapped...),
	})
	m.signings = append(m.signings, keep(k.signing))
	return nil
}

// DataKey returns the item's data key, 32 bytes. It is secret.
func (m *EncryptionMaterials) DataKey() []byte { return m.dataKey.reveal() }

// EncryptedDataKeys returns the encrypted data keys that keyrings have added.
func (m *EncryptionMaterials) EncryptedDataKeys() []EncryptedDataKey { return slices.Clip(m.keys) }

// SigningKeys returns a symmetric signing key of 32 bytes for each of the
// encrypted data keys. They are secret.
func (m *EncryptionMaterials) SigningKeys() [][]byte {
	keys := make([][]byte, len(m.signings))
	for i, key := range m.signings {
		keys[i] = key.reveal()
	}
	return keys
}

// DecryptionMaterials has the keys that open one item. A keyring fills it in. It
// is not safe for concurrent use.
type DecryptionMaterials struct {
	context EncryptionContext
	aad     []byte
	dataKey secret // nil: not unwrapped yet
	signing secret
}

// NewDecryptionMaterials returns materials without keys for an item with the
// given encryption context, which must not be changed afterwards. Encryptors and
// tests of keyrings call it; a keyring is given materials. The error wraps
// [crypto.ErrInvalidItem].
func NewDecryptionMaterials(ec EncryptionContext) (*DecryptionMaterials, error) {
	aad, err := encryptioncontext.Marshal(ec)
	if err != nil {
		return nil, err
	}
	return &DecryptionMaterials{context: ec, aad: aad}, nil
}

// Context returns a copy of the encryption context.
func (m *DecryptionMaterials) Context() EncryptionContext { return maps.Clone(m.context) }

// AAD returns the serialized encryption context, which a keyring authenticates
// with the wrapped key.
func (m *DecryptionMaterials) AAD() []byte { return slices.Clone(m.aad) }

// Unwrap unwraps the data key of an encrypted data key, given the intermediate
// key that the keyring unwrapped. The error wraps [crypto.ErrTampered] if the
// intermediate key or the encryption context is wrong.
func (m *DecryptionMaterials) Unwrap(key EncryptedDataKey, intermediate []byte) error {
	if m.dataKey != nil {
		return fmt.Errorf("keyring: %w: the data key is already unwrapped", crypto.ErrPolicy)
	}
	k, err := deriveKeys(intermediate)
	if err != nil {
		return err
	}
	dataKey, err := k.unwrap(key, m.aad)
	if err != nil {
		return err
	}
	m.dataKey, m.signing = keep(dataKey), keep(k.signing)
	return nil
}

// DataKey returns the item's data key, 32 bytes, or nil if it is not unwrapped
// yet. It is secret.
func (m *DecryptionMaterials) DataKey() []byte { return m.dataKey.reveal() }

// SigningKey returns the symmetric signing key of the encrypted data key that was
// unwrapped, 32 bytes, or nil. It is secret.
func (m *DecryptionMaterials) SigningKey() []byte { return m.signing.reveal() }
