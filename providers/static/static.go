// Package static provides a materials provider that protects every item with
// the same keys, which you hold.
//
//	signing, err := providers.NewHMAC("HmacSHA256", signingKey)
//	provider, err := static.New(encryptionKey, signing, signing)
//
// Use it in tests, and to read items that were written with it. Otherwise prefer
// package wrapped, where each item has its own encryption key and the key that
// you hold can be changed.
package static

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
)

// Provider returns the same materials for every item. It implements
// [providers.Provider] and is safe for concurrent use.
type Provider struct {
	key         func() []byte // a function, so that printing the fields does not print the key
	signer      providers.Signer
	verifier    providers.Verifier
	description providers.MaterialDescription
}

var _ providers.Provider = (*Provider)(nil)

// Option configures a [Provider].
type Option func(*config)

type config struct {
	description providers.MaterialDescription
}

// WithDescription sets the entries of each item's material description. Anyone
// who can read the table can read them.
func WithDescription(description providers.MaterialDescription) Option {
	return func(c *config) { c.description = maps.Clone(description) }
}

// New returns a Provider. encryptionKey is an AES key of 16, 24 or 32 bytes,
// which is copied, or nil for tables without encrypted attributes. Pass a nil
// signer in processes that only read, and a nil verifier in those that only
// write. An error wraps [crypto.ErrNoUsableKey].
func New(encryptionKey []byte, signer providers.Signer, verifier providers.Verifier,
	options ...Option) (*Provider, error) {
	switch len(encryptionKey) {
	case 16, 24, 32:
	default:
		if encryptionKey != nil {
			return nil, fmt.Errorf("static: %w: an AES key has 16, 24 or 32 bytes, not %d",
				crypto.ErrNoUsableKey, len(encryptionKey))
		}
	}
	if signer == nil && verifier == nil {
		return nil, fmt.Errorf("static: %w: neither a signer nor a verifier", crypto.ErrNoUsableKey)
	}
	var c config
	for _, option := range options {
		option(&c)
	}
	key := slices.Clone(encryptionKey)
	return &Provider{func() []byte { return key }, signer, verifier, c.description}, nil
}

// EncryptionMaterials returns the key and the signer.
func (p *Provider) EncryptionMaterials(
	context.Context, providers.EncryptionContext,
) (*providers.EncryptionMaterials, error) {
	if p.signer == nil {
		return nil, fmt.Errorf("static: %w: the provider has no signer to seal items with", crypto.ErrNoUsableKey)
	}
	return &providers.EncryptionMaterials{EncryptionKey: p.key(), Signer: p.signer, Description: p.description}, nil
}

// DecryptionMaterials returns the key and the verifier. It ignores the
// description.
func (p *Provider) DecryptionMaterials(
	context.Context, providers.EncryptionContext, providers.MaterialDescription,
) (*providers.DecryptionMaterials, error) {
	if p.verifier == nil {
		return nil, fmt.Errorf("static: %w: the provider has no verifier to open items with", crypto.ErrNoUsableKey)
	}
	return &providers.DecryptionMaterials{DecryptionKey: p.key(), Verifier: p.verifier}, nil
}

// String returns a text that contains no keys.
func (p *Provider) String() string { return "static provider" }

// GoString returns the same text as String.
func (p *Provider) GoString() string { return p.String() }
