package mapper_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// wantValidation checks that err is the ValidationException that DynamoDB
// would return, with part of its message.
func wantValidation(t testing.TB, err error, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "ValidationException" || !strings.Contains(api.ErrorMessage(), message) {
		t.Errorf("got %v, want a ValidationException with %q", err, message)
	}
}

func TestRewrite_RefusesReturnValuesThatTheOperationDoesNotHave(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		condition, values := aws.String("body = :v"), crypto.Item{":v": str("x")}
		_, put := w.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"),
			ConditionExpression: condition, ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew})
		_, del := w.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"),
			ConditionExpression: condition, ExpressionAttributeValues: values, ReturnValues: types.ReturnValueUpdatedNew})
		_, update := w.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			ConditionExpression: condition, ExpressionAttributeValues: values, ReturnValues: "SOME"})
		for _, err := range []error{put, del, update} {
			wantValidation(t, err, "Return values")
		}
		_, noKey := w.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: crypto.Item{"person": str("ada")},
			ConditionExpression: condition, ExpressionAttributeValues: values})
		wantItemError(t, noKey, "PutItem", crypto.ErrInvalidKey)
		equal(t, w.requests.Load(), int64(0))
	})
}

func TestRewrite_FailsAsTheConditionDoes(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		before := w.stored(t, 1)
		for name, run := range map[string]func(ctx context.Context) error{
			"put":    func(ctx context.Context) error { return w.table().Put(note(1)).If("body = ?", "x").Run(ctx) },
			"delete": func(ctx context.Context) error { return del(w).If("body = ?", "x").Run(ctx) },
			"update": func(ctx context.Context) error { return update(w).Set("subject", "x").If("body = ?", "x").Run(ctx) },
		} {
			if err := run(t.Context()); !dynamo.IsCondCheckFailed(err) {
				t.Errorf("%s: got %v", name, err)
			}
			equal(t, w.stored(t, 1), before)
		}
	})
}

func TestRewrite_RefusesItemsThatAreTooLarge(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		before := w.stored(t, 1)
		err := update(w).Set("body", strings.Repeat("x", 400<<10)).Run(t.Context())
		wantValidation(t, err, "Item size to update has exceeded the maximum allowed size")
		equal(t, w.stored(t, 1), before)
	})
}

// both updates two notes, of which the second can be updated in place.
func both(w *world) *dynamo.WriteTx {
	return w.db.WriteTx().Update(update(w).Set("body", "changed").SetExpr("score = score + ?", 1)).
		Update(w.table().Update("person", "ada").Range("num", 2).Add("seen", 1))
}

func TestTransaction_StartsOverWhenAnItemThatItReadChanges(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1), note(2))
		other, _ := w.open(t, f.encryptor(t, 1))
		attempts := 0
		w.transact = func(in *dynamodb.TransactWriteItemsInput) {
			if in.TransactItems[0].Put == nil || in.TransactItems[1].Update == nil {
				t.Errorf("the first is not rewritten, or the second not sent as it is: %+v", in.TransactItems)
			}
			if attempts++; attempts < 3 {
				check(t, other.Table(tableName).Update("person", "ada").Range("num", 1).Add("score", 10).Run(t.Context()))
			}
		}
		check(t, both(w).Run(t.Context()))
		w.transact = nil
		one, err := w.get(t, 1)
		check(t, err)
		two, err := w.get(t, 2)
		check(t, err)
		equal(t, []any{attempts, one.Text, one.Rank, two.Reads}, []any{3, "changed", note(1).Rank + 21, 2})
	})
}

func TestTransaction_StopsWithTheContextAndAfterManyAttempts(t *testing.T) {
	inStillTime(t, func(t *testing.T, w *world) {
		w.put(t, note(1), note(2))
		changed := func(string, any, any, error) (any, error) {
			return nil, &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{
				{Code: aws.String("ConditionalCheckFailed")}, {Code: aws.String("None")}}}
		}
		attempts := 0
		w.lie = func(op string, in, out any, err error) (any, error) {
			if op != "TransactWriteItems" {
				return out, err
			}
			attempts++
			return changed(op, in, out, err)
		}
		wantItemError(t, both(w).Run(t.Context()), "TransactWriteItems", mapper.ErrConflict)
		equal(t, attempts, 32)

		ctx, cancel := context.WithCancel(t.Context())
		w.lie = func(op string, in, out any, err error) (any, error) {
			if op != "TransactWriteItems" {
				return out, err
			}
			cancel()
			return changed(op, in, out, err)
		}
		wantError(t, both(w).Run(ctx), context.Canceled)
	})
}

