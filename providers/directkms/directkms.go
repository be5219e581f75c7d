// Package directkms provides a materials provider that asks AWS KMS for the
// keys of each item.
//
//	provider, err := directkms.New(kms.NewFromConfig(cfg), "arn:aws:kms:eu-west-1:111122223333:key/…")
//
// No process holds a key. Each item has its own data key, wrapped by a KMS key
// that never leaves KMS, and the item's encryption and signing keys are derived
// from the data key. The KMS key's policy decides who may read, KMS logs each
// request, and revoking access takes effect at once. In return, each item costs
// one KMS call when it is written and one when it is read. If that is too much
// for your table, use package mostrecent.
//
// The item's table and primary key are in the KMS encryption context, so KMS
// logs them in plaintext.
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

// Client is the part of *kms.Client that a [Provider] uses.
type Client interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Provider asks AWS KMS for the keys of each item. It implements
// [providers.Provider] and is safe for concurrent use.
type Provider struct {
	client Client
	keyID  string
	config
	cache *cache // nil: none
}

var _ providers.Provider = (*Provider)(nil)

// Option configures a [Provider].
type Option func(*config)

type config struct {
	selectKey   func(context.Context, providers.EncryptionContext) (string, error)
	grantTokens []string
	caches      []cacheSize // the last one counts
}

type cacheSize struct {
	items  int
	maxAge time.Duration
}

// WithGrantTokens sends grant tokens with each request, for grants that are too
// new to be known everywhere in KMS.
func WithGrantTokens(tokens ...string) Option {
	return func(c *config) { c.grantTokens = append(c.grantTokens, tokens...) }
}

// WithKeySelector chooses the KMS key of each item by its encryption context,
// both on write and on read, for example to use one key for each tenant. Pass an
// empty key ID to [New] with this option. An error of the selector wraps
// [crypto.ErrNoUsableKey], and is final, unless it wraps
// [crypto.ErrKeyUnavailable], a context ended or a network connection failed.
func WithKeySelector(choose func(context.Context, providers.EncryptionContext) (keyID string, err error)) Option {
	return func(c *config) { c.selectKey = choose }
}

// WithReadCache keeps the keys of the most recently read items in memory, up to
// the given number of items and for at most maxAge. Reading one of these items
// again does not call KMS. The cache finds an item only by its own wrapped key
// and encryption context. [New] rejects a cache for less than one item or
// without a positive age.
//
// For as long as maxAge, items that were read before remain readable after
// access was revoked, and KMS does not log these reads.
func WithReadCache(items int, maxAge time.Duration) Option {
	return func(c *config) { c.caches = append(c.caches, cacheSize{items, maxAge}) }
}

// New returns a Provider for a symmetric KMS key. If keyID is an ARN, KMS
// rejects items of any other key, and the provider rejects replies from any
// other key. A bare key ID is checked in the same way within the client's
// account. For an alias, only KMS checks which key it stands for. For a
// multi-Region key, use the ARN in the client's Region: the key opens what its
// replicas sealed. An error wraps [crypto.ErrPolicy] or
// [crypto.ErrNoUsableKey].
func New(client Client, keyID string, options ...Option) (*Provider, error) {
	p := &Provider{client: client, keyID: keyID}
	for _, option := range options {
		option(&p.config)
	}
	for _, c := range p.caches {
		if c.items < 1 || c.maxAge <= 0 {
			return nil, fmt.Errorf("directkms: %w: the read cache needs room for at least one item and a positive age",
				crypto.ErrPolicy)
		}
		p.cache = newCache(c.items, c.maxAge)
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
func (p *Provider) EncryptionMaterials(
	ctx context.Context, ec providers.EncryptionContext,
) (*providers.EncryptionMaterials, error) {
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
		return nil, failed(ec, keyID, fmt.Errorf("%w: the reply of KMS has no data key of this key", crypto.ErrNoUsableKey))
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
func (p *Provider) DecryptionMaterials(
	ctx context.Context, ec providers.EncryptionContext, description providers.MaterialDescription,
) (*providers.DecryptionMaterials, error) {
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

func (p *Provider) unwrap(
	ctx context.Context, keyID string, wrapped []byte, kmsContext map[string]string, a algorithms,
) (*keys, error) {
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
		return nil, fmt.Errorf("%w: the reply of KMS has no data key of this key", crypto.ErrTampered)
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
		return "", fmt.Errorf("directkms: table %q: %w: the key selector returned no key ID",
			ec.Table.Name, crypto.ErrNoUsableKey)
	}
	return keyID, nil
}

// failed adds the table and the key to an error. errors.As still finds the
// errors of KMS.
func failed(ec providers.EncryptionContext, keyID string, err error) error {
	return fmt.Errorf("directkms: table %q, KMS key %s: %w", ec.Table.Name, keyID, err)
}

// String returns a text with the key ID, which is not secret.
func (p *Provider) String() string { return "direct KMS provider (" + p.keyID + ")" }

// GoString returns the same text as String.
func (p *Provider) GoString() string { return p.String() }
