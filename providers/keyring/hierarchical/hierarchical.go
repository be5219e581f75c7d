// Package hierarchical is the keyring for most tables: branch keys, kept in a
// DynamoDB table under a KMS key, wrap the keys of items, and are cached here.
//
//	store, err := keystore.New(dynamodb.NewFromConfig(cfg), "keys", kms.NewFromConfig(cfg), keyARN)
//	keys, err := hierarchical.New(store, hierarchical.BranchKey(id), 10*time.Minute)
//
// Within the time to live a branch key costs one read of the key store and one
// call to KMS, however many items, tables and goroutines there are. Each other
// version that is needed to open items, from before a rotation, costs another
// one, and so does one that opens items before anything is sealed. That time is
// the trade-off: it bounds how long a process may go on with a branch key after
// its access to KMS was revoked, and how long it may seal with the version
// before a rotation. Until then, what was sealed can be opened again while KMS
// cannot be reached.
//
// # Many tenants
//
// A [Supplier] picks the branch key of each item by its encryption context, so
// that each tenant has a key that can be revoked alone:
//
//	func(ctx context.Context, ec keyring.EncryptionContext) (string, error) {
//		attributes, err := dbesdk.Attributes(ec)
//		…
//	}
//
// On read it says which branch key an item may be opened with, too: an item
// cannot choose another by itself.
package hierarchical

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/uuid"
	"github.com/ddbenc/ddbenc/providers/internal/loader"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// Store keeps versions of branch keys. *keystore.Store is one.
type Store interface {
	// Active returns the version to seal with. Each call authorizes anew.
	Active(ctx context.Context, branchKeyID string) (*keystore.BranchKey, error)
	// Version returns one version, to open with. version is a UUID as text.
	// Each call authorizes anew.
	Version(ctx context.Context, branchKeyID, version string) (*keystore.BranchKey, error)
}

// Supplier returns the ID of the branch key for an item with the given
// encryption context, on write and on read alike. It is called for each item.
//
// Its error is final, [crypto.ErrNoUsableKey], as when an item's tenant was
// changed to one that does not exist. An error of a network connection or of a
// context is an outage instead; so is one that wraps
// [crypto.ErrKeyUnavailable], which a supplier that looks tenants up elsewhere
// should return when it cannot.
type Supplier func(ctx context.Context, ec keyring.EncryptionContext) (branchKeyID string, err error)

// BranchKey returns a Supplier of one branch key for all items.
func BranchKey(id string) Supplier {
	return func(context.Context, keyring.EncryptionContext) (string, error) { return id, nil }
}

const (
	defaultCapacity = 1000
	maxRefreshAhead = 10 * time.Second
)

// Keyring wraps data keys with branch keys. It implements [keyring.Keyring]
// and is safe for concurrent use.
type Keyring struct {
	store    Store
	supplier Supplier
	ages     loader.Ages
	cache    *Cache
}

var _ keyring.Keyring = (*Keyring)(nil)

// Cache keeps branch keys. Share one between keyrings, with [WithCache], and
// those over the same key store load each key once, whatever tables they are
// for. Keyrings over different stores never see each other's keys.
type Cache struct {
	loader *loader.Loader[cacheKey, *keystore.BranchKey]
}

type cacheKey struct {
	store       Store
	id, version string // version is empty for the active one
}

// maxCapacity keeps twice a capacity within an int.
const maxCapacity = 1 << 30

// NewCache returns a Cache for the given number of branch key versions, the
// most recently used ones, whether they seal, open or both. A capacity below 1
// is taken for 1.
func NewCache(capacity int) *Cache {
	// An active version is kept twice: see asVersion.
	return &Cache{loader.New(2*min(max(capacity, 1), maxCapacity), asVersion)}
}

// asVersion returns under which other key an active version is kept: its own,
// so that an item can be opened with the version that sealed it, although
// nobody asked the store for that by its name. It is as old as the active one.
func asVersion(key cacheKey, branchKey *keystore.BranchKey) (cacheKey, bool) {
	if key.version != "" || branchKey == nil || branchKey.ID != key.id || branchKey.Version == "" {
		return key, false
	}
	key.version = branchKey.Version
	return key, true
}

// Clear forgets all keys, so that the next use asks the store: after a
// rotation or revocation that must not wait for the time to live.
func (c *Cache) Clear() { c.loader.Clear() }

// Option configures a [Keyring].
type Option func(*Keyring)

// WithCache shares a cache with other keyrings. Each keeps to its own time to
// live. Without it a keyring has a cache of its own, for 1000 versions.
func WithCache(cache *Cache) Option {
	return func(k *Keyring) { k.cache = cache }
}

