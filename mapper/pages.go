package mapper

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// Query opens the items of the page, in parallel, and checks that each meets
// the key condition and the filter.
func (c *Client) Query(ctx context.Context, in *dynamodb.QueryInput, optFns ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in = given(in)
	const op = "Query"
	t := c.table(in.TableName)
	if t == nil {
		return pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.Query, in, optFns)
	}
	g := t.guard(op, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	keyCondition, err := g.keyConditions(in.KeyConditionExpression, in.KeyConditions)
	if err != nil {
		return nil, err
	}
	p, err := g.page(pageInput{
		index: in.IndexName, startKey: in.ExclusiveStartKey, limit: in.Limit, selects: in.Select,
		filter: in.FilterExpression, legacyFilter: in.QueryFilter, operator: in.ConditionalOperator,
		projection: in.ProjectionExpression, legacyProjection: in.AttributesToGet, capacity: in.ReturnConsumedCapacity,
	})
	if err != nil {
		return nil, err
	}
	p.keyCondition = keyCondition
	request := *in
	if !p.counts {
		request.ProjectionExpression, request.AttributesToGet = nil, nil
		request.ExpressionAttributeNames = g.names(p.projection)
		request.Select = t.selectWhole(in.IndexName)
	}
	return run(ctx, c, plan[dynamodb.QueryInput, dynamodb.QueryOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.Query,
		request: &request,
		accept: func(ctx context.Context, out *dynamodb.QueryOutput) (*dynamodb.QueryOutput, error) {
			got, err := c.openPage(ctx, p, page{out.Items, out.Count, out.ScannedCount, out.LastEvaluatedKey, out.ConsumedCapacity})
			if err != nil {
				return nil, err
			}
			return &dynamodb.QueryOutput{
				Items: got.items, Count: got.count, ScannedCount: got.scanned, LastEvaluatedKey: got.last,
				ConsumedCapacity: got.capacity, ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}, optFns)
}

// Scan opens the items of the page, in parallel, and checks that each meets
// the filter.
func (c *Client) Scan(ctx context.Context, in *dynamodb.ScanInput, optFns ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	in = given(in)
	const op = "Scan"
	t := c.table(in.TableName)
	if t == nil {
		return pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.Scan, in, optFns)
	}
	g := t.guard(op, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	p, err := g.page(pageInput{
		index: in.IndexName, startKey: in.ExclusiveStartKey, limit: in.Limit, selects: in.Select,
		filter: in.FilterExpression, legacyFilter: in.ScanFilter, operator: in.ConditionalOperator,
		projection: in.ProjectionExpression, legacyProjection: in.AttributesToGet, capacity: in.ReturnConsumedCapacity,
	})
	if err != nil {
		return nil, err
	}
	request := *in
	if !p.counts {
		request.ProjectionExpression, request.AttributesToGet = nil, nil
		request.ExpressionAttributeNames = g.names(p.projection)
		request.Select = t.selectWhole(in.IndexName)
	}
	return run(ctx, c, plan[dynamodb.ScanInput, dynamodb.ScanOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.Scan,
		request: &request,
		accept: func(ctx context.Context, out *dynamodb.ScanOutput) (*dynamodb.ScanOutput, error) {
			got, err := c.openPage(ctx, p, page{out.Items, out.Count, out.ScannedCount, out.LastEvaluatedKey, out.ConsumedCapacity})
			if err != nil {
				return nil, err
			}
			return &dynamodb.ScanOutput{
				Items: got.items, Count: got.count, ScannedCount: got.scanned, LastEvaluatedKey: got.last,
				ConsumedCapacity: got.capacity, ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}, optFns)
}

// pageInput is what a Query and a Scan have in common.
type pageInput struct {
	index            *string
	startKey         map[string]types.AttributeValue
	limit            *int32
	selects          types.Select
	filter           *string
	legacyFilter     map[string]types.Condition
	operator         types.ConditionalOperator
	projection       *string
	legacyProjection []string
	capacity         types.ReturnConsumedCapacity
}

// page checks what a Query and a Scan have in common and returns what their
// pages may hold.
func (g *guard) page(in pageInput) (pagePlan, error) {
	p := pagePlan{table: g.table, op: g.op, index: in.index, limit: in.limit, capacity: in.capacity, counts: in.selects == types.SelectCount}
	if err := g.table.startKey(g.op, in.index, in.startKey); err != nil {
		return p, err
	}
	filter, err := g.condition("filter", in.filter)
	if err != nil {
		return p, err
	}
	translated, err := expr.LegacyCondition(in.legacyFilter, in.operator)
	legacy, err := g.legacy("legacy filter", translated, err)
	if err != nil {
		return p, err
	}
	if !p.counts {
		if p.projection, err = g.projection(in.projection, in.legacyProjection); err != nil {
			return p, err
		}
	}
	for _, f := range []*expr.Condition{filter, legacy} {
		if f != nil {
			p.filters = append(p.filters, f)
		}
	}
	return p, g.unused()
}

// keyConditions checks the key condition of a query, in either spelling.
func (g *guard) keyConditions(source *string, legacy map[string]types.Condition) (*expr.KeyCondition, error) {
	condition, err := g.keyCondition(source)
	if err != nil || condition != nil || len(legacy) == 0 {
		return condition, err
	}
	condition, err = expr.LegacyKeyCondition(legacy)
	if err != nil {
		return nil, g.bad("legacy key condition", err)
	}
	return condition, g.table.checkUses(g.op, condition.Uses())
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

// indexError explains an error of an item that was read through an index.
func (p pagePlan) indexError(err error) error {
	if p.index == nil || !damaged(err) {
		return err
	}
	local := ""
	if _, ok := p.table.policy.Index(*p.index); !ok {
		local = " (if it is a local index, declare it with a `localIndex` tag, and it is read whole)"
	}
	return p.table.fail(p.op, "", fmt.Errorf("%w: it was read through index %q: unless that index projects all attributes, its items cannot be verified; "+
		"give it the projection ALL, or read the item from the table by its key%s", err, aws.ToString(p.index), local))
}
