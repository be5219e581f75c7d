package mapper

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// page is what a page of a Query or Scan holds.
type page struct {
	items          []crypto.Item
	count, scanned int32
	last           crypto.Item
	capacity       *types.ConsumedCapacity
}

// pagePlan is what a page may hold.
type pagePlan struct {
	table    *table
	op       string
	index    *string
	limit    *int32
	capacity types.ReturnConsumedCapacity

	// counts is true if the page has a count and no items.
	counts bool

	// Every item meets these conditions, of those that are there.
	keyCondition *expr.KeyCondition
	filters      []*expr.Condition
	projection   *expr.Projection
}

// openPage holds a page against its plan and opens its items.
func (c *Client) openPage(ctx context.Context, p pagePlan, got page) (page, error) {
	if err := p.check(got); err != nil {
		return page{}, err
	}
	capacity, err := p.table.capacity(p.op, p.capacity, got.capacity)
	if err != nil {
		return page{}, err
	}
	opened := page{count: got.count, scanned: got.scanned, last: got.last, capacity: capacity}
	if p.counts {
		return opened, nil
	}
	opened.items, err = c.openItems(ctx, p, got.items)
	opened.count = int32(len(opened.items))
	return opened, err
}

// check checks what can be checked before anything is opened.
func (p pagePlan) check(got page) error {
	t := p.table
	switch {
	case got.count < 0 || got.scanned < got.count:
		return t.tampered(p.op, "", "counts more items than it read")
	case p.limit != nil && *p.limit > 0 && got.scanned > *p.limit:
		return t.tampered(p.op, "", "holds more than the limit")
	case p.counts && len(got.items) > 0:
		return t.tampered(p.op, "", "holds items where only their number was asked for")
	case !p.counts && int(got.count) != len(got.items):
		return t.tampered(p.op, "", "counts other items than it holds")
	}
	if err := t.startKey(p.op, p.index, got.last); err != nil {
		var inner *crypto.ItemError
		errors.As(err, &inner)
		return t.fail(p.op, inner.Attribute, fmt.Errorf("%w: the key at which the page ends does not fit: %w", crypto.ErrTampered, inner.Err))
	}
	if got.last != nil && !p.meetsKeyCondition(got.last) {
		return t.tampered(p.op, "", "ends at a key outside of the key condition")
	}
	seen := make(map[string]bool, len(got.items))
	for _, item := range got.items {
		if item == nil {
			return t.tampered(p.op, "", "holds an item that is null")
		}
		entry := t.entryString(p.index, item)
		if seen[entry] {
			return t.tampered(p.op, "", "holds an item twice")
		}
		seen[entry] = true
	}
	return nil
}

// openItems opens the items in parallel, keeps their order, and applies the
// projection that the caller asked for to what was verified. Damaged items are
// reported and left out if the client says so.
func (c *Client) openItems(ctx context.Context, p pagePlan, items []crypto.Item) ([]crypto.Item, error) {
	opened := make([]crypto.Item, len(items))
	failures := make([]error, len(items))
	err := c.each(ctx, len(items), func(ctx context.Context, i int) error {
		item, err := p.table.of(items[i]).open(ctx, p.op, items[i])
		if err != nil {
			err = p.indexError(err)
			if c.onDamaged == nil || !damaged(err) {
				return err
			}
			failures[i] = err
			return nil
		}
		if err := c.checkItem(p, items[i], item); err != nil {
			return err
		}
		opened[i] = project(p.projection, item)
		return nil
	})
	if err != nil {
		return nil, err
	}

	whole := opened[:0]
	for i, item := range opened {
		if failures[i] != nil {
			key := p.table.info.Key(items[i])
			c.onDamaged(ctx, DamagedItem{Table: p.table.name, Index: aws.ToString(p.index), Key: key, Err: failures[i]})
			continue
		}
		whole = append(whole, item)
	}
	return whole, nil
}

// checkItem evaluates the key condition and the filter again, on an opened
// item.
func (c *Client) checkItem(p pagePlan, stored, opened crypto.Item) error {
	if !p.meetsKeyCondition(opened) {
		return p.table.tampered(p.op, "", "holds an item that does not meet the key condition")
	}
	if c.trustFilters || len(p.filters) == 0 {
		return nil
	}
	// Filters may be about the attributes that the item format adds.
	filtered := opened
	for name, value := range stored {
		if p.table.reserved(name) {
			if len(filtered) == len(opened) {
				filtered = maps.Clone(opened)
			}
			filtered[name] = value
		}
	}
	for _, filter := range p.filters {
		if ok, err := filter.Eval(filtered); err != nil || !ok {
			return p.table.tampered(p.op, "", "holds an item that does not meet the filter")
		}
	}
	return nil
}

// meetsKeyCondition evaluates the key condition on what key has of its
// attributes.
func (p pagePlan) meetsKeyCondition(key crypto.Item) bool {
	if p.keyCondition == nil {
		return true
	}
	for _, term := range p.keyCondition.Terms() {
		if !term.Match(key[term.Name]) {
			return false
		}
	}
	return true
}
