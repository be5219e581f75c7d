package mapper_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// sealed fails the test unless the stored item is protected.
func (w *world) sealed(t *testing.T, number int) {
	t.Helper()
	item := w.stored(t, number)
	if item == nil {
		t.Fatalf("no item %d", number)
	}
	if _, ok := item[w.format.signature]; !ok {
		t.Errorf("item %d has no signature", number)
	}
	for _, name := range []string{"body", "labels"} {
		if _, ok := item[name].(*types.AttributeValueMemberB); item[name] != nil && !ok {
			t.Errorf("item %d: %s is stored as %T", number, name, item[name])
		}
	}
}

func TestEveryWriteSeals(t *testing.T) {
	notOnMoto(t, "does not find a table by its ARN")
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		check(t, w.table().Put(note(1)).Run(ctx))
		_, err := w.table().Batch().Write().Put(note(2), note(3)).Run(ctx)
		check(t, err)
		check(t, w.db.WriteTx().Put(w.table().Put(note(4))).Put(w.table().Put(note(5))).Run(ctx))
		check(t, w.db.Table("arn:aws:dynamodb:eu-west-1:123456789012:table/"+tableName).Put(note(6)).Run(ctx))
		for n := 1; n <= 6; n++ {
			w.sealed(t, n)
			got, err := w.get(t, n)
			check(t, err)
			equal(t, got, note(n))
		}
	})
}

func TestInputsAreNeverChanged(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(1), note(2), note(3))
		item := func(n int) crypto.Item {
			i, err := dynamo.MarshalItem(note(n))
			check(t, err)
			return i
		}
		names := func() map[string]string { return map[string]string{"#r": "seen"} }
		values := func() crypto.Item { return crypto.Item{":one": num("1")} }
		condition := aws.String("attribute_exists(#r) AND #r >= :one")

		token := rand.Text() // a real database remembers those of other runs

		inputs := func() []any {
			return []any{
				&dynamodb.PutItemInput{TableName: table, Item: item(1), ConditionExpression: condition, ExpressionAttributeNames: names(), ExpressionAttributeValues: values(), ReturnValues: types.ReturnValueAllOld},
				&dynamodb.UpdateItemInput{TableName: table, Key: key("1"), UpdateExpression: aws.String("ADD #r :one"), ConditionExpression: condition, ExpressionAttributeNames: names(), ExpressionAttributeValues: values(), ReturnValues: types.ReturnValueAllNew},
				&dynamodb.GetItemInput{TableName: table, Key: key("1"), ProjectionExpression: aws.String("#r"), ExpressionAttributeNames: names()},
				&dynamodb.QueryInput{TableName: table, KeyConditionExpression: aws.String("#o = :o"), ProjectionExpression: aws.String("#t"),
					ExpressionAttributeNames: map[string]string{"#o": "person", "#t": "body"}, ExpressionAttributeValues: crypto.Item{":o": str("ada")}},
				&dynamodb.ScanInput{TableName: table, FilterExpression: condition, ProjectionExpression: aws.String("#t"),
					ExpressionAttributeNames: map[string]string{"#r": "seen", "#t": "body"}, ExpressionAttributeValues: values()},
				&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{tableName: {Keys: []crypto.Item{key("1")}, ProjectionExpression: aws.String("#r"), ExpressionAttributeNames: names()}}},
				&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{tableName: {{PutRequest: &types.PutRequest{Item: item(1)}}, {DeleteRequest: &types.DeleteRequest{Key: key("2")}}}}},
				&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: table, Key: key("1"), ProjectionExpression: aws.String("#r"), ExpressionAttributeNames: names()}}}},
				&dynamodb.TransactWriteItemsInput{ClientRequestToken: &token, TransactItems: []types.TransactWriteItem{
					{Put: &types.Put{TableName: table, Item: item(2)}},
					{Update: &types.Update{TableName: table, Key: key("1"), UpdateExpression: aws.String("ADD #r :one"), ExpressionAttributeNames: names(), ExpressionAttributeValues: values()}},
					{ConditionCheck: &types.ConditionCheck{TableName: table, Key: key("3"), ConditionExpression: condition, ExpressionAttributeNames: names(), ExpressionAttributeValues: values()}},
				}},
				&dynamodb.DeleteItemInput{TableName: table, Key: key("1"), ReturnValues: types.ReturnValueAllOld},
			}
		}
		for i, input := range inputs() {
			t.Run(fmt.Sprintf("%T", input), func(t *testing.T) {
				method := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", input), "*dynamodb."), "Input")
				results := reflect.ValueOf(w.client).MethodByName(method).Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(input)})
				if err, _ := results[1].Interface().(error); err != nil {
					t.Fatal(err)
				}
				equal(t, input, inputs()[i])
			})
		}
	})
}

