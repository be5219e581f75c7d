package mapper

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// Query opens the items of the page, in parallel.
func (c *Client) Query(ctx context.Context, in *dynamodb.QueryInput, optFns ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in = given(in)
	const op = "Query"
	t := c.table(in.TableName)
	if t == nil {
		return c.api.Query(ctx, in, optFns...)
	}
	params := expr.Params{Names: in.ExpressionAttributeNames, Values: in.ExpressionAttributeValues}
	keyCondition, err := t.guardKeyCondition(op, in.KeyConditionExpression, params)
	if err != nil {
		return nil, err
	}
	filter, err := t.guardCondition(op, in.FilterExpression, params)
	if err != nil {
		return nil, err
	}
	if err := t.guardLegacy(op, in.KeyConditions); err != nil {
		return nil, err
	}
	if err := t.guardLegacy(op, in.QueryFilter); err != nil {
		return nil, err
	}

	request := *in
	var projection *expr.Projection
	if in.Select != types.SelectCount {
		if projection, err = t.parseProjection(op, in.ProjectionExpression, in.AttributesToGet, in.ExpressionAttributeNames); err != nil {
			return nil, err
		}
		request.ProjectionExpression, request.AttributesToGet = nil, nil
		request.ExpressionAttributeNames = namesWithout(projection, in.ExpressionAttributeNames, placeholders(keyCondition), placeholders(filter))
		request.Select = t.selectWhole(in.IndexName)
	}

	out, err := c.api.Query(ctx, &request, optFns...)
	if err != nil {
		return nil, err
	}
	reply := *out
	if reply.Items, err = c.openPage(ctx, op, t, aws.ToString(in.IndexName), out.Items, projection); err != nil {
		return nil, err
	}
	reply.Count -= int32(len(out.Items) - len(reply.Items))
	return &reply, nil
}

// Scan opens the items of the page, in parallel.
func (c *Client) Scan(ctx context.Context, in *dynamodb.ScanInput, optFns ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	in = given(in)
	const op = "Scan"
	t := c.table(in.TableName)
	if t == nil {
		return c.api.Scan(ctx, in, optFns...)
	}
	filter, err := t.guardCondition(op, in.FilterExpression, expr.Params{Names: in.ExpressionAttributeNames, Values: in.ExpressionAttributeValues})
	if err != nil {
		return nil, err
	}
	if err := t.guardLegacy(op, in.ScanFilter); err != nil {
		return nil, err
	}

	request := *in
	var projection *expr.Projection
	if in.Select != types.SelectCount {
		if projection, err = t.parseProjection(op, in.ProjectionExpression, in.AttributesToGet, in.ExpressionAttributeNames); err != nil {
			return nil, err
		}
		request.ProjectionExpression, request.AttributesToGet = nil, nil
		request.ExpressionAttributeNames = namesWithout(projection, in.ExpressionAttributeNames, placeholders(filter))
		request.Select = t.selectWhole(in.IndexName)
	}

	out, err := c.api.Scan(ctx, &request, optFns...)
	if err != nil {
		return nil, err
	}
	reply := *out
	if reply.Items, err = c.openPage(ctx, op, t, aws.ToString(in.IndexName), out.Items, projection); err != nil {
		return nil, err
	}
	reply.Count -= int32(len(out.Items) - len(reply.Items))
	return &reply, nil
}

// selectWhole asks for whole items. A local index can fetch from its table
// what it does not project; a global one cannot, and its items then fail to
// verify with an error that says so.
func (t *table) selectWhole(index *string) types.Select {
	if index == nil {
		return types.SelectAllAttributes
	}
	if declared, ok := t.policy.Index(*index); ok && declared.Local {
		return types.SelectAllAttributes
	}
	return types.SelectAllProjectedAttributes
}
