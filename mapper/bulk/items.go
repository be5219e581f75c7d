package bulk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/mapper"
)

// VerifyItems is [Verify] for items from elsewhere than a live table, such as an
// export. It makes no request to a table. The name of the table selects the
// declaration.
//
// A sequence is read once, in order, and page by page, so memory use does not
// depend on its length. An error in it that wraps one of package crypto's errors
// about items, such as [crypto.ErrInvalidItem], is reported to [WithFailures];
// any other error ends the run.
//
// With [WithCheckpoint], the next run skips as many items as were complete: give
// it the same sequence. [WithSegments] has no effect, and the other options for
// segments and capacity units are errors.
func VerifyItems(ctx context.Context, client *mapper.Client, table string, items iter.Seq2[crypto.Item, error],
	options ...Option) (Report, error) {
	w, err := newItemsWalk("verify items", table, items, options)
	if err == nil {
		err = w.declared(client)
	}
	if err != nil {
		return Report{}, err
	}
	w.work = func(ctx context.Context, item crypto.Item) (outcome, error) {
		return outcome{}, client.VerifyStored(ctx, table, item)
	}
	return w.run(ctx)
}

// CensusItems is [Census] for a sequence of items; see [VerifyItems].
func CensusItems(ctx context.Context, items iter.Seq2[crypto.Item, error], options ...Option) (CensusReport, error) {
	w, err := newItemsWalk("census items", "", items, options)
	if err != nil {
		return CensusReport{}, err
	}
	return w.census(ctx)
}

// Pipe connects a sequence of items with what takes them.
type Pipe struct {
	Items iter.Seq2[crypto.Item, error]
	// Write is called by one goroutine at a time for each item, in the order
	// of Items. If it returns an error, the run ends.
	Write func(crypto.Item) error
}

// ResealItems is [Reseal] for a sequence of items, which it writes to a function
// instead of a table. It writes all items, so that none is missing from what is
// imported: those that are as client declares them, and those that fail, are
// written unchanged. With [WithDryRun] it writes nothing.
//
// Unlike with [VerifyItems], every error in the sequence ends the run. If a run
// is killed and continued from a checkpoint, the items of one page may be written
// twice.
func ResealItems(ctx context.Context, client *mapper.Client, table string, pipe Pipe,
	options ...Option) (Report, error) {
	w, err := newItemsWalk("reseal items", table, pipe.Items, options)
	if err == nil {
		err = w.declared(client)
	}
	if err != nil {
		return Report{}, err
	}
	if w.emit = pipe.Write; w.dryRun {
		w.emit = func(crypto.Item) error { return nil }
	}
	if w.emit == nil {
		w.stop()
		return Report{}, w.errorf(errors.New("the pipe has no function to write items"))
	}
	w.work = func(ctx context.Context, item crypto.Item) (outcome, error) {
		sealed, changed, err := client.SealStored(ctx, table, item)
		return outcome{resealed: changed, sealed: sealed}, err
	}
	return w.run(ctx)
}

// newItemsWalk returns a walk over a sequence of items.
func newItemsWalk(operation, table string, items iter.Seq2[crypto.Item, error], options []Option) (*walk, error) {
	c, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	c.segments = 1
	w := newWalk(operation, table, c)
	switch {
	case items == nil:
		return nil, w.errorf(errors.New("the sequence of items is nil"))
	case c.only >= 0 || c.readRate > 0 || c.writeRate > 0:
		return nil, w.errorf(errors.New("a sequence of items has no segments and no capacity units"))
	}
	next, stop := iter.Pull2(items)
	s := sequence{next: next, most: int(c.pageSize)}
	w.stop = stop
	w.read = func(ctx context.Context, of *segment) (page, error) { return s.page(ctx, of.After, w.emit == nil) }
	return w, nil
}

// declared checks that client declares the table of the walk.
func (w *walk) declared(client *mapper.Client) error {
	info, ok := client.TableInfo(w.table)
	if !ok {
		w.stop()
		return w.errorf(mapper.ErrNotDeclared)
	}
	w.keyOf = info.Key
	return nil
}

// sequence reads a sequence of items page by page.
type sequence struct {
	next func() (crypto.Item, error, bool)
	most int   // items of a page
	read int64 // items so far
}

// maxPage is how large a page grows before it ends, in bytes.
const maxPage = 4 << 20

// page returns the next page. It first skips the items that an earlier run
// completed. If lenient, items that could not be read are part of the page.
func (s *sequence) page(ctx context.Context, after position, lenient bool) (p page, err error) {
	skip, err := after.items()
	if err != nil {
		return page{}, err
	}
	for size := 0; len(p.items) < s.most && size < maxPage; {
		if s.read%1000 == 0 && ctx.Err() != nil {
			return page{}, ctx.Err()
		}
		item, err, ok := s.next()
		if !ok {
			if s.read < skip {
				return page{}, fmt.Errorf("%w: the checkpoint belongs to another sequence, of more items", ErrCheckpoint)
			}
			return p, nil
		}
		if err != nil && (!lenient || reasonOf(err) == "") {
			return page{}, fmt.Errorf("item %d: %w", s.read+1, err)
		}
		if s.read++; s.read <= skip {
			continue
		}
		if err != nil {
			if p.errs == nil {
				p.errs = make(map[int]error)
			}
			p.errs[len(p.items)] = err
		}
		p.items = append(p.items, item)
		for name, value := range item {
			size += len(name) + expr.StoredSize(value)
		}
	}
	p.next = position{itemsRead: &types.AttributeValueMemberN{Value: strconv.FormatInt(s.read, 10)}}
	return p, nil
}

// itemsRead is the name under which a position has the number of items before
// it.
const itemsRead = "items"

// items returns the number of items before a position in a sequence.
func (p position) items() (int64, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, ok := p[itemsRead].(*types.AttributeValueMemberN)
	if !ok || len(p) != 1 {
		return 0, fmt.Errorf("%w: not a position in a sequence", ErrCheckpoint)
	}
	items, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil || items < 0 {
		return 0, fmt.Errorf("%w: not a position in a sequence", ErrCheckpoint)
	}
	return items, nil
}
