// Package kmsdiscovery is the keyring that opens items without being told
// their KMS keys: it takes the key's ARN from the item. It seals nothing.
//
//	keys, err := kmsdiscovery.New(awskms.NewFromConfig(cfg), kmsdiscovery.Accounts("aws", "111122223333"))
//
// Whoever can write to the table chooses the key that an item asks for, so say
// whose keys you accept: an item that somebody sealed with a key of theirs
// that you may use opens as any other does. Prefer packages kms and kmsmrk
// where the keys are known, and grant kms:Decrypt on those keys only.
//
// A client reaches the keys of one Region. [InRegion] tells the keyring which,
// so that it does not ask for others; [NewForRegions] covers several.
package kmsdiscovery

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/kmskey"
)

// Client is what a [Keyring] asks of AWS KMS. *awskms.Client has it.
type Client interface {
	Decrypt(context.Context, *awskms.DecryptInput, ...func(*awskms.Options)) (*awskms.DecryptOutput, error)
}

// Filter says whose keys are accepted. The zero Filter is not valid.
type Filter struct {
	partition string
	accounts  []string
	all       bool // in place of the others
}

// Accounts accepts the keys of these accounts, of which there must be one, in
// a partition: "aws", "aws-cn", "aws-us-gov".
func Accounts(partition string, accountIDs ...string) Filter {
	return Filter{partition: partition, accounts: slices.Clone(accountIDs)}
}

// AnyAccount accepts the keys of all accounts. What is opened may then have
// been sealed with anybody's key, if the permissions of the client allow that.
func AnyAccount() Filter { return Filter{all: true} }

func (f Filter) check() error {
	if !f.all && (f.partition == "" || len(f.accounts) == 0 || slices.Contains(f.accounts, "")) {
		return fmt.Errorf("%w: a filter needs a partition and account IDs, or to be AnyAccount", crypto.ErrPolicy)
	}
	return nil
}

func (f Filter) accepts(key kmskey.ARN) bool {
	return f.all || key.Partition == f.partition && slices.Contains(f.accounts, key.Account)
}

// String shows the partition and the accounts.
func (f Filter) String() string {
	if f.all {
		return "any account"
	}
	return f.partition + ": " + strings.Join(f.accounts, ", ")
}

// Keyring unwraps data keys with whatever KMS key wrapped them. It implements
// [keyring.Keyring] and is safe for concurrent use.
type Keyring struct {
	client      Client
	filter      Filter
	region      string // empty: not known
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

// InRegion says which Region the client is for, such as "eu-west-1". Keys of
// other Regions are left to other keyrings then, except for multi-Region keys:
// for those, the replica in this Region is asked, whichever of them sealed.
func InRegion(region string) Option {
	return func(k *Keyring) error {
		if region == "" {
			return fmt.Errorf("kmsdiscovery: %w: the Region is empty", crypto.ErrPolicy)
		}
		k.region = region
		return nil
	}
}

// New returns a Keyring that opens what was sealed with keys that filter
// accepts. An error wraps [crypto.ErrPolicy] or, without a client,
// [crypto.ErrNoUsableKey].
func New(client Client, filter Filter, options ...Option) (*Keyring, error) {
	if client == nil {
		return nil, fmt.Errorf("kmsdiscovery: %w: no KMS client", crypto.ErrNoUsableKey)
	}
	if err := filter.check(); err != nil {
		return nil, fmt.Errorf("kmsdiscovery: %w", err)
	}
	k := &Keyring{client: client, filter: filter}
	for _, option := range options {
		if err := option(k); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// OnEncrypt fails with [crypto.ErrPolicy]: there is no key to seal with.
func (k *Keyring) OnEncrypt(context.Context, *keyring.EncryptionMaterials) error {
	return fmt.Errorf("%s: %w: it only opens items; seal them with a keyring that has a key", k, crypto.ErrPolicy)
}

// OnDecrypt has KMS unwrap the first data key that was wrapped with a key that
// is accepted. Its errors are those of package kms.
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	return kmskey.Open(ctx, k.client, k.grantTokens, k.String(), materials, keys, k.choose)
}

func (k *Keyring) choose(sealedBy kmskey.ARN) (kmskey.ARN, bool) {
	if k.region != "" && sealedBy.MultiRegion() {
		sealedBy = sealedBy.In(k.region)
	}
	return sealedBy, k.filter.accepts(sealedBy) && (k.region == "" || sealedBy.Region == k.region)
}

// String shows whose keys are accepted.
func (k Keyring) String() string {
	if k.region != "" {
		return "KMS discovery keyring (" + k.filter.String() + "; " + k.region + ")"
	}
	return "KMS discovery keyring (" + k.filter.String() + ")"
}

// GoString is String.
func (k Keyring) GoString() string { return k.String() }

// Format prints, for any verb, what String does, and so no grant token.
func (k Keyring) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }
