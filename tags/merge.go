package tags

import (
	"cmp"
	"reflect"
	"slices"
)

// Merge returns the policy of a table that holds items of several types
// (single-table design). Types need not have the same attributes, but where
// they share one, by name, they have to agree on its action and on its part in
// the keys of the table and of indexes; and they have to have the same table
// keys. A type without any may join: it then says nothing about the keys.
//
// An error is an [*Error] and names both fields.
func Merge(policies ...*Policy) (*Policy, error) {
	var types []reflect.Type
	var entries []entry
	at := make(map[string]int) // attribute name → position in entries
	for i, p := range policies {
		if p == nil {
			return nil, &Error{Type: "nil", Reason: "no policy to merge"}
		}
		for _, earlier := range policies[:i] {
			if err := disagree(earlier, p); err != nil {
				return nil, err
			}
		}
		for _, t := range p.types {
			if !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
		for _, e := range p.entries {
			if _, ok := at[e.Name]; !ok {
				at[e.Name] = len(entries)
				entries = append(entries, e)
			}
		}
	}
	if len(policies) == 0 {
		return nil, &Error{Type: "nil", Reason: "no policy to merge"}
	}
	merged, err := newPolicy(types, entries)
	if err != nil {
		return nil, err
	}
	return merged, nil
}

// disagree returns the first contradiction between two policies, as an error
// about b.
func disagree(a, b *Policy) *Error {
	byName := make(map[string]entry, len(a.entries))
	for _, e := range a.entries {
		byName[e.Name] = e
	}
	for _, e := range b.entries {
		other, ok := byName[e.Name]
		if !ok {
			continue
		}
		switch {
		case e.Action != other.Action:
			return e.wrong("attribute %q is %q in %v and %q in %v", e.Name, e.Action, e, other.Action, other)
		case e.Key != other.Key:
			return e.wrong("attribute %q has table key role %v in %v and %v in %v", e.Name, e.Key, e, other.Key, other)
		case !sameRoles(e.Indexes, other.Indexes):
			return e.wrong("attribute %q has different index roles in %v and %v", e.Name, e, other)
		}
	}
	if a.partition != "" && b.partition != "" {
		if a.partition != b.partition {
			e, other := b.key(Partition), a.key(Partition)
			return e.wrong("the table's partition key is %q in %v and %q in %v", e.Name, e, other.Name, other)
		}
		if a.sort != b.sort {
			with, without := b, a
			if b.sort == "" {
				with, without = a, b
			}
			e := with.key(Sort)
			if without.sort == "" {
				return e.wrong("the table's sort key is %q in %v, and type %v has none beside %v",
					e.Name, e, without.types[0], without.key(Partition))
			}
			other := without.key(Sort)
			return e.wrong("the table's sort key is %q in %v and %q in %v", e.Name, e, other.Name, other)
		}
	}
	for _, e := range b.entries {
		for _, role := range e.Indexes {
			other, ok := a.indexes[role.Index]
			if !ok {
				continue
			}
			if reason := conflict(other, b.indexes[role.Index]); reason != "" {
				return e.wrong("index %q of %v and %v: %s", role.Index, e, a.inIndex(role.Index), reason)
			}
		}
	}
	return nil
}

// key returns the attribute with a role in the table's key.
func (p *Policy) key(role KeyRole) entry {
	i := slices.IndexFunc(p.entries, func(e entry) bool { return e.Key == role })
	return p.entries[i]
}

// inIndex returns the first attribute of an index.
func (p *Policy) inIndex(name string) entry {
	i := slices.IndexFunc(p.entries, func(e entry) bool {
		return slices.ContainsFunc(e.Indexes, func(r IndexRole) bool { return r.Index == name })
	})
	return p.entries[i]
}

func sameRoles(a, b []IndexRole) bool {
	byName := func(x, y IndexRole) int { return cmp.Compare(x.Index, y.Index) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), byName), slices.SortedFunc(slices.Values(b), byName))
}