func TestUnprocessedItemsComeBackAsTheCallerGaveThem(t *testing.T) {
	inStillTime(t, func(t *testing.T, w *world) {
		rounds := 0
		w.batchWrite = func(in *dynamodb.BatchWriteItemInput) (*dynamodb.BatchWriteItemOutput, error) {
			rounds++
			writes := in.RequestItems[tableName]
			now := *in
			now.RequestItems = map[string][]types.WriteRequest{tableName: writes[:1]}
			out, err := w.DynamoDBAPI.BatchWriteItem(t.Context(), &now)
			if err == nil && len(writes) > 1 {
				// The server returns copies, with numbers as it writes them.
				var later []types.WriteRequest
				for _, write := range writes[1:] {
					if write.PutRequest != nil {
						item := maps.Clone(write.PutRequest.Item)
						if n, ok := item["num"].(*types.AttributeValueMemberN); ok && n.Value == "3.0" {
							item["num"] = num("3")
						}
						write.PutRequest = &types.PutRequest{Item: item}
					}
					later = append(later, write)
				}
				out.UnprocessedItems = map[string][]types.WriteRequest{tableName: later}
			}
			return out, err
		}
		odd, err := dynamo.MarshalItem(note(3))
		check(t, err)
		odd["num"] = num("3.0")
		wrote, err := w.table().Batch("person", "num").Write().Put(note(1), note(2), odd).Delete(dynamo.Keys{"ada", 8}).Run(t.Context())
		check(t, err)
		equal(t, []int{wrote, rounds}, []int{4, 4})
		for n := 1; n <= 3; n++ {
			got, err := w.get(t, n)
			check(t, err)
			equal(t, got, note(n))
		}
	})
}

func TestRepliesToWritesCarryOpenedItems(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(1))
		second := note(1)
		second.Text = "another secret"

		var old, current Note
		check(t, w.table().Put(second).OldValue(ctx, &old))
		equal(t, old, note(1))
		wrote, err := w.table().Put(note(1)).If("attribute_not_exists($)", "person").CurrentValue(ctx, &current)
		check(t, err)
		equal(t, wrote, false)
		equal(t, current, second)

		current = Note{}
		wrote, err = update(w).Add("seen", 1).If("seen = ?", 99).CurrentValue(ctx, &current)
		check(t, err)
		equal(t, wrote, false)
		equal(t, current, second)
		current, old = Note{}, Note{}
		check(t, update(w).Add("seen", 1).OldValue(ctx, &old))
		equal(t, old, second)
		check(t, update(w).Add("seen", 1).Value(ctx, &current))
		second.Reads = 3
		equal(t, current, second)
		current = Note{}
		check(t, update(w).Add("seen", 1).OnlyUpdatedValue(ctx, &current))
		equal(t, current, Note{Reads: 4})
		second.Reads = 4

		err = w.table().Delete("person", "ada").Range("num", 1).If("seen = ?", 99).IncludeItemInCondCheckFail(true).Run(ctx)
		current = Note{}
		match, err := dynamo.UnmarshalItemFromCondCheckFailed(err, &current)
		check(t, err)
		equal(t, match, true)
		equal(t, current, second)

		err = w.db.WriteTx().
			Put(w.table().Put(note(2))).
			Check(w.table().Check("person", "ada").Range("num", 1).If("seen = ?", 99)).
			IncludeAllItemsInCondCheckFail(true).Run(ctx)
		if !dynamo.IsCondCheckFailed(err) {
			t.Fatalf("got %v", err)
		}
		var all []Note
		match, err = dynamo.UnmarshalItemsFromTxCondCheckFailed(err, &all)
		check(t, err)
		equal(t, match, true)
		equal(t, all, []Note{second})

		old = Note{}
		check(t, w.table().Delete("person", "ada").Range("num", 1).OldValue(ctx, &old))
		equal(t, old, second)
	})
}

func TestADamagedItemInAReplyIsLeftOutAndSaid(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		damage := func() {
			w.put(t, note(1))
			item := w.stored(t, 1)
			item["subject"] = str("forged")
			w.store(t, item)
		}
		var got Note

		damage()
		err := w.table().Put(note(1)).If("attribute_not_exists($)", "person").IncludeItemInCondCheckFail(true).Run(ctx)
		wantError(t, err, crypto.ErrTampered)
		var failed *types.ConditionalCheckFailedException
		if !errors.As(err, &failed) || failed.Item != nil {
			t.Errorf("the failed condition is lost, or carries the damaged item: %v", err)
		}
		err = w.db.WriteTx().Check(w.table().Check("person", "ada").Range("num", 1).IfNotExists()).IncludeAllItemsInCondCheckFail(true).Run(ctx)
		wantError(t, err, crypto.ErrTampered)
		var cancelled *types.TransactionCanceledException
		if !errors.As(err, &cancelled) || cancelled.CancellationReasons[0].Item != nil {
			t.Errorf("the cancellation is lost, or carries the damaged item: %v", err)
		}
		for name, write := range map[string]func() error{
			"put":    func() error { return w.table().Put(note(1)).OldValue(ctx, &got) },
			"update": func() error { return update(w).Add("seen", 1).Value(ctx, &got) },
			"delete": func() error { return del(w).OldValue(ctx, &got) },
		} {
			damage()
			err := write()
			wantError(t, err, crypto.ErrTampered)
			if !errors.Is(err, mapper.ErrCarriedOut) {
				t.Errorf("%s: the error does not say that the write was carried out: %v", name, err)
			}
		}
		equal(t, got, Note{})
	})
}

