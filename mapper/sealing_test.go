package mapper_test

import (
	"context"
	"testing"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// writeless is an encryptor that opens items, and has no key to seal them.
type writeless struct{ crypto.ItemEncryptor }

func (writeless) EncryptItem(_ context.Context, table crypto.TableInfo, _ crypto.Actions,
	_ crypto.Item) (crypto.Item, error) {
	return nil, &crypto.ItemError{Op: "encrypt", Table: table.Name, Err: crypto.ErrKeyUnavailable}
}

func TestSealing_ThatFailsSendsNothing(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(1))
		before := w.stored(t, 1)
		db, client := w.open(t, writeless{f.encryptor(t, 1)})
		repo, err := mapper.NewRepository[Note](db, tableName)
		check(t, err)
		_, modify := repo.Modify(ctx, dynamo.Keys{"ada", 1}, func(n *Note) error { n.Rank = 7; return nil })
		_, batch := db.Table(tableName).Batch().Write().Put(note(1), note(2)).Run(ctx)
		_, seal := client.Seal(ctx, tableName, key("1"))
		_, needs := client.NeedsReseal(ctx, tableName, before)
		_, reseal := client.ResealStored(ctx, tableName, before)
		for op, err := range map[string]error{
			"Modify": modify, "Reseal": repo.Reseal(ctx, dynamo.Keys{"ada", 1}), "PutItem": repo.Put(ctx, note(1)),
			"BatchWriteItem": batch, "Seal": seal, "NeedsReseal": needs, "ResealStored": reseal,
			"TransactWriteItems": db.WriteTx().Put(db.Table(tableName).Put(note(1))).Idempotent(true).Run(ctx),
		} {
			wantItemError(t, err, op, crypto.ErrKeyUnavailable)
		}
		equal(t, w.stored(t, 1), before)
		equal(t, w.stored(t, 2), crypto.Item(nil))
	})
}

func TestSealing_RefusesReservedNamesOfEveryFormatOfTheTable(t *testing.T) {
	other := map[string]format{ddbecFormat.name: dbesdkFormat, dbesdkFormat.name: ddbecFormat}
	forEachFormat(t, func(t *testing.T, f format) {
		reader := other[f.name]
		for name, options := range map[string][]mapper.TableOption{
			"sealed": {mapper.WithReaders(reader.encryptor(t, 1))},
			"plain":  {mapper.WithReaders(reader.encryptor(t, 1)), mapper.WithPlaintextWrites()},
		} {
			w := newWorld(t, f, options...)
			for _, reserved := range []string{f.header, f.signature, reader.header, reader.signature} {
				where := wantItemError(t, w.table().Put(edited(key("1"), "", reserved, str("x"))).Run(t.Context()),
					"PutItem", crypto.ErrInvalidItem)
				if where.Attribute != reserved {
					t.Errorf("%s: the error is about %q, want %q", name, where.Attribute, reserved)
				}
			}
			equal(t, w.requests.Load(), int64(0))
		}
	})
}
