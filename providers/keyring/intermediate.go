package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha512"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
)

// KeySize is the size of data keys and intermediate keys, in bytes.
const KeySize = 32

// wrappedSize is that of a data key under an intermediate key: with the tag.
const wrappedSize = KeySize + 16

// NewIntermediateKey returns a random key for a keyring to wrap, 32 bytes.
func NewIntermediateKey() []byte { return newKey() }

func newKey() []byte {
	key := make([]byte, KeySize)
	rand.Read(key) // never fails
	return key
}

// Wrapped returns the part of the ciphertext that the keyring made: its
// intermediate key, wrapped. The error wraps [crypto.ErrTampered].
func (k EncryptedDataKey) Wrapped() ([]byte, error) {
	if len(k.Ciphertext) < wrappedSize {
		return nil, fmt.Errorf("keyring: %w: an encrypted data key is too short", crypto.ErrTampered)
	}
	return k.Ciphertext[wrappedSize:], nil
}

// intermediateKeys is what is derived from an intermediate key.
// (aws-encryption-sdk-specification,
// framework/algorithm-suites.md#intermediate-key-wrapping)
type intermediateKeys struct {
	wrapping cipher.AEAD
	signing  []byte
}

func deriveKeys(intermediate []byte) (*intermediateKeys, error) {
	if len(intermediate) != KeySize {
		return nil, fmt.Errorf("keyring: %w: an intermediate key has %d bytes, not %d", crypto.ErrTampered, len(intermediate), KeySize)
	}
	keys, err := derive(intermediate)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w: %w", crypto.ErrNoUsableKey, err)
	}
	return keys, nil
}

// derive fails only where the standard library refuses to work, as in
// fips140=only mode.
func derive(intermediate []byte) (*intermediateKeys, error) {
	secret, err := hkdf.Extract(sha512.New, intermediate, nil)
	if err != nil {
		return nil, err
	}
	wrapping, err := hkdf.Expand(sha512.New, secret, "AWS_MPL_INTERMEDIATE_KEYWRAP_ENC", KeySize)
	if err != nil {
		return nil, err
	}
	signing, err := hkdf.Expand(sha512.New, secret, "AWS_MPL_INTERMEDIATE_KEYWRAP_MAC", KeySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(wrapping)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &intermediateKeys{aead, signing}, nil
}

// nonce may be fixed since a wrapping key, being derived from a fresh
// intermediate key, encrypts one data key only.
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
		return nil, fmt.Errorf("keyring: %w: the data key does not unwrap for this encryption context", crypto.ErrTampered)
	}
	return dataKey, nil
}