func TestAnUpdateNeverCreatesAnUnsealedItem(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f, mapper.WithoutRewrites())
		ctx := t.Context()
		var got Note
		for name, run := range map[string]func() error{
			"run":   func() error { return update(w).Add("seen", 1).Run(ctx) },
			"value": func() error { return update(w).Add("seen", 1).Value(ctx, &got) },
			"condition": func() error {
				return update(w).Add("seen", 1).If("attribute_not_exists(subject) OR seen = ?", 1).Run(ctx)
			},
			"transaction": func() error { return w.db.WriteTx().Update(update(w).Add("seen", 1)).Run(ctx) },
		} {
			t.Run(name, func(t *testing.T) {
				err := run()
				if !dynamo.IsCondCheckFailed(err) || errors.Is(err, crypto.ErrNotProtected) {
					t.Errorf("a missing item is not a failed condition, or is taken for an unprotected one: %v", err)
				}
				if item := w.stored(t, 1); item != nil {
					t.Errorf("an item was created: %v", slices.Collect(maps.Keys(item)))
				}
			})
		}
		t.Run("an unsealed item is not updated", func(t *testing.T) {
			w.store(t, key("1"))
			wantError(t, update(w).Add("seen", 1).Run(ctx), crypto.ErrNotProtected)
			equal(t, w.stored(t, 1), key("1"))
		})
		t.Run("placeholders of the caller are respected", func(t *testing.T) {
			w.put(t, note(2))
			_, err := w.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("2"), UpdateExpression: aws.String("SET #ddbenc0 = :one"),
				ExpressionAttributeNames: map[string]string{"#ddbenc0": "seen"}, ExpressionAttributeValues: crypto.Item{":one": num("7")}})
			check(t, err)
			got, err := w.get(t, 2)
			check(t, err)
			equal(t, got.Reads, 7)
		})
		t.Run("an item in the error is only there if it was asked for", func(t *testing.T) {
			w.put(t, note(3))
			err := w.table().Update("person", "ada").Range("num", 3).Add("seen", 1).If("seen = ?", 99).Run(ctx)
			var failed *types.ConditionalCheckFailedException
			if !errors.As(err, &failed) || failed.Item != nil {
				t.Errorf("got %v, item %v", err, failed)
			}
		})
	})
}

func TestAnIdempotentTransactionStaysIdempotent(t *testing.T) {
	notOnMoto(t, "carries a transaction out again that has the same token")
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(2))
		tx := w.db.WriteTx().Put(w.table().Put(note(1))).Update(w.table().Update("person", "ada").Range("num", 2).Add("seen", 1)).Idempotent(true)
		check(t, tx.Run(ctx))
		before := w.stored(t, 1)
		check(t, tx.Run(ctx))
		equal(t, w.stored(t, 1), before)
		got, err := w.get(t, 2)
		check(t, err)
		equal(t, got.Reads, 2)

		var mismatch *types.IdempotentParameterMismatchException
		token := rand.Text()
		first := w.db.WriteTx().Put(w.table().Put(note(1))).IdempotentWithToken(token)
		other := w.db.WriteTx().Put(w.table().Put(note(3))).IdempotentWithToken(token)
		check(t, first.Run(ctx))
		if err := other.Run(ctx); !errors.As(err, &mismatch) {
			t.Errorf("another transaction with the same token: %v", err)
		}
	})
}

func TestItemsWithReservedAttributesAreRefused(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		item, err := dynamo.MarshalItem(note(1))
		check(t, err)
		for _, name := range []string{f.signature, f.header} {
			bad := maps.Clone(item)
			bad[name] = &types.AttributeValueMemberB{Value: []byte{1}}
			_, batchErr := w.table().Batch().Write().Put(note(2), bad).Run(ctx)
			for _, err := range []error{
				w.table().Put(bad).Run(ctx), batchErr,
				w.db.WriteTx().Put(w.table().Put(bad)).Run(ctx),
			} {
				wantError(t, err, crypto.ErrInvalidItem)
				var where *crypto.ItemError
				if !errors.As(err, &where) || where.Attribute != name {
					t.Errorf("the error does not name %q: %v", name, err)
				}
			}
		}
		equal(t, w.requests.Load(), int64(0))
	})
}
