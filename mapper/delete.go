package mapper

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
)

// DeleteItem opens the deleted item if it is asked for.
func (c *Client) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, optFns ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
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
	if err := g.expectations(in.ConditionExpression, in.Expected, in.ConditionalOperator); err != nil {
		return nil, err
	}
	if err := g.unused(); err != nil {
		return nil, err
	}
	p := plan[dynamodb.DeleteItemInput, dynamodb.DeleteItemOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.DeleteItem,
		request: in,
		writes:  true,
		accept: func(ctx context.Context, out *dynamodb.DeleteItemOutput) (*dynamodb.DeleteItemOutput, error) {
			var old crypto.Item
			var err error
			if in.ReturnValues == types.ReturnValueAllOld {
				if old, err = t.openFor(ctx, op, in.Key, out.Attributes); err != nil {
					return nil, err
				}
			}
			capacity, metrics, err := t.accounts(op, account{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics, in.Key},
				out.ConsumedCapacity, out.ItemCollectionMetrics)
			if err != nil {
				return nil, err
			}
			return &dynamodb.DeleteItemOutput{
				Attributes: old, ConsumedCapacity: capacity, ItemCollectionMetrics: metrics, ResultMetadata: out.ResultMetadata,
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
