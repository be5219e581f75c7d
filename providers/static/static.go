// Package static is the materials provider for keys that you hold: the same
// ones protect every item.
//
//	signing, err := providers.NewHMAC("HmacSHA256", signingKey)
//	provider, err := static.New(encryptionKey, signing, signing)
//
// Use it in tests, and to read what was written with it. Otherwise prefer
// package wrapped, where each item has an encryption key of its own and the
// key that you hold can be changed.
package static

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
)

// Provider gives the same materials for every item. It implements
// [providers.Provider] and is safe for concurrent use.
type Provider struct {
	key         func() []byte // nothing that prints fields gets into a function
	signer      providers.Signer
	verifier    providers.Verifier
	description providers.MaterialDescription
}

var _ providers.Provider = (*Provider)(nil)

// Option configures a [Provider].
type Option func(*Provider)

// WithDescription sets entries that are stored in each item's material
// description. They are readable by anyone who can read the table.
func WithDescription(description providers.MaterialDescription) Option {
	return func(p *Provider) { p.description = maps.Clone(description) }
}

// New returns a Provider. encryptionKey is an AES key of 16, 24 or 32 bytes,
// which is copied, or nil for tables of which nothing is encrypted. A nil
// signer is for processes that only read, a nil verifier for those that only
// write.
func New(encryptionKey []byte, signer providers.Signer, verifier providers.Verifier, options ...Option) (*Provider, error) {
	switch len(encryptionKey) {
	case 16, 24, 32:
	default:
		if encryptionKey != nil {
			return nil, fmt.Errorf("static: %w: an AES key has 16, 24 or 32 bytes, not %d", crypto.ErrNoUsableKey, len(encryptionKey))
		}
	}
	if signer == nil && verifier == nil {
		return nil, fmt.Errorf("static: %w: neither a signer nor a verifier", crypto.ErrNoUsableKey)
	}
	key := slices.Clone(encryptionKey)
	p := &Provider{key: func() []byte { return key }, signer: signer, verifier: verifier}
	for _, option := range options {
		option(p)
	}
	return p, nil
}

// EncryptionMaterials returns the key and the signer.
func (p *Provider) EncryptionMaterials(context.Context, providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
	if p.signer == nil {
		return nil, fmt.Errorf("static: %w: the provider was made without a signer, to read only", crypto.ErrNoUsableKey)
	}
	return &providers.EncryptionMaterials{EncryptionKey: p.key(), Signer: p.signer, Description: p.description}, nil
}

// DecryptionMaterials returns the key and the verifier, whatever the
// description says.
func (p *Provider) DecryptionMaterials(context.Context, providers.EncryptionContext, providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
	if p.verifier == nil {
		return nil, fmt.Errorf("static: %w: the provider was made without a verifier, to write only", crypto.ErrNoUsableKey)
	}
	return &providers.DecryptionMaterials{DecryptionKey: p.key(), Verifier: p.verifier}, nil
}

// String shows no keys.
func (p *Provider) String() string { return "static provider" }

// GoString is String.
func (p *Provider) GoString() string { return p.String() }
