// Package rawrsa is the keyring for an RSA key pair that you hold: processes
// with the public key can seal items, and only those with the private key can
// open them. The private key may be in a hardware security module.
//
//	keys, err := rawrsa.New("acme", "2026-11", rawrsa.OAEPWithSHA256, public, private)
//
// Namespace, name and padding have to be the same in every client that shares
// the table. Package keyfile reads keys from PEM and DER files.
//
// RSA binds nothing to the encryption context; what binds an item to its table
// and key is the layer above it. Prefer package hierarchical, or kmsrsa where
// KMS keeps the private key.
package rawrsa

import (
	"context"
	stdcrypto "crypto"
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // for OAEPWithSHA1
	_ "crypto/sha256"
	_ "crypto/sha512"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Padding is how RSA pads what it encrypts: OAEP (RFC 8017, section 7.1) with
// one hash for both the label and MGF1, or the older PKCS #1 v1.5.
type Padding int

const (
	// OAEPWithSHA256 is the one to choose.
	OAEPWithSHA256 Padding = iota + 1
	OAEPWithSHA384
	OAEPWithSHA512
	// OAEPWithSHA1 is for tables that have it already.
	OAEPWithSHA1
	// PKCS1v15 opens items that other clients sealed so. Nothing is sealed
	// with it: that padding is known for letting an attacker who can tell a
	// bad padding from a good one unwrap keys. What does not unwrap is
	// replaced by a random key here, and fails later like any wrong key.
	PKCS1v15
)

var hashes = map[Padding]stdcrypto.Hash{
	OAEPWithSHA1: stdcrypto.SHA1, OAEPWithSHA256: stdcrypto.SHA256, OAEPWithSHA384: stdcrypto.SHA384, OAEPWithSHA512: stdcrypto.SHA512,
}

const minBits = 2048

// Keyring wraps data keys with an RSA key pair. It implements
// [keyring.Keyring] and is safe for concurrent use, as far as its private key
// is.
type Keyring struct {
	namespace, name string
	padding         Padding
	public          *rsa.PublicKey
	private         stdcrypto.Decrypter
}

var _ keyring.Keyring = (*Keyring)(nil)

// New returns a Keyring for a key pair of at least 2048 bits. A nil public key
// is for processes that only open items, a nil private key for those that only
// seal them. The private key is asked with *rsa.OAEPOptions. The namespace
// must not begin with "aws-kms". An error wraps
// [crypto.ErrPolicy] or, for the keys, [crypto.ErrNoUsableKey].
func New(namespace, name string, padding Padding, public *rsa.PublicKey, private stdcrypto.Decrypter) (*Keyring, error) {
	if err := keyring.CheckName(namespace, name); err != nil {
		return nil, fmt.Errorf("rawrsa: %w", err)
	}
	if hashes[padding] == 0 && padding != PKCS1v15 {
		return nil, fmt.Errorf("rawrsa: %w: unknown padding %d", crypto.ErrPolicy, padding)
	}
	if fips140.Enforced() && (padding == OAEPWithSHA1 || padding == PKCS1v15) {
		return nil, fmt.Errorf("rawrsa: %w: GODEBUG=fips140=only forbids SHA-1 and PKCS #1 v1.5", crypto.ErrPolicy)
	}
	if public == nil && private == nil {
		return nil, fmt.Errorf("rawrsa: %w: neither a public nor a private key", crypto.ErrNoUsableKey)
	}
	if public != nil {
		if err := check(public); err != nil {
			return nil, err
		}
	}
	if private != nil {
		if key, ok := private.(*rsa.PrivateKey); ok && key == nil {
			return nil, fmt.Errorf("rawrsa: %w: the private key is a nil *rsa.PrivateKey; for none, pass nil itself", crypto.ErrNoUsableKey)
		}
		own, ok := private.Public().(*rsa.PublicKey)
		if !ok {
			return nil, fmt.Errorf("rawrsa: %w: the private key is a %T, not for RSA", crypto.ErrNoUsableKey, private)
		}
		if err := check(own); err != nil {
			return nil, err
		}
		if public != nil && !own.Equal(public) {
			return nil, fmt.Errorf("rawrsa: %w: the private key is not that of the public key", crypto.ErrNoUsableKey)
		}
	}
	return &Keyring{namespace, name, padding, public, private}, nil
}

func check(key *rsa.PublicKey) error {
	if key.N == nil || key.N.BitLen() < minBits {
		return fmt.Errorf("rawrsa: %w: an RSA key must have at least %d bits", crypto.ErrNoUsableKey, minBits)
	}
	return nil
}

// OnEncrypt adds the data key, wrapped for the public key.
func (k *Keyring) OnEncrypt(_ context.Context, materials *keyring.EncryptionMaterials) error {
	switch {
	case k.public == nil:
		return fmt.Errorf("%s: %w: it has no public key to seal items with", k, crypto.ErrNoUsableKey)
	case k.padding == PKCS1v15:
		return fmt.Errorf("%s: %w: PKCS #1 v1.5 is for opening items only", k, crypto.ErrPolicy)
	}
	hash := hashes[k.padding]
	intermediate := keyring.NewIntermediateKey()
	wrapped, err := rsa.EncryptOAEPWithOptions(rand.Reader, k.public, intermediate, &rsa.OAEPOptions{Hash: hash, MGFHash: hash})
	if err != nil {
		return fmt.Errorf("%s: %w: %w", k, crypto.ErrNoUsableKey, err)
	}
	return materials.Add(k.namespace, []byte(k.name), intermediate, wrapped)
}

// OnDecrypt unwraps the data key that was wrapped with this namespace and
// name.
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	if k.private == nil {
		return fmt.Errorf("%s: %w: it has no private key to open items with", k, crypto.ErrNoUsableKey)
	}
	return keyring.Unwrapping(ctx, k.String(), materials, keys, func(key keyring.EncryptedDataKey) ([]byte, error) {
		if key.ProviderID != k.namespace || string(key.ProviderInfo) != k.name {
			return nil, keyring.ErrNotOurs
		}
		wrapped, err := key.Wrapped()
		if err != nil {
			return nil, err
		}
		if k.padding == PKCS1v15 {
			return k.unwrapPKCS1v15(wrapped), nil
		}
		hash := hashes[k.padding]
		intermediate, err := k.private.Decrypt(rand.Reader, wrapped, &rsa.OAEPOptions{Hash: hash, MGFHash: hash})
		if err != nil {
			return nil, fmt.Errorf("it does not unwrap: %w", service.Callback(err))
		}
		return intermediate, nil
	})
}

// unwrapPKCS1v15 returns a key of the right size in any case. A private key of
// crypto/rsa puts a random one in place of what does not unwrap, as asked;
// some other decrypter may not, and that must look the same.
func (k *Keyring) unwrapPKCS1v15(wrapped []byte) []byte {
	random := keyring.NewIntermediateKey()
	//lint:ignore SA1019 opening items that have this padding is what it is for
	key, err := k.private.Decrypt(rand.Reader, wrapped, &rsa.PKCS1v15DecryptOptions{SessionKeyLen: keyring.KeySize})
	if err != nil || len(key) != keyring.KeySize {
		return random
	}
	return key
}

// String names the key and does not show it.
func (k *Keyring) String() string {
	return fmt.Sprintf("raw RSA keyring %q of %q", k.name, k.namespace)
}

// GoString is String.
func (k *Keyring) GoString() string { return k.String() }
