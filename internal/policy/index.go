package policy

import "slices"

// Index is a tags.Index.
type Index struct {
	Name            string
	Local           bool
	Partition, Sort []string
}

// collectIndexes returns the secondary indexes that the attributes declare.
// partition is the table's partition key, or empty if it is not known.
func collectIndexes(attributes []Attribute, partition string) (map[string]Index, *Error) {
	indexes := make(map[string]Index)
	first := make(map[string]Attribute) // the first field of each index
	for _, a := range attributes {
		for _, role := range a.Indexes {
			index, known := indexes[role.Index]
			if !known {
				index = Index{Name: role.Index, Local: role.Local}
				first[role.Index] = a
			}
			if index.Local != role.Local {
				return nil, a.wrong("index %q is local in one tag and global in another: see %v", role.Index, first[role.Index])
			}
			if role.Role == Partition {
				index.Partition = append(index.Partition, a.Name)
			} else {
				index.Sort = append(index.Sort, a.Name)
			}
			if index.Local {
				if reason := checkLocal(index, role.Role, a.Name, partition); reason != "" {
					return nil, a.wrong("local index %q: %s: see %v", role.Index, reason, first[role.Index])
				}
			}
			indexes[role.Index] = index
		}
	}
	for _, a := range attributes { // in the order of the fields, so that the error is deterministic
		for _, role := range a.Indexes {
			index := indexes[role.Index]
			if !index.Local && len(index.Partition) == 0 {
				return nil, a.wrong("index %q has a sort key but no partition key", index.Name).by(RuleIncomplete)
			}
			if index.Local && len(index.Sort) == 0 {
				return nil, a.wrong("local index %q has no sort key", index.Name).by(RuleIncomplete)
			}
			if index.Local && len(index.Partition) == 0 && partition != "" {
				index.Partition = []string{partition}
				indexes[index.Name] = index
			}
		}
	}
	return indexes, nil
}

// checkLocal checks the attribute that was added to a local index, which has
// the table's partition key and one sort key.
func checkLocal(index Index, role KeyRole, attribute, partition string) (reason string) {
	switch {
	case len(index.Partition) > 1 || len(index.Sort) > 1:
		return "more than one " + role.String() + " key"
	case role == Partition && partition != "" && attribute != partition:
		return "its partition key is not the table's"
	case role == Sort && attribute == partition:
		return "its sort key is the table's partition key"
	}
	return ""
}

// conflict returns the reason if two types declare an index differently. The
// attributes of its key may be in any order. A type may omit the sort key and,
// for a local index, the table's partition key.
func conflict(a, b Index) (reason string) {
	switch {
	case a.Local != b.Local:
		return "local in one type and global in the other"
	case len(a.Partition) > 0 && len(b.Partition) > 0 && !sameNames(a.Partition, b.Partition):
		return "different partition keys"
	case len(a.Sort) > 0 && len(b.Sort) > 0 && !sameNames(a.Sort, b.Sort):
		return "different sort keys"
	}
	return ""
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
