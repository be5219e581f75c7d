package beacon

import (
	"fmt"
	"slices"
	"unicode/utf16"

	"github.com/ddbenc/ddbenc/crypto"
)

// virtual is a virtual field.
type virtual struct {
	name  string
	parts []virtualPart
}

type virtualPart struct {
	location   path
	transforms []Transform
}

// roots returns the names of the attributes that the field is computed from.
func (v *virtual) roots() []string {
	var names []string
	for _, part := range v.parts {
		if !slices.Contains(names, part.location.root()) {
			names = append(names, part.location.root())
		}
	}
	return names
}

// text returns the field of an item. ok is false if the item lacks a location.
func (v *virtual) text(item crypto.Item) (text string, ok bool, err error) {
	var all []uint16
	for _, part := range v.parts {
		text, ok, err := textAt(part.location, item)
		if err != nil || !ok {
			return "", false, err
		}
		units := utf16.Encode([]rune(text))
		for _, t := range part.transforms {
			units = t.apply(units)
		}
		all = append(all, units...)
	}
	runes := utf16.Decode(all)
	if !slices.Equal(utf16.Encode(runes), all) {
		return "", false, fmt.Errorf("%w: virtual field %q cuts a character outside the basic multilingual plane in half",
			crypto.ErrInvalidItem, v.name)
	}
	return string(runes), true, nil
}

// apply transforms a text. It does not modify it.
func (t Transform) apply(s []uint16) []uint16 {
	switch t.kind {
	case upper:
		return mapUnits(s, 'a', 'z', 'A')
	case lower:
		return mapUnits(s, 'A', 'Z', 'a')
	case insert:
		return slices.Concat(s, utf16.Encode([]rune(t.text)))
	case prefix:
		return s[:length(t.low, len(s))]
	case suffix:
		return s[len(s)-length(t.low, len(s)):]
	case substring:
		low, high := between(t.low, t.high, len(s))
		return s[low:high]
	}
	split := utf16.Encode([]rune(t.text))[0]
	pieces := splitUnits(s, split)
	if t.kind == segment {
		if t.low >= len(pieces) || t.low < -len(pieces) {
			return nil
		}
		return pieces[position(t.low, len(pieces))]
	}
	low, high := between(t.low, t.high, len(pieces))
	var joined []uint16
	for i, piece := range pieces[low:high] {
		if i > 0 {
			joined = append(joined, split)
		}
		joined = append(joined, piece...)
	}
	return joined
}

// mapUnits shifts the units from first to last, so that first becomes to.
func mapUnits(s []uint16, first, last, to uint16) []uint16 {
	mapped := slices.Clone(s)
	for i, unit := range mapped {
		if first <= unit && unit <= last {
			mapped[i] = unit - first + to
		}
	}
	return mapped
}

// length returns how many of size units are kept. A length below 0 says how many
// are not.
func length(n, size int) int {
	if n < 0 {
		return max(size+n, 0)
	}
	return min(n, size)
}

// position returns the index that a position means. A position beyond the end is
// that of the last element, as in the official clients, not the one after it, as
// in the specification.
func position(n, size int) int {
	if n < 0 {
		return max(size+n, 0)
	}
	return max(min(n, size-1), 0)
}

// between returns the range of two positions.
func between(low, high, size int) (from, to int) {
	from, to = position(low, size), position(high, size)
	return from, max(from, to)
}

func splitUnits(s []uint16, at uint16) [][]uint16 {
	var pieces [][]uint16
	for {
		i := slices.Index(s, at)
		if i < 0 {
			return append(pieces, s)
		}
		pieces, s = append(pieces, s[:i]), s[i+1:]
	}
}
