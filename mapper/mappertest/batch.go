package mappertest

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

const maxBatchResponse = 16 << 20 // bytes

// GetItem returns an item.
func (db *DB) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return do(ctx, db, "GetItem", in, func(in *dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) {
		var c constraints
		c.capacity(in.ReturnConsumedCapacity)
		c.attributesToGet("attributesToGet", in.AttributesToGet)
		c.tableName(in.TableName)
		c.required(in.Key != nil, "key")
		if err := c.err(); err != nil {
			return nil, err
		}
		g, err := db.newGet(in.TableName, in.ProjectionExpression, in.AttributesToGet, in.ExpressionAttributeNames)
		if err != nil {
			return nil, err
		}
		item, size, err := g.get(in.Key)
		if err != nil {
			return nil, err
		}
		return &dynamodb.GetItemOutput{Item: item, ConsumedCapacity: capacity(in.ReturnConsumedCapacity, g.table.name,
			readUnits(size, in.ConsistentRead))}, nil
	})
}

// get is the common part of requests that read items by key.
type get struct {
	table      *table
	projection *expr.Projection
}

func (db *DB) newGet(name, projection *string, legacy []string, names map[string]string) (*get, error) {
	if err := checkMix([]parameter{{"AttributesToGet", legacy != nil}},
		[]parameter{{"ProjectionExpression", projection != nil}}); err != nil {
		return nil, err
	}
	r, err := newRequest(names, nil)
	if err != nil {
		return nil, err
	}
	g := &get{}
	if g.projection, err = r.projection(projection, legacy); err != nil {
		return nil, err
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	g.table, err = db.readTable(name)
	return g, err
}

// get returns the item with the key and its size. The item is nil if there is
// none.
func (g *get) get(key crypto.Item) (crypto.Item, int, error) {
	stored, err := g.table.checkKey(key)
	if err != nil {
		return nil, 0, err
	}
	item := g.table.items[g.table.key.id(stored)]
	size := itemSize(item)
	if item != nil && g.projection != nil {
		item = g.projection.Apply(item)
	}
	return expr.CloneItem(item), size, nil
}

// BatchGetItem returns items of one or more tables.
func (db *DB) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	return do(ctx, db, "BatchGetItem", in, func(in *dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) {
		var c constraints
		c.capacity(in.ReturnConsumedCapacity)
		c.requestItems(in.RequestItems != nil, slices.Collect(maps.Keys(in.RequestItems)))
		total := 0
		for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
			keys, at := in.RequestItems[name], "requestItems."+name+".member."
			if c.required(keys.Keys != nil, at+"keys"); keys.Keys != nil {
				c.length(at+"keys", some(len(keys.Keys), "[", "]"), len(keys.Keys), 1, 100)
			}
			c.attributesToGet(at+"attributesToGet", keys.AttributesToGet)
			total += len(keys.Keys)
		}
		if err := c.err(); err != nil {
			return nil, err
		}
		if total > 100 {
			return nil, invalid("Too many items requested for the BatchGetItem call")
		}
		out := &dynamodb.BatchGetItemOutput{Responses: make(map[string][]crypto.Item),
			UnprocessedKeys: make(map[string]types.KeysAndAttributes)}
		units := make(map[string]float64)
		done, response := 0, 0
		for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
			keys := in.RequestItems[name]
			g, err := db.newGet(&name, keys.ProjectionExpression, keys.AttributesToGet, keys.ExpressionAttributeNames)
			if err != nil {
				return nil, err
			}
			seen := make(map[string]bool)
			// The response has the table's name, even if the request has its
			// ARN.
			if out.Responses[g.table.name] == nil {
				out.Responses[g.table.name] = []crypto.Item{}
			}
			again := keys
			again.Keys = nil
			for _, key := range keys.Keys {
				item, n, err := g.get(key)
				if err != nil {
					return nil, err
				}
				stored, _ := store(key)
				if id := g.table.key.id(stored); seen[id] {
					return nil, invalid("Provided list of item keys contains duplicates")
				} else {
					seen[id] = true
				}
				if done == db.unprocessed || done > 0 && response+n > maxBatchResponse {
					again.Keys = append(again.Keys, stored)
					continue
				}
				done++
				response += n
				units[g.table.name] += readUnits(n, keys.ConsistentRead)
				if item != nil {
					out.Responses[g.table.name] = append(out.Responses[g.table.name], item)
				}
			}
			if again.Keys != nil {
				again.ExpressionAttributeNames = maps.Clone(keys.ExpressionAttributeNames)
				again.AttributesToGet = slices.Clone(keys.AttributesToGet)
				out.UnprocessedKeys[name] = again
			}
		}
		out.ConsumedCapacity = capacities(in.ReturnConsumedCapacity, units)
		return out, nil
	})
}