func TestTransaction_HoldsWhatItReadsAgainstTheRequest(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1), note(2))
		check(t, w.raw.CreateTable("plain", Counter{}).OnDemand(true).Run(t.Context()))
		run := func() error {
			plain := w.db.Table("plain").Put(Counter{"1", 1})
			return w.db.WriteTx().Put(plain).Update(update(w).Set("body", "changed")).
				Update(w.table().Update("person", "ada").Range("num", 2).Set("body", "changed")).Run(t.Context())
		}
		reading := func(lie func(out *dynamodb.TransactGetItemsOutput) (any, error)) {
			w.lie = func(op string, _, out any, err error) (any, error) {
				if got, ok := out.(*dynamodb.TransactGetItemsOutput); ok && op == "TransactGetItems" {
					return lie(got)
				}
				return out, err
			}
		}
		reading(func(out *dynamodb.TransactGetItemsOutput) (any, error) {
			out.Responses = out.Responses[:1]
			return out, nil
		})
		wantItemError(t, run(), "TransactWriteItems", crypto.ErrTampered)
		reading(func(out *dynamodb.TransactGetItemsOutput) (any, error) {
			out.Responses[0], out.Responses[1] = out.Responses[1], out.Responses[0]
			return out, nil
		})
		wantItemError(t, run(), "TransactWriteItems", crypto.ErrTampered)

		reasons := func(codes ...string) error {
			e := &types.TransactionCanceledException{}
			for _, code := range codes {
				e.CancellationReasons = append(e.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
			}
			return e
		}
		// The reasons come back at the indices of the caller's operations.
		reading(func(*dynamodb.TransactGetItemsOutput) (any, error) { return nil, reasons("None", "ValidationError") })
		var cancelled *types.TransactionCanceledException
		if err := run(); !errors.As(err, &cancelled) || len(cancelled.CancellationReasons) != 3 ||
			aws.ToString(cancelled.CancellationReasons[2].Code) != "ValidationError" {
			t.Errorf("got %v", err)
		}
		reading(func(*dynamodb.TransactGetItemsOutput) (any, error) { return nil, reasons("ValidationError") })
		if err := run(); !errors.As(err, &cancelled) || len(cancelled.CancellationReasons) != 1 {
			t.Errorf("got %v", err)
		}
		// Another transaction that is in the way is waited for.
		conflicts := 0
		reading(func(out *dynamodb.TransactGetItemsOutput) (any, error) {
			if conflicts++; conflicts < 3 {
				return nil, reasons("None", "TransactionConflict")
			}
			return out, nil
		})
		check(t, run())
		equal(t, conflicts, 3)
	})
}

func TestTransaction_CreatesTheItemThatAnUpdateInPlaceDoesNotFind(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		var counted int
		w.transact = func(*dynamodb.TransactWriteItemsInput) { counted++ }
		err := w.db.WriteTx().Update(update(w).Add("seen", 1)).
			Update(w.table().Update("person", "ada").Range("num", 9).Add("seen", 5)).Idempotent(true).Run(t.Context())
		check(t, err)
		one, err := w.get(t, 1)
		check(t, err)
		created, err := w.get(t, 9)
		check(t, err)
		equal(t, []any{counted, one.Reads, created}, []any{2, 2, Note{Owner: "ada", Number: 9, Reads: 5}})
		if w.stored(t, 9)[f.signature] == nil {
			t.Error("the item was created unsealed")
		}
	})
}

func TestFilter_OnAKeyIsRefusedAsByTheService(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		err := w.table().Get("person", "ada").Filter("body = ? OR num = ?", "x", 1).All(t.Context(), &[]Note{})
		wantValidation(t, err, "Filter Expression can only contain non-primary key attributes")
		equal(t, w.requests.Load(), int64(0))
	})
}

