package beacon

// Config configures the beacons of a table. In JSON and YAML, its fields have
// the names of their tags. [ParseConfig] reads JSON. [New] checks it.
type Config struct {
	// Standard are the standard beacons. There must be at least one.
	Standard []Standard `json:"standard,omitempty"`
	// Compound are the compound beacons and the signed beacons.
	Compound []Compound `json:"compound,omitempty"`
	// Virtual are the virtual fields, at which standard beacons can be located.
	Virtual []VirtualField `json:"virtual,omitempty"`
	// EncryptedParts and SignedParts can be named by the constructors of every
	// compound beacon.
	EncryptedParts []EncryptedPart `json:"encryptedParts,omitempty"`
	SignedParts    []SignedPart    `json:"signedParts,omitempty"`
	// MaxPartitions is how many partitions the items are distributed over, at
	// most 254. 0 or 1 means no partitions.
	MaxPartitions int `json:"maxPartitions,omitempty"`
	// DefaultPartitions is the number of partitions of beacons that do not have
	// their own. It must be less than MaxPartitions. 0 means MaxPartitions.
	DefaultPartitions int `json:"defaultPartitions,omitempty"`
}

// Standard configures a standard beacon: a truncated hash of a value. Queries can
// compare it for equality only.
type Standard struct {
	// Name is the name that queries use. It is hashed into the beacon's key, so
	// it must never change.
	Name string `json:"name"`
	// Length is the number of bits that are kept of the hash, 1 to 63. With X
	// distinct, evenly distributed values, choose it such that √X < 2^Length < X/2.
	Length int `json:"length"`
	// Location is the document path of the value, such as "address.zip" or
	// "phones[0]", or the name of a virtual field. The default is Name.
	//
	// Use list indexes of one digit. In larger ones, the official clients replace
	// every digit by the first one: a beacon at "phones[10]" is that of element 11.
	// Package beacon does the same in all locations, to have the same beacons.
	Location string `json:"location,omitempty"`
	// Set hashes each member of a set. The value must be a set, and the beacon is
	// a string set.
	Set bool `json:"set,omitempty"`
	// Shared is the name of the beacon whose key and length this one shares, so
	// that the beacons of two attributes can be compared with each other.
	Shared string `json:"shared,omitempty"`
	// PartOnly means that the beacon is used in compound beacons, and not stored
	// on its own.
	PartOnly bool `json:"partOnly,omitempty"`
	// Partitions is the beacon's number of partitions. It must be less than the
	// maximum. 0 means the default.
	Partitions int `json:"partitions,omitempty"`
}

// Compound configures a compound beacon: several parts, joined by a character.
// Signed parts remain readable, so queries can use them with begins_with and
// compare them. A compound beacon without encrypted parts is a signed beacon. It
// is stored under its own name.
type Compound struct {
	// Name is the name that queries use.
	Name string `json:"name"`
	// Split is one character. It must not occur in the text of a part.
	Split string `json:"split"`
	// Encrypted and Signed are the parts. No prefix may be the beginning of
	// another one.
	Encrypted []EncryptedPart `json:"encrypted,omitempty"`
	Signed    []SignedPart    `json:"signed,omitempty"`
	// Constructors say which parts the beacon is made of. The first one whose
	// required parts an item has is used. By default, the beacon is made of all
	// signed parts, followed by all encrypted ones, and all are required.
	Constructors [][]ConstructorPart `json:"constructors,omitempty"`
}

// EncryptedPart is a part of a compound beacon that is hashed.
type EncryptedPart struct {
	// Name is the name of a standard beacon.
	Name string `json:"name"`
	// Prefix identifies the part in the value of the compound beacon.
	Prefix string `json:"prefix"`
}

// SignedPart is a part of a compound beacon that remains readable.
type SignedPart struct {
	// Name is the name that constructors use.
	Name string `json:"name"`
	// Prefix identifies the part in the value of the compound beacon.
	Prefix string `json:"prefix"`
	// Location is the document path of the value. The default is Name.
	Location string `json:"location,omitempty"`
}

// ConstructorPart names a part in a constructor.
type ConstructorPart struct {
	Name string `json:"name"`
	// Optional parts are left out if an item does not have them.
	Optional bool `json:"optional,omitempty"`
}

// VirtualField is a text that is computed from an item and never stored: the
// concatenation of its parts.
type VirtualField struct {
	// Name is the name that queries and the locations of beacons use.
	Name  string        `json:"name"`
	Parts []VirtualPart `json:"parts"`
}

// VirtualPart is a part of a virtual field: the text of a value after some
// transforms. Strings, numbers, booleans and NULL have a text.
type VirtualPart struct {
	// Location is the document path of the value.
	Location   string      `json:"location"`
	Transforms []Transform `json:"transforms,omitempty"`
}