// BatchWriteItem puts and deletes items in one or more tables.
func (db *DB) BatchWriteItem(
	ctx context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchWriteItemOutput, error) {
	return do(ctx, db, "BatchWriteItem", in,
		func(in *dynamodb.BatchWriteItemInput) (*dynamodb.BatchWriteItemOutput, error) {
			var c constraints
			c.capacity(in.ReturnConsumedCapacity)
			c.metrics(in.ReturnItemCollectionMetrics)
			c.requestItems(in.RequestItems != nil, slices.Collect(maps.Keys(in.RequestItems)))
			total, most, least := 0, 1, 1
			for _, writes := range in.RequestItems {
				total += len(writes)
				most, least = max(most, len(writes)), min(least, len(writes))
			}
			c.check(least >= 1 && most <= 25, some(len(in.RequestItems), "{", "}"), "requestItems",
				"Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length "+
					"greater than or equal to 1]")
			if err := c.err(); err != nil {
				return nil, err
			}
			if total > 25 {
				return nil, invalid("Too many items requested for the BatchWriteItem call")
			}
			// Everything is checked before anything is written.
			type pending struct {
				name    string
				request types.WriteRequest
				write   *write
			}
			var all []pending
			seen := make(map[string]bool)
			for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
				for _, request := range in.RequestItems[name] {
					w, err := db.batchWrite(name, request)
					if err == nil {
						err = w.refused
					}
					if err != nil {
						return nil, err
					}
					id := w.table.name + "\x00" + w.table.key.id(w.key)
					if seen[id] {
						return nil, invalid("Provided list of item keys contains duplicates")
					}
					seen[id] = true
					all = append(all, pending{name, request, w})
				}
			}
			out := &dynamodb.BatchWriteItemOutput{UnprocessedItems: make(map[string][]types.WriteRequest)}
			units := make(map[string]float64)
			var done []*write
			for i, p := range all {
				if i >= db.unprocessed {
					out.UnprocessedItems[p.name] = append(out.UnprocessedItems[p.name], copyRequest(p.request))
					continue
				}
				before, after, err := p.write.run()
				if err != nil {
					return nil, err
				}
				units[p.write.table.name] += writeUnits(before, after)
				done = append(done, p.write)
			}
			out.ItemCollectionMetrics = collections(in.ReturnItemCollectionMetrics, done)
			out.ConsumedCapacity = capacities(in.ReturnConsumedCapacity, units)
			return out, nil
		})
}

func copyRequest(r types.WriteRequest) types.WriteRequest {
	if r.PutRequest != nil {
		return types.WriteRequest{PutRequest: &types.PutRequest{Item: expr.CloneItem(r.PutRequest.Item)}}
	}
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: expr.CloneItem(r.DeleteRequest.Key)}}
}

func (db *DB) batchWrite(name string, request types.WriteRequest) (*write, error) {
	if _, err := db.readTable(&name); err != nil {
		return nil, err
	}
	switch {
	case request.PutRequest != nil && request.DeleteRequest == nil:
		return db.newPut(conditional{table: &name}, request.PutRequest.Item)
	case request.DeleteRequest != nil && request.PutRequest == nil:
		return db.newDelete(conditional{table: &name}, request.DeleteRequest.Key)
	}
	return nil, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the " +
		"supported datatypes")
}
