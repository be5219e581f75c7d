// Package wrapped is the materials provider that gives every item an
// encryption key of its own, stored in the item under a wrapping key that you
// hold.
//
//	signing, err := providers.NewHMAC("HmacSHA256", signingKey)
//	provider, err := wrapped.NewAES(wrappingKey, signing, signing)
//
// With [NewAES] whoever can write can also read. With [NewRSA] a process that
// has the public key alone can write but not read, and the private key may
// stay in a hardware security module.
//
// The wrapped key is not covered by the item's signature. Somebody who puts
// another one in its place makes the item unreadable, and has no practical way
// of making it say something else: the ciphertext itself is signed, and must
// decrypt to a well-formed value.
package wrapped

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/internal/service"
)

// Entries of the material description.
const (
	entryKey       = "amzn-ddb-env-key"  // base64 of the wrapped key
	entryKeyType   = "amzn-ddb-env-alg"  // what the key is for: AES, AES/256, …
	entryAlgorithm = "amzn-ddb-wrap-alg" // how it is wrapped
)

const (
	contentKeySize = 32 // bytes
	contentKeyType = "AES"
	maxWrappedKey  = 1024 // bytes; an RSA key of 8192 bits makes one
)

// Provider makes a fresh key for each item and wraps it. It implements
// [providers.Provider] and is safe for concurrent use.
type Provider struct {
	wrapper   wrapper
	unwrapper unwrapper
	signer    providers.Signer
	verifier  providers.Verifier
	extra     providers.MaterialDescription
}

var _ providers.Provider = (*Provider)(nil)

// Option configures a [Provider].
type Option func(*Provider) error

// WithDescription adds entries to each item's material description, for whoever
// must find the wrapping key again. They are readable, and not signed; those of
// the provider itself cannot be set.
func WithDescription(description providers.MaterialDescription) Option {
	return func(p *Provider) error {
		for _, own := range []string{entryKey, entryKeyType, entryAlgorithm} {
			if _, ok := description[own]; ok {
				return fmt.Errorf("wrapped: %w: the description entry %q is the provider's own", crypto.ErrPolicy, own)
			}
		}
		p.extra = maps.Clone(description)
		return nil
	}
}

// wrapper wraps content keys and names the algorithm.
type wrapper interface {
	wrap(key []byte) (wrapped []byte, algorithm string, err error)
}

// unwrapper unwraps content keys. The algorithm comes from an attacker, and
// must be one for the unwrapper's own kind of key; empty is the kind's oldest.
// size is how long the key is expected to be, in bytes.
type unwrapper interface {
	unwrap(wrapped []byte, algorithm string, size int) ([]byte, error)
}

func newProvider(w wrapper, u unwrapper, signer providers.Signer, verifier providers.Verifier, options []Option) (*Provider, error) {
	if signer == nil && verifier == nil {
		return nil, fmt.Errorf("wrapped: %w: neither a signer nor a verifier", crypto.ErrNoUsableKey)
	}
	p := &Provider{wrapper: w, unwrapper: u, signer: signer, verifier: verifier}
	for _, option := range options {
		if err := option(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// EncryptionMaterials returns a fresh AES-256 key, and describes it wrapped.
func (p *Provider) EncryptionMaterials(context.Context, providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
	if p.wrapper == nil || p.signer == nil {
		return nil, fmt.Errorf("wrapped: %w: the provider was made without a public key or signer, to read only", crypto.ErrNoUsableKey)
	}
	key := make([]byte, contentKeySize)
	rand.Read(key)
	wrapped, algorithm, err := p.wrapper.wrap(key)
	if err != nil {
		return nil, fmt.Errorf("wrapped: %w: wrap: %w", crypto.ErrNoUsableKey, err)
	}
	description := providers.MaterialDescription{
		entryKey:       base64.StdEncoding.EncodeToString(wrapped),
		entryKeyType:   contentKeyType,
		entryAlgorithm: algorithm,
	}
	maps.Copy(description, p.extra)
	return &providers.EncryptionMaterials{EncryptionKey: key, Signer: p.signer, Description: description}, nil
}

// DecryptionMaterials unwraps the key that the description holds.
func (p *Provider) DecryptionMaterials(_ context.Context, _ providers.EncryptionContext, description providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
	if p.unwrapper == nil || p.verifier == nil {
		return nil, fmt.Errorf("wrapped: %w: the provider was made without a private key or verifier, to write only", crypto.ErrNoUsableKey)
	}
	key, err := p.unwrap(description)
	if err != nil {
		return nil, fmt.Errorf("wrapped: %w", err)
	}
	return &providers.DecryptionMaterials{DecryptionKey: key, Verifier: p.verifier}, nil
}

func (p *Provider) unwrap(description providers.MaterialDescription) ([]byte, error) {
	encoded, ok := description[entryKey]
	if !ok {
		return nil, fmt.Errorf("%w: the item has no wrapped key", crypto.ErrNoUsableKey)
	}
	wrapped, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(wrapped) > maxWrappedKey {
		return nil, fmt.Errorf("%w: the item's wrapped key is malformed", crypto.ErrNoUsableKey)
	}
	keyType, ok := description[entryKeyType]
	if !ok {
		keyType = contentKeyType // as the official clients assume
	}
	size, named, err := keySize(keyType)
	if err != nil {
		return nil, err
	}
	key, err := p.unwrapper.unwrap(wrapped, description[entryAlgorithm], size)
	if err != nil {
		return nil, service.Callback(err)
	}
	if named && len(key) != size || len(key) != 16 && len(key) != 24 && len(key) != 32 {
		return nil, fmt.Errorf("%w: the item's key has %d bytes", crypto.ErrNoUsableKey, len(key))
	}
	return key, nil
}

// keySize returns the size, in bytes, of a key of a type such as "AES/256",
// and whether the type names it. A bare "AES" is a key of whatever length it
// has; where a length must be expected, it is the one that both official
// clients' generators make.
func keySize(keyType string) (size int, named bool, err error) {
	cipher, bits, named := strings.Cut(keyType, "/")
	if cipher != contentKeyType {
		return 0, false, fmt.Errorf("%w: the item's key is for %q, not for AES", crypto.ErrNoUsableKey, cipher)
	}
	if !named {
		return contentKeySize, false, nil
	}
	n, err := strconv.Atoi(bits)
	if err != nil || n != 128 && n != 192 && n != 256 {
		return 0, false, fmt.Errorf("%w: the item's key is of the unknown type %q", crypto.ErrNoUsableKey, keyType)
	}
	return n / 8, true, nil
}

func errAlgorithm(algorithm, key string) error {
	return fmt.Errorf("%w: the item's key is wrapped with %q, which is not for %s", crypto.ErrNoUsableKey, algorithm, key)
}

// String shows no keys.
func (p *Provider) String() string { return "wrapped provider" }

// GoString is String.
func (p *Provider) GoString() string { return p.String() }
