// Package loader keeps what was loaded from elsewhere, for a while: the cache
// behind the providers and keyrings that must not ask KMS for every item.
package loader

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/ddbenc/ddbenc/providers/internal/service"
)

// Timeout bounds a load, which is nobody's own and so does not end with a
// caller's context.
const Timeout = 30 * time.Second

// Loader keeps the most recently used values by key. Of each it has one load
// in flight at a time, however many ask for it. It is safe for concurrent use.
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

// flight is a load that somebody started and any number wait for.
type flight[V any] struct {
	done  chan struct{} // closed at the end
	value V
	err   error
}

// New returns a Loader that keeps at most size values. If twin is not nil, it
// returns the other key under which a value that was loaded is kept as well, if
// there is one.
func New[K comparable, V any](size int, twin func(K, V) (other K, ok bool)) *Loader[K, V] {
	l := &Loader[K, V]{size: size, twin: twin}
	l.Clear()
	return l
}

// Clear forgets all values. Loads in flight go to those who wait for them, and
// are not kept.
func (l *Loader[K, V]) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries, l.recent, l.flights = make(map[K]*list.Element), list.New(), make(map[K]*flight[V])
	l.era++
}

// Ages says for how long a value is used.
type Ages struct {
	// Fresh is the age up to which a value is simply used.
	Fresh time.Duration
	// Usable is the age up to which it is still used while it is loaded anew,
	// so that nobody has to wait for that.
	Usable time.Duration
}

// Get returns the value for key, from load if there is none of a usable age.
// It waits for a load no longer than ctx; what it waits for may be the load of
// another caller.
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
		return zero, service.Unavailable(ctx.Err())
	}
}

// look returns the value if it may be used, and otherwise the flight to wait
// for. It starts one where the value is missing or not fresh.
func (l *Loader[K, V]) look(ctx context.Context, key K, ages Ages, load func(context.Context) (V, error)) (f *flight[V], value V, ok bool) {
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
		// The load serves others too, so it outlives the caller's context; what
		// that carries, such as a trace, it keeps.
		go l.fly(context.WithoutCancel(ctx), key, f, load, l.era)
	}
	return f, value, ok
}

func (l *Loader[K, V]) fly(ctx context.Context, key K, f *flight[V], load func(context.Context) (V, error), era int) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	// A value's age counts from before the load: that is when access was had.
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
		return // what is kept runs out by itself
	}
	if l.twin != nil {
		if other, ok := l.twin(key, f.value); ok {
			l.keep(&kept[K, V]{other, f.value, start})
		}
	}
	l.keep(&kept[K, V]{key, f.value, start})
}

// keep puts a value in front of the others, in the place of an older one. The
// caller has the lock.
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
