package mapper

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// BatchGetItem reads items and opens them in parallel. Keys that were not
// processed are returned with the caller's own projection, so that they can be
// sent again.
func (c *Client) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return c.batchGetItem(ctx, "BatchGetItem", nil, given(in), optFns)
}

// batchGetItem is BatchGetItem for the operation op, which found the keys in an
// index if through is not nil.
func (c *Client) batchGetItem(ctx context.Context, op string, through *fetching, in *dynamodb.BatchGetItemInput,
	optFns []func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	if !c.anyDeclared(slices.Collect(maps.Keys(in.RequestItems))) {
		return pass(ctx, c, op, namesOf(in.RequestItems), dynamodbiface.DynamoDBAPI.BatchGetItem, in, optFns)
	}
	b := &batchGet{client: c, op: op, through: through, asked: make(map[string]*keysAsked, len(in.RequestItems))}
	request := *in
	request.RequestItems = make(map[string]types.KeysAndAttributes, len(in.RequestItems))
	for name, keys := range in.RequestItems {
		sent, err := b.ask(name, keys)
		if err != nil {
			return nil, err
		}
		request.RequestItems[name] = sent
	}
	return run(ctx, c, plan[dynamodb.BatchGetItemInput, dynamodb.BatchGetItemOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.BatchGetItem,
		request: &request,
		accept: func(ctx context.Context, out *dynamodb.BatchGetItemOutput) (*dynamodb.BatchGetItemOutput, error) {
			unprocessed, err := b.unprocessed(out.UnprocessedKeys)
			if err != nil {
				return nil, err
			}
			responses, err := b.responses(ctx, out.Responses)
			if err != nil {
				return nil, err
			}
			capacity, err := capacities(op, in.ReturnConsumedCapacity, b.tables(), out.ConsumedCapacity)
			if err != nil {
				return nil, err
			}
			return &dynamodb.BatchGetItemOutput{
				Responses: responses, UnprocessedKeys: unprocessed, ConsumedCapacity: capacity, ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}, optFns)
}

// batchGet holds the keys that a BatchGetItem asks for.
type batchGet struct {
	client  *Client
	op      string
	through *fetching             // nil if the caller gave the keys
	asked   map[string]*keysAsked // by the table's physical name
}

// keysAsked holds the keys that are asked for in one table.
type keysAsked struct {
	table      *table // nil if the table is not declared
	name       string // as the request spells it
	request    types.KeysAndAttributes
	projection *expr.Projection

	// left holds the keys that the reply has not answered yet, as the caller
	// gave them.
	left map[string]crypto.Item
}

// ask checks the part of the request for one table, and returns it as it is sent.
func (b *batchGet) ask(name string, keys types.KeysAndAttributes) (types.KeysAndAttributes, error) {
	t := b.client.table(&name)
	asked := &keysAsked{table: t, name: name, request: keys, left: make(map[string]crypto.Item, len(keys.Keys))}
	if t == nil {
		if b.client.declaredOnly {
			return keys, notDeclared(b.op, &name)
		}
		b.asked[arn.TableName(name)] = asked
		return keys, nil
	}
	if b.asked[t.name] != nil {
		return keys, t.unsupported(b.op, "", "the table is named twice, by name and by ARN")
	}
	b.asked[t.name] = asked
	for _, key := range keys.Keys {
		if err := t.checkKey(b.op, key); err != nil {
			return keys, err
		}
		asked.left[t.keyString(key)] = key
	}
	g := t.guard(b.op, keys.ExpressionAttributeNames, nil)
	projection, err := g.projection(keys.ProjectionExpression, keys.AttributesToGet)
	if err != nil {
		return keys, err
	}
	asked.projection = projection
	keys.ProjectionExpression, keys.AttributesToGet = nil, nil
	keys.ExpressionAttributeNames = g.names(projection)
	return keys, nil
}

// find returns the keys that were asked for in a table that the reply names.
func (b *batchGet) find(name string) (*keysAsked, error) {
	if asked := b.asked[arn.TableName(name)]; asked != nil {
		return asked, nil
	}
	return nil, &crypto.ItemError{Op: b.op, Table: arn.TableName(name),
		Err: fmt.Errorf("%w: the reply is about a table that is not in the request", crypto.ErrTampered)}
}

// answer records that the reply answers a key. It may do so only once.
func (b *batchGet) answer(asked *keysAsked, item crypto.Item) (crypto.Item, error) {
	id := asked.table.keyString(item)
	key, ok := asked.left[id]
	if item == nil || !ok {
		return nil, asked.table.tampered(b.op, "", "contains an item that was not asked for, or the same item twice")
	}
	delete(asked.left, id)
	return key, nil
}

// unprocessed returns the keys that were not processed as the caller asked for
// them.
func (b *batchGet) unprocessed(got map[string]types.KeysAndAttributes) (map[string]types.KeysAndAttributes, error) {
	again := make(map[string]types.KeysAndAttributes, len(got))
	for name, keys := range got {
		asked, err := b.find(name)
		if err != nil {
			return nil, err
		}
		if asked.table == nil {
			again[asked.name] = keys
			continue
		}
		request := asked.request
		request.Keys = make([]map[string]types.AttributeValue, len(keys.Keys))
		for i, key := range keys.Keys {
			if request.Keys[i], err = b.answer(asked, key); err != nil {
				return nil, err
			}
		}
		again[asked.name] = request
	}
	return again, nil
}

// responses opens the items of a reply.
func (b *batchGet) responses(ctx context.Context,
	got map[string][]map[string]types.AttributeValue) (map[string][]map[string]types.AttributeValue, error) {
	opened := make(map[string][]map[string]types.AttributeValue, len(got))
	for name, items := range got {
		asked, err := b.find(name)
		if err != nil {
			return nil, err
		}
		if asked.table == nil {
			opened[asked.name] = items
			continue
		}
		for _, item := range items {
			if _, err := b.answer(asked, item); err != nil {
				return nil, err
			}
		}
		p := pagePlan{table: asked.table, op: b.op, projection: asked.projection}
		if b.through != nil {
			p.through = b.through.index
			for _, item := range items {
				b.through.stored[asked.table.keyString(item)] = item
			}
		}
		if opened[asked.name], _, err = b.client.openItems(ctx, p, items); err != nil {
			return nil, err
		}
	}
	return opened, nil
}

// tables returns the names of the tables that the request concerns.
func (b *batchGet) tables() map[string]bool {
	tables := make(map[string]bool, len(b.asked))
	for name := range b.asked {
		tables[name] = true
	}
	return tables
}

// anyDeclared reports whether any of the named tables is declared.
func (c *Client) anyDeclared(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return c.table(&name) != nil })
}

// namesOf returns the keys of a request by table name.
func namesOf[V any](byTable map[string]V) []*string {
	all := make([]*string, 0, len(byTable))
	for _, name := range slices.Sorted(maps.Keys(byTable)) {
		all = append(all, &name)
	}
	return all
}
