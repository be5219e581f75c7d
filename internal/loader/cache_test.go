package loader

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

var long = Ages{Fresh: time.Hour, Usable: time.Hour}

// hitRate returns the share of requests that load nothing, once a cache for 1000
// values is full.
func hitRate(t *testing.T, next func() int) float64 {
	t.Helper()
	const warmUp, requests = 60_000, 60_000
	l, loads := New[int, int](1000, nil), 0
	load := func(context.Context) (int, error) {
		loads++
		return 0, nil
	}
	for i := range warmUp + requests {
		if i == warmUp {
			loads = 0
		}
		if _, err := l.Get(t.Context(), next(), long, load); err != nil {
			t.Fatal(err)
		}
	}
	return 1 - float64(loads)/requests
}

func TestCache_KeepsItsHitRateWithMoreKeysThanPlaces(t *testing.T) {
	cyclic := func(keys, uses int) func() int {
		i := -1
		return func() int { i++; return i / uses % keys }
	}
	uniform := func(keys int) func() int { return func() int { return rand.IntN(keys) } }
	zipf := func(keys int) func() int {
		z := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.01, 1, uint64(keys-1))
		return func() int { return int(z.Uint64()) }
	}
	for _, c := range []struct {
		use  string
		next func() int
		want float64 // at least; beside it what evicting the least recently used one gives
	}{
		{"1000 keys, in turn", cyclic(1000, 1), 1},                  // 1
		{"1100 keys, in turn", cyclic(1100, 1), 0.79},               // 0
		{"2000 keys, in turn", cyclic(2000, 1), 0.39},               // 0
		{"5000 keys, in turn", cyclic(5000, 1), 0.10},               // 0
		{"2000 keys, in turn, 5 times each", cyclic(2000, 5), 0.87}, // 0.80
		{"2000 keys, at random", uniform(2000), 0.48},               // 0.50
		{"10000 keys, at random", uniform(10_000), 0.09},            // 0.10
		{"2000 keys, by Zipf", zipf(2000), 0.89},                    // 0.88
		{"10000 keys, by Zipf", zipf(10_000), 0.71},                 // 0.69
	} {
		t.Run(c.use, func(t *testing.T) {
			got := hitRate(t, c.next)
			t.Logf("hit rate %.3f", got)
			if got < c.want {
				t.Errorf("hit rate %.3f, want at least %.2f", got, c.want)
			}
		})
	}
}

// If other keys come into use, they take the places of those that nobody uses.
func TestCache_FollowsTheKeysInUse(t *testing.T) {
	step, start := 0, 0
	rate := hitRate(t, func() int {
		if step++; step%60_000 == 0 {
			start += 10_000
		}
		return start + rand.IntN(800)
	})
	t.Logf("hit rate %.3f in the 60,000 requests after the change", rate)
	if rate < 0.6 {
		t.Errorf("hit rate %.3f after a change of all 800 keys in use, want at least 0.6", rate)
	}
}

func TestCache_GivesThePlacesOfExpiredValuesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int, int](100)
		add := func(from int, usable time.Duration) {
			for key := range 100 {
				c.put(entry[int, int]{key: from + key, loaded: time.Now(), usable: usable})
			}
		}
		add(0, time.Minute)
		time.Sleep(time.Minute)
		add(1000, time.Hour)
		for key := range 100 {
			if c.get(1000+key) == nil {
				t.Fatalf("value %d has no place, although all older ones have expired", key)
			}
		}
	})
}

// A cache of any size has no more values than that, finds only the latest value
// of a key, and loses none before it is full.
func TestCache_FindsTheLatestValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 30).Draw(t, "size")
		keys := rapid.IntRange(1, 60).Draw(t, "keys")
		c, latest := newCache[int, int](size), make(map[int]int)
		start := time.Now()
		for n := range rapid.IntRange(0, 300).Draw(t, "steps") {
			key := rapid.IntRange(0, keys).Draw(t, "key")
			if rapid.Bool().Draw(t, "put") {
				age := rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "usable")
				c.put(entry[int, int]{key: key, value: n, loaded: start.Add(time.Duration(n)), usable: age})
				latest[key] = n
				// A slower load that began earlier ends now.
				c.put(entry[int, int]{key: key, value: -1, loaded: start.Add(-1), usable: age})
			}
			e := c.get(key)
			switch value, put := latest[key]; {
			case e != nil && (!put || e.key != key || e.value != value && e.value != -1):
				t.Fatalf("key %d: got %+v, want %d", key, *e, value)
			case e == nil && put && len(latest) <= size:
				t.Fatalf("key %d is lost, with %d of %d places in use", key, len(latest), size)
			}
			if len(c.entries) > size || len(c.entries) != c.settled.Len()+c.trial.Len() {
				t.Fatalf("%d entries of %d, %d settled and %d on trial", len(c.entries), size, c.settled.Len(), c.trial.Len())
			}
		}
	})
}
