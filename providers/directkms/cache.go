package directkms

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"sync"
	"time"
)

// cache keeps the keys of the most recently read items. A nil cache keeps
// nothing.
type cache struct {
	size   int
	maxAge time.Duration

	mu      sync.Mutex
	entries map[[sha256.Size]byte]*list.Element
	recent  *list.List // of entry, the most recently used first
}

type entry struct {
	id   [sha256.Size]byte
	keys *keys
	born time.Time
}

func newCache(size int, maxAge time.Duration) *cache {
	return &cache{size: size, maxAge: maxAge, entries: make(map[[sha256.Size]byte]*list.Element), recent: list.New()}
}

// get returns the keys that belong to a wrapped key and its context, from the
// cache or from load.
func (c *cache) get(
	keyID string, wrapped []byte, context map[string]string, load func() (*keys, error),
) (*keys, error) {
	if c == nil {
		return load()
	}
	id := cacheID(keyID, wrapped, context)
	if k := c.find(id); k != nil {
		return k, nil
	}
	k, err := load()
	if err == nil {
		c.keep(entry{id, k, time.Now()})
	}
	return k, err
}

func (c *cache) find(id [sha256.Size]byte) *keys {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.entries[id]
	if !ok {
		return nil
	}
	e := at.Value.(entry)
	if time.Since(e.born) > c.maxAge {
		c.drop(at)
		return nil
	}
	c.recent.MoveToFront(at)
	return e.keys
}

func (c *cache) keep(e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.entries[e.id]; ok {
		c.drop(at)
	}
	c.entries[e.id] = c.recent.PushFront(e)
	if c.recent.Len() > c.size {
		c.drop(c.recent.Back())
	}
}

func (c *cache) drop(at *list.Element) {
	delete(c.entries, c.recent.Remove(at).(entry).id)
}

// cacheID returns a digest of a wrapped key and of everything that KMS checks
// it against.
func cacheID(keyID string, wrapped []byte, context map[string]string) (id [sha256.Size]byte) {
	h := sha256.New()
	write := func(s string) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	write(keyID)
	write(string(wrapped))
	for _, name := range slices.Sorted(maps.Keys(context)) {
		write(name)
		write(context[name])
	}
	h.Sum(id[:0])
	return id
}