func TestExpressions_BesideLegacyParametersAreRefused(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		exists := aws.String("attribute_exists(seen)")
		there := map[string]types.ExpectedAttributeValue{"seen": {Value: num("1")}}
		one := map[string]types.Condition{"person": {ComparisonOperator: types.ComparisonOperatorEq,
			AttributeValueList: []types.AttributeValue{str("ada")}}}
		_, put := w.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: key("1"),
			ConditionExpression: exists, Expected: there})
		_, query := w.client.Query(t.Context(), &dynamodb.QueryInput{TableName: table, KeyConditions: one,
			KeyConditionExpression: aws.String("person = :p"), ExpressionAttributeValues: crypto.Item{":p": str("ada")}})
		_, update := w.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			AttributeUpdates: map[string]types.AttributeValueUpdate{"body": {Action: types.AttributeActionAdd, Value: str("x")}}})
		for _, err := range []error{put, query, update} {
			wantError(t, err, mapper.ErrExpression)
		}
		equal(t, w.requests.Load(), int64(0))
	})
}

func TestFetch_GivesUpOnAServerThatProcessesNothing(t *testing.T) {
	inStillTime(t, func(t *testing.T, w *world) {
		w.put(t, note(1))
		batches := 0
		lie := func(op string, in, out any, err error) (any, error) {
			switch out := out.(type) {
			case *dynamodb.QueryOutput:
				for _, item := range out.Items {
					delete(item, "body")
				}
			case *dynamodb.BatchGetItemOutput:
				batches++
				return &dynamodb.BatchGetItemOutput{UnprocessedKeys: in.(*dynamodb.BatchGetItemInput).RequestItems}, nil
			}
			return out, err
		}
		w.lie = lie
		query := func(ctx context.Context) error {
			return w.table().Get("subject", "engines").Index("by-topic").All(ctx, &[]Note{})
		}
		var where *crypto.ItemError
		if err := query(t.Context()); !errors.As(err, &where) || where.Op != "Query" || batches != 32 {
			t.Errorf("got %v after %d requests", err, batches)
		}
		ctx, cancel := context.WithCancel(t.Context())
		w.lie = func(op string, in, out any, err error) (any, error) {
			if op == "BatchGetItem" {
				cancel()
			}
			return lie(op, in, out, err)
		}
		wantError(t, query(ctx), context.Canceled)

		w.lie = func(_ string, _, out any, err error) (any, error) {
			if out, ok := out.(*dynamodb.QueryOutput); ok {
				delete(out.Items[0], "num")
			}
			return out, err
		}
		wantItemError(t, query(t.Context()), "Query", crypto.ErrTampered)
	})
}

func TestIndex_AnOutageIsNotTakenForAPartOfAnItem(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1), note(2))
		away := &crypto.ItemError{Op: "decrypt", Err: crypto.ErrKeyUnavailable}
		db, _ := w.open(t, picky{f.encryptor(t, 1), away}, mapper.WithoutIndexFetches())
		err := db.Table(tableName).Get("subject", "engines").Index("by-topic").All(t.Context(), &[]Note{})
		wantItemError(t, err, "Query", crypto.ErrKeyUnavailable)
		if err == nil || strings.Contains(err.Error(), "projects") {
			t.Errorf("an outage is explained by the index: %v", err)
		}
	})
}

func TestDelete_ReadsAgainWhenTheItemChanged(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		other, _ := w.open(t, f.encryptor(t, 1))
		changed := false
		w.lie = func(op string, _, out any, err error) (any, error) {
			if op == "GetItem" && !changed {
				changed = true
				check(t, other.Table(tableName).Update("person", "ada").Range("num", 1).Set("body", "changed").Run(t.Context()))
			}
			return out, err
		}
		err := w.table().Delete("person", "ada").Range("num", 1).If("body = ?", note(1).Text).Run(t.Context())
		if !dynamo.IsCondCheckFailed(err) {
			t.Errorf("the condition that held when the item was read decided: %v", err)
		}
		w.lie = nil
		got, err := w.get(t, 1)
		check(t, err)
		equal(t, got.Text, "changed")
	})
}
