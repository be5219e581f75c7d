package mapper

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Query reads a page, opens its items in parallel, and evaluates the key
// condition and the filter on them. It sends the part of the filter that DynamoDB
// can evaluate. DynamoDB applies filters after the limit, so Limit, ScannedCount
// and LastEvaluatedKey mean the same as on a plain table. Counting the items that
// meet a filter on encrypted values requires reading them.
//
// Items of an index that does not project whole items are fetched from the table
// and returned whole, or as [WithIndexProjection] says; see also
// [WithoutIndexFetches].
func (c *Client) Query(ctx context.Context, in *dynamodb.QueryInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
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
	p, sent, err := g.page(keyCondition, pageInput{
		key: in.KeyConditionExpression, legacyKey: in.KeyConditions,
		name: *in.TableName, index: in.IndexName, startKey: in.ExclusiveStartKey, limit: in.Limit, selects: in.Select,
		filter: in.FilterExpression, legacyFilter: in.QueryFilter, operator: in.ConditionalOperator,
		projection: in.ProjectionExpression, legacyProjection: in.AttributesToGet, capacity: in.ReturnConsumedCapacity,
	})
	if err != nil {
		return nil, err
	}
	p.optFns = optFns
	if partitions := p.partitions(); partitions > 1 {
		return c.queryPartitions(ctx, in, p, sent, partitions)
	}
	if err := p.rewrite(ctx, &sent, 0); err != nil {
		return nil, err
	}
	return c.queryPage(ctx, in, p, sent)
}

