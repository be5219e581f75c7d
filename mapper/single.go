package mapper

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// GetItem opens the item.
func (c *Client) GetItem(ctx context.Context, in *dynamodb.GetItemInput, optFns ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	in = given(in)
	const op = "GetItem"
	t := c.table(in.TableName)
	if t == nil || !t.selected(in.Key) {
		return c.api.GetItem(ctx, in, optFns...)
	}
	projection, err := t.parseProjection(op, in.ProjectionExpression, in.AttributesToGet, in.ExpressionAttributeNames)
	if err != nil {
		return nil, err
	}
	request := *in
	request.ProjectionExpression, request.AttributesToGet = nil, nil
	request.ExpressionAttributeNames = namesWithout(projection, in.ExpressionAttributeNames)

	out, err := c.api.GetItem(ctx, &request, optFns...)
	if err != nil {
		return nil, err
	}
	item, err := t.openFor(ctx, op, in.Key, out.Item)
	if err != nil {
		return nil, err
	}
	reply := *out
	reply.Item = project(projection, item)
	return &reply, nil
}

// PutItem seals the item, and opens the old one if it is asked for.
func (c *Client) PutItem(ctx context.Context, in *dynamodb.PutItemInput, optFns ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	in = given(in)
	const op = "PutItem"
	t := c.table(in.TableName)
	if t == nil || !t.selected(in.Item) {
		return c.api.PutItem(ctx, in, optFns...)
	}
	if _, err := t.guardCondition(op, in.ConditionExpression, expr.Params{Names: in.ExpressionAttributeNames, Values: in.ExpressionAttributeValues}); err != nil {
		return nil, err
	}
	if err := t.guardExpected(op, in.Expected); err != nil {
		return nil, err
	}
	sealed, err := t.seal(ctx, op, in.Item)
	if err != nil {
		return nil, err
	}
	request := *in
	request.Item = sealed

	out, err := c.api.PutItem(ctx, &request, optFns...)
	if err != nil {
		return nil, t.openInError(ctx, op, err)
	}
	old, err := t.openFor(ctx, op, in.Item, out.Attributes)
	if err != nil {
		return nil, carriedOut(err)
	}
	reply := *out
	reply.Attributes = old
	return &reply, nil
}

// DeleteItem opens the deleted item if it is asked for.
func (c *Client) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, optFns ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	in = given(in)
	const op = "DeleteItem"
	t := c.table(in.TableName)
	if t == nil || !t.selected(in.Key) {
		return c.api.DeleteItem(ctx, in, optFns...)
	}
	if _, err := t.guardCondition(op, in.ConditionExpression, expr.Params{Names: in.ExpressionAttributeNames, Values: in.ExpressionAttributeValues}); err != nil {
		return nil, err
	}
	if err := t.guardExpected(op, in.Expected); err != nil {
		return nil, err
	}

	out, err := c.api.DeleteItem(ctx, in, optFns...)
	if err != nil {
		return nil, t.openInError(ctx, op, err)
	}
	old, err := t.openFor(ctx, op, in.Key, out.Attributes)
	if err != nil {
		return nil, carriedOut(err)
	}
	reply := *out
	reply.Attributes = old
	return &reply, nil
}
