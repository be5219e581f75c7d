// Package guard decides what a request may tell DynamoDB about the attributes
// of a protected table, and says why not. Package mapper asks it before a
// request is sent, and tags/vet while the program is written.
package guard

import (
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Attributes is what is known about the attributes of a table.
type Attributes interface {
	// IsKey reports whether the attribute is part of the table's primary key.
	IsKey(name string) bool
	// Reserved reports whether an item format keeps the name for itself.
	Reserved(name string) bool
	// Action returns what is done with the attribute.
	Action(name string) crypto.Action
}

// Reason says why something cannot be done, and what to do instead; it is
// empty if there is nothing against it.
type Reason string

const (
	// Compared is for the value of an encrypted attribute.
	Compared Reason = "DynamoDB sees only the ciphertext of an encrypted attribute, so it can neither compare it nor " +
		"work with it; " +
		"check the value after reading, or declare the attribute with `ddbenc:\"sign\"` (attribute_exists and " +
		"attribute_not_exists do work)"
	// Nested is for a part of an encrypted attribute.
	Nested Reason = "DynamoDB cannot look inside an encrypted attribute; test whether the attribute itself exists, " +
		"check the value after reading, or declare the attribute with `ddbenc:\"sign\"`"
	// InPlace is for updates of signed attributes.
	InPlace Reason = "an update in place would break the item's signature; use Repository.Modify, " +
		"put the whole item, or declare the attribute with `ddbenc:\"none\"`"
	// Format is for updates of what an item format adds.
	Format Reason = "the attribute belongs to the item format and may only change together with the item"
	// PrimaryKey is for updates of the primary key.
	PrimaryKey Reason = "an item's key cannot change; put an item with the new key and delete the old one"
	// NotKey is for a name in a key.
	NotKey Reason = "keys are sent in the clear, and the attribute is not part of the key"
	// IndexKey is for the key of an index.
	IndexKey Reason = "an encrypted attribute cannot be a key of the table or of an index; " +
		"declare it with `ddbenc:\"sign\"` or an `index` tag"
	// Expires is for the time to live.
	Expires Reason = "DynamoDB cannot read a time to live that is encrypted, so that no item would expire; " +
		"declare the attribute with `ddbenc:\"sign\"`"
	// Unused is for a value that nothing refers to.
	Unused Reason = "no expression uses the value, so it would reach DynamoDB in the clear for nothing"
)

// Encrypted reports whether DynamoDB has a ciphertext in place of the
// attribute.
func Encrypted(a Attributes, name string) bool {
	return !a.IsKey(name) && !a.Reserved(name) && a.Action(name) == crypto.Encrypt
}

// Alone returns the first attribute with which DynamoDB cannot do alone what an
// expression says, and why.
func Alone(a Attributes, uses []expr.Use) (attribute string, why Reason) {
	for _, use := range uses {
		if why := alone(a, use); why != "" {
			return use.Path.Root(), why
		}
	}
	return "", ""
}

func alone(a Attributes, use expr.Use) Reason {
	name := use.Path.Root()
	switch {
	case use.Kind == expr.Write:
		if a.IsKey(name) || !a.Action(name).Signed() {
			return ""
		}
		return InPlace
	case !Encrypted(a, name):
		return ""
	case use.Kind != expr.Exists:
		return Compared
	case len(use.Path) > 1:
		return Nested
	}
	return "" // a sealed attribute is there exactly when the plain one is
}

// Written returns why no update may change an attribute.
func Written(a Attributes, name string) Reason {
	switch {
	case a.Reserved(name):
		return Format
	case a.IsKey(name):
		return PrimaryKey
	}
	return ""
}
