package mapper

import (
	"context"
	"errors"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// BatchGetItem opens the items, in parallel. Keys that were not processed come
// back with the caller's own projection, so that they can be sent again.
func (c *Client) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, optFns ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	in = given(in)
	const op = "BatchGetItem"
	request := *in
	request.RequestItems = maps.Clone(in.RequestItems)
	projections := make(map[*table]*expr.Projection)
	asked := make(map[*table]types.KeysAndAttributes)
	for name, keys := range in.RequestItems {
		t := c.table(&name)
		if t == nil {
			continue
		}
		if _, twice := asked[t]; twice {
			return nil, t.unsupported(op, "", "the table is named twice, by name and by ARN")
		}
		projection, err := t.parseProjection(op, keys.ProjectionExpression, keys.AttributesToGet, keys.ExpressionAttributeNames)
		if err != nil {
			return nil, err
		}
		projections[t], asked[t] = projection, in.RequestItems[name]
		keys.ProjectionExpression, keys.AttributesToGet = nil, nil
		keys.ExpressionAttributeNames = namesWithout(projection, keys.ExpressionAttributeNames)
		request.RequestItems[name] = keys
	}
	if len(asked) == 0 {
		return c.api.BatchGetItem(ctx, in, optFns...)
	}

	out, err := c.api.BatchGetItem(ctx, &request, optFns...)
	if err != nil {
		return nil, err
	}
	reply := *out
	reply.Responses = maps.Clone(out.Responses)
	for name, items := range out.Responses {
		if t := c.table(&name); t != nil {
			if err := t.onlyAskedFor(op, asked[t].Keys, items); err != nil {
				return nil, err
			}
			if reply.Responses[name], err = c.openPage(ctx, op, t, "", items, projections[t]); err != nil {
				return nil, err
			}
		}
	}
	reply.UnprocessedKeys = maps.Clone(out.UnprocessedKeys)
	for name, unprocessed := range out.UnprocessedKeys {
		if t := c.table(&name); t != nil {
			again := asked[t]
			again.Keys = unprocessed.Keys
			reply.UnprocessedKeys[name] = again
		}
	}
	return &reply, nil
}

// onlyAskedFor is the check of openFor for many items.
func (t *table) onlyAskedFor(op string, keys, items []crypto.Item) error {
	asked := make(map[string]bool, len(keys))
	for _, key := range keys {
		asked[keyString(t.info, key)] = true
	}
	for _, item := range items {
		if !asked[keyString(t.info, item)] {
			return t.fail(op, "", errOtherItem)
		}
	}
	return nil
}

// BatchWriteItem seals the items to put, in parallel. Items that were not
// processed come back as the caller gave them, so that they can be sent again
// through this client.
func (c *Client) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, optFns ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	in = given(in)
	const op = "BatchWriteItem"
	request := *in
	request.RequestItems = maps.Clone(in.RequestItems)
	for name, writes := range in.RequestItems {
		t := c.table(&name)
		if t == nil {
			continue
		}
		sealed := make([]types.WriteRequest, len(writes))
		err := c.each(ctx, len(writes), func(ctx context.Context, i int) error {
			sealed[i] = writes[i]
			if writes[i].PutRequest == nil {
				return nil
			}
			item, err := t.seal(ctx, op, writes[i].PutRequest.Item)
			sealed[i].PutRequest = &types.PutRequest{Item: item}
			return err
		})
		if err != nil {
			return nil, err
		}
		request.RequestItems[name] = sealed
	}

	out, err := c.api.BatchWriteItem(ctx, &request, optFns...)
	if err != nil {
		return nil, err
	}
	reply := *out
	reply.UnprocessedItems = maps.Clone(out.UnprocessedItems)
	for name, unprocessed := range out.UnprocessedItems {
		t := c.table(&name)
		if t == nil {
			continue
		}
		originals := c.originals(t, in)
		restored := make([]types.WriteRequest, len(unprocessed))
		for i, write := range unprocessed {
			restored[i] = write
			if write.PutRequest == nil {
				continue
			}
			original, ok := originals[keyString(t.info, write.PutRequest.Item)]
			if !ok {
				return nil, t.fail(op, "", errors.New("the reply has an unprocessed item that the request had not"))
			}
			restored[i] = original
		}
		reply.UnprocessedItems[name] = restored
	}
	return &reply, nil
}

// originals returns the caller's put requests for a table, by key.
func (c *Client) originals(t *table, in *dynamodb.BatchWriteItemInput) map[string]types.WriteRequest {
	byKey := make(map[string]types.WriteRequest)
	for name, writes := range in.RequestItems {
		if c.table(&name) != t {
			continue
		}
		for _, write := range writes {
			if write.PutRequest != nil {
				byKey[keyString(t.info, write.PutRequest.Item)] = write
			}
		}
	}
	return byKey
}

// keyString tells items of one table apart by their keys.
func keyString(info crypto.TableInfo, item crypto.Item) string {
	var d digest
	for _, name := range info.KeyNames() {
		d.value(item[name])
	}
	return d.String()
}
