package mapper

import (
	"context"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
)

// Reseal seals the stored item with the key again, with the table's current
// encryptor and attribute actions, on condition that the item has not changed in
// the meantime. The content of the item stays exactly the same: it is not decoded
// into a Go type. Use Reseal to move items to another format or key, or to
// protect plaintext items. Only the table's key attributes of key are used, so
// key may be an item that a Scan returned. Package bulk reseals whole tables, and
// skips the items that need no resealing.
//
// It returns [dynamo.ErrNotFound] if there is no such item, [ErrConflict] after
// 32 attempts, and [crypto.ErrPolicy] if the item has beacons and the table is
// declared with neither [WithBeacons] nor [WithoutBeacons].
func (c *Client) Reseal(ctx context.Context, tableName string, key crypto.Item) error {
	t := c.table(&tableName)
	if t == nil {
		return notDeclared("Reseal", &tableName)
	}
	return c.reseal(ctx, t, tableName, t.info.Key(key))
}

func (c *Client) reseal(ctx context.Context, t *table, name string, key crypto.Item) error {
	const op = "Reseal"
	if err := t.checkKey(op, key); err != nil {
		return err
	}
	r := rewrite{client: c, table: t.of(key), op: op, name: name, key: key}
	_, err := r.run(ctx, func(read snapshot) (decision, error) {
		if read.stored == nil {
			return decision{}, dynamo.ErrNotFound
		}
		if err := r.table.keepsBeacons(op, read.stored, read.opened); err != nil {
			return decision{}, err
		}
		return decision{store, read.opened}, nil
	})
	return err
}

// Reseal seals the item with the key again and keeps its content; see
// [Client.Reseal].
func (r *Repository[T]) Reseal(ctx context.Context, key dynamo.Keyed) error {
	keyItem, err := r.keyItem("Reseal", key)
	if err != nil {
		return err
	}
	return r.client.reseal(ctx, r.table, r.db.Name(), keyItem)
}
