package mapper_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

func TestTransaction_UpdateOfAnUnsealedItemSaysSo(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		plain := edited(key("1"), "", "seen", num("1"))
		w.store(t, plain)
		for _, asks := range []bool{false, true} {
			err := w.db.WriteTx().Update(update(w).Add("seen", 1)).IncludeAllItemsInCondCheckFail(asks).Run(t.Context())
			wantItemError(t, err, "TransactWriteItems", crypto.ErrNotProtected)
			var cancellation *types.TransactionCanceledException
			if !errors.As(err, &cancellation) || len(itemsOf(err)) > 0 {
				t.Errorf("the cancellation is lost, or carries the item: %v", err)
			}
			equal(t, w.stored(t, 1), plain)
		}
	})
}

func TestTransaction_ItemsOfUndeclaredTablesPassInACancellation(t *testing.T) {
	type Other struct {
		ID string `dynamo:"id,hash"`
	}
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		check(t, w.raw.CreateTable("plain", Other{}).OnDemand(true).Run(ctx))
		check(t, w.raw.Table("plain").Put(Other{"1"}).Run(ctx))
		err := transact(ctx, w.client, types.TransactWriteItem{Put: &types.Put{TableName: table,
			Item: edited(key("1"), "", "subject", str("x"))}},
			types.TransactWriteItem{Put: &types.Put{TableName: aws.String("plain"), Item: crypto.Item{"id": str("1")},
				ConditionExpression:                 aws.String("attribute_not_exists(id)"),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}})
		equal(t, itemsOf(err), []crypto.Item{{"id": str("1")}})
		equal(t, w.stored(t, 1), crypto.Item(nil))
	})
}

func TestTransaction_WithAnEmptyGetIsAnErrorOfTheServer(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.lie = func(_ string, in, _ any, _ error) (any, error) {
			equal(t, in.(*dynamodb.TransactGetItemsInput).TransactItems[1], types.TransactGetItem{})
			return nil, errors.New("validation")
		}
		_, err := w.client.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
			{Get: &types.Get{TableName: table, Key: key("1")}}, {}}})
		if err == nil || err.Error() != "validation" {
			t.Errorf("got %v", err)
		}
	})
}
