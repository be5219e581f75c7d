package mapper

import (
	"context"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Modify changes one item: it reads and verifies it, lets change work on it,
// seals the result and stores it, on condition that nobody changed the item
// meanwhile. If somebody did, it starts over with what is stored then, so
// change may run several times and should do nothing but change the item. An
// error of change ends Modify and is returned as it is, with nothing written.
//
// Only what change changed is changed in the stored item, to any depth. What T
// does not declare or cannot represent, such as other attributes, fields of
// maps, NULLs, empty strings or the digits of a number that a float64 rounds,
// stays as it is stored. A change of nothing writes back exactly what was read,
// sealed anew; [Repository.Reseal] does the same without T.
//
// Unsigned attributes (`ddbenc:"none"`) are compared too, so that an update in
// place is not undone; only unsigned attributes that T does not declare can be
// added unnoticed (see [WithUndeclared]).
//
// If the reply to the write was lost and the SDK repeats it, Modify recognizes
// its own item and succeeds, so that the change is made once. An item without
// any encrypted attribute, sealed in the format ddbec under a static key, is
// the exception: its signature is the same each time it is sealed.
//
// Modify returns the item as change left it; [dynamo.ErrNotFound] if there is
// none; [ErrOtherType] if the item is of another type (see
// [WithDiscriminator]); [ErrDecode] if it does not fit T; and [ErrConflict]
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
		// The struct may share memory with what it is decoded from, so change
		// must not work on what it is compared with.
		if err := r.decode(op, cloneItem(stored), &item); err != nil {
			return decision{}, err
		}
		before, err := r.encode(op, item)
		if err != nil {
			return decision{}, err
		}
		before = cloneItem(before)
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
