package beacon

import (
	"context"
	"fmt"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/internal/loader"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// KeyStore has the beacon keys of branch keys. *keystore.Store implements it.
type KeyStore interface {
	// BeaconKey returns the beacon key of a branch key. Each call must check
	// access to the key again.
	BeaconKey(ctx context.Context, branchKeyID string) (*keystore.BeaconKey, error)
}

const (
	defaultCapacity = 1000
	maxRefreshAhead = 10 * time.Second
)

// Keys provides the beacon keys of items from a key store and caches them. It is
// safe for concurrent use. Several tables can share one.
type Keys struct {
	store       KeyStore
	branchKeyID string // of a single key store
	field       string // of a multi key store
	ages        loader.Ages
	cache       *loader.Loader[string, *Key]
}

// SingleKeyStore returns Keys for a table in which all items have the beacon key
// of one branch key. ttl is how long it is used before the store is read again.
// The error wraps [crypto.ErrPolicy].
func SingleKeyStore(store KeyStore, branchKeyID string, ttl time.Duration) (*Keys, error) {
	if branchKeyID == "" {
		return nil, fmt.Errorf("beacon: %w: no branch key ID", crypto.ErrPolicy)
	}
	return newKeys(&Keys{store: store, branchKeyID: branchKeyID}, ttl, 1)
}

// MultiKeyStore returns Keys for a table in which each item has the beacon key
// of the branch key that seals it. Items must be sealed with a hierarchical
// keyring only. Queries name the branch key: they compare keyField with its ID.
//
// keyField need not be an attribute that is stored. An item to be sealed may
// have it anyway. It is removed unless its action is to sign it. ttl is how long
// a key is used before the store is read again. The error wraps
// [crypto.ErrPolicy].
func MultiKeyStore(store KeyStore, keyField string, ttl time.Duration, options ...KeysOption) (*Keys, error) {
	if keyField == "" {
		return nil, fmt.Errorf("beacon: %w: no name of a beacon key field", crypto.ErrPolicy)
	}
	c := keysConfig{capacity: defaultCapacity}
	for _, option := range options {
		option(&c)
	}
	if c.capacity < 1 {
		return nil, fmt.Errorf("beacon: %w: the capacity must be positive", crypto.ErrPolicy)
	}
	return newKeys(&Keys{store: store, field: keyField}, ttl, c.capacity)
}

// KeysOption configures the [Keys] of a multi key store.
type KeysOption func(*keysConfig)

type keysConfig struct{ capacity int }

// WithCapacity sets how many beacon keys are cached. The default is 1000. If more
// than that are in use, most of those in the cache stay there and the others are
// loaded for each burst of requests.
func WithCapacity(keys int) KeysOption {
	return func(c *keysConfig) { c.capacity = keys }
}

func newKeys(k *Keys, ttl time.Duration, capacity int) (*Keys, error) {
	k.ages = loader.Ages{Fresh: ttl - min(ttl/10, maxRefreshAhead), Usable: ttl}
	switch {
	case k.store == nil:
		return nil, fmt.Errorf("beacon: %w: no key store", crypto.ErrPolicy)
	case k.ages.Fresh <= 0:
		return nil, fmt.Errorf("beacon: %w: the time to live must be positive", crypto.ErrPolicy)
	}
	k.cache = loader.New[string, *Key](capacity, nil)
	return k, nil
}

// Field returns the name of the beacon key field of a multi key store. It is
// empty for a single key store.
func (k *Keys) Field() string { return k.field }

// String returns a text that contains no keys.
func (k *Keys) String() string { return "beacon keys" }

// GoString returns the same text as String.
func (k *Keys) GoString() string { return k.String() }

// load returns the key for a branch key. A single key store has only one.
func (k *Keys) load(ctx context.Context, branchKeyID string) (*Key, error) {
	if k.field == "" {
		branchKeyID = k.branchKeyID
	}
	return k.cache.Get(ctx, branchKeyID, k.ages, func(ctx context.Context) (*Key, error) {
		loaded, err := k.store.BeaconKey(ctx, branchKeyID)
		switch {
		case err != nil:
			return nil, fmt.Errorf("beacon: branch key %q: %w", branchKeyID, err)
		case loaded == nil || loaded.ID != branchKeyID || len(loaded.Key()) == 0:
			return nil, fmt.Errorf("beacon: branch key %q: %w: the key store returned another key", branchKeyID,
				crypto.ErrNoUsableKey)
		}
		return newKey(loaded), nil
	})
}

// hierarchical is the provider ID of data keys that branch keys wrap.
const hierarchical = "aws-kms-hierarchy"

// sealedBy returns the branch key that an item was sealed with.
func sealedBy(sealed crypto.Item) (branchKeyID string, err error) {
	in, err := dbesdk.Inspect(sealed)
	if err != nil {
		return "", err
	}
	switch {
	case len(in.DataKeys) != 1:
		return "", fmt.Errorf("beacon: %w: the item is sealed with %d keys, so its branch key is not defined; "+
			"with a multi key store, use one hierarchical keyring", crypto.ErrPolicy, len(in.DataKeys))
	case in.DataKeys[0].ProviderID != hierarchical:
		return "", fmt.Errorf("beacon: %w: the item is sealed with a key of provider %q; "+
			"with a multi key store, use one hierarchical keyring", crypto.ErrPolicy, in.DataKeys[0].ProviderID)
	}
	return in.DataKeys[0].KeyID, nil
}
