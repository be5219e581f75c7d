package source

import (
	"cmp"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
)

// TableOption is an option in the declaration of a table that weakens the
// default protection, or reveals more than the tags say.
type TableOption struct {
	// Table is the table's name as in [Struct.Tables]. It is empty if it is not
	// a constant.
	Table string
	Kind  OptionKind
	// Action is the action of an Undeclared option.
	Action crypto.Action
}

// OptionKind is the effect of a table option.
type OptionKind uint8

const (
	// PlaintextReads: items that are not sealed are read
	// (mapper.WithPlaintextReads).
	PlaintextReads OptionKind = iota
	// PlaintextWrites: items are not sealed (mapper.WithPlaintextWrites).
	PlaintextWrites
	// Selection: only some items are sealed (mapper.WithSelection).
	Selection
	// Undeclared: attributes that no struct declares have another action than
	// encrypt (mapper.WithUndeclared).
	Undeclared
	// Unreadable: there are options that cannot be determined from the source,
	// such as those in a variable.
	Unreadable
	// Beacons: the table has beacons that are configured in Go
	// (mapper.WithBeaconConfig). Which ones cannot be determined from the source.
	Beacons
)

var optionWords = [...]string{
	PlaintextReads:  "plaintext-reads",
	PlaintextWrites: "plaintext-writes",
	Selection:       "selection",
	Undeclared:      "undeclared",
	Unreadable:      "unknown",
	Beacons:         "beacons",
}

// OptionKinds returns all kinds.
func OptionKinds() []OptionKind {
	return []OptionKind{PlaintextReads, PlaintextWrites, Selection, Undeclared, Unreadable, Beacons}
}

// String returns a word such as "plaintext-reads".
func (k OptionKind) String() string {
	if int(k) < len(optionWords) {
		return optionWords[k]
	}
	return fmt.Sprintf("OptionKind(%d)", uint8(k))
}

// MarshalText returns the same as [OptionKind.String].
func (k OptionKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (k *OptionKind) UnmarshalText(text []byte) error {
	for _, kind := range OptionKinds() {
		if kind.String() == string(text) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("unknown option %q", text)
}

// String returns a word such as "plaintext-reads" or "undeclared=none".
func (o TableOption) String() string {
	if o.Kind == Undeclared {
		return o.Kind.String() + "=" + o.Action.String()
	}
	return o.Kind.String()
}

// CompareOptions compares options by table, kind and action.
func CompareOptions(a, b TableOption) int {
	return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Action, b.Action))
}
