// Package loader caches loaded values for a while. Providers and keyrings use it
// to avoid a KMS call for each item.
package loader

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
)

// Timeout is the time limit of a load, and of the wait for its turn. Several
// callers share a load, so it does not end with the context of one of them.
const Timeout = 30 * time.Second

// MaxLoads is how many loads a Loader makes at once. More wait for their turn.
const MaxLoads = 32

// Loader keeps loaded values by key, up to a number of them. Concurrent requests
// for one key share a load. It is safe for concurrent use.
type Loader[K comparable, V any] struct {
	twin  func(K, V) (K, bool)
	turns chan struct{} // has one element for each load that is running

	mu      sync.Mutex
	kept    *cache[K, V]
	flights map[K]*flight[K, V]
	era     int // counts calls of Clear
}

// flight is a load that one or more callers wait for.
type flight[K comparable, V any] struct {
	entry[K, V]
	err  error
	done chan struct{} // closed when the value or the error is there
	era  int
}

// New returns a Loader that keeps at most size values. twin may be nil. It
// returns another key under which a loaded value is kept as well, if any.
func New[K comparable, V any](size int, twin func(K, V) (other K, ok bool)) *Loader[K, V] {
	return &Loader[K, V]{twin: twin, turns: make(chan struct{}, MaxLoads),
		kept: newCache[K, V](size), flights: make(map[K]*flight[K, V])}
}

// Clear removes all values. Loads in flight are not kept, but their callers get
// the values.
func (l *Loader[K, V]) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept, l.flights = newCache[K, V](l.kept.size), make(map[K]*flight[K, V])
	l.era++
}

// Ages sets how long a value is used.
type Ages struct {
	// Fresh is the age up to which a value is used without loading it again.
	Fresh time.Duration
	// Usable is the age up to which a value is used while it is loaded again in
	// the background, so that no caller waits.
	Usable time.Duration
}

// Get returns the value for key, and calls load if there is none of a usable age.
// It may wait for the load of another caller instead. It does not wait after ctx
// ends.
func (l *Loader[K, V]) Get(ctx context.Context, key K, ages Ages, load func(context.Context) (V, error)) (V, error) {
	f, value, ok := l.look(ctx, key, ages, load)
	if ok {
		return value, nil
	}
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var zero V
		return zero, fmt.Errorf("%w: %w", crypto.ErrKeyUnavailable, ctx.Err())
	}
}

// look returns the value if it is usable, and otherwise the flight to wait for.
// It starts a flight if the value is missing or not fresh.
func (l *Loader[K, V]) look(
	ctx context.Context, key K, ages Ages, load func(context.Context) (V, error),
) (f *flight[K, V], value V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.kept.get(key); k != nil {
		age := time.Since(k.loaded)
		if age < ages.Fresh {
			return nil, k.value, true
		}
		value, ok = k.value, age < ages.Usable
	}
	f, flying := l.flights[key]
	if !flying {
		f = &flight[K, V]{entry: entry[K, V]{key: key, usable: ages.Usable}, done: make(chan struct{}), era: l.era}
		l.flights[key] = f
		// The load serves other callers too, so it outlives the caller's context,
		// but keeps its values, such as a trace.
		go l.fly(context.WithoutCancel(ctx), f, load)
	}
	return f, value, ok
}

func (l *Loader[K, V]) fly(ctx context.Context, f *flight[K, V], load func(context.Context) (V, error)) {
	f.err = l.inTurn(ctx, func(ctx context.Context) (err error) {
		f.loaded = time.Now() // before the load, when access is checked
		f.value, err = load(ctx)
		return err
	})

	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(f.done)
	if l.era != f.era {
		return
	}
	delete(l.flights, f.key)
	if f.err != nil {
		return // the old value remains until it expires
	}
	if l.twin != nil {
		if other, ok := l.twin(f.key, f.value); ok {
			twin := f.entry
			twin.key = other
			l.kept.put(twin)
		}
	}
	l.kept.put(f.entry)
}

// inTurn calls load when fewer than MaxLoads others are running.
func (l *Loader[K, V]) inTurn(ctx context.Context, load func(context.Context) error) error {
	select {
	case l.turns <- struct{}{}:
		defer func() { <-l.turns }()
	case <-time.After(Timeout):
		return fmt.Errorf("%w: %d loads of other keys take too long", crypto.ErrKeyUnavailable, MaxLoads)
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	return load(ctx)
}
