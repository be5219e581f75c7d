package tags

import "github.com/ddbenc/ddbenc/internal/policy"

// KeyRole says what an attribute is in the key of a table or index.
type KeyRole uint8

const (
	// NoKey: not part of the key.
	NoKey KeyRole = iota
	// Partition: the partition (hash) key.
	Partition
	// Sort: the sort (range) key.
	Sort
)

// String returns "none", "partition" or "sort".
func (r KeyRole) String() string { return policy.KeyRole(r).String() }

// MarshalText is [KeyRole.String].
func (r KeyRole) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// IndexRole is the part that an attribute has in the key of a secondary index.
type IndexRole struct {
	// Index is the index's name.
	Index string `json:"index"`
	// Local tells a local secondary index from a global one.
	Local bool `json:"local,omitempty"`
	// Role is Partition or Sort.
	Role KeyRole `json:"role"`
}

// Index is a secondary index as the tags of a type describe it.
type Index struct {
	// Name is the index's name.
	Name string
	// Local tells a local secondary index from a global one.
	Local bool
	// Partition and Sort name the attributes of the index's key, in the order
	// of their fields. A global index may have several of each. The partition
	// key of a local index is the table's, whether tagged or not; Partition is
	// empty if the type has none.
	Partition, Sort []string
}
