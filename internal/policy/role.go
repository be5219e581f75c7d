package policy

import "fmt"

// KeyRole is a tags.KeyRole.
type KeyRole uint8

// The roles have the same values as in package tags.
const (
	NoKey KeyRole = iota
	Partition
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

// parseRole parses the words that guregu/dynamo accepts for the two roles.
func parseRole(word string) KeyRole {
	switch word {
	case "hash", "partition":
		return Partition
	case "range", "sort":
		return Sort
	}
	return NoKey
}

// IndexRole is a tags.IndexRole.
type IndexRole struct {
	Index string
	Local bool
	Role  KeyRole
}