// queryPage sends a Query whose parameters have been rewritten.
func (c *Client) queryPage(ctx context.Context, in *dynamodb.QueryInput, p pagePlan,
	sent pageRequest) (*dynamodb.QueryOutput, error) {
	request := *in
	request.KeyConditionExpression, request.KeyConditions = sent.key, sent.legacyKey
	request.FilterExpression, request.QueryFilter, request.ConditionalOperator = sent.filter, sent.legacyFilter,
		sent.operator
	request.ProjectionExpression, request.AttributesToGet, request.Select = nil, nil, sent.selects
	request.ExpressionAttributeNames, request.ExpressionAttributeValues = sent.names, sent.values
	return run(ctx, c, plan[dynamodb.QueryInput, dynamodb.QueryOutput]{
		op:      p.op,
		call:    dynamodbiface.DynamoDBAPI.Query,
		request: &request,
		accept: func(ctx context.Context, out *dynamodb.QueryOutput) (*dynamodb.QueryOutput, error) {
			got, err := c.openPage(ctx, p, page{out.Items, out.Count, out.ScannedCount, out.LastEvaluatedKey,
				out.ConsumedCapacity})
			if err != nil {
				return nil, err
			}
			return &dynamodb.QueryOutput{
				Items: got.items, Count: got.count, ScannedCount: got.scanned, LastEvaluatedKey: got.last,
				ConsumedCapacity: got.capacity, ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}, p.optFns)
}

// Scan reads a page, opens its items in parallel, and evaluates the filter on
// them, as [Client.Query] does.
func (c *Client) Scan(ctx context.Context, in *dynamodb.ScanInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	in = given(in)
	const op = "Scan"
	t := c.table(in.TableName)
	if t == nil {
		return pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.Scan, in, optFns)
	}
	g := t.guard(op, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	p, sent, err := g.page(nil, pageInput{
		name: *in.TableName, index: in.IndexName, startKey: in.ExclusiveStartKey, limit: in.Limit, selects: in.Select,
		filter: in.FilterExpression, legacyFilter: in.ScanFilter, operator: in.ConditionalOperator,
		projection: in.ProjectionExpression, legacyProjection: in.AttributesToGet, capacity: in.ReturnConsumedCapacity,
	})
	if err != nil {
		return nil, err
	}
	p.optFns = optFns
	if err := p.rewrite(ctx, &sent, 0); err != nil {
		return nil, err
	}
	request := *in
	request.FilterExpression, request.ScanFilter, request.ConditionalOperator = sent.filter, sent.legacyFilter,
		sent.operator
	request.ProjectionExpression, request.AttributesToGet, request.Select = nil, nil, sent.selects
	request.ExpressionAttributeNames, request.ExpressionAttributeValues = sent.names, sent.values
	return run(ctx, c, plan[dynamodb.ScanInput, dynamodb.ScanOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.Scan,
		request: &request,
		accept: func(ctx context.Context, out *dynamodb.ScanOutput) (*dynamodb.ScanOutput, error) {
			got, err := c.openPage(ctx, p, page{out.Items, out.Count, out.ScannedCount, out.LastEvaluatedKey,
				out.ConsumedCapacity})
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

// pageInput has the parameters that Query and Scan share.
type pageInput struct {
	name             string // of the table, as the caller gave it
	key              *string
	legacyKey        map[string]types.Condition
	index            *string
	startKey         crypto.Item
	limit            *int32
	selects          types.Select
	filter           *string
	legacyFilter     map[string]types.Condition
	operator         types.ConditionalOperator
	projection       *string
	legacyProjection []string
	capacity         types.ReturnConsumedCapacity
}

// pageRequest has the parameters that are sent.
type pageRequest struct {
	key          *string
	legacyKey    map[string]types.Condition
	filter       *string
	legacyFilter map[string]types.Condition
	operator     types.ConditionalOperator
	selects      types.Select
	names        map[string]string
	values       crypto.Item
}

// page checks the parameters that Query and Scan share. It returns the plan for
// the page and the parameters to send.
func (g *requestGuard) page(keyCondition *expr.KeyCondition, in pageInput) (pagePlan, pageRequest, error) {
	t := g.table
	p := pagePlan{table: t, op: g.op, name: in.name, index: in.index, limit: in.limit, capacity: in.capacity}
	p.exact, p.hashed = t.splitKey(keyCondition)
	p.stored = slices.Concat(p.exact, p.hashed)
	for _, term := range p.exact {
		if err := t.checkUses(g.op, []expr.Use{{Path: term.Test().Path, Kind: expr.Read}}); err != nil {
			return p, pageRequest{}, err
		}
	}
	sent := pageRequest{key: in.key, legacyKey: in.legacyKey, filter: in.filter, legacyFilter: in.legacyFilter,
		operator: in.operator, selects: in.selects}
	if err := t.startKey(g.op, in.index, in.startKey); err != nil {
		return p, sent, err
	}
	translated, err := expr.LegacyCondition(in.legacyFilter, in.operator)
	filter, err := g.conditions("FilterExpression", in.filter, translated, err)
	if err != nil {
		return p, sent, err
	}
	if err := g.unused(); err != nil {
		return p, sent, err
	}
	if p.projection, err = g.projection(in.projection, in.legacyProjection); err != nil {
		return p, sent, err
	}
	if in.index != nil {
		declared, _ := t.policy.Index(*in.index)
		p.whole = declared.Local && (p.projection != nil || in.selects == types.SelectAllAttributes)
	}
	sent.names, sent.values = g.names(p.projection), g.params.Values
	p.counts = in.selects == types.SelectCount
	if err := g.splitFilter(&p, filter); err != nil {
		return p, sent, err
	}
	if !p.counts || len(p.rest)+len(p.hashed) > 0 {
		p.holdsItems = true
		sent.selects = t.selectWhole(in)
	}
	return p, sent, nil
}

// splitFilter splits a filter, which may be nil, into the conjuncts that DynamoDB
// can evaluate and those that are evaluated here. A legacy filter is not split.
func (g *requestGuard) splitFilter(p *pagePlan, filter *expr.Condition) error {
	if filter == nil {
		return nil
	}
	if len(p.stored) > 0 {
		if err := g.checkFilter(p.index, filter); err != nil {
			return err
		}
	}
	if g.table.checkUses(g.op, filter.Uses()) == nil {
		p.sent = []*expr.Condition{filter}
		return nil
	}
	for _, conjunct := range filter.Conjuncts() {
		if g.table.checkUses(g.op, conjunct.Uses()) == nil {
			p.sent = append(p.sent, conjunct)
		} else {
			p.rest = append(p.rest, conjunct)
		}
	}
	return nil
}

// checkFilter refuses a filter of a Query on the attributes of the key that is
// queried, as DynamoDB does. It sees neither the part of a filter that is not
// sent, nor the attribute whose beacon is in the key.
func (g *requestGuard) checkFilter(index *string, filter *expr.Condition) error {
	for _, use := range filter.Uses() {
		if name := use.Path.Root(); slices.Contains(g.table.keyNamesOf(index), name) {
			return g.table.fail(g.op, name, validation("Filter Expression can only contain non-primary key attributes: "+
				"Primary key attribute: %s", name))
		}
	}
	return nil
}

// usedOf returns the placeholders that are used; nil if there are none.
func usedOf[V any](all map[string]V, used []expr.Placeholders, kind func(expr.Placeholders) []string) map[string]V {
	var kept map[string]V
	for _, u := range used {
		for _, placeholder := range kind(u) {
			if v, ok := all[placeholder]; ok {
				if kept == nil {
					kept = make(map[string]V)
				}
				kept[placeholder] = v
			}
		}
	}
	return kept
}

// selectWhole asks for whole items. A local index fetches the attributes that it
// does not project from its table. A global one cannot, so its items are fetched
// by their keys.
func (t *table) selectWhole(in pageInput) types.Select {
	if in.index == nil || in.selects == types.SelectAllAttributes {
		return types.SelectAllAttributes
	}
	if declared, ok := t.policy.Index(*in.index); ok && declared.Local {
		return types.SelectAllAttributes
	}
	return types.SelectAllProjectedAttributes
}

// indexError explains an error of an item that was read through an index.
func (p pagePlan) indexError(err error) error {
	if p.index == nil || !damaged(err) || p.fetches() {
		return err
	}
	return p.table.fail(p.op, "", fmt.Errorf("%w: it was read through index %q, and unless that index projects all "+
		"attributes, its items cannot be verified; "+
		"give it the projection ALL, read the item from the table by its key, or leave out mapper.WithoutIndexFetches", err,
		aws.ToString(p.index)))
}