// WithRefreshAhead sets how long before the end of its time to live a branch
// key is loaded anew in the background, so that nobody has to wait for that; 0
// turns it off. The default is a tenth of the time to live, at most ten
// seconds. A key that cannot be loaded anew is used until its time ends.
func WithRefreshAhead(d time.Duration) Option {
	return func(k *Keyring) { k.ages.Fresh = k.ages.Usable - d }
}

// New returns a Keyring over a key store. ttl is how long a branch key is used
// without asking the store, and so KMS, again. Errors wrap [crypto.ErrPolicy].
func New(store Store, supplier Supplier, ttl time.Duration, options ...Option) (*Keyring, error) {
	k := &Keyring{store: store, supplier: supplier, ages: loader.Ages{Fresh: ttl - min(ttl/10, maxRefreshAhead), Usable: ttl}}
	for _, option := range options {
		option(k)
	}
	switch {
	case store == nil || !reflect.TypeOf(store).Comparable():
		return nil, fmt.Errorf("hierarchical: %w: no key store, or one that is not comparable: use a pointer", crypto.ErrPolicy)
	case supplier == nil:
		return nil, fmt.Errorf("hierarchical: %w: no branch key supplier", crypto.ErrPolicy)
	case ttl <= 0 || k.ages.Fresh <= 0 || k.ages.Fresh > ttl:
		return nil, fmt.Errorf("hierarchical: %w: the time to live must be positive, and longer than what is refreshed ahead", crypto.ErrPolicy)
	}
	if k.cache == nil {
		k.cache = NewCache(defaultCapacity)
	}
	return k, nil
}

// Clear forgets all keys in the keyring's cache, those of others that share it
// included. See [Cache.Clear].
func (k *Keyring) Clear() { k.cache.Clear() }

// OnEncrypt adds the data key, wrapped with the active version of the item's
// branch key.
func (k *Keyring) OnEncrypt(ctx context.Context, materials *keyring.EncryptionMaterials) error {
	id, err := k.branchKeyID(ctx, materials.Context())
	if err != nil {
		return err
	}
	branchKey, err := k.load(ctx, id, "")
	if err != nil {
		return err
	}
	intermediate := keyring.NewIntermediateKey()
	wrapped, err := wrap(branchKey, intermediate, materials.AAD())
	if err != nil {
		return failed(id, err)
	}
	return materials.Add(providerID, []byte(id), intermediate, wrapped)
}

// OnDecrypt unwraps the data key that was wrapped with the item's branch key,
// in the version that it says.
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	id, err := k.branchKeyID(ctx, materials.Context())
	if err != nil {
		return err
	}
	return keyring.Unwrapping(ctx, fmt.Sprintf("hierarchical keyring, branch key %q", id), materials, keys, func(key keyring.EncryptedDataKey) ([]byte, error) {
		if key.ProviderID != providerID || string(key.ProviderInfo) != id {
			return nil, keyring.ErrNotOurs
		}
		w, err := parse(key)
		if err != nil {
			return nil, err
		}
		branchKey, err := k.load(ctx, id, uuid.UUID(w.version).String())
		if err != nil {
			return nil, err
		}
		return w.unwrap(branchKey, materials.AAD())
	})
}

func (k *Keyring) branchKeyID(ctx context.Context, ec keyring.EncryptionContext) (string, error) {
	id, err := k.supplier(ctx, ec)
	if err != nil {
		return "", fmt.Errorf("hierarchical: branch key supplier: %w", service.Callback(err))
	}
	if id == "" {
		return "", fmt.Errorf("hierarchical: %w: the supplier returned no branch key ID", crypto.ErrNoUsableKey)
	}
	return id, nil
}

// load returns a version of a branch key, or the active one for "", from the
// cache or the store.
func (k *Keyring) load(ctx context.Context, id, version string) (*keystore.BranchKey, error) {
	key := cacheKey{k.store, id, version}
	branchKey, err := k.cache.loader.Get(ctx, key, k.ages, func(ctx context.Context) (*keystore.BranchKey, error) {
		if version == "" {
			return k.store.Active(ctx, id)
		}
		return k.store.Version(ctx, id, version)
	})
	if err != nil {
		return nil, failed(id, err)
	}
	if branchKey == nil || branchKey.ID != id || version != "" && branchKey.Version != version {
		return nil, failed(id, fmt.Errorf("%w: the key store returned another key", crypto.ErrNoUsableKey))
	}
	return branchKey, nil
}

func failed(id string, err error) error {
	return fmt.Errorf("hierarchical: branch key %q: %w", id, err)
}

// String says nothing of keys.
func (k *Keyring) String() string { return "hierarchical keyring" }

// GoString is String.
func (k *Keyring) GoString() string { return k.String() }
