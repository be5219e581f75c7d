package mapper

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// PutItem seals an item and stores it, and opens the old item if ReturnValues
// asks for it. A condition on encrypted values takes a read first; see
// [Client.UpdateItem].
//
// If the SDK repeats a conditional put whose reply was lost, the condition can
// fail on the item that the first attempt stored. PutItem recognizes that item
// and succeeds, unless ReturnValues asks for the old item, which is gone by then.
// It fails with [ErrCarriedOut] in that case.
func (c *Client) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	in = given(in)
	const op = "PutItem"
	t := c.table(in.TableName)
	if t == nil {
		return pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.PutItem, in, optFns)
	}
	item, err := t.complete(op, in.Item)
	if err != nil {
		return nil, err
	}
	completed := *in
	completed.Item, in = item, &completed
	t = t.of(in.Item)
	g := t.guard(op, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	condition, err := g.expectation(in.ConditionExpression, in.Expected, in.ConditionalOperator)
	if err != nil {
		return nil, err
	}
	if err := g.unused(); err != nil {
		return nil, err
	}
	if why := g.alone(); why != nil {
		if t.noRewrites {
			return nil, why
		}
		return c.rewritePut(ctx, t, in, condition, optFns)
	}
	sealed, err := t.seal(ctx, op, in.Item)
	if err != nil {
		return nil, err
	}
	request := *in
	request.Item = sealed
	return c.put(ctx, t, op, in, &request, optFns)
}

// rewritePut is PutItem with a condition that DynamoDB cannot evaluate.
func (c *Client) rewritePut(ctx context.Context, t *table, in *dynamodb.PutItemInput, condition *expr.Condition,
	optFns []func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	const op = "PutItem"
	key := t.info.Key(in.Item)
	if err := errors.Join(t.checkKey(op, key), checkReturnValues(op, in.ReturnValues,
		types.ReturnValueAllOld)); err != nil {
		return nil, err
	}
	r := rewrite{client: c, table: t, op: op, name: *in.TableName, key: key, capacity: in.ReturnConsumedCapacity,
		metrics: in.ReturnItemCollectionMetrics, optFns: optFns}
	result, err := r.run(ctx, func(read snapshot) (decision, error) {
		if err := t.evaluate(op, condition, read, in.ReturnValuesOnConditionCheckFailure); err != nil {
			return decision{}, err
		}
		return decision{store, in.Item}, nil
	})
	if err != nil {
		return nil, err
	}
	out := &dynamodb.PutItemOutput{ConsumedCapacity: result.capacity, ItemCollectionMetrics: result.metrics}
	if in.ReturnValues == types.ReturnValueAllOld {
		out.Attributes = result.before
	}
	return out, nil
}

// evaluate evaluates a condition, which may be nil, on an item that was read.
func (t *table) evaluate(op string, condition *expr.Condition, read snapshot,
	asked types.ReturnValuesOnConditionCheckFailure) error {
	if condition == nil {
		return nil
	}
	holds, err := condition.Eval(t.visible(read))
	if err != nil {
		return t.fail(op, "", err)
	}
	if !holds {
		return conditionFailure(op, asked, read.opened)
	}
	return nil
}

// put sends request, a copy of in with its item sealed.
func (c *Client) put(ctx context.Context, t *table, op string, in, request *dynamodb.PutItemInput,
	optFns []func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	p := plan[dynamodb.PutItemInput, dynamodb.PutItemOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.PutItem,
		request: request,
		writes:  true,
		accept: func(ctx context.Context, out *dynamodb.PutItemOutput) (*dynamodb.PutItemOutput, error) {
			asked := account{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics, in.Item}
			got, err := t.replaced(ctx, op, asked, in.ReturnValues, out.Attributes, out.ConsumedCapacity, out.ItemCollectionMetrics)
			if err != nil {
				return nil, err
			}
			return &dynamodb.PutItemOutput{
				Attributes: got.before, ConsumedCapacity: got.capacity, ItemCollectionMetrics: got.metrics,
				ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}
	if in.ConditionExpression != nil || len(in.Expected) > 0 {
		// The stored item shows whether this put is repeated.
		request.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
		p.expected = conditionFailed
		p.failed = func(ctx context.Context, f *failure) (*dynamodb.PutItemOutput, error) {
			ours := false
			if f.condition != nil {
				var err error
				if ours, err = t.isOurs(ctx, op, in.Item, request.Item, f.item); err != nil {
					return nil, err
				}
			}
			if !ours {
				return nil, t.conditionError(ctx, op, f, in.Item, in.ReturnValuesOnConditionCheckFailure)
			}
			if in.ReturnValues == types.ReturnValueAllOld {
				return nil, t.fail(op, "", errOldItemLost)
			}
			return &dynamodb.PutItemOutput{}, nil
		}
	}
	return run(ctx, c, p, optFns)
}
