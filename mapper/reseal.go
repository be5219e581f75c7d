package mapper

import (
	"context"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
)

// Reseal seals the stored item with the key anew, under the table's current
// encryptor and attribute actions, on condition that nobody changed it
// meanwhile. Everything else of the item stays exactly as it was stored: it
// passes no Go type. It is the way to move items to another format or key, or
// from plaintext. Of key, only the table's key attributes are used, so it may
// be an item that a Scan returned. Package bulk does it for whole tables, and
// leaves out the items that do not need it.
//
// It returns [dynamo.ErrNotFound] if there is no such item, and [ErrConflict]
// after 32 attempts.
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
		return decision{store, read.opened}, nil
	})
	return err
}

// Reseal seals the item with the key anew and changes nothing else of it; see
// [Client.Reseal].
func (r *Repository[T]) Reseal(ctx context.Context, key dynamo.Keyed) error {
	keyItem, err := r.keyItem("Reseal", key)
	if err != nil {
		return err
	}
	return r.client.reseal(ctx, r.table, r.db.Name(), keyItem)
}
