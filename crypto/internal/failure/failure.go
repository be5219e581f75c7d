// Package failure gives the errors of both item formats their kind and place.
package failure

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/ddbenc/ddbenc/crypto"
)

var kinds = []error{crypto.ErrKeyUnavailable, crypto.ErrNoUsableKey, crypto.ErrTampered, crypto.ErrPolicy, crypto.ErrInvalidItem}

// WithKind returns an error of a provider, a keyring or a context with its
// kind: [crypto.ErrKeyUnavailable] if it has none, since it then says nothing
// about the item.
func WithKind(err error) error {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", crypto.ErrKeyUnavailable, err)
}

// Context returns the error of a context that has ended, with its kind, or nil.
func Context(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return WithKind(err)
	}
	return nil
}

// Attribute returns a failure of a kind that is about one attribute, for [At]
// to say where.
func Attribute(kind error, name, format string, args ...any) error {
	return &crypto.ItemError{Attribute: name, Err: fmt.Errorf("%w: %s", kind, fmt.Sprintf(format, args...))}
}

// maxName is DynamoDB's limit for the name of an attribute, in bytes.
const maxName = 1<<16 - 1

// Name returns why an item with an attribute called name cannot be sealed, or
// nil. The message of a long name does not repeat it.
func Name(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: an attribute name is empty", crypto.ErrInvalidItem)
	case len(name) > maxName:
		return fmt.Errorf("%w: an attribute name has %d bytes, more than %d", crypto.ErrInvalidItem, len(name), maxName)
	case !utf8.ValidString(name):
		return Attribute(crypto.ErrInvalidItem, name, "the attribute name is not UTF-8")
	}
	return nil
}

// MaxNesting is how deep lists and maps in each other are opened. Sealing keeps
// to DynamoDB's 32. Other clients encrypted values of any depth; the stack of
// none of them goes this far, and Go's does, here and in encoding/json.
const MaxNesting = 10_000

// Values of verified items that no attribute value can be. The item is as it
// was sealed, so they do not wrap [crypto.ErrTampered].
var (
	ErrDeep    = fmt.Errorf("%w: the value verifies, but its lists and maps are nested more than %d deep", crypto.ErrInvalidItem, MaxNesting)
	ErrNotUTF8 = fmt.Errorf("%w: the value verifies, but a string or map key in it is not UTF-8", crypto.ErrInvalidItem)
)

// OfValue returns what to report for an attribute of a verified item whose
// value cannot be opened. A value that is malformed was not encoded by a
// client: its key is another one, or was exchanged.
func OfValue(name string, err error) error {
	if errors.Is(err, crypto.ErrInvalidItem) {
		return &crypto.ItemError{Attribute: name, Err: err}
	}
	return crypto.ErrTampered
}

// At returns err as a [*crypto.ItemError] of an operation on a table. An
// attribute that err names is kept.
func At(op string, table crypto.TableInfo, err error) error {
	where := &crypto.ItemError{Op: op, Table: table.Name, Keys: table.KeyNames(), Err: err}
	if inner, ok := err.(*crypto.ItemError); ok && inner.Op == "" {
		where.Attribute, where.Err = inner.Attribute, inner.Err
	}
	return where
}
