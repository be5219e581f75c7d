// Package hierarchical provides the keyring for most tables. It wraps the data
// keys of items with branch keys, which are stored in a DynamoDB table, wrapped
// by a KMS key, and cached by the keyring.
//
//	store, err := keystore.New(dynamodb.NewFromConfig(cfg), "keys", kms.NewFromConfig(cfg), keyARN)
//	keys, err := hierarchical.New(store, hierarchical.BranchKey(id), 10*time.Minute)
//
// The time to live is a trade-off. Within it, a branch key costs one read of the
// key store and one KMS call, regardless of the number of items, tables and
// goroutines. Each older version that is needed to open items costs another read
// and call, and so does the active version if it opens items before the process
// seals any. The time to live is also how long a process can continue to use a
// branch key after its access to KMS was revoked, and how long it can seal with
// an older version after a rotation. Within it, items can be opened while KMS is
// unreachable.
//
// # Many tenants
//
// A [Supplier] chooses the branch key of each item by its encryption context, so
// that each tenant can have a key that is revoked separately:
//
//	func(ctx context.Context, ec keyring.EncryptionContext) (string, error) {
//		attributes, err := dbesdk.Attributes(ec)
//		…
//	}
//
// On read, the supplier also decides which branch key may open an item. The item
// itself cannot choose another one.
package hierarchical

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/loader"
	"github.com/ddbenc/ddbenc/internal/uuid"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// Store has versions of branch keys. *keystore.Store implements it.
type Store interface {
	// Active returns the version to seal with. Each call must check access to the
	// key again.
	Active(ctx context.Context, branchKeyID string) (*keystore.BranchKey, error)
	// Version returns one version, to open items with. version is a UUID as
	// text. Each call must check access to the key again.
	Version(ctx context.Context, branchKeyID, version string) (*keystore.BranchKey, error)
}

// Supplier returns the ID of the branch key for an item with the given
// encryption context. It is called for each item, both on write and on read.
//
// The keyring treats its errors as final, [crypto.ErrNoUsableKey], since an
// attacker can change an item's tenant to one that does not exist. Errors of a
// network connection or a context are treated as [crypto.ErrKeyUnavailable]. A
// supplier that looks up tenants elsewhere should wrap
// [crypto.ErrKeyUnavailable] if the lookup fails.
type Supplier func(ctx context.Context, ec keyring.EncryptionContext) (branchKeyID string, err error)

// BranchKey returns a Supplier that uses one branch key for all items.
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

// Cache keeps branch keys. If keyrings share a cache with [WithCache] and use the
// same key store, they load each key only once, even for different tables.
// Keyrings with different stores never use each other's keys.
type Cache struct {
	loader *loader.Loader[cacheKey, *keystore.BranchKey]
}

type cacheKey struct {
	store       Store
	id, version string // version is empty for the active one
}

// maxCapacity is small enough for its double to fit into an int.
const maxCapacity = 1 << 30

// NewCache returns a Cache that keeps the given number of branch key versions, at
// about 700 bytes each. A capacity below 1 is treated as 1.
//
// If more versions are in use than that, most of those in the cache stay there and
// the others are loaded for each burst of requests. At most 32 versions are loaded
// at once.
func NewCache(capacity int) *Cache {
	// asVersion keeps active versions twice.
	return &Cache{loader.New(2*min(max(capacity, 1), maxCapacity), asVersion)}
}

// asVersion returns a second cache key for an active version, under its own
// version, so that it can open what it sealed without another read of the store.
// Both entries expire at the same time.
func asVersion(key cacheKey, branchKey *keystore.BranchKey) (cacheKey, bool) {
	if key.version != "" || branchKey == nil || branchKey.ID != key.id || branchKey.Version == "" {
		return key, false
	}
	key.version = branchKey.Version
	return key, true
}

// Clear removes all keys, so that the next use reads the store. Call it after a
// rotation or revocation that must not wait for the time to live.
func (c *Cache) Clear() { c.loader.Clear() }

// Option configures a [Keyring].
type Option func(*config)

type config struct {
	cache        *Cache // nil: one of the keyring's own
	refreshAhead time.Duration
}

// WithCache shares a cache with other keyrings. Each keyring still uses its own
// time to live. By default, a keyring has its own cache for 1000 versions.
func WithCache(cache *Cache) Option {
	return func(c *config) { c.cache = cache }
}

// WithRefreshAhead sets how long before the end of its time to live a branch key
// is loaded again in the background, so that no request waits for that. The
// default is a tenth of the time to live, but at most ten seconds, and 0
// disables it. If loading fails, the key remains in use until its time to live
// ends.
func WithRefreshAhead(d time.Duration) Option {
	return func(c *config) { c.refreshAhead = d }
}

// New returns a Keyring that uses a key store. ttl is how long a branch key is
// used before the store, and therefore KMS, is called again. An error wraps
// [crypto.ErrPolicy].
func New(store Store, supplier Supplier, ttl time.Duration, options ...Option) (*Keyring, error) {
	c := config{refreshAhead: min(ttl/10, maxRefreshAhead)}
	for _, option := range options {
		option(&c)
	}
	k := &Keyring{store, supplier, loader.Ages{Fresh: ttl - c.refreshAhead, Usable: ttl}, c.cache}
	switch {
	case store == nil || !reflect.TypeOf(store).Comparable():
		return nil, fmt.Errorf("hierarchical: %w: no key store, or one of a type that is not comparable; use a pointer",
			crypto.ErrPolicy)
	case supplier == nil:
		return nil, fmt.Errorf("hierarchical: %w: no branch key supplier", crypto.ErrPolicy)
	case ttl <= 0 || k.ages.Fresh <= 0 || k.ages.Fresh > ttl:
		return nil, fmt.Errorf("hierarchical: %w: the time to live must be positive and longer than the refresh-ahead time",
			crypto.ErrPolicy)
	}
	if k.cache == nil {
		k.cache = NewCache(defaultCapacity)
	}
	return k, nil
}

// Clear removes all keys in the keyring's cache, including those of keyrings that
// share it. See [Cache.Clear].
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

// OnDecrypt unwraps the data key with the version of the item's branch key that
// wrapped it.
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials,
	keys []keyring.EncryptedDataKey) error {
	id, err := k.branchKeyID(ctx, materials.Context())
	if err != nil {
		return err
	}
	name := fmt.Sprintf("hierarchical keyring, branch key %q", id)
	return keyring.Unwrapping(ctx, name, materials, keys, func(key keyring.EncryptedDataKey) ([]byte, error) {
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

// load returns a version of a branch key from the cache or the store. An empty
// version means the active one.
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

// String returns a text that contains no keys.
func (k *Keyring) String() string { return "hierarchical keyring" }

// GoString returns the same text as String.
func (k *Keyring) GoString() string { return k.String() }
