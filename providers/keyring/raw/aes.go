package raw

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

const (
	nonceSize = 12
	tagBits   = 128
	maxName   = 1<<16 - 1 - 4 - 4 - nonceSize
)

// AES wraps data keys with an AES key. It implements [keyring.Keyring] and is
// safe for concurrent use.
type AES struct {
	namespace, name string
	aead            cipher.AEAD
}

var _ keyring.Keyring = (*AES)(nil)

// NewAES returns a keyring that wraps data keys with AES-GCM under a key of 16,
// 24 or 32 random bytes. Never use a password as the key, nor a key that is
// derived from one.
//
//	keys, err := raw.NewAES("acme", "2026-11", wrappingKey)
//
// Seal at most 2^32 items with one key, over all processes: each wrapping uses
// a random nonce of 96 bits (NIST SP 800-38D, section 8.3).
//
// The namespace must not begin with "aws-kms", which belongs to the keyrings
// for KMS. An error wraps [crypto.ErrPolicy] or, for the key,
// [crypto.ErrNoUsableKey].
func NewAES(namespace, name string, wrappingKey []byte) (*AES, error) {
	if err := checkName(namespace, name); err != nil {
		return nil, fmt.Errorf("raw: %w", err)
	}
	if len(name) > maxName {
		return nil, fmt.Errorf("raw: %w: a name of %d bytes", crypto.ErrPolicy, len(name))
	}
	block, err := aes.NewCipher(wrappingKey)
	if err != nil {
		return nil, fmt.Errorf("raw: %w: an AES key has 16, 24 or 32 bytes, not %d", crypto.ErrNoUsableKey, len(wrappingKey))
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("raw: %w: %w", crypto.ErrNoUsableKey, err)
	}
	return &AES{namespace, name, aead}, nil
}

// OnEncrypt adds the data key, wrapped.
func (k *AES) OnEncrypt(_ context.Context, materials *keyring.EncryptionMaterials) error {
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	intermediate := keyring.NewIntermediateKey()
	wrapped := k.aead.Seal(nil, nonce, intermediate, materials.AAD())
	info, err := marshalInfo(k.name, nonce)
	if err != nil {
		return err
	}
	return materials.Add(k.namespace, info, intermediate, wrapped)
}

// OnDecrypt unwraps the data key that was wrapped under this namespace and
// name.
func (k *AES) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials,
	keys []keyring.EncryptedDataKey) error {
	return keyring.Unwrapping(ctx, k.String(), materials, keys, func(key keyring.EncryptedDataKey) ([]byte, error) {
		if key.ProviderID != k.namespace {
			return nil, keyring.ErrNotOurs
		}
		nonce, ok := parseInfo(key.ProviderInfo, k.name)
		if !ok {
			return nil, keyring.ErrNotOurs
		}
		wrapped, err := key.Wrapped()
		if err != nil {
			return nil, err
		}
		intermediate, err := k.aead.Open(nil, nonce, wrapped, materials.AAD())
		if err != nil {
			return nil, fmt.Errorf("%w: it does not unwrap with this key and encryption context", crypto.ErrTampered)
		}
		return intermediate, nil
	})
}

// marshalInfo returns the provider info: the name, the lengths of tag (bits)
// and nonce (bytes), and the nonce.
// (aws-encryption-sdk-specification, framework/raw-aes-keyring.md)
func marshalInfo(name string, nonce []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddBytes([]byte(name))
	b.AddUint32(tagBits)
	b.AddUint32(uint32(len(nonce)))
	b.AddBytes(nonce)
	return b.Bytes()
}

// parseInfo returns the nonce of provider info with the given name.
func parseInfo(info []byte, name string) (nonce []byte, ok bool) {
	rest, ok := strings.CutPrefix(string(info), name)
	if !ok {
		return nil, false
	}
	s := cryptobyte.String(rest)
	var tag, size uint32
	if !s.ReadUint32(&tag) || tag != tagBits || !s.ReadUint32(&size) || size != nonceSize ||
		!s.ReadBytes(&nonce, nonceSize) || !s.Empty() {
		return nil, false
	}
	return nonce, true
}

// String returns a text with the namespace and name, and nothing of the key.
func (k *AES) String() string {
	return fmt.Sprintf("raw AES keyring %q of %q", k.name, k.namespace)
}

// GoString returns the same text as String.
func (k *AES) GoString() string { return k.String() }
