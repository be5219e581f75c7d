// Package mostrecent is the materials provider for tables that are used much:
// it seals with the most recent version of a key in a meta store, opens with
// whichever version an item was sealed under, and keeps versions for a while,
// so that most items cost no call to anything.
//
//	store, err := metastore.New(dynamodb.NewFromConfig(cfg), "keys", inner)
//	provider, err := mostrecent.New(store, "accounts", 5*time.Minute)
//
// The time to live is the trade-off. It bounds how long a process may go on
// with a version after its access to the inner provider was revoked, and how
// long it may seal with the version before the most recent one. Within it, a
// version costs one read of the store and one call of the inner provider,
// however many items and goroutines there are.
package mostrecent

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/internal/loader"
	"github.com/ddbenc/ddbenc/providers/metastore"
)

// Store keeps versions of keys by name. *metastore.Store is one.
type Store interface {
	// Provider returns the provider for one version, or fails with
	// metastore.ErrNoVersion. Each call authorizes anew.
	Provider(ctx context.Context, name string, version int64) (providers.Provider, error)

	// MaxVersion returns the highest version, or fails with
	// metastore.ErrNoVersion.
	MaxVersion(ctx context.Context, name string) (int64, error)

	// GetOrCreate is Provider for a version that is made if it is missing.
	GetOrCreate(ctx context.Context, name string, version int64) (providers.Provider, error)

	// VersionOf returns the version that a material description asks for.
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
type Option func(*settings)

type settings struct {
	cacheSize int
	grace     time.Duration
}

// WithCacheSize sets how many versions are kept, the most recently used ones.
// The default is 1000.
func WithCacheSize(versions int) Option {
	return func(s *settings) { s.cacheSize = versions }
}

// WithGracePeriod sets for how long after its time to live a version is still
// used while it is loaded anew, so that nobody has to wait for that. The
// default is half a second. It adds to the time to live wherever that is a
// promise; 0 turns it off.
func WithGracePeriod(d time.Duration) Option {
	return func(s *settings) { s.grace = d }
}

// New returns a Provider for the key called material. ttl is how long a version
// is used, and taken for the most recent one, without asking the store again.
func New(store Store, material string, ttl time.Duration, options ...Option) (*Provider, error) {
	s := settings{cacheSize: defaultCacheSize, grace: defaultGracePeriod}
	for _, option := range options {
		option(&s)
	}
	switch {
	case store == nil:
		return nil, fmt.Errorf("mostrecent: %w: no store", crypto.ErrNoUsableKey)
	case material == "" || strings.Contains(material, "#"):
		return nil, fmt.Errorf("mostrecent: %w: the material name %q is empty or has a #", crypto.ErrPolicy, material)
	case ttl <= 0 || s.grace < 0 || s.cacheSize < 1:
		return nil, fmt.Errorf("mostrecent: %w: the time to live and the cache size must be positive, the grace period not negative", crypto.ErrPolicy)
	}
	p := &Provider{
		store:    store,
		material: material,
		ages:     loader.Ages{Fresh: ttl, Usable: ttl + s.grace},
		latest:   loader.New[string, int64](1, nil),
		versions: loader.New[int64, providers.Provider](s.cacheSize, nil),
	}
	return p, nil
}

// loadLatest returns the highest version, making the first one if there is
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
func (p *Provider) EncryptionMaterials(ctx context.Context, ec providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
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

// DecryptionMaterials returns materials of the version that the item was
// sealed under.
func (p *Provider) DecryptionMaterials(ctx context.Context, ec providers.EncryptionContext, description providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
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

// Refresh forgets everything that is kept, so that the next use asks the store:
// after a rotation that must not wait for the time to live.
func (p *Provider) Refresh() {
	p.latest.Clear()
	p.versions.Clear()
}

func (p *Provider) failed(err error) error { return fmt.Errorf("mostrecent: %w", err) }

// String names the material, which is no secret.
func (p *Provider) String() string { return "most recent provider for " + strconv.Quote(p.material) }

// GoString is String.
func (p *Provider) GoString() string { return p.String() }
