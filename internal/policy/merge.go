package policy

import (
	"cmp"
	"slices"
)

// Merge returns the policy of a table that holds items of several types. See
// tags.Merge.
func Merge(policies ...*Policy) (*Policy, *Error) {
	var types []Type
	var attributes []Attribute
	seen := make(map[string]bool) // names in attributes
	for i, p := range policies {
		if p == nil {
			return nil, &Error{Type: "nil", Reason: "no policy to merge"}
		}
		for _, earlier := range policies[:i] {
			if err := disagree(earlier, p); err != nil {
				return nil, err
			}
		}
		for _, t := range p.Types {
			if !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
		for _, a := range p.Attributes {
			if !seen[a.Name] {
				seen[a.Name] = true
				attributes = append(attributes, a)
			}
		}
	}
	if len(policies) == 0 {
		return nil, &Error{Type: "nil", Reason: "no policy to merge"}
	}
	return newPolicy(types, attributes, true)
}

// disagree returns the first contradiction between two policies as an error
// about b.
func disagree(a, b *Policy) *Error {
	byName := make(map[string]Attribute, len(a.Attributes))
	for _, e := range a.Attributes {
		byName[e.Name] = e
	}
	for _, e := range b.Attributes {
		other, ok := byName[e.Name]
		if !ok {
			continue
		}
		switch {
		case e.Action != other.Action:
			return e.wrong("attribute %q is %q in %v and %q in %v", e.Name, e.Action, e, other.Action, other)
		case e.Key != other.Key:
			return e.wrong("attribute %q has table key role %v in %v and %v in %v", e.Name, e.Key, e, other.Key, other)
		case !sameBeacon(e.Beacon, other.Beacon):
			return e.wrong("attribute %q has %s in %v and %s in %v", e.Name, beaconWords(e.Beacon), e,
				beaconWords(other.Beacon), other)
		case !sameRoles(e.Indexes, other.Indexes):
			return e.wrong("attribute %q has different index roles in %v and %v", e.Name, e, other)
		}
	}
	if a.PartitionKey != "" && b.PartitionKey != "" {
		if a.PartitionKey != b.PartitionKey {
			e, other := b.key(Partition), a.key(Partition)
			return e.wrong("the table's partition key is %q in %v and %q in %v", e.Name, e, other.Name, other)
		}
		if a.SortKey != b.SortKey {
			with, without := b, a
			if b.SortKey == "" {
				with, without = a, b
			}
			e := with.key(Sort)
			if without.SortKey == "" {
				return e.wrong("the table's sort key is %q in %v, but type %v has only %v",
					e.Name, e, without.Types[0], without.key(Partition))
			}
			other := without.key(Sort)
			return e.wrong("the table's sort key is %q in %v and %q in %v", e.Name, e, other.Name, other)
		}
	}
	for _, e := range b.Attributes {
		for _, role := range e.Indexes {
			other, ok := a.Indexes[role.Index]
			if !ok {
				continue
			}
			if reason := conflict(other, b.Indexes[role.Index]); reason != "" {
				return e.wrong("index %q of %v and %v: %s", role.Index, e, a.inIndex(role.Index), reason)
			}
		}
	}
	return nil
}

// key returns the attribute that has the role in the table's key.
func (p *Policy) key(role KeyRole) Attribute {
	i := slices.IndexFunc(p.Attributes, func(e Attribute) bool { return e.Key == role })
	return p.Attributes[i]
}

// inIndex returns the first attribute of an index.
func (p *Policy) inIndex(name string) Attribute {
	i := slices.IndexFunc(p.Attributes, func(e Attribute) bool {
		return slices.ContainsFunc(e.Indexes, func(r IndexRole) bool { return r.Index == name })
	})
	return p.Attributes[i]
}

func sameRoles(a, b []IndexRole) bool {
	byName := func(x, y IndexRole) int { return cmp.Compare(x.Index, y.Index) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), byName), slices.SortedFunc(slices.Values(b), byName))
}
