package crypto

import (
	"errors"
	"strconv"
	"strings"
)

// The kinds of failure, to be tested for with errors.Is. An error about an item
// or a table's declaration wraps one of them in an [*ItemError] that says where;
// an error of a constructor, a provider or a keyring wraps one directly.
var (
	// ErrNotProtected: an item that should have been sealed is not, or not
	// wholly here (a secondary index that projects part of it).
	ErrNotProtected = errors.New("item is not protected")

	// ErrTampered: a sealed item does not verify. Something changed it after
	// it was sealed, or it was sealed for another table, under other attribute
	// actions or with another signing key. The item does not show which, and
	// the error does not say it to whoever may have changed the item. Also a
	// reply of a key service or key store that is not about what was asked for.
	ErrTampered = errors.New("item does not verify")

	// ErrNoUsableKey: none of the configured keys can open or seal the item.
	// The answer is final: the item names other keys, its key was destroyed or
	// disabled, or its use is denied. A changed header, or a changed attribute
	// that selects the key, such as a tenant's name, also ends here.
	ErrNoUsableKey = errors.New("no usable key")

	// ErrKeyUnavailable: the key service or key store could not be reached, or
	// gave no answer about the key. It says nothing about the item; the same
	// request may succeed later.
	ErrKeyUnavailable = errors.New("key service is unavailable")

	// ErrPolicy: attribute actions that contradict each other, the table's
	// keys or the item format.
	ErrPolicy = errors.New("bad attribute actions")

	// ErrInvalidItem: an item handed in for sealing that cannot be sealed as
	// it is: a reserved attribute name, a missing key, a value that DynamoDB
	// would not store. Also an item that verifies, with an encrypted value of
	// another client that no attribute value can hold, such as a string that
	// is not UTF-8.
	ErrInvalidItem = errors.New("invalid item")

	// ErrInvalidKey: a key that does not consist of exactly the key attributes
	// of the table, or of the index that is read.
	ErrInvalidKey = errors.New("invalid key")

	// ErrUnsupported: a request that DynamoDB cannot honour on protected
	// attributes, or that would leave an item half-protected.
	ErrUnsupported = errors.New("operation not supported on protected attributes")
)

// ItemError says where a failure happened. It names the table, the names of
// the key attributes and the attribute, never any value.
type ItemError struct {
	// Op is what was being done: "encrypt", "decrypt", "UpdateItem", ….
	Op string
	// Table is the table's name.
	Table string
	// Keys are the names of the primary key's attributes.
	Keys []string
	// Attribute is the attribute concerned, if it is about a single one.
	Attribute string
	// Err is the cause; it wraps one of the kinds above.
	Err error
}

// Error returns one line, such as
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
