package mapper

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// GetItem reads an item and opens it.
func (c *Client) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	in = given(in)
	const op = "GetItem"
	t := c.table(in.TableName)
	if t == nil {
		return pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.GetItem, in, optFns)
	}
	if err := t.checkKey(op, in.Key); err != nil {
		return nil, err
	}
	t = t.of(in.Key)
	g := t.guard(op, in.ExpressionAttributeNames, nil)
	projection, err := g.projection(in.ProjectionExpression, in.AttributesToGet)
	if err != nil {
		return nil, err
	}
	request := *in
	request.ProjectionExpression, request.AttributesToGet = nil, nil
	request.ExpressionAttributeNames = g.names(projection)

	return run(ctx, c, plan[dynamodb.GetItemInput, dynamodb.GetItemOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.GetItem,
		request: &request,
		accept: func(ctx context.Context, out *dynamodb.GetItemOutput) (*dynamodb.GetItemOutput, error) {
			item, err := t.openFor(ctx, op, in.Key, out.Item)
			if err != nil {
				return nil, err
			}
			capacity, err := t.capacity(op, in.ReturnConsumedCapacity, out.ConsumedCapacity)
			if err != nil {
				return nil, err
			}
			return &dynamodb.GetItemOutput{
				Item: project(projection, item), ConsumedCapacity: capacity, ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}, optFns)
}

// names lists the names of the tables that a request concerns.
func names(all ...*string) []*string { return all }
