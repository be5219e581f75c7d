// Package kms is the keyring for a symmetric AWS KMS key: items are sealed and
// opened with that key and no other.
//
//	keys, err := kms.New(awskms.NewFromConfig(cfg), "arn:aws:kms:eu-west-1:111122223333:key/…")
//
// (awskms being github.com/aws/aws-sdk-go-v2/service/kms.) Nobody holds a key:
// who may read is decided by the KMS key's policy, each request is in its log,
// and revoking access works at once. The price is one KMS call for each item
// and keyring, on write and on read, with its time, its cost and its quota.
// Package hierarchical is for tables where that is too much.
//
// Sealing takes the permission kms:GenerateDataKey, opening kms:Decrypt. The
// item's encryption context is that of the request, so that policies can rely
// on it and KMS's log shows it: the table, and the values of key attributes.
//
// Combine several KMS keys with package multi; use package kmsmrk for
// multi-Region keys in more than one Region, and package kmsdiscovery to open
// items without knowing their keys.
package kms

import (
	"context"
	"fmt"
	"io"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/kmskey"
)

// Client is what a [Keyring] asks of AWS KMS. *awskms.Client has it.
type Client interface {
	GenerateDataKey(context.Context, *awskms.GenerateDataKeyInput, ...func(*awskms.Options)) (*awskms.GenerateDataKeyOutput, error)
	Decrypt(context.Context, *awskms.DecryptInput, ...func(*awskms.Options)) (*awskms.DecryptOutput, error)
}

// Keyring wraps data keys with a KMS key. It implements [keyring.Keyring] and
// is safe for concurrent use.
type Keyring struct {
	client      Client
	key         kmskey.ARN
	grantTokens []string
}

var _ keyring.Keyring = (*Keyring)(nil)

// Option configures a [Keyring].
type Option func(*Keyring) error

// WithGrantTokens sends grant tokens with each request, for grants that KMS
// does not know everywhere yet.
func WithGrantTokens(tokens ...string) Option {
	return func(k *Keyring) error {
		k.grantTokens = append(k.grantTokens, tokens...)
		return nil
	}
}

// New returns a Keyring for a symmetric encryption KMS key in the Region that
// the client is for. Name the key by its ARN: items have that in them, and are
// opened by it. IDs and aliases are refused. An error wraps [crypto.ErrPolicy]
// or, without a client, [crypto.ErrNoUsableKey].
func New(client Client, keyARN string, options ...Option) (*Keyring, error) {
	if client == nil {
		return nil, fmt.Errorf("kms: %w: no KMS client", crypto.ErrNoUsableKey)
	}
	key, err := kmskey.ParseARN(keyARN)
	if err != nil {
		return nil, fmt.Errorf("kms: %w: %q is %w", crypto.ErrPolicy, keyARN, err)
	}
	k := &Keyring{client: client, key: key}
	for _, option := range options {
		if err := option(k); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// OnEncrypt asks KMS for an intermediate key and adds the data key under it.
func (k *Keyring) OnEncrypt(ctx context.Context, materials *keyring.EncryptionMaterials) error {
	if err := kmskey.Seal(ctx, k.client, k.key, k.grantTokens, materials); err != nil {
		return fmt.Errorf("%s: %w", k, err)
	}
	return nil
}

// OnDecrypt has KMS unwrap what was wrapped with this very key. Its errors wrap
// those of KMS, with their kind: [crypto.ErrTampered] if KMS finds that the
// encryption context or the ciphertext is another one,
// [crypto.ErrKeyUnavailable] if KMS gave no answer about the key, else
// [crypto.ErrNoUsableKey].
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	return kmskey.Open(ctx, k.client, k.grantTokens, k.String(), materials, keys, func(sealedBy kmskey.ARN) (kmskey.ARN, bool) {
		return k.key, sealedBy == k.key
	})
}

// String shows the key's ARN, which is no secret.
func (k Keyring) String() string { return "KMS keyring (" + k.key.String() + ")" }

// GoString is String.
func (k Keyring) GoString() string { return k.String() }

// Format prints, for any verb, what String does, and so no grant token.
func (k Keyring) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }
