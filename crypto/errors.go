package crypto

import (
	"errors"
	"strconv"
	"strings"
)

// Kinds of errors, to be tested for with errors.Is. An error about an item or
// about the declaration of a table is an [*ItemError] that wraps one of them.
// Errors of constructors, providers and keyrings wrap one directly.
var (
	// ErrNotProtected means that an item is not sealed although it should be,
	// or is incomplete, for example because a secondary index projects only
	// some of its attributes.
	ErrNotProtected = errors.New("item is not protected")

	// ErrTampered means that a sealed item does not verify. It was changed
	// after it was sealed, or it was sealed for another table, with other
	// attribute actions or with another signing key. These cases cannot be
	// distinguished, and the error text does not give an attacker any hints.
	// The error is also used if a reply of a key service or key store does not
	// match the request.
	ErrTampered = errors.New("item does not verify")

	// ErrNoUsableKey means that none of the configured keys can open or seal
	// the item. Retrying does not help: the item was sealed with another key,
	// the key was destroyed or disabled, or access to it is denied. The error
	// also results from changes to the item's header or to an attribute that
	// selects the key, such as the name of a tenant.
	ErrNoUsableKey = errors.New("no usable key")

	// ErrKeyUnavailable means that the key service or key store could not be
	// reached, or did not return the key for a temporary reason. It says
	// nothing about the item. The same request may succeed later.
	ErrKeyUnavailable = errors.New("key service is unavailable")

	// ErrPolicy means that a configuration is invalid: an option or argument of
	// a constructor, or attribute actions that contradict each other, the
	// table's keys or the item format.
	ErrPolicy = errors.New("invalid configuration")

	// ErrInvalidItem means that an item cannot be sealed, because it uses a
	// reserved attribute name, lacks a key attribute or has a value that
	// DynamoDB does not accept. It is also returned for an item that verifies
	// but in which another client encrypted something that is not a valid
	// attribute value, such as a string that is not UTF-8.
	ErrInvalidItem = errors.New("invalid item")

	// ErrInvalidKey means that a key does not consist of exactly the key
	// attributes of the table, or of the index that is read.
	ErrInvalidKey = errors.New("invalid key")

	// ErrUnsupported means that DynamoDB cannot carry out a request on
	// protected attributes, or that the request would leave an item partly
	// protected.
	ErrUnsupported = errors.New("operation not supported on protected attributes")
)

// ItemError describes where an error occurred. It contains the names of the
// table, of the key attributes and of the attribute, but never a value.
type ItemError struct {
	// Op is the operation: "encrypt", "decrypt", "UpdateItem" and so on.
	Op string
	// Table is the table's name.
	Table string
	// Keys holds the names of the primary key's attributes.
	Keys []string
	// Attribute is the name of the attribute, if the error is about a single
	// one.
	Attribute string
	// Err is the cause. It wraps one of the kinds of errors of this package.
	Err error
}

// Error returns a single line, such as
//
//	ddbenc: decrypt: table "accounts" (key id, opened): attribute "email": item does not verify
func (e *ItemError) Error() string {
	var b strings.Builder
	b.WriteString("ddbenc: ")
	b.WriteString(e.Op)
	if e.Table != "" {
		b.WriteString(": table " + strconv.Quote(e.Table))
	}
	if len(e.Keys) > 0 {
		b.WriteString(" (key " + strings.Join(e.Keys, ", ") + ")")
	}
	if e.Attribute != "" {
		b.WriteString(": attribute " + strconv.Quote(e.Attribute))
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns the cause.
func (e *ItemError) Unwrap() error { return e.Err }
