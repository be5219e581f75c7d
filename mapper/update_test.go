package mapper_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

func TestUpdate_OfKeysAndReservedAttributesSaysWhy(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		// With undeclared attributes unsigned, nothing else protects these.
		for _, action := range []crypto.Action{crypto.None, crypto.Encrypt} {
			w := newWorld(t, f, mapper.WithUndeclared(action), mapper.WithoutRewrites())
			w.put(t, note(1))
			before, sent := w.stored(t, 1), w.requests.Load()
			for name, c := range map[string]struct{ attribute, why string }{
				"signature": {f.signature, "belongs to the item format"},
				"header":    {f.header, "belongs to the item format"},
				"key":       {"num", "key cannot change"},
				"signed":    {"subject", "Repository.Modify"},
			} {
				for _, u := range []*dynamo.Update{
					update(w).Set("'"+c.attribute+"'", "x"), update(w).Remove("'" + c.attribute + "'"),
				} {
					for op, err := range map[string]error{"UpdateItem": u.Run(t.Context()),
						"TransactWriteItems": w.db.WriteTx().Update(u).Run(t.Context())} {
						where := wantItemError(t, err, op, crypto.ErrUnsupported)
						equal(t, where.Attribute, c.attribute)
						if where.Err != nil && !containsAny(where.Error(), c.why) {
							t.Errorf("%s: the error does not say why: %v", name, where)
						}
					}
				}
			}
			equal(t, w.requests.Load(), sent)
			equal(t, w.stored(t, 1), before)
		}
	})
}

func TestUpdate_WithLegacyParametersIsEvaluated(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		ctx := t.Context()
		w := newWorld(t, f)
		w.put(t, note(1))
		change := &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			AttributeUpdates: map[string]types.AttributeValueUpdate{
				"body": {Value: str("changed")}, "seen": {Action: types.AttributeActionAdd, Value: num("2")}, "labels": {Action: types.AttributeActionDelete},
			},
			Expected:     map[string]types.ExpectedAttributeValue{"body": {Value: str("secret text")}, "score": {Exists: aws.Bool(false)}},
			ReturnValues: types.ReturnValueUpdatedNew,
		}
		_, err := w.client.UpdateItem(ctx, change)
		if !dynamo.IsCondCheckFailed(err) {
			t.Errorf("the expectation does not hold, but: %v", err)
		}
		delete(change.Expected, "score")
		out, err := w.client.UpdateItem(ctx, change)
		check(t, err)
		equal(t, out.Attributes, crypto.Item{"body": str("changed"), "seen": num("3")})
		want := note(1)
		want.Text, want.Reads, want.Tags = "changed", 3, nil
		got, err := w.get(t, 1)
		check(t, err)
		equal(t, got, want)

		mixed := *change
		mixed.AttributeUpdates, mixed.UpdateExpression = nil, aws.String("REMOVE seen")
		sent := w.requests.Load()
		_, err = w.client.UpdateItem(ctx, &mixed)
		wantError(t, err, mapper.ErrExpression)
		equal(t, w.requests.Load(), sent)
	})
}

// TestDecoratedEncryptor_StillTellsActions embeds the encryptor, as decorators
// do, in a struct that knows nothing of its methods.
func TestDecoratedEncryptor_StillTellsActions(t *testing.T) {
	keys, err := raw.NewAES("test", "1", make([]byte, 32))
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithUnsignedPrefix(":"))
	check(t, err)
	decorated := struct{ crypto.ItemEncryptor }{e}
	w := newWorld(t, dbesdkFormat)
	ctx := t.Context()
	db, _ := w.open(t, decorated)
	table := db.Table(tableName)
	check(t, table.Put(note(1)).Run(ctx))
	check(t, table.Update("person", "ada").Range("num", 1).Add("':hits'", 2).Run(ctx))
	repo, err := mapper.NewRepository[Note](db, tableName)
	check(t, err)
	calls := 0
	_, err = repo.Modify(ctx, dynamo.Keys{"ada", 1}, func(n *Note) error {
		if calls++; calls == 1 {
			check(t, table.Update("person", "ada").Range("num", 1).Add("':hits'", 1).Run(ctx))
		}
		n.Topic = "changed"
		return nil
	})
	check(t, err)
	var item crypto.Item
	check(t, table.Get("person", "ada").Range("num", dynamo.Equal, 1).Consistent(true).One(ctx, &item))
	equal(t, []any{calls, item[":hits"], item["subject"]}, []any{2, num("3"), str("changed")})
}

func TestUpdate_NeedsEveryEncryptorOfTheTableToLeaveTheAttributeAlone(t *testing.T) {
	keys, err := raw.NewAES("test", "1", make([]byte, 32))
	check(t, err)
	leaves, err := dbesdk.New(keys, dbesdk.WithUnsignedPrefix(":"))
	check(t, err)
	t.Cleanup(func() { check(t, leaves.Close()) })
	signs := ddbecEncryptor(t, 1)
	for name, c := range map[string]struct {
		writer, reader crypto.ItemEncryptor
		refused        bool
	}{
		"the reader signs": {leaves, signs, true}, "the writer signs": {signs, leaves, true},
		"neither signs": {leaves, leaves, false},
	} {
		w := newWorld(t, dbesdkFormat)
		db, _ := w.open(t, c.writer, mapper.WithReaders(c.reader), mapper.WithoutRewrites())
		check(t, db.Table(tableName).Put(note(1)).Run(t.Context()))
		err := db.Table(tableName).Update("person", "ada").Range("num", 1).Add("':hits'", 1).Run(t.Context())
		if !c.refused {
			check(t, err)
		} else if where := wantItemError(t, err, "UpdateItem", crypto.ErrUnsupported); where.Attribute != ":hits" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestUpdate_WithoutAnExpressionLeavesNoUnsealedItem(t *testing.T) {
	notOnMoto(t, "fails with an internal error on an update without an expression")
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		touch := func() error {
			_, err := w.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: table, Key: key("1")})
			return err
		}
		check(t, touch())
		if w.stored(t, 1)[f.signature] == nil {
			t.Error("the item was created unsealed")
		}
		w.put(t, note(1))
		check(t, touch())
		got, err := w.get(t, 1)
		check(t, err)
		equal(t, got, note(1))
	})
}

func TestUpdate_OfAPlaintextItemDuringAMigrationFailsLikeAnyOther(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		for _, option := range []mapper.TableOption{mapper.WithPlaintextReads(), mapper.WithPlaintextWrites()} {
			w := newWorld(t, f, option)
			w.store(t, edited(key("1"), "", "seen", num("1")))
			u := update(w).Add("seen", 1).If("seen = ?", 99)
			for name, err := range map[string]error{"alone": u.Run(t.Context()),
				"transaction": w.db.WriteTx().Update(u).Run(t.Context())} {
				if !dynamo.IsCondCheckFailed(err) || errors.Is(err, crypto.ErrNotProtected) {
					t.Errorf("%s: got %v", name, err)
				}
			}
			check(t, update(w).Add("seen", 1).If("seen = ?", 1).Run(t.Context()))
		}
	})
}
