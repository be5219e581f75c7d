package mapper

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Seal returns an item as it would be stored in the declared table. Use it for
// items that reach DynamoDB by another way, such as an import. Errors are a
// [*crypto.ItemError].
func (c *Client) Seal(ctx context.Context, tableName string, item crypto.Item) (crypto.Item, error) {
	t := c.table(&tableName)
	if t == nil {
		return nil, notDeclared("Seal", &tableName)
	}
	return t.of(item).seal(ctx, "Seal", item)
}

// Open verifies and decrypts a stored item of the declared table. Use it for
// items that come from DynamoDB by another way, such as a stream or an export.
// The item must be whole. Open does not know which item you expect, so compare
// the item's key. Errors are a [*crypto.ItemError].
func (c *Client) Open(ctx context.Context, tableName string, item crypto.Item) (crypto.Item, error) {
	t := c.table(&tableName)
	if t == nil {
		return nil, notDeclared("Open", &tableName)
	}
	if item == nil {
		return nil, t.fail("Open", "", fmt.Errorf("%w: the item is nil", crypto.ErrInvalidItem))
	}
	return t.of(item).open(ctx, "Open", item)
}

// seal returns item as it is to be stored.
func (t *table) seal(ctx context.Context, op string, item crypto.Item) (crypto.Item, error) {
	if t.bare {
		return item, nil
	}
	item = t.withoutBeacons(item)
	for name := range item {
		if t.Reserved(name) {
			return nil, t.fail(op, name, fmt.Errorf("%w: the attribute name is reserved by the item format; "+
				"the item may be sealed already", crypto.ErrInvalidItem))
		}
	}
	if t.plaintextWrites {
		return item, nil
	}
	seal := t.writer.EncryptItem
	if t.beacons != nil {
		seal = t.sealWithBeacons
	}
	sealed, err := seal(ctx, t.info, t.actions, item)
	if err != nil {
		return nil, t.fail(op, "", err)
	}
	return sealed, nil
}

// open returns a stored item opened. A nil item stays nil.
//
// Every encryptor that recognizes the item is tried, since two may share a
// format and differ in keys. If all of them fail, the first error is returned.
func (t *table) open(ctx context.Context, op string, item crypto.Item) (crypto.Item, error) {
	opened, _, err := t.openBy(ctx, op, item)
	return opened, err
}

// byNone and byWriter are the results of openBy that are not another reader.
const (
	byNone   = -1 // the item was returned as it is
	byWriter = 0
)

// openBy is like open, and also returns which of the table's readers opened the
// item.
func (t *table) openBy(ctx context.Context, op string, item crypto.Item) (opened crypto.Item, by int, err error) {
	if item == nil || t.bare {
		return item, byNone, nil
	}
	var failure error
	for i, e := range t.readers {
		if !e.Recognizes(item) {
			continue
		}
		opened, err := e.DecryptItem(ctx, t.info, t.actions, item)
		if err == nil {
			return opened, i, nil
		}
		if failure == nil || errors.Is(err, crypto.ErrKeyUnavailable) && !errors.Is(failure, crypto.ErrKeyUnavailable) {
			failure = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	switch {
	case failure != nil:
		return nil, byNone, t.fail(op, "", failure)
	case t.plaintextReads:
		return item, byNone, nil
	default:
		return nil, byNone, t.fail(op, "", crypto.ErrNotProtected)
	}
}

// openFor is open for an item that was requested by its key. It checks the key,
// because another item of the table would verify too.
func (t *table) openFor(ctx context.Context, op string, key, item crypto.Item) (crypto.Item, error) {
	if item == nil {
		return nil, nil
	}
	if t.keyString(item) != t.keyString(key) {
		return nil, t.tampered(op, "", "contains an item with another key than the request")
	}
	return t.open(ctx, op, item)
}

// isOurs reports whether stored, on which the condition of a put failed, is the
// item that an earlier attempt of the same put stored. The SDK repeats requests
// whose reply was lost. plain is the put's item before it was sealed. The error
// wraps ErrOutcomeUnknown.
func (t *table) isOurs(ctx context.Context, op string, plain, sealed, stored crypto.Item) (bool, error) {
	if t.bare || t.plaintextWrites {
		return false, nil
	}
	signature := t.writer.SignatureAttribute()
	if stored[signature] == nil || t.keyString(stored) != t.keyString(plain) ||
		!expr.Equal(stored[signature], sealed[signature]) {
		return false, nil
	}
	// If sealing the same content again gives the same signature, the stored item
	// may be another writer's.
	again, err := t.seal(ctx, op, plain)
	if err != nil {
		return false, t.fail(op, "", fmt.Errorf("%w: the stored item may be that of an earlier attempt: %v",
			ErrOutcomeUnknown, err))
	}
	return !expr.Equal(again[signature], sealed[signature]), nil
}

var errOldItemLost = fmt.Errorf("%w by an earlier attempt whose reply was lost; the replaced item cannot be returned",
	ErrCarriedOut)

// damaged reports whether err is about the item itself, and not about access to
// its keys.
func damaged(err error) bool {
	return errors.Is(err, crypto.ErrTampered) || errors.Is(err, crypto.ErrNotProtected) ||
		errors.Is(err, crypto.ErrNoUsableKey)
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
