package mostrecent

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// loader loads values by number and keeps them: the most recently used ones,
// for a time to live, and for a grace period longer while they are loaded anew.
// Of each value one load is in flight at a time.
type loader[V any] struct {
	size       int
	ttl, grace time.Duration
	load       func(context.Context, int64) (V, error)

	mu      sync.Mutex
	entries map[int64]*list.Element
	recent  *list.List // of *kept[V], the most recently used first
	flights map[int64]*flight[V]
	era     int // counts calls of clear
}

type kept[V any] struct {
	number int64
	value  V
	loaded time.Time
}

// flight is a load that somebody started and any number wait for.
type flight[V any] struct {
	done  chan struct{} // closed at the end
	value V
	err   error
}

func newLoader[V any](size int, ttl, grace time.Duration, load func(context.Context, int64) (V, error)) *loader[V] {
	l := &loader[V]{size: size, ttl: ttl, grace: grace, load: load}
	l.clear()
	return l
}

// clear forgets all values. Loads in flight go to those who wait for them, and
// are not kept.
func (l *loader[V]) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries, l.recent, l.flights = make(map[int64]*list.Element), list.New(), make(map[int64]*flight[V])
	l.era++
}

// get returns a value that was loaded within the time to live, or in the grace
// period the one there is. It waits for a load no longer than ctx.
func (l *loader[V]) get(ctx context.Context, number int64) (V, error) {
	f, value, ok := l.look(ctx, number)
	if ok {
		return value, nil
	}
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var zero V
		return zero, ctx.Err()
	}
}

// look returns the value if it may be used, and otherwise the flight to wait
// for. It starts one where the value is missing or past its time to live.
func (l *loader[V]) look(ctx context.Context, number int64) (f *flight[V], value V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, found := l.entries[number]; found {
		l.recent.MoveToFront(at)
		k := at.Value.(*kept[V])
		age := time.Since(k.loaded)
		if age < l.ttl {
			return nil, k.value, true
		}
		value, ok = k.value, age < l.ttl+l.grace
	}
	f, flying := l.flights[number]
	if !flying {
		f = &flight[V]{done: make(chan struct{})}
		l.flights[number] = f
		// The load serves others too, so it outlives the caller's context; what
		// that carries, such as a trace, it keeps.
		go l.fly(context.WithoutCancel(ctx), number, f, l.era)
	}
	return f, value, ok
}

func (l *loader[V]) fly(ctx context.Context, number int64, f *flight[V], era int) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	// The time to live runs from before the load: that is when access was had.
	start := time.Now()
	f.value, f.err = l.load(ctx, number)

	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(f.done)
	if l.era != era {
		return
	}
	delete(l.flights, number)
	if f.err != nil {
		return // what is kept runs out by itself
	}
	if at, found := l.entries[number]; found {
		l.recent.Remove(at)
	}
	l.entries[number] = l.recent.PushFront(&kept[V]{number, f.value, start})
	if l.recent.Len() > l.size {
		oldest := l.recent.Remove(l.recent.Back()).(*kept[V])
		delete(l.entries, oldest.number)
	}
}
