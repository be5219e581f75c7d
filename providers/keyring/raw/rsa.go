package raw

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

// Padding is the RSA padding of [NewRSA]: OAEP (RFC 8017, section 7.1) with one
// hash for both the label and MGF1, or the older PKCS #1 v1.5. All clients that
// share a table must use the same.
type Padding int

const (
	// OAEPWithSHA256 is the padding for new tables.
	OAEPWithSHA256 Padding = iota + 1
	OAEPWithSHA384
	OAEPWithSHA512
	// OAEPWithSHA1 is for tables that use it already.
	OAEPWithSHA1
	// PKCS1v15 only opens items, which other clients sealed with it. With this
	// padding, an attacker who can tell bad padding from good can unwrap keys.
	// The keyring therefore replaces a key that does not unwrap with a random
	// one, which fails later like any wrong key.
	PKCS1v15
)

var hashes = map[Padding]stdcrypto.Hash{
	OAEPWithSHA256: stdcrypto.SHA256,
	OAEPWithSHA384: stdcrypto.SHA384,
	OAEPWithSHA512: stdcrypto.SHA512,
	OAEPWithSHA1:   stdcrypto.SHA1,
}

const minRSABits = 2048

// RSA wraps data keys with an RSA key pair. It implements [keyring.Keyring] and
// is safe for concurrent use if its private key is.
type RSA struct {
	namespace, name string
	padding         Padding
	public          *rsa.PublicKey
	private         stdcrypto.Decrypter
}

var _ keyring.Keyring = (*RSA)(nil)

// NewRSA returns a keyring for an RSA key pair of at least 2048 bits. Processes
// with the public key can seal items, and only those with the private key can
// open them. Pass a nil public key in processes that only open items, and a nil
// private key in those that only seal them.
//
//	keys, err := raw.NewRSA("acme", "2026-11", raw.OAEPWithSHA256, public, private)
//
// The private key may be in a hardware security module. Its Decrypt method is
// called with *rsa.OAEPOptions, or *rsa.PKCS1v15DecryptOptions for [PKCS1v15].
// Package keyfile reads keys from PEM and DER files.
//
// RSA cannot bind the encryption context to what it wraps. The data key that
// the layer above wraps is bound to it. Where KMS can keep the private key,
// prefer package awskms.
//
// The namespace must not begin with "aws-kms". An error wraps
// [crypto.ErrPolicy] or, for the keys, [crypto.ErrNoUsableKey].
func NewRSA(namespace, name string, padding Padding, public *rsa.PublicKey, private stdcrypto.Decrypter) (*RSA, error) {
	if err := checkName(namespace, name); err != nil {
		return nil, fmt.Errorf("raw: %w", err)
	}
	if hashes[padding] == 0 && padding != PKCS1v15 {
		return nil, fmt.Errorf("raw: %w: unknown padding %d", crypto.ErrPolicy, padding)
	}
	if fips140.Enforced() && (padding == OAEPWithSHA1 || padding == PKCS1v15) {
		return nil, fmt.Errorf("raw: %w: GODEBUG=fips140=only forbids SHA-1 and PKCS #1 v1.5", crypto.ErrPolicy)
	}
	if public == nil && private == nil {
		return nil, fmt.Errorf("raw: %w: neither a public nor a private key", crypto.ErrNoUsableKey)
	}
	if public != nil {
		if err := checkRSA(public); err != nil {
			return nil, err
		}
	}
	if private != nil {
		if key, ok := private.(*rsa.PrivateKey); ok && key == nil {
			return nil, fmt.Errorf("raw: %w: the private key is a nil *rsa.PrivateKey; to pass none, use a nil interface",
				crypto.ErrNoUsableKey)
		}
		own, ok := private.Public().(*rsa.PublicKey)
		if !ok {
			return nil, fmt.Errorf("raw: %w: the private key is a %T, not for RSA", crypto.ErrNoUsableKey, private)
		}
		if err := checkRSA(own); err != nil {
			return nil, err
		}
		if public != nil && !own.Equal(public) {
			return nil, fmt.Errorf("raw: %w: the private key does not belong to the public key", crypto.ErrNoUsableKey)
		}
	}
	return &RSA{namespace, name, padding, public, private}, nil
}

func checkRSA(key *rsa.PublicKey) error {
	if key.N == nil || key.N.BitLen() < minRSABits {
		return fmt.Errorf("raw: %w: an RSA key must have at least %d bits", crypto.ErrNoUsableKey, minRSABits)
	}
	return nil
}

// OnEncrypt adds the data key, wrapped for the public key.
func (k *RSA) OnEncrypt(_ context.Context, materials *keyring.EncryptionMaterials) error {
	switch {
	case k.public == nil:
		return fmt.Errorf("%s: %w: it has no public key to seal items with", k, crypto.ErrNoUsableKey)
	case k.padding == PKCS1v15:
		return fmt.Errorf("%s: %w: PKCS #1 v1.5 is for opening items only", k, crypto.ErrPolicy)
	}
	hash := hashes[k.padding]
	intermediate := keyring.NewIntermediateKey()
	options := &rsa.OAEPOptions{Hash: hash, MGFHash: hash}
	wrapped, err := rsa.EncryptOAEPWithOptions(rand.Reader, k.public, intermediate, options)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", k, crypto.ErrNoUsableKey, err)
	}
	return materials.Add(k.namespace, []byte(k.name), intermediate, wrapped)
}

// OnDecrypt unwraps the data key that was wrapped under this namespace and
// name.
func (k *RSA) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials,
	keys []keyring.EncryptedDataKey) error {
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

// unwrapPKCS1v15 always returns a key of the right size. A crypto/rsa private
// key already returns a random key when the ciphertext does not unwrap. Other
// decrypters may return an error, which must look the same.
func (k *RSA) unwrapPKCS1v15(wrapped []byte) []byte {
	random := keyring.NewIntermediateKey()
	//lint:ignore SA1019 this opens items that have the padding
	key, err := k.private.Decrypt(rand.Reader, wrapped, &rsa.PKCS1v15DecryptOptions{SessionKeyLen: keyring.KeySize})
	if err != nil || len(key) != keyring.KeySize {
		return random
	}
	return key
}

// String returns a text with the namespace and name, and nothing of the keys.
func (k *RSA) String() string {
	return fmt.Sprintf("raw RSA keyring %q of %q", k.name, k.namespace)
}

// GoString returns the same text as String.
func (k *RSA) GoString() string { return k.String() }
