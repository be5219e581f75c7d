package mapper

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
)

// PutItem seals the item, and opens the old one if it is asked for.
//
// If the SDK repeats a conditional put whose reply was lost, the repetition
// fails on the item that the first one stored. PutItem recognizes that item
// and succeeds. Only if the old item was asked for, which is gone then, it
// fails with [ErrCarriedOut].
func (c *Client) PutItem(ctx context.Context, in *dynamodb.PutItemInput, optFns ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	in = given(in)
	const op = "PutItem"
	t := c.table(in.TableName)
	if t == nil {
		return pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.PutItem, in, optFns)
	}
	t = t.of(in.Item)
	g := t.guard(op, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err := g.expectations(in.ConditionExpression, in.Expected, in.ConditionalOperator); err != nil {
		return nil, err
	}
	if err := g.unused(); err != nil {
		return nil, err
	}
	sealed, err := t.seal(ctx, op, in.Item)
	if err != nil {
		return nil, err
	}
	request := *in
	request.Item = sealed
	return c.put(ctx, t, op, in, &request, optFns)
}

// put sends request, which is in with its item sealed.
func (c *Client) put(ctx context.Context, t *table, op string, in, request *dynamodb.PutItemInput, optFns []func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	p := plan[dynamodb.PutItemInput, dynamodb.PutItemOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.PutItem,
		request: request,
		writes:  true,
		accept: func(ctx context.Context, out *dynamodb.PutItemOutput) (*dynamodb.PutItemOutput, error) {
			var old crypto.Item
			var err error
			if in.ReturnValues == types.ReturnValueAllOld {
				if old, err = t.openFor(ctx, op, in.Item, out.Attributes); err != nil {
					return nil, err
				}
			}
			capacity, metrics, err := t.accounts(op, account{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics, in.Item},
				out.ConsumedCapacity, out.ItemCollectionMetrics)
			if err != nil {
				return nil, err
			}
			return &dynamodb.PutItemOutput{
				Attributes: old, ConsumedCapacity: capacity, ItemCollectionMetrics: metrics, ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}
	if in.ConditionExpression != nil || len(in.Expected) > 0 {
		// The stored item tells whether it is this very put that is repeated.
		request.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
		p.expected = conditionFailed
		p.failed = func(ctx context.Context, f *failure) (*dynamodb.PutItemOutput, error) {
			if f.condition == nil || !t.isOurs(ctx, op, in.Item, request.Item, f.item) {
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
