package lock

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

// Kind is the kind of a [Change].
type Kind uint8

const (
	// Weakened: the attribute's action protects less than before, in the order
	// encrypt, sign,context, sign, none; or its value becomes part of the
	// encryption context, which the key service logs.
	Weakened Kind = iota
	// Strengthened: the attribute's action protects more than before, and its
	// value is not added to the encryption context.
	Strengthened
	// Added: the struct declares a new attribute.
	Added
	// Removed: the struct no longer declares the attribute.
	Removed
	// Renamed: the attribute of a Go field has another name.
	Renamed
	// KeyChanged: the table's partition or sort key is another attribute, or
	// the struct now has one or no longer has one.
	KeyChanged
	// IndexChanged: the attribute's roles in the keys of indexes changed.
	IndexChanged
	// BeaconAdded: the attribute has a new beacon, by which stored items are
	// not found until they are resealed.
	BeaconAdded
	// BeaconRemoved: the attribute no longer has a beacon, so that queries by
	// it do not find new items.
	BeaconRemoved
	// BeaconChanged: the attribute has another beacon, so that queries by the
	// new one do not find stored items, and queries by the old one do not find
	// new items.
	BeaconChanged
	// DetailChanged: the protection is the same, but the Go field or its type
	// changed, or a tag now spells out the default or no longer does.
	DetailChanged
	// StructAdded: the struct is not in the file.
	StructAdded
	// StructRemoved: the struct is in the file but not in the program.
	StructRemoved
	// StructMoved: the struct has another name or is in another package.
	StructMoved
	// TableAdded: the struct is declared for a table that is not in the file.
	TableAdded
	// TableRemoved: the struct is no longer declared for a table.
	TableRemoved
	// OptionAdded: the declaration of a table has a new option that weakens the
	// default protection, or reveals more than the tags say.
	OptionAdded
	// OptionRemoved: the declaration of a table no longer has such an option.
	OptionRemoved
	// Invalid: the struct's tags are invalid, so that it has no policy and
	// cannot be compared with the file.
	Invalid
)

var kindWords = [...]string{
	Weakened:      "weakened",
	Strengthened:  "strengthened",
	Added:         "added",
	Removed:       "removed",
	Renamed:       "renamed",
	KeyChanged:    "key changed",
	IndexChanged:  "index changed",
	BeaconAdded:   "beacon added",
	BeaconRemoved: "beacon removed",
	BeaconChanged: "beacon changed",
	DetailChanged: "detail changed",
	StructAdded:   "struct added",
	StructRemoved: "struct removed",
	StructMoved:   "struct moved",
	TableAdded:    "table added",
	TableRemoved:  "table removed",
	OptionAdded:   "option added",
	OptionRemoved: "option removed",
	Invalid:       "invalid",
}

// String returns a name such as "key changed".
func (k Kind) String() string {
	if int(k) < len(kindWords) {
		return kindWords[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// MarshalText returns the same as [Kind.String].
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Verdict is whether stored items can be read after a change.
type Verdict uint8

const (
	// StillReadable: stored items can be read as before.
	StillReadable Verdict = iota
	// ThroughLegend: stored items can be read because they record which of
	// their signed attributes are encrypted.
	ThroughLegend
	// Unreadable: affected stored items do not verify.
	Unreadable
)

var verdictWords = [...]string{
	StillReadable: "still readable",
	ThroughLegend: "readable through the legend",
	Unreadable:    "unreadable",
}

// String returns "still readable", "readable through the legend" or
// "unreadable".
func (v Verdict) String() string {
	if int(v) < len(verdictWords) {
		return verdictWords[v]
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// MarshalText returns the same as [Verdict.String].
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Reading is whether, and why, items in one format can be read.
type Reading struct {
	Verdict Verdict `json:"verdict"`
	// Why is the reason, a sentence.
	Why string `json:"why"`
}

// Stored holds the consequences of a change for items that are already stored,
// for both formats. The lock file does not record which format a table uses.
type Stored struct {
	// DDBEC is about items of the DynamoDB Encryption Client (crypto/ddbec).
	DDBEC Reading `json:"ddbec"`
	// DBESDK is about items of the Database Encryption SDK (crypto/dbesdk).
	DBESDK Reading `json:"dbesdk"`
}

// Change is one difference between a lock file and the program.
type Change struct {
	Kind Kind
	// Package and Struct identify the struct as in [Struct]. If it is in the
	// program, its current name is used.
	Package, Struct string
	// Attribute is the attribute's name. It is empty if the change is not about
	// an attribute.
	Attribute string
	// Before and After describe the difference: the actions, the names, the
	// keys. One is empty if something was added or removed.
	Before, After string
	// Pos is where the field or, failing that, the struct is declared. It is
	// not valid if the program no longer has the struct.
	Pos token.Position
	// Stored holds the consequences for stored items.
	Stored Stored
	// Do is advice in a sentence or two.
	Do string

	// from and to are the actions, if Before and After are actions.
	from, to crypto.Action
	unfound  bool // items are no longer found by a beacon
}

// Serious reports whether the change needs a review by someone responsible for
// the data: protection is weakened, the table's key changes, items cannot be
// read in one of the formats or are not found by a beacon that found them
// before, or the effect is unknown.
func (c Change) Serious() bool {
	switch c.Kind {
	case Weakened, KeyChanged, BeaconRemoved, BeaconChanged, OptionAdded, Invalid:
		return true
	}
	if c.unfound {
		return true
	}
	// No program with an attribute that is now sign,context has items in the
	// format ddbec.
	ddbec := c.Stored.DDBEC.Verdict == Unreadable && c.to != crypto.SignInContext
	return ddbec || c.Stored.DBESDK.Verdict == Unreadable
}

// Subject returns what changed, such as "example.com/shop/store.Account,
// attribute email".
func (c Change) Subject() string {
	subject := quote(c.Package) + "." + quote(c.Struct)
	if c.Attribute != "" {
		subject += ", attribute " + quote(c.Attribute)
	}
	return subject
}

// What returns the difference in one line, such as "weakened: encrypt → sign".
func (c Change) What() string {
	what := c.Kind.String()
	switch crypto.SignInContext {
	case c.from:
		what += " (context dropped)"
	case c.to:
		if c.Kind != Added {
			what += " (context added)"
		}
	}
	switch {
	case c.Before != "" && c.After != "":
		what += ": " + c.Before + " → " + c.After
	case c.Before != "":
		what += ": " + c.Before
	case c.After != "":
		what += ": " + c.After
	}
	return strings.ReplaceAll(what, "\n", " ")
}

// String returns Subject and What in one line.
func (c Change) String() string { return c.Subject() + ": " + c.What() }
