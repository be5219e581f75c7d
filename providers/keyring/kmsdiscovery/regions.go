package kmsdiscovery

import (
	"context"
	"fmt"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
)

// Clients returns a KMS client for a Region.
type Clients func(ctx context.Context, region string) (Client, error)

// NewForRegions returns a keyring that opens what was sealed with keys of
// these Regions, or with multi-Region keys that have a replica in one of them,
// if filter accepts them. It asks for one client for each Region, now, and
// tries the Regions in their order; what an item says makes it ask for no
// other. An error wraps [crypto.ErrPolicy], or the one of clients and
// [crypto.ErrNoUsableKey].
func NewForRegions(ctx context.Context, clients Clients, regions []string, filter Filter, options ...Option) (*multi.Keyring, error) {
	if clients == nil {
		return nil, fmt.Errorf("kmsdiscovery: %w: nothing to get KMS clients from", crypto.ErrNoUsableKey)
	}
	var children []keyring.Keyring
	for i, region := range regions {
		if slices.Contains(regions[:i], region) {
			return nil, fmt.Errorf("kmsdiscovery: %w: the Region %q is given twice", crypto.ErrPolicy, region)
		}
		client, err := clients(ctx, region)
		if err != nil {
			return nil, fmt.Errorf("kmsdiscovery: %w: KMS client for %q: %w", crypto.ErrNoUsableKey, region, err)
		}
		child, err := New(client, filter, append(slices.Clone(options), InRegion(region))...)
		if err != nil {
			return nil, err
		}
		children = append(children, child)
	}
	if len(children) == 0 {
		return nil, fmt.Errorf("kmsdiscovery: %w: no Region", crypto.ErrPolicy)
	}
	return multi.New(nil, children...)
}
