package beacon_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// manyTenants returns a search whose keys are cached, up to capacity, and n IDs
// of branch keys.
func manyTenants(t *testing.T, capacity, n int) (*beacon.Search, *providertest.KeyStore, []string) {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%08d-0000-4000-8000-000000000000", i)
	}
	store := providertest.NewKeyStore(ids...)
	keys, err := beacon.MultiKeyStore(store, "tenant", time.Hour, beacon.WithCapacity(capacity))
	check(t, err)
	s, err := beacon.New(keys, emailOnly())
	check(t, err)
	return s, store, ids
}

func TestKeys_ServeTheirShareOfMoreTenantsThanTheirCapacity(t *testing.T) {
	const capacity, inUse, rounds = 100, 150, 40
	s, store, ids := manyTenants(t, capacity, inUse)
	for range rounds {
		for _, id := range ids {
			_, err := s.Key(t.Context(), id)
			check(t, err)
		}
	}
	hits := 1 - float64(store.Loads())/(rounds*inUse)
	t.Logf("hit rate %.2f", hits)
	if hits < 0.4 {
		t.Errorf("with %d tenants in turn and places for %d, the hit rate is %.2f", inUse, capacity, hits)
	}
}

func TestKeys_TakeLittleMemory(t *testing.T) {
	const n = 5000
	s, store, ids := manyTenants(t, n, n)
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	for _, id := range ids {
		_, err := s.Key(t.Context(), id)
		check(t, err)
	}
	loaded := heap()
	for _, id := range ids {
		k, err := s.Key(t.Context(), id)
		check(t, err)
		if _, ok := s.Beacon("email").Equal(k, 0, text("ada@example.com")); !ok {
			t.Fatal("the value has no beacon")
		}
	}
	used := heap()
	runtime.KeepAlive(s)
	runtime.KeepAlive(ids)
	t.Logf("%d bytes for each beacon key, and %d for each beacon", (loaded-before)/n, (used-loaded)/n)
	if (loaded-before)/n > 1000 || (used-loaded)/n > 3000 {
		t.Error("that is more than documented")
	}
	if loads := store.Loads(); loads != n {
		t.Errorf("%d loads of %d keys", loads, n)
	}
}
