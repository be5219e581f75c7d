package mapper

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Seal returns the item as it would be stored in the declared table, for items
// that reach DynamoDB by another way, such as an import.
func (c *Client) Seal(ctx context.Context, tableName string, item crypto.Item) (crypto.Item, error) {
	t := c.table(&tableName)
	if t == nil {
		return nil, notDeclared("Seal", tableName)
	}
	return t.seal(ctx, "Seal", item)
}

// Open verifies and opens a stored item of the declared table, for items that
// come from DynamoDB by another way, such as a stream or an export. The item
// must be whole.
func (c *Client) Open(ctx context.Context, tableName string, item crypto.Item) (crypto.Item, error) {
	t := c.table(&tableName)
	if t == nil {
		return nil, notDeclared("Open", tableName)
	}
	if item == nil {
		return nil, t.fail("Open", "", fmt.Errorf("%w: no item", crypto.ErrInvalidItem))
	}
	return t.open(ctx, "Open", "", item)
}

func notDeclared(op, name string) error {
	return &crypto.ItemError{Op: op, Table: name, Err: fmt.Errorf("%w: the table is not declared", crypto.ErrUnsupported)}
}

// seal returns item as it is to be stored.
func (t *table) seal(ctx context.Context, op string, item crypto.Item) (crypto.Item, error) {
	if !t.selected(item) {
		return item, nil
	}
	for name := range item {
		if t.reserved(name) {
			return nil, t.fail(op, name, fmt.Errorf("%w: the attribute name is reserved by the item format (is the item sealed already?)", crypto.ErrInvalidItem))
		}
	}
	if t.plaintextWrites {
		return item, nil
	}
	return t.writer.EncryptItem(ctx, t.info, t.actions, item)
}

// open returns a stored item opened. index is the index that it was read
// through, if any; a nil item stays nil.
func (t *table) open(ctx context.Context, op, index string, item crypto.Item) (crypto.Item, error) {
	if item == nil || !t.selected(item) {
		return item, nil
	}
	opened, err := t.openSealed(ctx, op, item)
	if err != nil && index != "" && damaged(err) {
		return nil, t.fail(op, "", fmt.Errorf("%w: it was read through index %q: unless that index projects all attributes, "+
			"its items cannot be verified; give it the projection ALL, or read the item from the table by its key", err, index))
	}
	return opened, err
}

// openFor is open for an item that was asked for by its key. A reply with
// another item would verify, so it is told apart here.
func (t *table) openFor(ctx context.Context, op string, key, item crypto.Item) (crypto.Item, error) {
	if item != nil && keyString(t.info, item) != keyString(t.info, key) {
		return nil, t.fail(op, "", errOtherItem)
	}
	return t.open(ctx, op, "", item)
}

var errOtherItem = fmt.Errorf("%w: the reply holds an item with another key than the request", crypto.ErrTampered)

// openSealed tries every encryptor that recognizes the item, since two may
// share a format and differ in keys. The first one's error is told.
func (t *table) openSealed(ctx context.Context, op string, item crypto.Item) (crypto.Item, error) {
	var failure error
	for _, e := range t.readers {
		if !e.Recognizes(item) {
			continue
		}
		opened, err := e.DecryptItem(ctx, t.info, t.actions, item)
		if err == nil {
			return opened, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		if failure == nil {
			failure = err
		}
	}
	switch {
	case failure != nil:
		return nil, failure
	case t.plaintextReads:
		return item, nil
	default:
		return nil, t.fail(op, "", crypto.ErrNotProtected)
	}
}

// damaged reports whether err is about the item itself, rather than about
// reaching its keys.
func damaged(err error) bool {
	return errors.Is(err, crypto.ErrTampered) || errors.Is(err, crypto.ErrNotProtected)
}

// openPage opens the items of a page in parallel, keeps their order, and
// applies the projection that the caller asked for to what was verified.
func (c *Client) openPage(ctx context.Context, op string, t *table, index string, items []crypto.Item, projection *expr.Projection) ([]crypto.Item, error) {
	opened := make([]crypto.Item, len(items))
	failures := make([]error, len(items))
	err := c.each(ctx, len(items), func(ctx context.Context, i int) error {
		item, err := t.open(ctx, op, index, items[i])
		if err != nil {
			if c.onDamaged == nil || !damaged(err) {
				return err
			}
			failures[i] = err
			return nil
		}
		opened[i] = project(projection, item)
		return nil
	})
	if err != nil {
		return nil, err
	}

	whole := opened[:0]
	for i, item := range opened {
		if failures[i] != nil {
			c.onDamaged(ctx, DamagedItem{Table: t.name, Index: index, Key: t.info.Key(items[i]), Err: failures[i]})
			continue
		}
		whole = append(whole, item)
	}
	return whole, nil
}

// each runs do for 0 to n-1, at most c.parallelism at a time, and stops at the
// first error.
func (c *Client) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	if n == 1 {
		return do(ctx, 0)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.parallelism)
	for i := range n {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(ctx, i)
		})
	}
	return group.Wait()
}
