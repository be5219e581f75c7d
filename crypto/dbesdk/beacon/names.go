package beacon

// KeyField returns the name of the beacon key field of a multi key store. It is
// empty for a single key store.
func (s *Search) KeyField() string { return s.keys.field }

// Named returns the beacon with a name, or nil if there is none that is stored.
// Unlike [Search.Beacon], it does not look for locations.
func (s *Search) Named(name string) *Beacon {
	if b := s.queried[name]; b != nil && b.name == name {
		return b
	}
	return nil
}

// DerivedNames returns the names of what [Search.Derive] computes, apart from the
// beacon key field. No attribute of an item may have one of them.
func (s *Search) DerivedNames() []string { return s.computed() }

// Queries returns how many queries it takes to find the items of all partitions,
// if the key condition compares these beacons: the least common multiple of their
// numbers of partitions, and at most the table's.
// (specification/dynamodb-encryption-client/ddb-get-number-of-queries.md)
func (s *Search) Queries(beacons ...*Beacon) int {
	n := 1
	for _, b := range beacons {
		n = min(lcm(n, b.Partitions()), s.partitions)
	}
	return n
}
