package tags

import "fmt"

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

var roleWords = [...]string{NoKey: "none", Partition: "partition", Sort: "sort"}

// String returns "none", "partition" or "sort".
func (r KeyRole) String() string {
	if int(r) < len(roleWords) {
		return roleWords[r]
	}
	return fmt.Sprintf("KeyRole(%d)", uint8(r))
}

// MarshalText is [KeyRole.String].
func (r KeyRole) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// parseRole reads the words that guregu/dynamo knows for the two roles.
func parseRole(word string) KeyRole {
	switch word {
	case "hash", "partition":
		return Partition
	case "range", "sort":
		return Sort
	}
	return NoKey
}

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
