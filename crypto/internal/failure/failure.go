// Package failure gives the errors of both item formats their kind and place.
package failure

import (
	"context"
	"errors"
	"fmt"

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

// At returns err as a [*crypto.ItemError] of an operation on a table. An
// attribute that err names is kept.
func At(op string, table crypto.TableInfo, err error) error {
	where := &crypto.ItemError{Op: op, Table: table.Name, Keys: table.KeyNames(), Err: err}
	if inner, ok := err.(*crypto.ItemError); ok && inner.Op == "" {
		where.Attribute, where.Err = inner.Attribute, inner.Err
	}
	return where
}
