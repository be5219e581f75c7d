package mapper

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// DeleteItem deletes an item, and opens the deleted item if ReturnValues asks
// for it. A condition on encrypted values takes a read first; see
// [Client.UpdateItem].
func (c *Client) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	in = given(in)
	const op = "DeleteItem"
	t := c.table(in.TableName)
	if t == nil {
		return pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.DeleteItem, in, optFns)
	}
	if err := t.checkKey(op, in.Key); err != nil {
		return nil, err
	}
	t = t.of(in.Key)
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
		return c.rewriteDelete(ctx, t, in, condition, optFns)
	}
	return c.delete(ctx, t, op, in, optFns)
}

// rewriteDelete is DeleteItem with a condition that DynamoDB cannot evaluate.
func (c *Client) rewriteDelete(ctx context.Context, t *table, in *dynamodb.DeleteItemInput, condition *expr.Condition,
	optFns []func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	const op = "DeleteItem"
	if err := checkReturnValues(op, in.ReturnValues, types.ReturnValueAllOld); err != nil {
		return nil, err
	}
	r := rewrite{client: c, table: t, op: op, name: *in.TableName, key: in.Key, capacity: in.ReturnConsumedCapacity,
		metrics: in.ReturnItemCollectionMetrics, optFns: optFns}
	result, err := r.run(ctx, func(read snapshot) (decision, error) {
		if err := t.evaluate(op, condition, read, in.ReturnValuesOnConditionCheckFailure); err != nil {
			return decision{}, err
		}
		if read.stored == nil {
			return decision{verb: leave}, nil
		}
		return decision{verb: remove}, nil
	})
	if err != nil {
		return nil, err
	}
	out := &dynamodb.DeleteItemOutput{ConsumedCapacity: result.capacity, ItemCollectionMetrics: result.metrics}
	if in.ReturnValues == types.ReturnValueAllOld {
		out.Attributes = result.before
	}
	return out, nil
}

// delete sends a request that DynamoDB can carry out on stored values.
func (c *Client) delete(ctx context.Context, t *table, op string, in *dynamodb.DeleteItemInput,
	optFns []func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	p := plan[dynamodb.DeleteItemInput, dynamodb.DeleteItemOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.DeleteItem,
		request: in,
		writes:  true,
		accept: func(ctx context.Context, out *dynamodb.DeleteItemOutput) (*dynamodb.DeleteItemOutput, error) {
			asked := account{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics, in.Key}
			got, err := t.replaced(ctx, op, asked, in.ReturnValues, out.Attributes, out.ConsumedCapacity, out.ItemCollectionMetrics)
			if err != nil {
				return nil, err
			}
			return &dynamodb.DeleteItemOutput{
				Attributes: got.before, ConsumedCapacity: got.capacity, ItemCollectionMetrics: got.metrics,
				ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}
	if in.ConditionExpression != nil || len(in.Expected) > 0 {
		p.expected = conditionFailed
		p.failed = func(ctx context.Context, f *failure) (*dynamodb.DeleteItemOutput, error) {
			return nil, t.conditionError(ctx, op, f, in.Key, in.ReturnValuesOnConditionCheckFailure)
		}
	}
	return run(ctx, c, p, optFns)
}
