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
)

// BatchWriteItem seals the items to put in parallel, and writes them. Items that
// were not processed are returned as the caller gave them, so that they can be
// sent again through this client.
func (c *Client) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	in = given(in)
	const op = "BatchWriteItem"
	if !c.anyDeclared(slices.Collect(maps.Keys(in.RequestItems))) {
		return pass(ctx, c, op, namesOf(in.RequestItems), dynamodbiface.DynamoDBAPI.BatchWriteItem, in, optFns)
	}
	b := &batchWrite{client: c, op: op, asked: make(map[string]*writesAsked, len(in.RequestItems))}
	request := *in
	request.RequestItems = make(map[string][]types.WriteRequest, len(in.RequestItems))
	for name, writes := range in.RequestItems {
		sent, err := b.ask(ctx, name, writes)
		if err != nil {
			return nil, err
		}
		request.RequestItems[name] = sent
	}
	return run(ctx, c, plan[dynamodb.BatchWriteItemInput, dynamodb.BatchWriteItemOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.BatchWriteItem,
		request: &request,
		writes:  true,
		accept: func(_ context.Context, out *dynamodb.BatchWriteItemOutput) (*dynamodb.BatchWriteItemOutput, error) {
			unprocessed, err := b.unprocessed(out.UnprocessedItems)
			if err != nil {
				return nil, err
			}
			tables, keys := b.concerned()
			capacity, err := capacities(op, in.ReturnConsumedCapacity, tables, out.ConsumedCapacity)
			if err != nil {
				return nil, err
			}
			metrics, err := c.manyMetrics(op, in.ReturnItemCollectionMetrics, keys, out.ItemCollectionMetrics)
			if err != nil {
				return nil, err
			}
			return &dynamodb.BatchWriteItemOutput{
				UnprocessedItems: unprocessed, ConsumedCapacity: capacity, ItemCollectionMetrics: metrics,
				ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}, optFns)
}

// batchWrite holds the writes of a BatchWriteItem.
type batchWrite struct {
	client *Client
	op     string
	asked  map[string]*writesAsked // by the table's physical name
}

// writesAsked holds the writes to one table.
type writesAsked struct {
	table *table // nil if the table is not declared
	name  string // as the request spells it
	keys  []crypto.Item

	// left holds the caller's own requests that the reply has not mentioned.
	left map[string]types.WriteRequest
}

// ask checks and seals the writes to one table.
func (b *batchWrite) ask(ctx context.Context, name string, writes []types.WriteRequest) ([]types.WriteRequest, error) {
	t := b.client.table(&name)
	asked := &writesAsked{table: t, name: name, left: make(map[string]types.WriteRequest, len(writes))}
	if t == nil {
		if b.client.declaredOnly {
			return nil, notDeclared(b.op, &name)
		}
		b.asked[arn.TableName(name)] = asked
		return writes, nil
	}
	if b.asked[t.name] != nil {
		return nil, t.unsupported(b.op, "", "the table is named twice, by name and by ARN")
	}
	b.asked[t.name] = asked
	for _, write := range writes {
		original := write
		var key crypto.Item
		switch {
		case write.PutRequest != nil && write.DeleteRequest != nil:
			return nil, t.unsupported(b.op, "", "a write has both a PutRequest and a DeleteRequest")
		case write.PutRequest != nil:
			item, err := t.complete(b.op, write.PutRequest.Item)
			if err != nil {
				return nil, err
			}
			write.PutRequest = &types.PutRequest{Item: item}
			key = t.info.Key(item)
		case write.DeleteRequest != nil:
			key = write.DeleteRequest.Key
		}
		if err := t.checkKey(b.op, key); err != nil {
			return nil, err
		}
		asked.keys = append(asked.keys, key)
		asked.left[t.writeString(write)] = original
	}
	sealed := make([]types.WriteRequest, len(writes))
	err := b.client.each(ctx, len(writes), func(ctx context.Context, i int) error {
		sealed[i] = writes[i]
		put := writes[i].PutRequest
		if put == nil {
			return nil
		}
		item, err := t.of(put.Item).seal(ctx, b.op, put.Item)
		sealed[i].PutRequest = &types.PutRequest{Item: item}
		return err
	})
	return sealed, err
}

// unprocessed returns the writes that were not processed as the caller gave
// them.
func (b *batchWrite) unprocessed(got map[string][]types.WriteRequest) (map[string][]types.WriteRequest, error) {
	again := make(map[string][]types.WriteRequest, len(got))
	for name, writes := range got {
		asked := b.asked[arn.TableName(name)]
		if asked == nil {
			return nil, &crypto.ItemError{Op: b.op, Table: arn.TableName(name),
				Err: fmt.Errorf("%w: the reply is about a table that is not in the request", crypto.ErrTampered)}
		}
		if asked.table == nil {
			again[asked.name] = writes
			continue
		}
		for _, write := range writes {
			id := asked.table.writeString(write)
			original, ok := asked.left[id]
			if !ok {
				return nil, asked.table.tampered(b.op, "", "contains an unprocessed write that was not asked for, "+
					"or the same write twice")
			}
			delete(asked.left, id)
			again[asked.name] = append(again[asked.name], original)
		}
	}
	return again, nil
}

// concerned returns the tables that the request concerns, and the keys that it
// writes, by table name as the request spells it.
func (b *batchWrite) concerned() (map[string]bool, map[string][]crypto.Item) {
	tables, keys := make(map[string]bool, len(b.asked)), make(map[string][]crypto.Item, len(b.asked))
	for name, asked := range b.asked {
		tables[name] = true
		keys[asked.name] = asked.keys
	}
	return tables, keys
}

// writeString returns a string that identifies a write by kind and key.
func (t *table) writeString(write types.WriteRequest) string {
	switch {
	case write.PutRequest != nil:
		return "put " + t.keyString(write.PutRequest.Item)
	case write.DeleteRequest != nil:
		return "delete " + t.keyString(write.DeleteRequest.Key)
	}
	return ""
}
