package loader

import (
	"container/list"
	"math/rand/v2"
	"time"
)

// cache keeps a number of entries. If more keys than that are in use, one after
// the other, evicting the least recently used one would evict each just before
// its next use, and nothing would ever be found. So a full cache keeps most of
// what it has:
//
//   - Nine tenths of the places are for settled entries. The first ones settle at
//     once.
//   - The others are on trial, in the last tenth, and leave it in the order in
//     which they came. That is long enough for several uses in a row.
//   - One in 16 settles after the trial, in place of the settled entry that was
//     used the least recently. The rest are evicted. If that entry is too old to
//     be used, all settle.
type cache[K comparable, V any] struct {
	size    int
	entries map[K]*list.Element
	settled *list.List // of *entry[K, V], the most recently used first
	trial   *list.List // of *entry[K, V], the newest first
}

// settling is the share of entries that settle after the trial, as 1 in settling.
const settling = 16

type entry[K comparable, V any] struct {
	key     K
	value   V
	loaded  time.Time
	usable  time.Duration // the age up to which it is of use to whoever had it loaded
	settled bool
}

func newCache[K comparable, V any](size int) *cache[K, V] {
	return &cache[K, V]{size, make(map[K]*list.Element), list.New(), list.New()}
}

// trials returns the number of places for entries on trial: at least 2, so that a
// value and its twin do not evict each other.
func (c *cache[K, V]) trials() int { return min(c.size, max(c.size/10, 2)) }

// get returns the entry for a key, as used now, or nil.
func (c *cache[K, V]) get(key K) *entry[K, V] {
	at, found := c.entries[key]
	if !found {
		return nil
	}
	e := at.Value.(*entry[K, V])
	if e.settled {
		c.settled.MoveToFront(at)
	}
	return e
}

// put adds an entry, or replaces an older one for the key.
func (c *cache[K, V]) put(e entry[K, V]) {
	if at, found := c.entries[e.key]; found {
		old := at.Value.(*entry[K, V])
		if !old.loaded.After(e.loaded) {
			old.value, old.loaded, old.usable = e.value, e.loaded, e.usable
		}
		return
	}
	if c.settled.Len() < c.size-c.trials() {
		c.settle(&e)
		return
	}
	c.entries[e.key] = c.trial.PushFront(&e)
	if c.trial.Len() > c.trials() {
		c.decide(c.remove(c.trial))
	}
}

// decide settles an entry after its trial, or drops it.
func (c *cache[K, V]) decide(e *entry[K, V]) {
	last := c.settled.Back()
	if last == nil {
		return
	}
	if oldest := last.Value.(*entry[K, V]); time.Since(oldest.loaded) >= oldest.usable || rand.IntN(settling) == 0 {
		c.remove(c.settled)
		c.settle(e)
	}
}

func (c *cache[K, V]) settle(e *entry[K, V]) {
	e.settled = true
	c.entries[e.key] = c.settled.PushFront(e)
}

// remove removes the last entry of a list.
func (c *cache[K, V]) remove(from *list.List) *entry[K, V] {
	e := from.Remove(from.Back()).(*entry[K, V])
	delete(c.entries, e.key)
	return e
}
