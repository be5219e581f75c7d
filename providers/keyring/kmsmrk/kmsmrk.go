// Package kmsmrk is the keyring for a multi-Region AWS KMS key: what was
// sealed with the key in one Region is opened with its replica in another. Use
// it for global tables, each Region with the ARN and the client of its own:
//
//	keys, err := kmsmrk.New(awskms.NewFromConfig(cfg), "arn:aws:kms:eu-west-1:111122223333:key/mrk-…")
//
// Replicas share the key but neither policy nor log: whoever may use one of
// them can open what any other has sealed. Otherwise it is as package kms.
package kmsmrk

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

// Keyring wraps data keys with a KMS key, and unwraps those of its replicas.
// It implements [keyring.Keyring] and is safe for concurrent use.
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
// the client is for, named by its ARN there. The ARN of a key that is not a
// multi-Region one is taken too, and opens what that key has sealed. An error
// wraps [crypto.ErrPolicy] or, without a client, [crypto.ErrNoUsableKey].
func New(client Client, keyARN string, options ...Option) (*Keyring, error) {
	if client == nil {
		return nil, fmt.Errorf("kmsmrk: %w: no KMS client", crypto.ErrNoUsableKey)
	}
	key, err := kmskey.ParseARN(keyARN)
	if err != nil {
		return nil, fmt.Errorf("kmsmrk: %w: %q is %w", crypto.ErrPolicy, keyARN, err)
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

// OnDecrypt has KMS unwrap, in this Region, what was wrapped with this key or
// a replica of it. Its errors are those of package kms.
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	return kmskey.Open(ctx, k.client, k.grantTokens, k.String(), materials, keys, func(sealedBy kmskey.ARN) (kmskey.ARN, bool) {
		return k.key, k.key.RelatedTo(sealedBy)
	})
}

// String shows the key's ARN, which is no secret.
func (k Keyring) String() string { return "multi-Region KMS keyring (" + k.key.String() + ")" }

// GoString is String.
func (k Keyring) GoString() string { return k.String() }

// Format prints, for any verb, what String does, and so no grant token.
func (k Keyring) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }
