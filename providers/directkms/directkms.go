// Package directkms is the materials provider that asks AWS KMS for the keys
// of every item.
//
//	provider, err := directkms.New(kms.NewFromConfig(cfg), "arn:aws:kms:eu-west-1:111122223333:key/…")
//
// Nobody holds a key: each item has a data key of its own, which KMS wraps
// under a key that never leaves it, and the encryption and signing keys are
// derived from that. Who may read is decided by the KMS key's policy, each
// request is in its log, and revoking access works at once. The price is one
// KMS call for each item, on write and on read, with its time, its cost and
// its quota. Package mostrecent is for tables where that is too much.
//
// The item's keys, its primary key and its table are in the KMS encryption
// context, and so, readable, in KMS's log.
package directkms

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/internal/service"
)

// Client is what a [Provider] asks of AWS KMS. *kms.Client has it.
type Client interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Provider asks AWS KMS for each item's keys. It implements
// [providers.Provider] and is safe for concurrent use.
type Provider struct {
	client      Client
	keyID       string
	selectKey   func(context.Context, providers.EncryptionContext) (string, error)
	grantTokens []string
	cache       *cache // nil: none
}

var _ providers.Provider = (*Provider)(nil)

// Option configures a [Provider].
type Option func(*Provider) error

// WithGrantTokens sends grant tokens with each request, for grants that KMS
// does not know everywhere yet.
func WithGrantTokens(tokens ...string) Option {
	return func(p *Provider) error {
		p.grantTokens = append(p.grantTokens, tokens...)
		return nil
	}
}

// WithKeySelector chooses the KMS key for each item by its encryption context,
// on write and on read alike: one for each tenant, for example. It replaces
// the key ID given to [New], which is then empty. An error ends the request and
// is final, [crypto.ErrNoUsableKey], unless it wraps [crypto.ErrKeyUnavailable]
// or is one of a context or a network connection.
func WithKeySelector(choose func(context.Context, providers.EncryptionContext) (keyID string, err error)) Option {
	return func(p *Provider) error {
		p.selectKey = choose
		return nil
	}
}

// WithReadCache keeps the keys of up to the given number of items that were
// read, in memory, for at most maxAge, so that reading one of them again asks
// KMS for nothing. An item is found again only by its own wrapped key and
// encryption context.
//
// Mind what is given up: for as long as maxAge, items that were read before
// can be read although access was revoked, and such reads are not in KMS's log.
func WithReadCache(items int, maxAge time.Duration) Option {
	return func(p *Provider) error {
		if items < 1 || maxAge <= 0 {
			return fmt.Errorf("directkms: %w: a cache needs room for at least one item, and an age", crypto.ErrPolicy)
		}
		p.cache = newCache(items, maxAge)
		return nil
	}
}

// New returns a Provider for a symmetric KMS key. Name the key by its ARN: KMS
// refuses items of another key then, and so does the provider if a reply comes
// from one. The ID alone is checked the same way, within the client's account.
// An alias is not, by the provider: KMS checks that the key it stands for at
// the moment is the one. A multi-Region key may be given by the ARN in any
// Region that the client is for, and opens what its replicas sealed.
func New(client Client, keyID string, options ...Option) (*Provider, error) {
	p := &Provider{client: client, keyID: keyID}
	for _, option := range options {
		if err := option(p); err != nil {
			return nil, err
		}
	}
	switch {
	case client == nil:
		return nil, fmt.Errorf("directkms: %w: no KMS client", crypto.ErrNoUsableKey)
	case keyID == "" && p.selectKey == nil:
		return nil, fmt.Errorf("directkms: %w: neither a key ID nor a key selector", crypto.ErrNoUsableKey)
	case keyID != "" && p.selectKey != nil:
		return nil, fmt.Errorf("directkms: %w: both a key ID and a key selector", crypto.ErrPolicy)
	}
	return p, nil
}

