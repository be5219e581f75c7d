package beacon

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// builder validates a configuration and builds a Search.
type builder struct {
	config Config
	search *Search
	parts  []*part // the global ones
}

func (b *builder) build() error {
	for _, step := range []func() error{b.addPartitions, b.checkNames, b.addVirtualFields, b.addStandardBeacons,
		b.checkShares, b.addGlobalParts, b.addCompoundBeacons, b.checkPartOnly, b.checkLocations} {
		if err := step(); err != nil {
			return err
		}
	}
	b.search.index()
	return nil
}

// about returns an error about one beacon or virtual field.
func about(kind, name, format string, args ...any) error {
	return fmt.Errorf("%s %q: %w", kind, name, fmt.Errorf(format, args...))
}

const (
	aBeacon  = "beacon"
	aVirtual = "virtual field"
)

// maxPartitions is the largest number of partitions that the official clients
// accept.
const maxPartitions = 254

func (b *builder) addPartitions() error {
	most, fallback := b.config.MaxPartitions, b.config.DefaultPartitions
	switch {
	case most < 0 || most > maxPartitions:
		return fmt.Errorf("maxPartitions is %d: use 0 to %d", most, maxPartitions)
	case fallback < 0 || fallback > 0 && fallback >= most:
		return fmt.Errorf("defaultPartitions is %d: it must be less than maxPartitions, which is %d", fallback, most)
	}
	b.search.partitions = max(most, 1)
	return nil
}

// partitionsOf returns the partitions of a standard beacon.
func (b *builder) partitionsOf(c Standard) (int, error) {
	switch {
	case c.Partitions < 0 || c.Partitions > 0 && c.Partitions >= b.config.MaxPartitions:
		return 0, about(aBeacon, c.Name, "partitions is %d: it must be less than maxPartitions, which is %d", c.Partitions,
			b.config.MaxPartitions)
	case c.Partitions > 0:
		return c.Partitions, nil
	case b.config.DefaultPartitions > 0:
		return b.config.DefaultPartitions, nil
	}
	return b.search.partitions, nil
}

const (
	reservedPrefix = "aws_dbe_"
	maxName        = 1<<16 - 1 - len(AttributePrefix)
)

func checkName(kind, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a %s has no name", kind)
	case len(name) > maxName:
		return fmt.Errorf("a %s has a name of %d bytes: use at most %d", kind, len(name), maxName)
	case !utf8.ValidString(name):
		return about(kind, name, "the name is not UTF-8")
	case strings.HasPrefix(name, reservedPrefix):
		return about(kind, name, "names that begin with %q are reserved: choose another name", reservedPrefix)
	}
	return nil
}

// checkNames checks that each name means one thing.
func (b *builder) checkNames() error {
	if len(b.config.Standard) == 0 {
		return errors.New("no standard beacon: configure at least one")
	}
	virtual, beacons := make(map[string]bool), make(map[string]bool)
	for _, v := range b.config.Virtual {
		if err := checkName(aVirtual, v.Name); err != nil {
			return err
		}
		if virtual[v.Name] {
			return about(aVirtual, v.Name, "the name is configured twice: rename one of them")
		}
		virtual[v.Name] = true
	}
	check := func(name string) error {
		if err := checkName(aBeacon, name); err != nil {
			return err
		}
		if beacons[name] {
			return about(aBeacon, name, "the name is configured twice: rename one of them")
		}
		beacons[name] = true
		if field := b.search.keys.field; name == field {
			return about(aBeacon, name, "the beacon key field has the same name: rename the beacon")
		}
		return nil
	}
	for _, c := range b.config.Standard {
		if err := check(c.Name); err != nil {
			return err
		}
		if virtual[c.Name] && c.Location != "" && c.Location != c.Name {
			return about(aBeacon, c.Name, "there is a virtual field of that name, but the beacon's location is %q: "+
				"rename the beacon", c.Location)
		}
	}
	for _, c := range b.config.Compound {
		if err := check(c.Name); err != nil {
			return err
		}
		if virtual[c.Name] {
			return about(aBeacon, c.Name, "there is a virtual field of that name: rename the beacon")
		}
	}
	if field := b.search.keys.field; virtual[field] {
		return about(aVirtual, field, "the beacon key field has the same name: rename the virtual field")
	}
	return nil
}

// checkShares checks the beacons that share the key of another one.
func (b *builder) checkShares() error {
	configured := make(map[string]Standard)
	for _, c := range b.config.Standard {
		configured[c.Name] = c
	}
	for _, c := range b.config.Standard {
		other, ok := configured[c.Shared]
		switch {
		case c.Shared == "":
		case c.Shared == c.Name:
			return about(aBeacon, c.Name, "it is shared with itself: name another beacon")
		case !ok:
			return about(aBeacon, c.Name, "there is no standard beacon %q to share: configure it", c.Shared)
		case other.Shared != "":
			return about(aBeacon, c.Name, "beacon %q is itself shared with %q: share that one", c.Shared, other.Shared)
		case other.Length != c.Length:
			return about(aBeacon, c.Name, "its length is %d, and that of %q, which it shares, is %d: use the same length",
				c.Length, c.Shared, other.Length)
		}
	}
	return nil
}

// checkPartOnly checks that beacons that are only parts are parts.
func (b *builder) checkPartOnly() error {
	for _, standard := range b.search.standard {
		used := slices.ContainsFunc(b.search.compound, func(c *compound) bool {
			return slices.ContainsFunc(c.parts, func(p *part) bool { return p.encrypted == standard })
		})
		if standard.partOnly && !used {
			return about(aBeacon, standard.name, "it is partOnly, but no compound beacon uses it: remove partOnly or the beacon")
		}
	}
	return nil
}

// checkLocations checks that locations are attributes: nothing that is computed.
func (b *builder) checkLocations() error {
	computed := make(map[string]bool)
	for _, name := range b.search.computed() {
		computed[name] = true
	}
	for _, c := range b.search.signed {
		computed[c.name] = true
	}
	for _, v := range b.search.virtual {
		for _, root := range v.roots() {
			if computed[root] {
				return about(aVirtual, v.name, "its location %q is a beacon or virtual field: use attributes", root)
			}
		}
	}
	check := func(name string, s source) error {
		if s.virtual == nil && computed[s.path.root()] {
			return about(aBeacon, name, "location %q is in a beacon or virtual field: use an attribute", s)
		}
		return nil
	}
	for _, standard := range b.search.standard {
		if err := check(standard.name, standard.location); err != nil {
			return err
		}
	}
	for _, c := range slices.Concat(b.search.compound, b.search.signed) {
		for _, p := range c.parts {
			if err := check(c.name, p.location); err != nil {
				return err
			}
		}
	}
	return nil
}
