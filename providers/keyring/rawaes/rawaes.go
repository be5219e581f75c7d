// Package rawaes is the keyring for an AES key that you hold: it wraps the key
// of each item with AES-GCM.
//
//	keys, err := rawaes.New("acme", "2026-11", wrappingKey)
//
// Namespace and name are stored in every item and tell which key opens it;
// they are not secret, and have to be the same in every client that shares the
// table. To rotate the key, put the new one first and the old ones after it in
// package multi.
//
// Seal at most 2^32 items with one key, over all processes: each is wrapped
// with AES-GCM under a random nonce of 96 bits (NIST SP 800-38D, section 8.3).
//
// Where the key itself is kept, who may read it and when it is replaced is
// yours to solve. Prefer package hierarchical, where KMS does that.
package rawaes

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

// Keyring wraps data keys with an AES key. It implements [keyring.Keyring] and
// is safe for concurrent use.
type Keyring struct {
	namespace, name string
	aead            cipher.AEAD
}

var _ keyring.Keyring = (*Keyring)(nil)

// New returns a Keyring for a wrapping key of 16, 24 or 32 bytes, which has to
// be random: not a password, and not derived from one. The namespace must not
// begin with "aws-kms": that belongs to the keyrings for KMS.
// An error wraps [crypto.ErrPolicy] or, for the key, [crypto.ErrNoUsableKey].
func New(namespace, name string, wrappingKey []byte) (*Keyring, error) {
	if err := keyring.CheckName(namespace, name); err != nil {
		return nil, fmt.Errorf("rawaes: %w", err)
	}
	if len(name) > maxName {
		return nil, fmt.Errorf("rawaes: %w: a name of %d bytes", crypto.ErrPolicy, len(name))
	}
	block, err := aes.NewCipher(wrappingKey)
	if err != nil {
		return nil, fmt.Errorf("rawaes: %w: an AES key has 16, 24 or 32 bytes, not %d", crypto.ErrNoUsableKey, len(wrappingKey))
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("rawaes: %w: %w", crypto.ErrNoUsableKey, err)
	}
	return &Keyring{namespace, name, aead}, nil
}

// OnEncrypt adds the data key, wrapped.
func (k *Keyring) OnEncrypt(_ context.Context, materials *keyring.EncryptionMaterials) error {
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

// OnDecrypt unwraps the data key that was wrapped with this namespace and
// name.
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
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
			return nil, fmt.Errorf("%w: it does not unwrap with this key for this encryption context", crypto.ErrTampered)
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

// parseInfo returns the nonce of provider info that has the name.
func parseInfo(info []byte, name string) (nonce []byte, ok bool) {
	rest, ok := strings.CutPrefix(string(info), name)
	if !ok {
		return nil, false
	}
	s := cryptobyte.String(rest)
	var tag, size uint32
	if !s.ReadUint32(&tag) || tag != tagBits || !s.ReadUint32(&size) || size != nonceSize || !s.ReadBytes(&nonce, nonceSize) || !s.Empty() {
		return nil, false
	}
	return nonce, true
}

// String names the key and does not show it.
func (k *Keyring) String() string {
	return fmt.Sprintf("raw AES keyring %q of %q", k.name, k.namespace)
}

// GoString is String.
func (k *Keyring) GoString() string { return k.String() }
