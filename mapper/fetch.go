package mapper

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// The entries of an index that does not project whole items cannot be verified.
// They name the items to fetch from the table.

// fetchSize is how many items a BatchGetItem may ask for.
const fetchSize = 100

// fetching is what a BatchGetItem is for that fetches items of an index.
type fetching struct {
	index  *string
	stored map[string]crypto.Item // what was read, by key
}

// fetches reports whether items that are incomplete on the page are fetched.
func (p pagePlan) fetches() bool { return p.index != nil && !p.table.noFetches }

// fetch fetches the items that could not be opened as the index has them, and
// puts the part of each that the index projects into entries. An item that has
// been deleted, or no longer meets the conditions, is left out: the index lags
// behind the table.
func (c *Client) fetch(ctx context.Context, p pagePlan, stored []crypto.Item,
	entries []entry) (*types.ConsumedCapacity, error) {
	var keys []crypto.Item
	asked := make(map[string]bool)
	for i, e := range entries {
		if e.failure == nil {
			continue
		}
		key := p.table.info.Key(stored[i])
		if err := p.table.checkKey(p.op, key); err != nil {
			return nil, p.table.tampered(p.op, "", "contains an item without a key")
		}
		if id := p.table.keyString(key); !asked[id] {
			asked[id] = true
			keys = append(keys, key)
		}
	}
	var mu sync.Mutex
	var capacity *types.ConsumedCapacity
	fetched := make(map[string]snapshot, len(keys))
	chunks := slices.Collect(slices.Chunk(keys, fetchSize))
	err := c.each(ctx, len(chunks), func(ctx context.Context, i int) error {
		items, consumed, err := c.fetchChunk(ctx, p, chunks[i])
		mu.Lock()
		defer mu.Unlock()
		for _, item := range items {
			fetched[p.table.keyString(item.opened)] = item
		}
		capacity = addCapacity(capacity, consumed)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if e.failure == nil {
			continue
		}
		entries[i] = entry{}
		id := p.table.keyString(stored[i])
		read, ok := fetched[id]
		delete(fetched, id) // an index has at most one entry for an item
		if !ok {
			continue
		}
		part := p.indexed(read.opened)
		visible := part
		if p.table.beacons != nil {
			visible = p.table.withDerived(part, read)
		}
		if holdTerms(p.exact, part) && p.meetsHashed(visible, read.stored) && holdAll(p.sent, visible) &&
			holdAll(p.rest, visible) {
			// An item that moves to another partition while the page is read can have entries in both.
			if p.seen == nil || p.seen.add("fetched "+id) {
				entries[i].item = part
			}
		}
	}
	return capacity, nil
}

// fetchChunk fetches at most fetchSize items. Reads are strongly consistent,
// since another reply could lack items that the index already has.
func (c *Client) fetchChunk(ctx context.Context, p pagePlan,
	keys []crypto.Item) ([]snapshot, *types.ConsumedCapacity, error) {
	var items []snapshot
	through := &fetching{index: p.index, stored: make(map[string]crypto.Item, len(keys))}
	var capacity *types.ConsumedCapacity
	asked := map[string]types.KeysAndAttributes{p.name: {Keys: keys, ConsistentRead: aws.Bool(true)}}
	for attempt := 0; len(asked) > 0; attempt++ {
		if attempt == rewriteAttempts {
			return nil, nil, p.table.fail(p.op, "", fmt.Errorf("%d items of index %q were not processed in %d attempts",
				len(asked[p.name].Keys), aws.ToString(p.index), attempt))
		}
		if attempt > 0 {
			if err := pause(ctx, attempt); err != nil {
				return nil, nil, err
			}
		}
		out, err := c.batchGetItem(ctx, p.op, through, &dynamodb.BatchGetItemInput{RequestItems: asked,
			ReturnConsumedCapacity: p.capacity}, p.optFns)
		if err != nil {
			return nil, nil, err
		}
		for i := range out.ConsumedCapacity {
			capacity = addCapacity(capacity, &out.ConsumedCapacity[i])
		}
		for _, opened := range out.Responses[p.name] {
			items = append(items, snapshot{through.stored[p.table.keyString(opened)], opened})
		}
		asked = out.UnprocessedKeys
	}
	return items, capacity, nil
}

// indexed returns the part of a whole item that an index projects according to
// the table's declaration. The entry itself could have lost attributes.
func (p pagePlan) indexed(item crypto.Item) crypto.Item {
	if p.index == nil || p.whole {
		return item
	}
	projected, partial := p.table.projections[*p.index]
	if !partial {
		return item
	}
	part := make(crypto.Item)
	for _, name := range slices.Concat(p.table.info.KeyNames(), p.table.keyNamesOf(p.index), projected) {
		if value, ok := item[name]; ok {
			part[name] = value
		}
	}
	return part
}
