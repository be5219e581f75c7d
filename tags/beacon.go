package tags

import "github.com/ddbenc/ddbenc/internal/policy"

// Beacon describes the beacon of an encrypted attribute: a truncated keyed hash
// of its value that is stored next to the ciphertext, so that queries can find
// items by equality. Items with equal values have equal beacons, which everyone
// who reads the table sees; the shorter the beacon, the more items with other
// values have the same one.
type Beacon struct {
	// Length is the length in bits, from 1 to 63.
	Length int `json:"length"`
	// Set is true if the value is a set and each of its elements is hashed, so
	// that items are found by an element.
	Set bool `json:"set,omitempty"`
	// PartOnly is true if the beacon is not stored itself but only as a part of
	// compound beacons.
	PartOnly bool `json:"partOnly,omitempty"`
	// Shared is the name of the attribute whose beacon has the same values for
	// the same plaintext, so that the two can be compared. It is empty if there
	// is none.
	Shared string `json:"shared,omitempty"`
	// Partitions is the number of partitions that the beacon is limited to. It
	// is 0 for the default of the table.
	Partitions int `json:"partitions,omitempty"`
}

// String returns the value of the tag, such as "16,set".
func (b Beacon) String() string { return policy.Beacon(b).String() }
