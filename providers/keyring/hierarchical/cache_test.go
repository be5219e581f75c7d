package hierarchical_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// tenants returns n branch key IDs, and a supplier that returns the one that
// current points to.
func tenants(n int) (ids []string, current *int, supplier hierarchical.Supplier) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("%08d-0000-4000-8000-000000000000", i))
	}
	current = new(int)
	return ids, current, func(context.Context, keyring.EncryptionContext) (string, error) { return ids[*current], nil }
}

func TestCache_ServesItsShareOfMoreTenantsThanItHolds(t *testing.T) {
	const capacity, inUse, rounds = 100, 150, 20
	for name, use := range map[string]func(t *testing.T, k *hierarchical.Keyring){
		"sealing": func(t *testing.T, k *hierarchical.Keyring) { seal(t, k) },
		"sealing and opening": func(t *testing.T, k *hierarchical.Keyring) {
			keys, ec := seal(t, k)
			check(t, open(t, k, keys, ec))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ids, current, supplier := tenants(inUse)
			store := providertest.NewKeyStore(ids...)
			k := newKeyring(t, store, supplier, time.Hour, hierarchical.WithCache(hierarchical.NewCache(capacity)))
			for range rounds {
				for *current = range inUse {
					use(t, k)
				}
			}
			hits := 1 - float64(store.Loads())/(rounds*inUse)
			t.Logf("hit rate %.2f", hits)
			if hits < 0.4 {
				t.Errorf("with %d tenants in turn and places for %d, the hit rate is %.2f", inUse, capacity, hits)
			}
		})
	}
}

// detached is a store that can be taken away once the cache is full.
type detached struct{ hierarchical.Store }

func TestCache_TakesLittleMemoryForABranchKey(t *testing.T) {
	const n = 5000
	w := newWorld(t)
	ids, current, supplier := tenants(n)
	for i := range ids {
		ids[i] = w.branchKey(t)
	}
	// The KMS in memory keeps all requests, so these go to one that is released.
	released, err := keystore.New(w.db, "branch-keys", w.kms.In("eu-west-1"), providertest.KeyARN)
	check(t, err)
	store := &detached{released}
	k := newKeyring(t, store, supplier, time.Hour, hierarchical.WithCache(hierarchical.NewCache(n)))

	before := heap()
	for *current = range n {
		seal(t, k)
	}
	store.Store, released = nil, nil
	bytes := (heap() - before) / n
	runtime.KeepAlive(w)
	for *current = range n {
		seal(t, k) // from the cache: there is no store
	}
	t.Logf("%d bytes for each branch key", bytes)
	if bytes > 1000 {
		t.Errorf("a branch key in the cache takes %d bytes", bytes)
	}
}

// heap returns the bytes in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
