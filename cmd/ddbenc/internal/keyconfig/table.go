package keyconfig

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ddbenc/ddbenc/crypto"
)

// Table seals and opens the items of one table by the same rules as package
// mapper. It is safe for concurrent use.
type Table struct {
	// Info and Actions describe the table.
	Info    crypto.TableInfo
	Actions crypto.Actions

	encryptors []crypto.ItemEncryptor // the first one seals
}

// Seal returns the item as it would be stored. An attribute name that is
// reserved by one of the table's formats is an error.
func (t *Table) Seal(ctx context.Context, item crypto.Item) (crypto.Item, error) {
	for name := range item {
		for _, e := range t.encryptors {
			if e.Reserved(name) {
				return nil, t.fail("seal", name, fmt.Errorf("%w: the attribute name is reserved by the item format (is the "+
					"item sealed already?)", crypto.ErrInvalidItem))
			}
		}
	}
	return t.encryptors[0].EncryptItem(ctx, t.Info, t.Actions, item)
}

// Open verifies a stored item and returns it opened. It tries every encryptor
// that recognizes the item. If all of them fail, the first error is returned.
func (t *Table) Open(ctx context.Context, item crypto.Item) (crypto.Item, error) {
	var failure error
	for _, e := range t.encryptors {
		if !e.Recognizes(item) {
			continue
		}
		opened, err := e.DecryptItem(ctx, t.Info, t.Actions, item)
		if err == nil {
			return opened, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		failure = firstOf(failure, err)
	}
	if failure == nil {
		return nil, t.fail("open", "", crypto.ErrNotProtected)
	}
	return nil, failure
}

func firstOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

func (t *Table) fail(op, attribute string, err error) error {
	return &crypto.ItemError{Op: op, Table: t.Info.Name, Keys: t.Info.KeyNames(), Attribute: attribute, Err: err}
}

// Close stops background work.
func (t *Table) Close() error {
	var all []error
	for _, e := range t.encryptors {
		if c, ok := e.(io.Closer); ok {
			all = append(all, c.Close())
		}
	}
	return errors.Join(all...)
}