// EncryptionMaterials asks KMS for a data key.
func (p *Provider) EncryptionMaterials(ctx context.Context, ec providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
	keyID, err := p.key(ctx, ec)
	if err != nil {
		return nil, err
	}
	kmsContext, err := kmsContext(ec, defaultAlgorithms)
	if err != nil {
		return nil, err
	}
	out, err := p.client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId:             aws.String(keyID),
		NumberOfBytes:     aws.Int32(dataKeySize),
		EncryptionContext: kmsContext,
		GrantTokens:       slices.Clone(p.grantTokens),
	})
	if err != nil {
		return nil, failed(ec, keyID, service.KMS(err))
	}
	defer clear(out.Plaintext)
	if !isGenerated(keyID, out) {
		return nil, failed(ec, keyID, fmt.Errorf("%w: the reply holds no data key of this key", crypto.ErrNoUsableKey))
	}
	keys, err := derive(out.Plaintext, defaultAlgorithms)
	if err != nil {
		return nil, failed(ec, keyID, err)
	}
	return &providers.EncryptionMaterials{
		EncryptionKey: keys.encryption,
		Signer:        keys.signing,
		Description:   defaultAlgorithms.describe(base64.StdEncoding.EncodeToString(out.CiphertextBlob)),
	}, nil
}

// DecryptionMaterials asks KMS to unwrap the item's data key.
func (p *Provider) DecryptionMaterials(ctx context.Context, ec providers.EncryptionContext, description providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
	keyID, err := p.key(ctx, ec)
	if err != nil {
		return nil, err
	}
	wrapped, algorithms, err := readDescription(description)
	if err != nil {
		return nil, fmt.Errorf("directkms: %w", err)
	}
	kmsContext, err := kmsContext(ec, algorithms)
	if err != nil {
		return nil, err
	}
	keys, err := p.cache.get(keyID, wrapped, kmsContext, func() (*keys, error) {
		return p.unwrap(ctx, keyID, wrapped, kmsContext, algorithms)
	})
	if err != nil {
		return nil, failed(ec, keyID, err)
	}
	return &providers.DecryptionMaterials{DecryptionKey: keys.encryption, Verifier: keys.signing}, nil
}

func (p *Provider) unwrap(ctx context.Context, keyID string, wrapped []byte, kmsContext map[string]string, a algorithms) (*keys, error) {
	out, err := p.client.Decrypt(ctx, &kms.DecryptInput{
		KeyId:             aws.String(keyID),
		CiphertextBlob:    wrapped,
		EncryptionContext: kmsContext,
		GrantTokens:       slices.Clone(p.grantTokens),
	})
	if err != nil {
		return nil, service.KMS(err)
	}
	defer clear(out.Plaintext)
	if !isDecrypted(keyID, out) {
		return nil, fmt.Errorf("%w: the reply holds no data key of this key", crypto.ErrTampered)
	}
	return derive(out.Plaintext, a)
}

// key returns the KMS key for an item.
func (p *Provider) key(ctx context.Context, ec providers.EncryptionContext) (string, error) {
	if p.selectKey == nil {
		return p.keyID, nil
	}
	keyID, err := p.selectKey(ctx, ec)
	if err != nil {
		return "", fmt.Errorf("directkms: table %q: key selector: %w", ec.Table.Name, service.Callback(err))
	}
	if keyID == "" {
		return "", fmt.Errorf("directkms: %w: table %q: the key selector returned no key ID", crypto.ErrNoUsableKey, ec.Table.Name)
	}
	return keyID, nil
}

// failed says for which table and which key something failed, and keeps the
// cause: errors.As finds KMS's own errors.
func failed(ec providers.EncryptionContext, keyID string, err error) error {
	return fmt.Errorf("directkms: table %q, KMS key %s: %w", ec.Table.Name, keyID, err)
}

// String shows the key ID, which is no secret.
func (p *Provider) String() string { return "direct KMS provider (" + p.keyID + ")" }

// GoString is String.
func (p *Provider) GoString() string { return p.String() }
