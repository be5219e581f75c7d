package lock

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

// Kind is what kind of change a [Change] is.
type Kind uint8

const (
	// Weakened: the attribute's action protects less than before, in the order
	// encrypt, sign,context, sign, none; or its value becomes part of the
	// encryption context, which the log of the key service shows.
	Weakened Kind = iota
	// Strengthened: the attribute's action protects more than before, and its
	// value is not put into the encryption context.
	Strengthened
	// Added: the struct declares the attribute now.
	Added
	// Removed: the struct does not declare the attribute any more.
	Removed
	// Renamed: the same Go field has another attribute.
	Renamed
	// KeyChanged: the table's partition or sort key is another attribute, or
	// is told where it was not, or the reverse.
	KeyChanged
	// IndexChanged: the attribute's part in the keys of indexes is another.
	IndexChanged
	// DetailChanged: the attribute is protected as before, but the Go field or
	// its type is another, or a tag says now what was the default, or the
	// reverse.
	DetailChanged
	// StructAdded: the struct is not in the file.
	StructAdded
	// StructRemoved: the struct is in the file, and not in the program.
	StructRemoved
	// StructMoved: the struct has another name, or is in another package.
	StructMoved
	// TableAdded: the struct is declared for a table that is not in the file.
	TableAdded
	// TableRemoved: the struct is not declared any more for a table.
	TableRemoved
	// OptionAdded: the declaration of a table has an option now that protects
	// less than the default.
	OptionAdded
	// OptionRemoved: the declaration of a table does not have such an option any
	// more.
	OptionRemoved
	// Invalid: the struct's tags are wrong, so that it has no policy. What is
	// in the file cannot be compared with it.
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

// String returns words such as "key changed".
func (k Kind) String() string {
	if int(k) < len(kindWords) {
		return kindWords[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// MarshalText is [Kind.String].
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Verdict says whether stored items can be read after a change.
type Verdict uint8

const (
	// StillReadable: stored items are read as before.
	StillReadable Verdict = iota
	// ThroughLegend: stored items are read as they were written, because they
	// say themselves which of their signed attributes are encrypted.
	ThroughLegend
	// Unreadable: stored items that the change is about do not verify.
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

// MarshalText is [Verdict.String].
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Reading says whether, and why, items of one format can be read.
type Reading struct {
	Verdict Verdict `json:"verdict"`
	// Why is a sentence.
	Why string `json:"why"`
}

// Stored says what a change means for items that are stored already. Which of
// the two applies is for the reader to know: the file does not tell formats.
type Stored struct {
	// DDBEC is about items of the DynamoDB Encryption Client (crypto/ddbec).
	DDBEC Reading `json:"ddbec"`
	// DBESDK is about items of the Database Encryption SDK (crypto/dbesdk).
	DBESDK Reading `json:"dbesdk"`
}

// Change is one difference between a lock file and the program.
type Change struct {
	Kind Kind
	// Package and Struct name the struct, as [Struct] does: by the name that it
	// has now, if it is in the program.
	Package, Struct string
	// Attribute is the attribute's name; empty if the change is not about one.
	Attribute string
	// Before and After are what has changed, in words: the actions, the names,
	// the keys. One is empty if there was or is nothing.
	Before, After string
	// Pos is where the field or, for want of one, the struct is declared. It is
	// not valid if the program does not have the struct any more.
	Pos token.Position
	// Stored says what becomes of stored items.
	Stored Stored
	// Do says in a sentence or two what to do, or to think of.
	Do string

	// from and to are the actions, where Before and After are.
	from, to crypto.Action
}

// Serious reports whether the change should not go through without a review
// by somebody who answers for the data: less is protected, the table's key is
// another, items cannot be read in one of the formats, or nobody knows.
func (c Change) Serious() bool {
	switch c.Kind {
	case Weakened, KeyChanged, OptionAdded, Invalid:
		return true
	}
	// What is sign,context now is in no program that has items in ddbec.
	ddbec := c.Stored.DDBEC.Verdict == Unreadable && c.to != crypto.SignInContext
	return ddbec || c.Stored.DBESDK.Verdict == Unreadable
}

// Subject returns what has changed: "example.com/shop/store.Account, attribute
// email".
func (c Change) Subject() string {
	subject := quote(c.Package) + "." + quote(c.Struct)
	if c.Attribute != "" {
		subject += ", attribute " + quote(c.Attribute)
	}
	return subject
}

// What returns how it has changed, in one line: "weakened: encrypt → sign".
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

// String returns Subject and What.
func (c Change) String() string { return c.Subject() + ": " + c.What() }
