package beacon

import (
	"errors"
	"fmt"
)

// builder validates a configuration and builds a Search.
type builder struct {
	config Config
	search *Search
}

func (b *builder) build() error {
	b.search.partitions = max(b.config.MaxPartitions, 1)
	for _, c := range b.config.Standard {
		location := c.Location
		if location == "" {
			location = c.Name
		}
		p, err := parsePath(location)
		if err != nil {
			return fmt.Errorf("beacon %q: %w", c.Name, err)
		}
		keyName := c.Name
		if c.Shared != "" {
			keyName = c.Shared
		}
		b.search.standard = append(b.search.standard, &standard{
			name: c.Name, keyName: keyName, length: c.Length, location: source{path: p},
			set: c.Set, partOnly: c.PartOnly, partitions: 1,
		})
	}
	if len(b.config.Compound)+len(b.config.Virtual) > 0 {
		return errors.New("not implemented")
	}
	b.index()
	return nil
}

// index makes the beacons known by which queries find them.
func (b *builder) index() {
	s := b.search
	s.queried = make(map[string]*Beacon)
	for _, c := range s.compound {
		s.queried[c.name] = &Beacon{name: c.name, compound: c, search: s}
	}
	for _, standard := range s.standard {
		if !standard.partOnly {
			s.queried[standard.name] = &Beacon{name: standard.name, standard: standard, search: s}
		}
	}
	for _, standard := range s.standard {
		location := standard.location.String()
		if _, named := s.queried[location]; !named && !standard.partOnly {
			s.queried[location] = s.queried[standard.name]
		}
	}
}
