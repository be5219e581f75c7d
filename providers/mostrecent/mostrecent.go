// Package mostrecent provides a materials provider for busy tables. It seals
// with the most recent version of a key in a meta store, opens items with the
// version that sealed them, and caches versions, so that most items need no call
// to KMS or to the store.
//
//	store, err := metastore.New(dynamodb.NewFromConfig(cfg), "keys", inner)
//	provider, err := mostrecent.New(store, "accounts", 5*time.Minute)
//
// The time to live is a trade-off. Within it, a version costs one read of the
// store and one call to the inner provider, regardless of the number of items
// and goroutines. It is also how long a process can continue to use a version
// after its access to the inner provider was revoked, and how long it can seal
// with an older version after a rotation.
package mostrecent

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/loader"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/metastore"
)

// Store has versions of keys by name. *metastore.Store implements it.
type Store interface {
	// Provider returns the provider for one version. The error wraps
	// [metastore.ErrNoVersion] if there is no such version. Each call must check
	// access to the key again.
	Provider(ctx context.Context, name string, version int64) (providers.Provider, error)

	// MaxVersion returns the highest version. The error wraps
	// [metastore.ErrNoVersion] if there is no version.
	MaxVersion(ctx context.Context, name string) (int64, error)

	// GetOrCreate is like Provider, but creates a missing version.
	GetOrCreate(ctx context.Context, name string, version int64) (providers.Provider, error)

	// VersionOf returns the version that a material description names.
	VersionOf(name string, description providers.MaterialDescription) (int64, error)
}

const (
	defaultCacheSize   = 1000
	defaultGracePeriod = 500 * time.Millisecond
)

// Provider seals with the most recent version of a key. It implements
// [providers.Provider] and is safe for concurrent use.
type Provider struct {
	store    Store
	material string
	ages     loader.Ages
	latest   *loader.Loader[string, int64]             // the highest version, by material
	versions *loader.Loader[int64, providers.Provider] // by version
}

var _ providers.Provider = (*Provider)(nil)

// Option configures a [Provider].
type Option func(*config)

type config struct {
	cacheSize int
	grace     time.Duration
}

// WithCacheSize sets how many versions are cached. The default is 1000.
func WithCacheSize(versions int) Option {
	return func(c *config) { c.cacheSize = versions }
}

// WithGracePeriod sets how long a version remains in use after its time to live
// while it is loaded again, so that no request waits for that. It adds to the
// time that a process can continue to use a revoked or older version. The
// default is half a second, and 0 disables it.
func WithGracePeriod(d time.Duration) Option {
	return func(c *config) { c.grace = d }
}

// New returns a Provider for the key with the name material. ttl is how long a
// version is used, and is assumed to be the most recent one, before the store is
// read again. An error wraps [crypto.ErrPolicy] or, without a store,
// [crypto.ErrNoUsableKey].
func New(store Store, material string, ttl time.Duration, options ...Option) (*Provider, error) {
	c := config{cacheSize: defaultCacheSize, grace: defaultGracePeriod}
	for _, option := range options {
		option(&c)
	}
	switch {
	case store == nil:
		return nil, fmt.Errorf("mostrecent: %w: no store", crypto.ErrNoUsableKey)
	case material == "" || strings.Contains(material, "#"):
		return nil, fmt.Errorf("mostrecent: %w: the material name %q is empty or contains a #", crypto.ErrPolicy, material)
	case ttl <= 0 || c.grace < 0 || c.cacheSize < 1:
		return nil, fmt.Errorf(
			"mostrecent: %w: the time to live and the cache size must be positive, and the grace period not negative",
			crypto.ErrPolicy)
	}
	p := &Provider{
		store:    store,
		material: material,
		ages:     loader.Ages{Fresh: ttl, Usable: ttl + c.grace},
		latest:   loader.New[string, int64](1, nil),
		versions: loader.New[int64, providers.Provider](c.cacheSize, nil),
	}
	return p, nil
}

// loadLatest returns the highest version. It creates the first one if there is
// none.
func (p *Provider) loadLatest(ctx context.Context) (int64, error) {
	version, err := p.store.MaxVersion(ctx, p.material)
	if !errors.Is(err, metastore.ErrNoVersion) {
		return version, err
	}
	_, err = p.store.GetOrCreate(ctx, p.material, 0)
	return 0, err
}

// EncryptionMaterials returns materials of the most recent version.
func (p *Provider) EncryptionMaterials(
	ctx context.Context, ec providers.EncryptionContext,
) (*providers.EncryptionMaterials, error) {
	version, err := p.latest.Get(ctx, p.material, p.ages, p.loadLatest)
	if err != nil {
		return nil, p.failed(err)
	}
	provider, err := p.version(ctx, version)
	if err != nil {
		return nil, p.failed(err)
	}
	return provider.EncryptionMaterials(ctx, ec)
}

// DecryptionMaterials returns materials of the version that sealed the item.
func (p *Provider) DecryptionMaterials(
	ctx context.Context, ec providers.EncryptionContext, description providers.MaterialDescription,
) (*providers.DecryptionMaterials, error) {
	version, err := p.store.VersionOf(p.material, description)
	if err != nil {
		return nil, p.failed(err)
	}
	provider, err := p.version(ctx, version)
	if err != nil {
		return nil, p.failed(err)
	}
	return provider.DecryptionMaterials(ctx, ec, description)
}

// version returns the provider for one version.
func (p *Provider) version(ctx context.Context, version int64) (providers.Provider, error) {
	return p.versions.Get(ctx, version, p.ages, func(ctx context.Context) (providers.Provider, error) {
		return p.store.Provider(ctx, p.material, version)
	})
}

// Refresh empties the cache, so that the next use reads the store. Call it after
// a rotation that must not wait for the time to live.
func (p *Provider) Refresh() {
	p.latest.Clear()
	p.versions.Clear()
}

func (p *Provider) failed(err error) error { return fmt.Errorf("mostrecent: %w", err) }

// String returns a text with the material name, which is not secret.
func (p *Provider) String() string { return "most recent provider for " + strconv.Quote(p.material) }

// GoString returns the same text as String.
func (p *Provider) GoString() string { return p.String() }
