package beacon

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const maxLength = 63

func (b *builder) addStandardBeacons() error {
	used := make(map[string]string) // locations of beacons
	for _, c := range b.config.Standard {
		location := c.Location
		if location == "" {
			location = c.Name
		}
		at, err := b.sourceOf(location)
		if err != nil {
			return about(aBeacon, c.Name, "%w", err)
		}
		if other, ok := used[at.String()]; ok {
			return about(aBeacon, c.Name, "beacon %q has the same location %q: keep one of them", other, at)
		}
		used[at.String()] = c.Name
		for _, v := range b.search.virtual {
			if len(v.parts) == 1 && at.virtual == nil && v.parts[0].location.String() == at.String() {
				return about(aBeacon, c.Name, "virtual field %q has the same single location %q: use only one of them", v.name, at)
			}
		}
		partitions, err := b.partitionsOf(c)
		switch {
		case err != nil:
			return err
		case c.Length < 1 || c.Length > maxLength:
			return about(aBeacon, c.Name, "its length is %d: use 1 to %d bits", c.Length, maxLength)
		case c.PartOnly && (c.Set || c.Shared != ""):
			return about(aBeacon, c.Name, "partOnly cannot be combined with set or shared")
		case c.Set && at.virtual != nil:
			return about(aBeacon, c.Name, "a virtual field is a text, not a set: remove set")
		}
		standard := &standard{name: c.Name, keyName: c.Name, length: c.Length, location: at, set: c.Set,
			partOnly: c.PartOnly, partitions: partitions}
		if c.Shared != "" {
			standard.keyName = c.Shared
		}
		b.search.standard = append(b.search.standard, standard)
	}
	return nil
}

// sourceOf returns a document path or a virtual field.
func (b *builder) sourceOf(location string) (source, error) {
	p, err := parsePath(location)
	if err != nil {
		return source{}, err
	}
	if strings.HasPrefix(location, reservedPrefix) {
		return source{}, fmt.Errorf("location %q is reserved for the format: use an attribute", location)
	}
	if len(p) == 1 {
		for _, v := range b.search.virtual {
			if v.name == location {
				return source{p, v}, nil
			}
		}
	}
	return source{path: p}, nil
}

func (b *builder) addVirtualFields() error {
	type used struct {
		name      string
		locations map[string]bool
	}
	var all []used
	for _, c := range b.config.Virtual {
		if len(c.Parts) == 0 {
			return about(aVirtual, c.Name, "it has no parts: configure at least one")
		}
		v, locations := &virtual{name: c.Name}, make(map[string]bool)
		for _, part := range c.Parts {
			p, err := parsePath(part.Location)
			if err != nil {
				return about(aVirtual, c.Name, "%w", err)
			}
			for _, t := range part.Transforms {
				if why := t.invalid(); why != "" {
					return about(aVirtual, c.Name, "%s", why)
				}
			}
			v.parts = append(v.parts, virtualPart{p, slices.Clone(part.Transforms)})
			locations[p.String()] = true
		}
		for _, other := range all {
			if maps.Equal(other.locations, locations) {
				return about(aVirtual, c.Name, "virtual field %q has the same locations: keep one of them", other.name)
			}
		}
		all = append(all, used{c.Name, locations})
		b.search.virtual = append(b.search.virtual, v)
	}
	return nil
}

// invalid says what is wrong with a transform, if anything is.
func (t Transform) invalid() string {
	switch t.kind {
	case 0:
		return "a transform is empty: use Upper or another function"
	case insert:
		if !utf8.ValidString(t.text) {
			return "the text to insert is not UTF-8"
		}
	case segment, segments:
		if !isCharacter(t.text) {
			return "a transform must split at one character of the basic multilingual plane"
		}
	}
	return ""
}

// isCharacter reports whether s is one UTF-16 code unit, a character to the
// official clients.
func isCharacter(s string) bool {
	r := []rune(s)
	return utf8.ValidString(s) && len(r) == 1 && utf16.RuneLen(r[0]) == 1
}

// index makes the beacons known by which queries find them.
func (s *Search) index() {
	s.queried = make(map[string]*Beacon)
	partOnly := make(map[string]bool)
	for _, c := range s.compound {
		s.queried[c.name] = &Beacon{name: c.name, compound: c, search: s}
	}
	for _, b := range s.standard {
		if partOnly[b.name] = b.partOnly; !b.partOnly {
			s.queried[b.name] = &Beacon{name: b.name, standard: b, search: s}
		}
	}
	for _, b := range s.standard {
		location := b.location.String()
		if _, named := s.queried[location]; !named && !b.partOnly && !partOnly[location] {
			s.queried[location] = s.queried[b.name]
		}
	}
}
