package beacon

import (
	"fmt"
	"math/rand/v2"

	"github.com/ddbenc/ddbenc/crypto"
)

// Search is a validated configuration with its keys. It is immutable and safe for
// concurrent use.
type Search struct {
	keys       *Keys
	partitions int
	choose     func(item crypto.Item, partitions int) int

	virtual  []*virtual
	standard []*standard
	compound []*compound // those that are hashed
	signed   []*compound // those that are stored under their own names
	queried  map[string]*Beacon
}

// Option configures a [Search].
type Option func(*config)

type config struct {
	choose func(item crypto.Item, partitions int) int
}

// WithPartitionOf sets how the partition of an item is chosen, a number from 0 up
// to but not including partitions. The default is a random one. A good choice
// depends on nothing that queries know, or else that also divides the items.
func WithPartitionOf(choose func(item crypto.Item, partitions int) int) Option {
	return func(c *config) { c.choose = choose }
}

// New returns a Search for a configuration. It validates everything that does not
// need the actions of the table's attributes. [Search.Check] does the rest. The
// error wraps [crypto.ErrPolicy], names the beacon and says what to do.
func New(keys *Keys, config Config, options ...Option) (*Search, error) {
	c := newConfig(options)
	switch {
	case keys == nil:
		return nil, fmt.Errorf("beacon: %w: no keys: use SingleKeyStore or MultiKeyStore", crypto.ErrPolicy)
	case c.choose == nil:
		return nil, fmt.Errorf("beacon: %w: WithPartitionOf has no function", crypto.ErrPolicy)
	}
	b := builder{config: config, search: &Search{keys: keys, choose: c.choose}}
	if err := b.build(); err != nil {
		return nil, fmt.Errorf("beacon: %w: %w", crypto.ErrPolicy, err)
	}
	return b.search, nil
}

func newConfig(options []Option) config {
	c := config{choose: func(_ crypto.Item, partitions int) int { return rand.IntN(partitions) }}
	for _, option := range options {
		option(&c)
	}
	return c
}

// Partitions returns the configured maximum of partitions, at least 1.
func (s *Search) Partitions() int { return s.partitions }

// SignedNames returns the names of the signed beacons. They are stored under these
// names and have to be signed.
func (s *Search) SignedNames() []string {
	var names []string
	for _, c := range s.signed {
		names = append(names, c.name)
	}
	return names
}
