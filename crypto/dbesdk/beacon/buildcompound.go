package beacon

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// encryptedPart returns the part for a standard beacon.
func (b *builder) encryptedPart(c EncryptedPart) (*part, error) {
	i := slices.IndexFunc(b.search.standard, func(s *standard) bool { return s.name == c.Name })
	if i < 0 {
		return nil, fmt.Errorf("encrypted part %q is not a standard beacon: configure one of that name", c.Name)
	}
	beacon := b.search.standard[i]
	if beacon.set {
		return nil, fmt.Errorf("encrypted part %q is a set beacon: use a standard beacon without set", c.Name)
	}
	return &part{c.Name, c.Prefix, beacon.location, beacon}, checkPrefix(c.Name, c.Prefix)
}

func (b *builder) signedPart(c SignedPart) (*part, error) {
	location := c.Location
	if location == "" {
		location = c.Name
	}
	at, err := b.sourceOf(location)
	if err != nil {
		return nil, fmt.Errorf("signed part %q: %w", c.Name, err)
	}
	switch {
	case c.Name == "":
		return nil, errors.New("a signed part has no name")
	case at.virtual != nil:
		return nil, fmt.Errorf("signed part %q is at a virtual field: use an attribute that is signed", c.Name)
	}
	return &part{c.Name, c.Prefix, at, nil}, checkPrefix(c.Name, c.Prefix)
}

func checkPrefix(part, prefix string) error {
	if prefix == "" || !utf8.ValidString(prefix) {
		return fmt.Errorf("the prefix of part %q is empty or not UTF-8: choose another one", part)
	}
	return nil
}

// partsOf returns parts, the signed ones first.
func (b *builder) partsOf(signed []SignedPart, encrypted []EncryptedPart) ([]*part, error) {
	var parts []*part
	for _, c := range signed {
		p, err := b.signedPart(c)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	for _, c := range encrypted {
		p, err := b.encryptedPart(c)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// checkDistinct checks that parts can be told apart by their names.
func checkDistinct(parts []*part) error {
	for i, p := range parts {
		for _, q := range parts[:i] {
			switch {
			case p.name == q.name:
				return fmt.Errorf("two parts, local or global, are named %q: rename one of them", p.name)
			case p.prefix == q.prefix:
				return fmt.Errorf("parts %q and %q, local or global, have the same prefix %q: change one of them", q.name, p.name,
					p.prefix)
			}
		}
	}
	return nil
}

func (b *builder) addGlobalParts() (err error) {
	if b.parts, err = b.partsOf(b.config.SignedParts, b.config.EncryptedParts); err == nil {
		err = checkDistinct(b.parts)
	}
	if err != nil {
		return fmt.Errorf("global parts: %w", err)
	}
	return nil
}

func (b *builder) addCompoundBeacons() error {
	for _, config := range b.config.Compound {
		c, err := b.compoundOf(config)
		if err != nil {
			return about(aBeacon, config.Name, "%w", err)
		}
		if c.isSigned() {
			b.search.signed = append(b.search.signed, c)
		} else {
			b.search.compound = append(b.search.compound, c)
		}
	}
	return nil
}

func (b *builder) compoundOf(config Compound) (*compound, error) {
	c := &compound{name: config.Name, split: config.Split}
	if !isCharacter(c.split) {
		return nil, errors.New("split must be one character of the basic multilingual plane")
	}
	var err error
	if c.parts, err = b.partsOf(config.Signed, config.Encrypted); err != nil {
		return nil, err
	}
	if err := checkDistinct(slices.Concat(b.parts, c.parts)); err != nil {
		return nil, err
	}
	switch {
	case len(config.Constructors) == 0 && len(c.parts) == 0:
		return nil, errors.New("it has neither parts nor constructors: name global parts in a constructor")
	case len(config.Constructors) == 0:
		var all []constructorPart
		for _, p := range c.parts {
			all = append(all, constructorPart{part: p})
		}
		c.constructors = append(c.constructors, all)
	default:
		if err := b.addConstructors(c, config.Constructors); err != nil {
			return nil, err
		}
	}
	return c, c.checkPrefixes()
}

// addConstructors adds the constructors and the global parts that they name.
func (b *builder) addConstructors(c *compound, constructors [][]ConstructorPart) error {
	var sets []map[string]bool
	for i, config := range constructors {
		var parts []constructorPart
		required := make(map[string]bool)
		for _, p := range config {
			found, err := b.find(c, p.Name)
			if err != nil {
				return err
			}
			parts = append(parts, constructorPart{found, p.Optional})
			if !p.Optional {
				required[p.Name] = true
			}
		}
		if len(required) == 0 {
			return fmt.Errorf("constructor %d has no required part: at least one must not be optional", i)
		}
		for j, other := range sets {
			if maps.Equal(other, required) {
				return fmt.Errorf("constructors %d and %d have the same required parts, so the second is never used: "+
					"remove one of them", j, i)
			}
		}
		sets = append(sets, required)
		c.constructors = append(c.constructors, parts)
	}
	return nil
}

// find returns the part called name. It adds a global part to the beacon.
func (b *builder) find(c *compound, name string) (*part, error) {
	named := func(p *part) bool { return p.name == name }
	if i := slices.IndexFunc(c.parts, named); i >= 0 {
		return c.parts[i], nil
	}
	i := slices.IndexFunc(b.parts, named)
	if i < 0 {
		return nil, fmt.Errorf("a constructor names part %q: there is no local or global part of that name", name)
	}
	c.parts = append(c.parts, b.parts[i])
	return b.parts[i], nil
}

// checkPrefixes checks that the beginning of a piece of a value identifies a part.
func (c *compound) checkPrefixes() error {
	for i, p := range c.parts {
		if strings.Contains(p.prefix, c.split) {
			return fmt.Errorf("the prefix %q of part %q contains the split character: change one of them", p.prefix, p.name)
		}
		for _, q := range c.parts[:i] {
			if strings.HasPrefix(p.prefix, q.prefix) || strings.HasPrefix(q.prefix, p.prefix) {
				return fmt.Errorf("one of the prefixes %q of part %q and %q of part %q begins with the other: change one of them",
					q.prefix, q.name, p.prefix, p.name)
			}
		}
	}
	return nil
}
