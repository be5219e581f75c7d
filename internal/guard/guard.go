// Package guard decides what a request may reveal to DynamoDB about the
// attributes of a protected table, and explains refusals. Package mapper calls
// it before it sends a request, and tags/vet when it analyzes source code.
package guard

import (
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Attributes describes the attributes of a table.
type Attributes interface {
	// IsKey reports whether the attribute is part of the table's primary key.
	IsKey(name string) bool
	// Reserved reports whether an item format reserves the name.
	Reserved(name string) bool
	// Action returns how the attribute is protected.
	Action(name string) crypto.Action
}

// Reason explains why a request is refused and what to do instead. It is empty
// for a request that is allowed.
type Reason string

const (
	// Compared is for a use of the value of an encrypted attribute.
	Compared Reason = "DynamoDB sees only the ciphertext of an encrypted attribute, so it cannot compare it or " +
		"compute with it (attribute_exists and attribute_not_exists do work); check the value after reading, or " +
		"declare the attribute with `ddbenc:\"sign\"`"
	// Nested is for a part of an encrypted attribute.
	Nested Reason = "DynamoDB cannot look inside an encrypted attribute; test whether the attribute itself exists, " +
		"check the value after reading, declare the attribute with `ddbenc:\"sign\"`, or leave out " +
		"mapper.WithoutRewrites"
	// InPlace is for an update of a signed attribute.
	InPlace Reason = "an update in place would break the item's signature; use Repository.Modify, " +
		"put the whole item, declare the attribute with `ddbenc:\"none\"`, or leave out mapper.WithoutRewrites"
	// Format is for an update of an attribute that an item format adds.
	Format Reason = "the attribute belongs to the item format and can only change together with the whole item"
	// PrimaryKey is for an update of the primary key.
	PrimaryKey Reason = "an item's key cannot change; put an item with the new key and delete the old one"
	// NotKey is for an attribute in a key that is not part of the key.
	NotKey Reason = "keys are sent in the clear, and the attribute is not part of the key"
	// IndexKey is for an encrypted attribute in the key of a table or index.
	IndexKey Reason = "an encrypted attribute cannot be a key of the table or of an index; " +
		"declare it with `ddbenc:\"sign\"` or an `index` tag, or declare a beacon (`beacon:\"16\"`) and use that as the " +
		"key of the index"
	// Expires is for an encrypted time to live.
	Expires Reason = "DynamoDB cannot read a time to live that is encrypted, so no item would expire; " +
		"declare the attribute with `ddbenc:\"sign\"`"
	// Computed is for a name that stands for a beacon or virtual field.
	Computed Reason = "DynamoDB does not have the attribute, which is computed for queries"
	// Unused is for a value that no expression refers to.
	Unused Reason = "no expression uses the value, so it would be sent in the clear for no purpose; remove it"
)

// Encrypted reports whether DynamoDB stores only a ciphertext of the attribute.
func Encrypted(a Attributes, name string) bool {
	return !a.IsKey(name) && !a.Reserved(name) && a.Action(name) == crypto.Encrypt
}

// Alone returns the first attribute that keeps DynamoDB from evaluating an
// expression on stored values, and the reason. Both are empty if DynamoDB can
// evaluate it.
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
	return "" // sealing neither adds nor removes the attribute
}

// Written returns why no update may change the attribute, or "" if one may.
func Written(a Attributes, name string) Reason {
	switch {
	case a.Reserved(name):
		return Format
	case a.IsKey(name):
		return PrimaryKey
	}
	return ""
}
