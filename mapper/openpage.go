package mapper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// page is the content of a page of a Query or Scan.
type page struct {
	items          []crypto.Item
	count, scanned int32
	last           crypto.Item
	capacity       *types.ConsumedCapacity
}

// pagePlan says what a page may contain.
type pagePlan struct {
	table    *table
	op       string
	name     string // of the table, as the caller gave it
	index    *string
	through  *string // the index that led to the items, if it was another read
	limit    *int32
	capacity types.ReturnConsumedCapacity
	optFns   []func(*dynamodb.Options)

	whole      bool // a local index fetches the attributes that it does not project
	counts     bool // the caller wants only the count
	holdsItems bool // the page contains the items

	// Every item meets the exact terms of the key condition and the part of the
	// filter that was sent. Items that do not meet the rest, or the terms that
	// DynamoDB evaluated on beacons, are left out.
	exact, hashed []expr.KeyTerm
	sent, rest    []*expr.Condition
	projection    *expr.Projection

	stored    []expr.KeyTerm // the key condition on stored values, beacons included
	branchKey string         // whose beacons the request has; empty if all items have the same
	seen      *entrySet      // of all queries for one page, if there are several
}

// entrySet is a set of entries, safe for concurrent use.
type entrySet struct {
	mu  sync.Mutex
	all map[string]bool
}

// add reports whether the entry was not in the set before.
func (s *entrySet) add(entry string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[entry] {
		return false
	}
	if s.all == nil {
		s.all = make(map[string]bool)
	}
	s.all[entry] = true
	return true
}

// openPage checks a page against its plan and opens its items.
func (c *Client) openPage(ctx context.Context, p pagePlan, got page) (page, error) {
	if err := p.check(got); err != nil {
		return page{}, err
	}
	capacity, err := p.table.capacity(p.op, p.capacity, got.capacity)
	if err != nil {
		return page{}, err
	}
	opened := page{count: got.count, scanned: got.scanned, last: got.last, capacity: capacity}
	if !p.holdsItems {
		return opened, nil
	}
	var fetched *types.ConsumedCapacity
	if opened.items, fetched, err = c.openItems(ctx, p, got.items); err != nil {
		return page{}, err
	}
	opened.capacity = addCapacity(opened.capacity, fetched)
	opened.count = int32(len(opened.items))
	if p.counts {
		opened.items = nil
	}
	return opened, nil
}

// check checks a page before any of its items is opened.
func (p pagePlan) check(got page) error {
	t := p.table
	switch {
	case got.count < 0 || got.scanned < got.count:
		return t.tampered(p.op, "", "counts more items than were scanned")
	case p.limit != nil && *p.limit > 0 && got.scanned > *p.limit:
		return t.tampered(p.op, "", "contains more items than the limit")
	case !p.holdsItems && len(got.items) > 0:
		return t.tampered(p.op, "", "contains items, but only their number was asked for")
	case p.holdsItems && int(got.count) != len(got.items):
		return t.tampered(p.op, "", "contains another number of items than its count")
	}
	if err := t.startKey(p.op, p.index, got.last); err != nil {
		var inner *crypto.ItemError
		errors.As(err, &inner)
		return t.fail(p.op, inner.Attribute, fmt.Errorf("%w: the last evaluated key is invalid: %w",
			crypto.ErrTampered, inner.Err))
	}
	if got.last != nil && !holdTerms(p.stored, got.last) {
		return t.tampered(p.op, "", "ends at a key that does not meet the key condition")
	}
	seen := cmp.Or(p.seen, new(entrySet))
	for _, item := range got.items {
		if item == nil {
			return t.tampered(p.op, "", "contains an item that is null")
		}
		if len(p.hashed) > 0 && !holdTerms(p.stored, item) {
			return t.tampered(p.op, "", "contains an item that does not meet the key condition")
		}
		if !seen.add(t.entryString(p.index, item)) {
			return t.tampered(p.op, "", "contains an item twice")
		}
	}
	return nil
}

// openItems opens the items in parallel, keeps their order, and applies the
// caller's projection to the verified items. It leaves out items that do not meet
// the part of the filter that was not sent, and with [WithDamagedItems] reports
// and leaves out damaged ones. It also returns the capacity consumed by fetching
// items of which an index has only a part.
func (c *Client) openItems(ctx context.Context, p pagePlan,
	items []crypto.Item) ([]crypto.Item, *types.ConsumedCapacity, error) {
	entries := make([]entry, len(items))
	err := c.each(ctx, len(items), func(ctx context.Context, i int) error {
		opened, err := p.open(ctx, items[i])
		if err != nil {
			if !damaged(err) || c.onDamaged == nil && !p.fetches() {
				return p.indexError(err)
			}
			entries[i].failure = p.indexError(err)
			return nil
		}
		entries[i].item, err = c.checkItem(p, snapshot{items[i], p.indexed(opened)})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	var capacity *types.ConsumedCapacity
	if p.fetches() {
		if capacity, err = c.fetch(ctx, p, items, entries); err != nil {
			return nil, nil, err
		}
	}
	whole := make([]crypto.Item, 0, len(entries))
	for i, e := range entries {
		switch {
		case e.failure != nil:
			key := p.table.info.Key(items[i])
			c.onDamaged(ctx, DamagedItem{Table: p.table.name, Index: aws.ToString(cmp.Or(p.index, p.through)), Key: key,
				Err: e.failure})
		case e.item != nil:
			item := project(p.projection, e.item)
			if kept := p.keyBeacons(items[i]); kept != nil {
				item = maps.Clone(item)
				maps.Copy(item, kept)
			}
			whole = append(whole, item)
		}
	}
	return whole, capacity, nil
}

// open opens an item of the page.
//
// With [WithPlaintextReads], an index entry without a signature is either a
// plaintext item or a part of a sealed one. Fetching the item from the table
// settles which.
func (p pagePlan) open(ctx context.Context, item crypto.Item) (crypto.Item, error) {
	t := p.table.of(item)
	if p.index != nil && t.plaintextReads && !t.recognizes(item) && (p.fetches() || t.hasBinary(item)) {
		return nil, t.fail(p.op, "", crypto.ErrNotProtected)
	}
	return t.open(ctx, p.op, item)
}

// entry is the result for one item of a page: the opened item, a failure, or
// neither if the item is left out.
type entry struct {
	item    crypto.Item
	failure error
}

// checkItem evaluates the key condition and the filter on an item. It returns
// nil if the item does not meet a part of the filter that was not sent.
func (c *Client) checkItem(p pagePlan, read snapshot) (crypto.Item, error) {
	if !holdTerms(p.exact, read.opened) {
		return nil, p.table.tampered(p.op, "", "contains an item that does not meet the key condition")
	}
	if len(p.sent)+len(p.rest)+len(p.hashed) == 0 && p.branchKey == "" {
		return read.opened, nil
	}
	visible := p.table.visible(read)
	if !c.trustFilters && !holdAll(p.sent, visible) {
		return nil, p.table.tampered(p.op, "", "contains an item that does not meet the filter")
	}
	if !holdAll(p.rest, visible) || !p.meetsHashed(visible, read.stored) {
		return nil, nil
	}
	return read.opened, nil
}

// holdAll reports whether an item meets all conditions.
func holdAll(conditions []*expr.Condition, item crypto.Item) bool {
	for _, condition := range conditions {
		if holds, err := condition.Eval(item); err != nil || !holds {
			return false
		}
	}
	return true
}
