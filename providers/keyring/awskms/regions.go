package awskms

import (
	"context"
	"fmt"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
)

// Clients returns a KMS client for a Region.
type Clients func(ctx context.Context, region string) (Decrypter, error)

// NewDiscoveryForRegions returns a keyring with one [Discovery] keyring for
// each Region. It opens what was sealed with a key in one of the Regions, or
// with a multi-Region key that has a replica there, if filter accepts the key.
// It calls clients once for each Region before it returns, and never for a
// Region that an item names. Regions are tried in the given order. An error
// wraps [crypto.ErrPolicy], or [crypto.ErrNoUsableKey] and the error of
// clients.
func NewDiscoveryForRegions(ctx context.Context, clients Clients, regions []string, filter Filter,
	options ...Option) (*multi.Keyring, error) {
	if clients == nil {
		return nil, fmt.Errorf("awskms: %w: no source of KMS clients", crypto.ErrNoUsableKey)
	}
	var children []keyring.Keyring
	for i, region := range regions {
		if slices.Contains(regions[:i], region) {
			return nil, fmt.Errorf("awskms: %w: the Region %q is given twice", crypto.ErrPolicy, region)
		}
		client, err := clients(ctx, region)
		if err != nil {
			return nil, fmt.Errorf("awskms: %w: KMS client for %q: %w", crypto.ErrNoUsableKey, region, err)
		}
		child, err := NewDiscovery(client, filter, append(slices.Clone(options), WithRegion(region))...)
		if err != nil {
			return nil, err
		}
		children = append(children, child)
	}
	if len(children) == 0 {
		return nil, fmt.Errorf("awskms: %w: no Region", crypto.ErrPolicy)
	}
	return multi.New(nil, children...)
}
