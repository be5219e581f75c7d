package mapper

import (
	"context"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Modify changes one item with a Go function. It reads and verifies the item,
// calls change, seals the result and stores it on condition that the item has
// not changed in the meantime. If it has, Modify starts over with the new item,
// so change may run several times and should do nothing but change the item. If
// change returns an error, Modify returns it unchanged and writes nothing.
//
// Only the values that change alters are altered in the stored item, at any
// depth. Anything that T does not declare or cannot represent, such as other
// attributes, fields of maps, NULLs, empty strings or the digits of a number
// that a float64 rounds, stays as it is stored. If change alters nothing, Modify
// seals the item again with the same content; [Repository.Reseal] does that
// without T.
//
// Unsigned attributes (`ddbenc:"none"`) are compared too, so that an update in
// place is not undone; only unsigned attributes that T does not declare can be
// added unnoticed (see [WithUndeclared]).
//
// If the reply to the write is lost and the SDK repeats the request, Modify
// recognizes its own item and succeeds, so the change is made once. The exception
// is an item without encrypted attributes, sealed in the format ddbec under a
// static key: its signature is the same each time it is sealed.
//
// Modify returns the item as change left it. It fails with [dynamo.ErrNotFound]
// if there is no such item, [ErrOtherType] if the item is of another type (see
// [WithDiscriminator]), [ErrDecode] if it does not fit T, and [ErrConflict]
// after 32 attempts.
func (r *Repository[T]) Modify(ctx context.Context, key dynamo.Keyed, change func(*T) error) (T, error) {
	const op = "Modify"
	var result, zero T
	keyItem, err := r.keyItem(op, key)
	if err != nil {
		return zero, err
	}
	w := rewrite{client: r.client, table: r.table.of(keyItem), op: op, name: r.db.Name(), key: keyItem}
	_, err = w.run(ctx, func(read snapshot) (decision, error) {
		stored := read.opened
		if stored == nil {
			return decision{}, dynamo.ErrNotFound
		}
		if err := r.checkType(op, stored); err != nil {
			return decision{}, err
		}
		var item T
		// The struct may share memory with the item that it is decoded from, and
		// change must not alter the stored item that it is compared with.
		if err := r.decode(op, expr.CloneItem(stored), &item); err != nil {
			return decision{}, err
		}
		before, err := r.encode(op, item)
		if err != nil {
			return decision{}, err
		}
		before = expr.CloneItem(before)
		if err := change(&item); err != nil {
			return decision{}, err
		}
		after, err := r.encode(op, item)
		if err != nil {
			return decision{}, err
		}
		changed := applyDifference(stored, before, after)
		for _, name := range r.table.info.KeyNames() {
			if changed[name] == nil || !expr.Equal(changed[name], stored[name]) {
				return decision{}, r.table.fail(op, name, fmt.Errorf("%w: the change alters the item's key; put a new item and "+
					"delete this one instead", crypto.ErrInvalidItem))
			}
		}
		if err := r.checkType(op, changed); err != nil {
			return decision{}, err
		}
		result = item
		return decision{store, changed}, nil
	})
	if err != nil {
		return zero, err
	}
	return result, nil
}
