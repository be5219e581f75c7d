package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/derive"
)

// KeySize is the size of data keys and intermediate keys, in bytes.
const KeySize = 32

// wrappedSize is the size of a data key wrapped with an intermediate key,
// including the tag.
const wrappedSize = KeySize + 16

// NewIntermediateKey returns a random key of [KeySize] bytes for a keyring to
// wrap. It is secret.
func NewIntermediateKey() []byte { return newKey() }

func newKey() []byte {
	key := make([]byte, KeySize)
	rand.Read(key) // never fails
	return key
}

// Wrapped returns the part of the ciphertext that the keyring made: the wrapped
// intermediate key. The error wraps [crypto.ErrTampered].
func (k EncryptedDataKey) Wrapped() ([]byte, error) {
	if len(k.Ciphertext) < wrappedSize {
		return nil, fmt.Errorf("keyring: %w: an encrypted data key is too short", crypto.ErrTampered)
	}
	return k.Ciphertext[wrappedSize:], nil
}

// intermediateKeys are the keys that are derived from an intermediate key.
// (aws-encryption-sdk-specification,
// framework/algorithm-suites.md#intermediate-key-wrapping)
type intermediateKeys struct {
	wrapping cipher.AEAD
	signing  []byte
}

func deriveKeys(intermediate []byte) (*intermediateKeys, error) {
	if len(intermediate) != KeySize {
		return nil, fmt.Errorf("keyring: %w: an intermediate key has %d bytes, not %d",
			crypto.ErrTampered, len(intermediate), KeySize)
	}
	keys, err := intermediateKeysOf(intermediate)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w: %w", crypto.ErrNoUsableKey, err)
	}
	return keys, nil
}

// intermediateKeysOf fails only if the standard library forbids an algorithm,
// for example under GODEBUG=fips140=only.
func intermediateKeysOf(intermediate []byte) (*intermediateKeys, error) {
	keys, err := derive.New(intermediate)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(keys.Key("AWS_MPL_INTERMEDIATE_KEYWRAP_ENC"))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &intermediateKeys{aead, keys.Key("AWS_MPL_INTERMEDIATE_KEYWRAP_MAC")}, nil
}

// nonce can be fixed, since each wrapping key is derived from a new intermediate
// key and encrypts only one data key.
var nonce [12]byte

func (k *intermediateKeys) wrap(dataKey, aad []byte) []byte {
	return k.wrapping.Seal(nil, nonce[:], dataKey, aad)
}

func (k *intermediateKeys) unwrap(key EncryptedDataKey, aad []byte) ([]byte, error) {
	if len(key.Ciphertext) < wrappedSize {
		return nil, fmt.Errorf("keyring: %w: an encrypted data key is too short", crypto.ErrTampered)
	}
	dataKey, err := k.wrapping.Open(nil, nonce[:], key.Ciphertext[:wrappedSize], aad)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w: the data key does not unwrap with this intermediate key and encryption context",
			crypto.ErrTampered)
	}
	return dataKey, nil
}
