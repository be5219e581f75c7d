package lock

import (
	"cmp"
	"slices"

	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// Compare returns the differences between the locked policies and those of the
// program's structs. The result is empty if and only if [Make] returns the same
// file for these structs. A nil File has no structs.
//
// It compares by name, and reports too much rather than too little: a field
// whose field name and attribute name both changed is reported as removed and
// added. The changes are sorted by struct and attribute.
func Compare(old *File, now []source.Struct) []Change {
	if old == nil {
		old = &File{}
	}
	c := newComparison(old, now)
	for _, a := range c.after {
		switch {
		case a.source.Err != nil:
			c.invalid(a)
		case a.before == nil:
			c.structAdded(a)
		default:
			c.structChanged(a)
		}
	}
	for _, b := range c.gone {
		c.structRemoved(b)
	}
	slices.SortStableFunc(c.changes, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(a.Package, b.Package),
			cmp.Compare(a.Struct, b.Struct),
			cmp.Compare(a.Attribute, b.Attribute),
			cmp.Compare(a.Kind, b.Kind),
		)
	})
	return c.changes
}

// comparison is the state of one Compare.
type comparison struct {
	before  []*Struct
	after   []*present
	gone    []*Struct // structs of before that are not in after
	changes []Change
}

// present is a struct of the program.
type present struct {
	Struct
	source *source.Struct
	before *Struct // as it is in the file, or nil
}

// identity identifies a struct. n distinguishes structs of the same name.
type identity struct {
	pkg, name string
	n         int
}

func newComparison(old *File, now []source.Struct) *comparison {
	c := &comparison{}
	known := make(map[identity]*Struct, len(old.Structs))
	ids := make([]identity, len(old.Structs))
	add := func(into map[identity]*Struct, s *Struct) identity {
		id := identity{s.Package, s.Name, 0}
		for into[id] != nil {
			id.n++
		}
		into[id] = s
		return id
	}
	for i := range old.Structs {
		c.before = append(c.before, &old.Structs[i])
		ids[i] = add(known, &old.Structs[i])
	}
	seen := make(map[identity]*Struct, len(now))
	for i := range now {
		a := &present{Struct: newStruct(now[i]), source: &now[i]}
		c.after = append(c.after, a)
		a.before = known[add(seen, &a.Struct)]
	}
	for i, id := range ids {
		if seen[id] == nil {
			c.gone = append(c.gone, c.before[i])
		}
	}
	c.findMoved()
	return c
}

// findMoved matches structs that are gone with new ones that are evidently the
// same under another name or in another package. Otherwise their other changes
// would be hidden behind a removed and an added struct.
func (c *comparison) findMoved() {
	candidates := func(b *Struct) (found []*present) {
		for _, a := range c.after {
			if a.before == nil && a.source.Err == nil && moved(b, &a.Struct) {
				found = append(found, a)
			}
		}
		return found
	}
	claims := make(map[*present][]*Struct)
	for _, b := range c.gone {
		if found := candidates(b); len(found) == 1 {
			claims[found[0]] = append(claims[found[0]], b)
		}
	}
	for a, by := range claims {
		if len(by) == 1 {
			a.before = by[0]
			c.gone = slices.DeleteFunc(c.gone, func(s *Struct) bool { return s == by[0] })
		}
	}
}

// moved reports whether two structs are the same: either with the same name,
// the same key and most of the attributes, or in the same package with all
// attributes.
func moved(b, a *Struct) bool {
	if b.Package == a.Package {
		return len(b.Attributes) > 0 && slices.EqualFunc(b.Attributes, a.Attributes, equal)
	}
	var kept int
	for _, attribute := range b.Attributes {
		if _, ok := a.attribute(attribute.Name); ok {
			kept++
		}
	}
	return b.Name == a.Name && 2*kept > len(b.Attributes) &&
		b.key(tags.Partition) == a.key(tags.Partition) && b.key(tags.Sort) == a.key(tags.Sort)
}

func equal(a, b tags.Attribute) bool {
	return a.Name == b.Name && a.Action == b.Action && a.Defaulted == b.Defaulted && a.Key == b.Key &&
		slices.Equal(a.Indexes, b.Indexes) && sameBeacon(a.Beacon, b.Beacon) && a.Field == b.Field &&
		a.GoType == b.GoType
}

// report adds a change of a struct in the program. The position is that of the
// attribute's field, if there is one.
func (c *comparison) report(a *present, change Change) {
	change.Package, change.Struct, change.Pos = a.Package, a.Name, a.source.Pos
	for _, attribute := range a.source.Attributes {
		if attribute.Name == change.Attribute && change.Attribute != "" {
			change.Pos = attribute.Pos
		}
	}
	c.changes = append(c.changes, change)
}
