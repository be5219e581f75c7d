package bulk

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/ddbenc/ddbenc/crypto"
)

// scan reads a page of a table.
type scan = func(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)

// page is a page of items of a table or of a sequence.
type page struct {
	items []crypto.Item
	errs  map[int]error // of items that could not be read, by index
	next  position      // where the next page begins; empty at the end
	units float64       // that were consumed to read it
}

// walk is one run over a table or a sequence of items.
type walk struct {
	config
	table string
	// read reads the next page of a segment.
	read func(ctx context.Context, s *segment) (page, error)
	// work processes one item. It is called for several items at once, and again
	// after a temporary error.
	work func(ctx context.Context, item crypto.Item) (outcome, error)
	// keyOf returns the key of an item.
	keyOf func(item crypto.Item) crypto.Item
	// emit receives all items of a page in order, as they are to be stored. It
	// can be nil.
	emit func(item crypto.Item) error
	stop func() // releases what read uses

	slots         chan struct{} // one for each item in progress
	reads, writes *pace
	began         time.Time

	mu     sync.Mutex // guards the fields below, and serializes the callbacks
	state  state
	groups map[Group]int64
	before int64 // items of the run that this one continues
}

// outcome is the result for one item.
type outcome struct {
	resealed bool
	sealed   crypto.Item // to emit in place of the item, if resealed
	gone     bool
	units    float64 // that were consumed to write it
	group    *Group  // to count it in
	failure  *Failure
}

// newTableWalk returns a walk over a table.
func newTableWalk(operation, table string, scan scan, options []Option) (*walk, error) {
	c, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	w := newWalk(operation, table, c)
	w.read = func(ctx context.Context, s *segment) (page, error) { return w.scanPage(ctx, scan, s) }
	return w, nil
}

func newWalk(operation, table string, c config) *walk {
	w := &walk{config: c, table: table, slots: make(chan struct{}, c.parallelism),
		reads: newPace(c.readRate), writes: newPace(c.writeRate), began: time.Now(), groups: make(map[Group]int64),
		keyOf: func(crypto.Item) crypto.Item { return nil }, stop: func() {}}
	w.state = state{Version: stateVersion, Operation: operation, Table: table, DryRun: c.dryRun, Legends: c.legends,
		Segments: c.segments}
	for n := range c.segments {
		if c.only < 0 || c.only == n {
			w.state.Positions = append(w.state.Positions, segment{Number: n})
		}
	}
	return w
}

// run processes all segments until they are complete, ctx ends or an error occurs.
func (w *walk) run(ctx context.Context) (Report, error) {
	defer w.stop()
	if err := w.load(ctx); err != nil {
		return w.state.Report, err
	}
	group, segmentCtx := errgroup.WithContext(ctx)
	group.SetLimit(w.parallelism)
	for i := range w.state.Positions {
		group.Go(func() error { return w.segment(segmentCtx, &w.state.Positions[i]) })
	}
	err := group.Wait()
	if err == nil && w.checkpoint != nil {
		if err = w.checkpoint.Remove(context.WithoutCancel(ctx)); err != nil {
			err = fmt.Errorf("remove the checkpoint: %w", err)
		}
	}
	if err != nil {
		err = w.errorf(err)
	}
	return w.state.Report, err
}

// errorf adds the operation and the table to an error.
func (w *walk) errorf(err error) error {
	switch {
	case w.table == "":
		return fmt.Errorf("bulk: %s: %w", w.state.Operation, err)
	case strings.HasSuffix(w.state.Operation, " items"):
		return fmt.Errorf("bulk: %s of table %q: %w", w.state.Operation, w.table, err)
	}
	return fmt.Errorf("bulk: %s table %q: %w", w.state.Operation, w.table, err)
}

// load restores the state of the checkpoint, if there is one.
func (w *walk) load(ctx context.Context) error {
	if w.checkpoint == nil {
		return nil
	}
	data, err := w.checkpoint.Load(ctx)
	if err != nil {
		return fmt.Errorf("bulk: load the checkpoint: %w", err)
	}
	if data == nil {
		return nil
	}
	s, err := decodeState(data, w.state)
	if err != nil {
		return fmt.Errorf("bulk: %w", err)
	}
	w.state, w.before = s, s.Report.Items
	for _, g := range s.Groups {
		count := g.Items
		g.Items = 0
		w.groups[g] = count
	}
	return nil
}

// segment processes a segment page by page. A page counts when all of its items
// are complete.
func (w *walk) segment(ctx context.Context, s *segment) error {
	for !s.Done {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := w.read(ctx, s)
		if err != nil {
			return fmt.Errorf("read a page: %w", err)
		}
		outcomes, err := w.items(ctx, p)
		if err != nil {
			return err
		}
		if err := w.count(ctx, s, p, outcomes); err != nil {
			return err
		}
	}
	return nil
}

// scanPage reads the next page of a segment of a table.
func (w *walk) scanPage(ctx context.Context, scan scan, s *segment) (p page, err error) {
	in := &dynamodb.ScanInput{TableName: &w.table, ConsistentRead: aws.Bool(true), Limit: &w.pageSize,
		ExclusiveStartKey: crypto.Item(s.After), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	if w.segments > 1 {
		in.Segment, in.TotalSegments = aws.Int32(int32(s.Number)), aws.Int32(int32(w.segments))
	}
	err = try(ctx, w.reads, func() (consumed float64, err error) {
		out, err := scan(ctx, in, w.reads.watch)
		if err == nil {
			p = page{items: out.Items, next: position(out.LastEvaluatedKey), units: units(out.ConsumedCapacity)}
		}
		return p.units, err
	})
	return p, err
}

// items processes the items of a page. When ctx ends, it finishes the items that
// it has begun.
func (w *walk) items(ctx context.Context, p page) ([]outcome, error) {
	outcomes := make([]outcome, len(p.items))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, item := range p.items {
		if err := p.errs[i]; err != nil {
			outcomes[i].failure = &Failure{Table: w.table, Key: w.keyOf(item), Reason: reasonOf(err), Err: err}
			continue
		}
		if !w.slot(groupCtx) {
			break
		}
		group.Go(func() (err error) {
			defer func() { <-w.slots }()
			outcomes[i], err = w.item(ctx, item)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return outcomes, ctx.Err()
}

// slot waits for a free slot. It returns false if ctx ends first.
func (w *walk) slot(ctx context.Context) bool {
	select {
	case w.slots <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	if ctx.Err() != nil {
		<-w.slots
		return false
	}
	return true
}

// item processes one item. An error about the item becomes part of the outcome.
func (w *walk) item(ctx context.Context, item crypto.Item) (o outcome, err error) {
	var consumed float64
	err = try(ctx, w.writes, func() (float64, error) {
		var err error
		o, err = w.work(context.WithoutCancel(ctx), item)
		consumed += o.units
		return o.units, err
	})
	if reason := reasonOf(err); reason != "" {
		return outcome{units: consumed, failure: &Failure{Table: w.table, Key: w.keyOf(item), Reason: reason, Err: err}}, nil
	}
	o.units = consumed
	return o, err
}
