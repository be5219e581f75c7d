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
