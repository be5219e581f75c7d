// Package wrapped provides a materials provider that generates an encryption
// key for each item and stores it in the item, wrapped with a key that you hold.
//
//	signing, err := providers.NewHMAC("HmacSHA256", signingKey)
//	provider, err := wrapped.NewAES(wrappingKey, signing, signing)
//
// With [NewAES], every process that can write can also read. With [NewRSA], a
// process that has only the public key can write but not read, and the private
// key can stay in a hardware security module.
//
// The item's signature does not cover the wrapped key. An attacker who replaces
// it makes the item unreadable, but has no practical way to change what it says:
// the ciphertext itself is signed and must decrypt to a well-formed value.
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

// Provider generates and wraps a key for each item. It implements
// [providers.Provider] and is safe for concurrent use.
type Provider struct {
	wrapper   wrapper
	unwrapper unwrapper
	signer    providers.Signer
	verifier  providers.Verifier
	extra     providers.MaterialDescription // added to each item's
}

var _ providers.Provider = (*Provider)(nil)

// Option configures a [Provider].
type Option func(*config)

type config struct {
	description providers.MaterialDescription
	pkcs1v15    bool
}

// WithDescription adds entries to each item's material description, for example
// to find the wrapping key again. They are neither secret nor signed. The
// constructors reject entries that the provider sets itself.
func WithDescription(description providers.MaterialDescription) Option {
	return func(c *config) { c.description = maps.Clone(description) }
}

// wrapper wraps content keys and names the algorithm.
type wrapper interface {
	wrap(key []byte) (wrapped []byte, algorithm string, err error)
}

// unwrapper unwraps content keys. An attacker can choose the algorithm, which
// must be one for the unwrapper's own kind of key. If it is empty, it is the
// oldest algorithm of that kind. size is the expected size of the key in bytes.
type unwrapper interface {
	unwrap(wrapped []byte, algorithm string, size int) ([]byte, error)
}

// configure applies and checks the options.
func configure(options []Option) (config, error) {
	var c config
	for _, option := range options {
		option(&c)
	}
	for _, own := range []string{entryKey, entryKeyType, entryAlgorithm} {
		if _, ok := c.description[own]; ok {
			return config{}, fmt.Errorf("wrapped: %w: the provider itself sets the description entry %q", crypto.ErrPolicy, own)
		}
	}
	return c, nil
}

func newProvider(w wrapper, u unwrapper, signer providers.Signer, verifier providers.Verifier,
	c config) (*Provider, error) {
	if signer == nil && verifier == nil {
		return nil, fmt.Errorf("wrapped: %w: neither a signer nor a verifier", crypto.ErrNoUsableKey)
	}
	return &Provider{w, u, signer, verifier, c.description}, nil
}

// EncryptionMaterials generates an AES-256 key and puts it, wrapped, into the
// description.
func (p *Provider) EncryptionMaterials(
	context.Context, providers.EncryptionContext,
) (*providers.EncryptionMaterials, error) {
	if p.wrapper == nil || p.signer == nil {
		return nil, fmt.Errorf("wrapped: %w: the provider has no public key or no signer to seal items with",
			crypto.ErrNoUsableKey)
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

// DecryptionMaterials unwraps the key in the description.
func (p *Provider) DecryptionMaterials(
	_ context.Context, _ providers.EncryptionContext, description providers.MaterialDescription,
) (*providers.DecryptionMaterials, error) {
	if p.unwrapper == nil || p.verifier == nil {
		return nil, fmt.Errorf("wrapped: %w: the provider has no private key or no verifier to open items with",
			crypto.ErrNoUsableKey)
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

// keySize returns the size, in bytes, of a key of a type such as "AES/256", and
// reports whether the type names it. A bare "AES" is a key of any size. In that
// case the returned size is the one that both official clients generate.
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
		return 0, false, fmt.Errorf("%w: the item's key has the unknown type %q", crypto.ErrNoUsableKey, keyType)
	}
	return n / 8, true, nil
}

func errAlgorithm(algorithm, key string) error {
	return fmt.Errorf("%w: the item's key is wrapped with %q, which is not for %s", crypto.ErrNoUsableKey, algorithm, key)
}

// String returns a text that contains no keys.
func (p *Provider) String() string { return "wrapped provider" }

// GoString returns the same text as String.
func (p *Provider) GoString() string { return p.String() }
