// Package loader caches loaded values for a while. Providers and keyrings use it
// to avoid a KMS call for each item.
package loader

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
)

// Timeout is the time limit of a load. Several callers share a load, so it does
// not end with the context of one of them.
const Timeout = 30 * time.Second

// Loader keeps the most recently used values by key. Concurrent requests for one
// key share a load. It is safe for concurrent use.
type Loader[K comparable, V any] struct {
	size int
	twin func(K, V) (K, bool)

	mu      sync.Mutex
	entries map[K]*list.Element
	recent  *list.List // of *kept[K, V], the most recently used first
	flights map[K]*flight[V]
	era     int // counts calls of Clear
}

type kept[K comparable, V any] struct {
	key    K
	value  V
	loaded time.Time
}

// flight is a load that one or more callers wait for.
type flight[V any] struct {
	done  chan struct{} // closed at the end
	value V
	err   error
}

// New returns a Loader that keeps at most size values. twin may be nil. It
// returns another key under which a loaded value is kept as well, if any.
func New[K comparable, V any](size int, twin func(K, V) (other K, ok bool)) *Loader[K, V] {
	l := &Loader[K, V]{size: size, twin: twin}
	l.Clear()
	return l
}

// Clear removes all values. Loads in flight are not kept, but their callers get
// the values.
func (l *Loader[K, V]) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries, l.recent, l.flights = make(map[K]*list.Element), list.New(), make(map[K]*flight[V])
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
) (f *flight[V], value V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, found := l.entries[key]; found {
		l.recent.MoveToFront(at)
		k := at.Value.(*kept[K, V])
		age := time.Since(k.loaded)
		if age < ages.Fresh {
			return nil, k.value, true
		}
		value, ok = k.value, age < ages.Usable
	}
	f, flying := l.flights[key]
	if !flying {
		f = &flight[V]{done: make(chan struct{})}
		l.flights[key] = f
		// The load serves other callers too, so it outlives the caller's context,
		// but keeps its values, such as a trace.
		go l.fly(context.WithoutCancel(ctx), key, f, load, l.era)
	}
	return f, value, ok
}

func (l *Loader[K, V]) fly(ctx context.Context, key K, f *flight[V], load func(context.Context) (V, error), era int) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	// A value's age counts from before the load, when access was checked.
	start := time.Now()
	f.value, f.err = load(ctx)

	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(f.done)
	if l.era != era {
		return
	}
	delete(l.flights, key)
	if f.err != nil {
		return // the old value remains until it expires
	}
	if l.twin != nil {
		if other, ok := l.twin(key, f.value); ok {
			l.keep(&kept[K, V]{other, f.value, start})
		}
	}
	l.keep(&kept[K, V]{key, f.value, start})
}

// keep stores a value as the most recently used one, unless there is a newer one
// for the key. The caller must hold l.mu.
func (l *Loader[K, V]) keep(k *kept[K, V]) {
	if at, found := l.entries[k.key]; found {
		if at.Value.(*kept[K, V]).loaded.After(k.loaded) {
			return
		}
		l.recent.Remove(at)
	}
	l.entries[k.key] = l.recent.PushFront(k)
	if l.recent.Len() > l.size {
		oldest := l.recent.Remove(l.recent.Back()).(*kept[K, V])
		delete(l.entries, oldest.key)
	}
}
