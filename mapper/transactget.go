package mapper

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// TransactGetItems reads items in a transaction and opens them in parallel.
func (c *Client) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	in = given(in)
	const op = "TransactGetItems"
	var all []*string
	declared := false
	for _, item := range in.TransactItems {
		if item.Get != nil {
			all = append(all, item.Get.TableName)
			declared = declared || c.table(item.Get.TableName) != nil
		}
	}
	if !declared {
		return pass(ctx, c, op, all, dynamodbiface.DynamoDBAPI.TransactGetItems, in, optFns)
	}
	request := *in
	request.TransactItems = make([]types.TransactGetItem, len(in.TransactItems))
	gets := make([]transactGet, len(in.TransactItems))
	for i, item := range in.TransactItems {
		var err error
		if request.TransactItems[i], gets[i], err = c.transactGet(op, item); err != nil {
			return nil, err
		}
	}
	return run(ctx, c, plan[dynamodb.TransactGetItemsInput, dynamodb.TransactGetItemsOutput]{
		op:       op,
		call:     dynamodbiface.DynamoDBAPI.TransactGetItems,
		request:  &request,
		expected: cancelled,
		accept: func(ctx context.Context, out *dynamodb.TransactGetItemsOutput) (*dynamodb.TransactGetItemsOutput, error) {
			if len(out.Responses) != len(gets) {
				return nil, &crypto.ItemError{Op: op, Err: fmt.Errorf("%w: the reply has %d items for %d requests",
					crypto.ErrTampered, len(out.Responses), len(gets))}
			}
			responses := make([]types.ItemResponse, len(gets))
			err := c.each(ctx, len(gets), func(ctx context.Context, i int) (err error) {
				responses[i].Item, err = gets[i].open(ctx, op, out.Responses[i].Item)
				return err
			})
			if err != nil {
				return nil, err
			}
			tables := make(map[string]bool)
			for _, name := range all {
				tables[arn.TableName(*name)] = true
			}
			capacity, err := capacities(op, in.ReturnConsumedCapacity, tables, out.ConsumedCapacity)
			if err != nil {
				return nil, err
			}
			return &dynamodb.TransactGetItemsOutput{Responses: responses, ConsumedCapacity: capacity,
				ResultMetadata: out.ResultMetadata}, nil
		},
	}, optFns)
}

// transactGet is one operation of a TransactGetItems.
type transactGet struct {
	table      *table // nil if the table is not declared
	key        crypto.Item
	projection *expr.Projection
}

// transactGet checks one operation, and returns it as it is sent.
func (c *Client) transactGet(op string, item types.TransactGetItem) (types.TransactGetItem, transactGet, error) {
	if item.Get == nil {
		return item, transactGet{}, nil
	}
	get := *item.Get
	t := c.table(get.TableName)
	if t == nil {
		if c.declaredOnly || get.TableName == nil {
			return item, transactGet{}, notDeclared(op, get.TableName)
		}
		return item, transactGet{}, nil
	}
	if err := t.checkKey(op, get.Key); err != nil {
		return item, transactGet{}, err
	}
	t = t.of(get.Key)
	g := t.guard(op, get.ExpressionAttributeNames, nil)
	projection, err := g.projection(get.ProjectionExpression, nil)
	if err != nil {
		return item, transactGet{}, err
	}
	get.ProjectionExpression, get.ExpressionAttributeNames = nil, g.names(projection)
	return types.TransactGetItem{Get: &get}, transactGet{t, get.Key, projection}, nil
}

// open opens the item that answers the operation.
func (g transactGet) open(ctx context.Context, op string, item crypto.Item) (crypto.Item, error) {
	if g.table == nil {
		return item, nil
	}
	opened, err := g.table.openFor(ctx, op, g.key, item)
	return project(g.projection, opened), err
}
