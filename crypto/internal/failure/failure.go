// Package failure adds the kind and the location to errors of both item
// formats.
package failure

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/ddbenc/ddbenc/crypto"
)

var kinds = []error{crypto.ErrKeyUnavailable, crypto.ErrNoUsableKey, crypto.ErrTampered, crypto.ErrPolicy,
	crypto.ErrInvalidItem}

// WithKind returns an error of a provider, a keyring or a context with its
// kind. An error without a kind gets [crypto.ErrKeyUnavailable], because it
// says nothing about the item.
func WithKind(err error) error {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", crypto.ErrKeyUnavailable, err)
}

// Context returns nil unless ctx is done. Otherwise it returns the context's
// error with its kind.
func Context(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return WithKind(err)
	}
	return nil
}

// Attribute returns an error of a kind about one attribute. [At] adds the
// location.
func Attribute(kind error, name, format string, args ...any) error {
	return &crypto.ItemError{Attribute: name, Err: fmt.Errorf("%w: %s", kind, fmt.Sprintf(format, args...))}
}

// maxName is DynamoDB's limit for an attribute name in bytes.
const maxName = 1<<16 - 1

// Name returns an error if an item with an attribute called name cannot be
// sealed. The error does not repeat a name that is too long.
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

// MaxNesting limits how deeply nested lists and maps may be when an item is
// opened. Sealing is limited to DynamoDB's 32. Other clients encrypt values of
// any depth, but their stack does not suffice for this many levels. Go's does,
// here and in encoding/json.
const MaxNesting = 10_000

// Errors for encrypted values that verify but are not valid attribute values.
// The item is as it was sealed, so they do not wrap [crypto.ErrTampered].
var (
	ErrDeep = fmt.Errorf("%w: the value verifies, but its lists and maps are nested more than %d levels deep",
		crypto.ErrInvalidItem, MaxNesting)
	ErrNotUTF8 = fmt.Errorf("%w: the value verifies, but a string or map key in it is not UTF-8", crypto.ErrInvalidItem)
)

// OfValue returns the error for an attribute of a verified item that cannot be
// decoded. Clients do not write malformed values, so either the key is wrong or
// it was exchanged.
func OfValue(name string, err error) error {
	if errors.Is(err, crypto.ErrInvalidItem) {
		return &crypto.ItemError{Attribute: name, Err: err}
	}
	return crypto.ErrTampered
}

// At returns err as a [*crypto.ItemError] for an operation on a table. It keeps
// the attribute that err names.
func At(op string, table crypto.TableInfo, err error) error {
	where := &crypto.ItemError{Op: op, Table: table.Name, Err: err}
	if table.PartitionKey != "" {
		where.Keys = table.KeyNames()
	}
	if inner, ok := err.(*crypto.ItemError); ok && inner.Op == "" {
		where.Attribute, where.Err = inner.Attribute, inner.Err
	}
	return where
}
