package tags

import "github.com/ddbenc/ddbenc/internal/policy"

// KeyRole is the role of an attribute in the key of a table or index.
type KeyRole uint8

const (
	// NoKey means that the attribute is not part of the key.
	NoKey KeyRole = iota
	// Partition is the role of the partition (hash) key.
	Partition
	// Sort is the role of the sort (range) key.
	Sort
)

// String returns "none", "partition" or "sort".
func (r KeyRole) String() string { return policy.KeyRole(r).String() }

// MarshalText returns the same as [KeyRole.String].
func (r KeyRole) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// IndexRole is the role of an attribute in the key of a secondary index.
type IndexRole struct {
	// Index is the index's name.
	Index string `json:"index"`
	// Local is true for a local secondary index and false for a global one.
	Local bool `json:"local,omitempty"`
	// Role is [Partition] or [Sort].
	Role KeyRole `json:"role"`
}

// Index is a secondary index that the tags of a type declare.
type Index struct {
	// Name is the index's name.
	Name string
	// Local is true for a local secondary index and false for a global one.
	Local bool
	// Partition and Sort hold the names of the key's attributes, in the order
	// of their fields. If an attribute has a beacon, the key of DynamoDB's
	// index is the stored beacon, aws_dbe_b_ followed by the name. A global index may have several of each. The partition
	// key of a local index is that of the table, whether it is tagged or not,
	// so Partition is empty if the type has no partition key.
	Partition, Sort []string
}
