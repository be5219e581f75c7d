// Package failure makes the errors of both item formats alike.
package failure

import (
	"context"
	"errors"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
)

// WithKind makes sure that an error of a provider or a keyring is of one of
// the kinds: what is not says that there is no key.
func WithKind(err error) error {
	for _, kind := range []error{context.Canceled, context.DeadlineExceeded, crypto.ErrNoUsableKey, crypto.ErrTampered, crypto.ErrPolicy, crypto.ErrInvalidItem} {
		if errors.Is(err, kind) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
}

// At says where an error happened, keeping what it knows itself.
func At(op string, table crypto.TableInfo, err error) error {
	where := &crypto.ItemError{Op: op, Table: table.Name, Keys: table.KeyNames(), Err: err}
	if inner, ok := err.(*crypto.ItemError); ok && inner.Op == "" {
		where.Attribute, where.Err = inner.Attribute, inner.Err
	}
	return where
}
