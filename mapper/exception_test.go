package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

func conditionFailed(item crypto.Item) error {
	return fmt.Errorf("operation error DynamoDB: %w",
		&types.ConditionalCheckFailedException{Message: aws.String("failed"), Item: item})
}

func cancelled(items ...crypto.Item) error {
	e := &types.TransactionCanceledException{Message: aws.String("cancelled")}
	for _, item := range items {
		e.CancellationReasons = append(e.CancellationReasons,
			types.CancellationReason{Code: aws.String("ConditionalCheckFailed"), Item: item})
	}
	return fmt.Errorf("operation error DynamoDB: %w", e)
}

// conditional has requests with conditions, which ask for the item on which
// one failed.
var conditional = map[string]func(ctx context.Context, c *mapper.Client) (any, error){
	"PutItem": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"),
			ConditionExpression:                 aws.String("attribute_not_exists(person)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
	},
	"UpdateItem": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			UpdateExpression:                    aws.String("REMOVE seen"),
			ConditionExpression:                 aws.String("attribute_not_exists(person)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
	},
	"DeleteItem": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"),
			ConditionExpression:                 aws.String("attribute_not_exists(person)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
	},
	"TransactWriteItems, put": func(ctx context.Context, c *mapper.Client) (any, error) {
		return nil, transact(ctx, c, types.TransactWriteItem{Put: &types.Put{TableName: table, Item: key("1"),
			ConditionExpression:                 aws.String("attribute_not_exists(person)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}})
	},
	"TransactWriteItems, update": func(ctx context.Context, c *mapper.Client) (any, error) {
		return nil, transact(ctx, c, types.TransactWriteItem{Update: &types.Update{TableName: table, Key: key("1"),
			UpdateExpression:                    aws.String("REMOVE seen"),
			ConditionExpression:                 aws.String("attribute_not_exists(person)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}})
	},
	"TransactWriteItems, delete": func(ctx context.Context, c *mapper.Client) (any, error) {
		return nil, transact(ctx, c, types.TransactWriteItem{Delete: &types.Delete{TableName: table, Key: key("1"),
			ConditionExpression:                 aws.String("attribute_not_exists(person)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}})
	},
	"TransactWriteItems, check": func(ctx context.Context, c *mapper.Client) (any, error) {
		return nil, transact(ctx, c, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: table,
			Key:                                 key("1"),
			ConditionExpression:                 aws.String("attribute_not_exists(person)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}})
	},
}

// itemsOf returns the items in the exceptions that err wraps.
func itemsOf(err error) []crypto.Item {
	var items []crypto.Item
	var condition *types.ConditionalCheckFailedException
	if errors.As(err, &condition) && condition.Item != nil {
		items = append(items, condition.Item)
	}
	var cancellation *types.TransactionCanceledException
	if errors.As(err, &cancellation) {
		for _, reason := range cancellation.CancellationReasons {
			if reason.Item != nil {
				items = append(items, reason.Item)
			}
		}
	}
	return items
}

func failWith(op string, item crypto.Item) error {
	if op == "TransactWriteItems" {
		return cancelled(item)
	}
	return conditionFailed(item)
}

func TestFailedCondition_HoldsTheOpenedItemThatWasAskedFor(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f, mapper.WithoutRewrites())
		w.put(t, note(1), note(2))
		one, two := w.stored(t, 1), w.stored(t, 2)
		opened, err := w.client.Open(t.Context(), tableName, one)
		check(t, err)
		for name, request := range conditional {
			t.Run(name, func(t *testing.T) {
				for what, c := range map[string]struct {
					item crypto.Item
					want []crypto.Item
					kind error
				}{
					"the item":     {one, []crypto.Item{opened}, nil},
					"another item": {two, nil, crypto.ErrTampered},
					"a forged one": {edited(one, "", "subject", str("forged")), nil, crypto.ErrTampered},
					"a plain one":  {edited(key("1"), "", "body", str("forged")), nil, crypto.ErrNotProtected},
					"no item":      {nil, nil, nil},
				} {
					w.lie = func(op string, _, _ any, _ error) (any, error) { return nil, failWith(op, c.item) }
					_, err := request(t.Context(), w.client)
					equal(t, itemsOf(err), c.want)
					if c.kind != nil {
						wantItemError(t, err, opOf(name), c.kind)
					} else if errors.Is(err, crypto.ErrTampered) || errors.Is(err, crypto.ErrNotProtected) {
						t.Errorf("%s: got %v", what, err)
					}
					var condition *types.ConditionalCheckFailedException
					var cancellation *types.TransactionCanceledException
					isUpdate := name == "UpdateItem" && what == "a plain one"
					if !isUpdate && !errors.As(err, &condition) && !errors.As(err, &cancellation) {
						t.Errorf("%s: the failed condition is lost: %v", what, err)
					}
				}
			})
		}
	})
}

func TestFailedCondition_HoldsNoItemThatWasNotAskedFor(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		one := w.stored(t, 1)
		exists, update := aws.String("attribute_not_exists(person)"), aws.String("REMOVE seen")
		for name, request := range map[string]func() error{
			"PutItem": func() error {
				_, err := w.client.PutItem(t.Context(),
					&dynamodb.PutItemInput{TableName: table, Item: key("1"), ConditionExpression: exists})
				return err
			},
			"UpdateItem": func() error {
				_, err := w.client.UpdateItem(t.Context(),
					&dynamodb.UpdateItemInput{TableName: table, Key: key("1"), UpdateExpression: update,
						ConditionExpression: exists})
				return err
			},
			"DeleteItem": func() error {
				_, err := w.client.DeleteItem(t.Context(),
					&dynamodb.DeleteItemInput{TableName: table, Key: key("1"), ConditionExpression: exists})
				return err
			},
			"TransactWriteItems": func() error {
				return transact(t.Context(), w.client,
					types.TransactWriteItem{Put: &types.Put{TableName: table, Item: key("1"),
						ConditionExpression: exists}})
			},
			"TransactWriteItems, update": func() error {
				return transact(t.Context(), w.client,
					types.TransactWriteItem{Update: &types.Update{TableName: table, Key: key("1"),
						UpdateExpression: update, ConditionExpression: exists}})
			},
			"TransactGetItems": func() error {
				_, err := requests["TransactGetItems"](t.Context(), w.client)
				return err
			},
		} {
			w.lie = func(op string, _, _ any, _ error) (any, error) {
				if op == "TransactGetItems" {
					return nil, cancelled(one)
				}
				return nil, failWith(op, one)
			}
			err := request()
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			equal(t, itemsOf(err), []crypto.Item(nil))
		}
	})
}

func TestCancellation_ItemsStayOnlyWithTheirReasons(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		one := w.stored(t, 1)
		request := conditional["TransactWriteItems, check"]
		for name, reasons := range map[string][]types.CancellationReason{
			"another code": {{Code: aws.String("TransactionConflict"), Item: one}},
			"no code":      {{Item: one}},
			"more reasons": {{Code: aws.String("ConditionalCheckFailed"), Item: one},
				{Code: aws.String("ConditionalCheckFailed"), Item: one}},
			"none of the items": {{Code: aws.String("ConditionalCheckFailed")}},
		} {
			w.lie = func(string, any, any, error) (any, error) {
				return nil, &types.TransactionCanceledException{CancellationReasons: reasons}
			}
			_, err := request(t.Context(), w.client)
			var cancellation *types.TransactionCanceledException
			if !errors.As(err, &cancellation) || len(itemsOf(err)) > 0 {
				t.Errorf("%s: got %v with %d items", name, err, len(itemsOf(err)))
			}
		}
	})
}

func TestException_OfAnotherKindOfRequestIsTampering(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		one := w.stored(t, 1)
		both := fmt.Errorf("%w: %w", cancelled(one), conditionFailed(one))
		all := maps.Clone(requests) // without conditions
		for name, request := range conditional {
			all[name+", conditional"] = request
		}
		for name, request := range all {
			op := opOf(name)
			unconditional := name == op
			wrong := map[string]error{"both kinds": both}
			if op != "TransactWriteItems" && op != "TransactGetItems" {
				wrong["a cancelled transaction"] = cancelled(one)
			}
			if op == "TransactWriteItems" || op == "TransactGetItems" || unconditional && op != "UpdateItem" {
				wrong["a failed condition"] = conditionFailed(one)
			}
			for what, exception := range wrong {
				t.Run(name+"/"+what, func(t *testing.T) {
					w.lie = func(string, any, any, error) (any, error) { return nil, exception }
					_, err := request(t.Context(), w.client)
					wantItemError(t, err, op, crypto.ErrTampered)
					equal(t, itemsOf(err), []crypto.Item(nil))
					var condition *types.ConditionalCheckFailedException
					var cancellation *types.TransactionCanceledException
					if errors.As(err, &condition) || errors.As(err, &cancellation) {
						t.Errorf("the error can be taken for an answer: %v", err)
					}
				})
			}
		}
	})
}
