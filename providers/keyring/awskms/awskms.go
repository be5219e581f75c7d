// Package awskms provides keyrings that wrap the data key of each item with
// AWS KMS:
//
//   - [New] seals and opens with one symmetric KMS key.
//   - [NewMultiRegion] also opens what replicas of a multi-Region key sealed.
//   - [NewDiscovery] opens with whatever KMS key an item names, within the
//     accounts that you accept.
//   - [NewRSA] seals with the public key of an RSA KMS key, without a call.
//
// To seal and open with one key:
//
//	keys, err := awskms.New(kms.NewFromConfig(cfg), "arn:aws:kms:eu-west-1:111122223333:key/…")
//	encryptor, err := dbesdk.New(keys)
//
// No process holds a key. The KMS key's policy decides who may read, KMS logs
// each request, and revoking access takes effect at once. In return, each item
// costs one KMS call when it is written and one when it is read. If that is
// too much for your table, use package hierarchical.
//
// Sealing needs the permission kms:GenerateDataKey, opening kms:Decrypt. The
// request's encryption context is the item's: the table and the values of the
// item's key attributes. Policies can depend on it, and KMS logs it.
//
// To seal for several KMS keys, combine keyrings with package multi.
//
// # Errors
//
// An error of OnDecrypt wraps the error that KMS returned, and one of the kinds
// of [keyring.Keyring]: [crypto.ErrTampered] if KMS rejects the ciphertext or
// the encryption context, [crypto.ErrKeyUnavailable] if KMS gave no answer
// about the key, and [crypto.ErrNoUsableKey] otherwise.
package awskms

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Client is the part of *kms.Client that a [Keyring] uses.
type Client interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
	Decrypter
}

// Decrypter is the part of *kms.Client that [Discovery] and [RSA] use.
type Decrypter interface {
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Keyring wraps data keys with a symmetric KMS key. It implements
// [keyring.Keyring] and is safe for concurrent use.
type Keyring struct {
	client      Client
	key         kmskey.ARN
	multiRegion bool // opens what related keys sealed
	grantTokens []string
}

var _ keyring.Keyring = (*Keyring)(nil)

// New returns a Keyring for a symmetric encryption KMS key in the client's
// Region. keyARN must be the key's ARN, which items store; IDs and aliases are
// rejected. An error wraps [crypto.ErrPolicy] or, without a client,
// [crypto.ErrNoUsableKey].
func New(client Client, keyARN string, options ...Option) (*Keyring, error) {
	return newKeyring(client, keyARN, false, options)
}

func newKeyring(client Client, keyARN string, multiRegion bool, options []Option) (*Keyring, error) {
	if client == nil {
		return nil, fmt.Errorf("awskms: %w: no KMS client", crypto.ErrNoUsableKey)
	}
	key, err := parse(keyARN)
	if err != nil {
		return nil, err
	}
	c, err := configure(options)
	if err != nil {
		return nil, err
	}
	return &Keyring{client, key, multiRegion, c.grantTokens}, nil
}

// OnEncrypt generates an intermediate key in KMS and adds the data key, wrapped
// with it.
func (k *Keyring) OnEncrypt(ctx context.Context, materials *keyring.EncryptionMaterials) error {
	if err := seal(ctx, k.client, k.key, k.grantTokens, materials); err != nil {
		return fmt.Errorf("%s: %w", k, err)
	}
	return nil
}

// OnDecrypt unwraps the data key with this KMS key. It ignores data keys that
// another KMS key wrapped, unless [NewMultiRegion] made the keyring and the
// other key is a replica of this one.
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials,
	keys []keyring.EncryptedDataKey) error {
	o := opener{k.client, k.grantTokens, k.String()}
	return o.open(ctx, materials, keys, func(sealedBy kmskey.ARN) (kmskey.ARN, bool) {
		return k.key, sealedBy == k.key || k.multiRegion && k.key.RelatedTo(sealedBy)
	})
}

// String returns a text with the key's ARN, which is not secret.
func (k Keyring) String() string {
	if k.multiRegion {
		return "multi-Region KMS keyring (" + k.key.String() + ")"
	}
	return "KMS keyring (" + k.key.String() + ")"
}

// GoString returns the same text as String.
func (k Keyring) GoString() string { return k.String() }

// Format prints the text of String for every verb, so that grant tokens are
// never printed.
func (k Keyring) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }
