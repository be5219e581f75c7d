package awskms

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Filter selects the accounts whose KMS keys a [Discovery] keyring accepts. The
// zero Filter is not valid.
type Filter struct {
	partition string
	accounts  []string
	all       bool // in place of the others
}

// Accounts accepts the keys of one or more accounts in a partition: "aws",
// "aws-cn" or "aws-us-gov".
func Accounts(partition string, accountIDs ...string) Filter {
	return Filter{partition: partition, accounts: slices.Clone(accountIDs)}
}

// AnyAccount accepts the keys of all accounts. An item may then have been
// sealed with anyone's key that the client has permission to use.
func AnyAccount() Filter { return Filter{all: true} }

func (f Filter) check() error {
	if !f.all && (f.partition == "" || len(f.accounts) == 0 || slices.Contains(f.accounts, "")) {
		return fmt.Errorf("%w: a filter needs a partition and account IDs, or AnyAccount", crypto.ErrPolicy)
	}
	return nil
}

func (f Filter) accepts(key kmskey.ARN) bool {
	return f.all || key.Partition == f.partition && slices.Contains(f.accounts, key.Account)
}

// String returns the partition and the accounts.
func (f Filter) String() string {
	if f.all {
		return "any account"
	}
	return f.partition + ": " + strings.Join(f.accounts, ", ")
}

// Discovery unwraps data keys with the KMS key that wrapped them. It implements
// [keyring.Keyring] and is safe for concurrent use.
type Discovery struct {
	client      Decrypter
	filter      Filter
	region      string // empty: not known
	grantTokens []string
}

var _ keyring.Keyring = (*Discovery)(nil)

// NewDiscovery returns a keyring that takes the KMS key's ARN from the item, if
// filter accepts it. It opens items and seals none.
//
//	keys, err := awskms.NewDiscovery(kms.NewFromConfig(cfg), awskms.Accounts("aws", "111122223333"))
//
// Anyone who can write to the table chooses the key that an item names, so list
// the accounts that you accept: an item that an attacker sealed with a key of
// their own opens like any other if you may use that key. Where you know the
// keys, prefer [New] and [NewMultiRegion], and grant kms:Decrypt on those keys
// only.
//
// A client reaches the keys of one Region. Name it with [WithRegion], so that
// the keyring does not ask for keys of others. [NewDiscoveryForRegions] covers
// several Regions. An error wraps [crypto.ErrPolicy] or, without a client,
// [crypto.ErrNoUsableKey].
func NewDiscovery(client Decrypter, filter Filter, options ...Option) (*Discovery, error) {
	if client == nil {
		return nil, fmt.Errorf("awskms: %w: no KMS client", crypto.ErrNoUsableKey)
	}
	if err := filter.check(); err != nil {
		return nil, fmt.Errorf("awskms: %w", err)
	}
	c := apply(options)
	k := &Discovery{client: client, filter: filter, grantTokens: c.grantTokens}
	if c.region != nil {
		if *c.region == "" {
			return nil, fmt.Errorf("awskms: %w: the Region is empty", crypto.ErrPolicy)
		}
		k.region = *c.region
	}
	return k, nil
}

// OnEncrypt returns [crypto.ErrPolicy]: the keyring has no key to seal with.
func (k *Discovery) OnEncrypt(context.Context, *keyring.EncryptionMaterials) error {
	return fmt.Errorf("%s: %w: it only opens items; seal them with a keyring that has a key", k, crypto.ErrPolicy)
}

// OnDecrypt unwraps the first data key that an accepted KMS key wrapped.
func (k *Discovery) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials,
	keys []keyring.EncryptedDataKey) error {
	o := opener{k.client, k.grantTokens, k.String()}
	return o.open(ctx, materials, keys, k.choose)
}

func (k *Discovery) choose(sealedBy kmskey.ARN) (kmskey.ARN, bool) {
	if k.region != "" && sealedBy.MultiRegion() {
		sealedBy = sealedBy.In(k.region)
	}
	return sealedBy, k.filter.accepts(sealedBy) && (k.region == "" || sealedBy.Region == k.region)
}

// String returns a text with the accepted accounts and the Region.
func (k Discovery) String() string {
	if k.region != "" {
		return "KMS discovery keyring (" + k.filter.String() + "; " + k.region + ")"
	}
	return "KMS discovery keyring (" + k.filter.String() + ")"
}

// GoString returns the same text as String.
func (k Discovery) GoString() string { return k.String() }

// Format prints the text of String for every verb, so that grant tokens are
// never printed.
func (k Discovery) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }
