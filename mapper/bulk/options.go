package bulk

import (
	"errors"
	"fmt"
	"time"
)

// Option configures a run.
type Option func(*config) error

type config struct {
	segments    int
	only        int // the one segment to work on; -1 for all
	pageSize    int32
	parallelism int
	readRate    float64 // units per second; 0 for no limit
	writeRate   float64
	dryRun      bool
	legends     bool
	checkpoint  Checkpoint
	failures    func(Failure) error
	progress    func(Progress)
}

const (
	defaultSegments    = 4
	defaultPageSize    = 200
	defaultParallelism = 16
	maxSegments        = 1000000 // DynamoDB's limit
)

func newConfig(options []Option) (config, error) {
	c := config{segments: defaultSegments, only: -1, pageSize: defaultPageSize, parallelism: defaultParallelism}
	for _, option := range options {
		if err := option(&c); err != nil {
			return c, fmt.Errorf("bulk: %w", err)
		}
	}
	if c.only >= c.segments {
		return c, fmt.Errorf("bulk: segment %d of %d: segments are counted from 0", c.only, c.segments)
	}
	return c, nil
}

// WithSegments sets the number of segments into which the table is divided. The segments
// are read in parallel. The default is 4.
func WithSegments(n int) Option {
	return func(c *config) error {
		if n < 1 || n > maxSegments {
			return fmt.Errorf("%d segments: must be 1 to %d", n, maxSegments)
		}
		c.segments = n
		return nil
	}
}

// WithSegment restricts a run to one of the segments of [WithSegments], counted
// from 0, so that several machines can share a table. Give each machine a
// checkpoint of its own.
func WithSegment(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return fmt.Errorf("segment %d: segments are counted from 0", n)
		}
		c.only = n
		return nil
	}
}

// WithPageSize sets the maximum number of items that one request reads. The
// default is 200. If a run is killed, the next one repeats only the pages that
// were in progress.
func WithPageSize(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 1<<20 {
			return fmt.Errorf("page size of %d: must be 1 to %d", n, 1<<20)
		}
		c.pageSize = int32(n)
		return nil
	}
}

// WithParallelism sets how many items are processed at once, over all segments.
// The default is 16.
func WithParallelism(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return fmt.Errorf("parallelism of %d: must be at least 1", n)
		}
		c.parallelism = n
		return nil
	}
}

// WithReadRate limits the read capacity units that a run consumes per second.
// Even without a limit, a run slows down when DynamoDB throttles it, and speeds up
// again later.
func WithReadRate(unitsPerSecond float64) Option {
	return func(c *config) error {
		c.readRate = unitsPerSecond
		return checkRate(unitsPerSecond)
	}
}

// WithWriteRate limits the capacity units that [Reseal] consumes per second to
// write items; see [WithReadRate].
func WithWriteRate(unitsPerSecond float64) Option {
	return func(c *config) error {
		c.writeRate = unitsPerSecond
		return checkRate(unitsPerSecond)
	}
}

func checkRate(units float64) error {
	if !(units > 0) {
		return fmt.Errorf("rate of %v capacity units per second: must be more than 0", units)
	}
	return nil
}

// WithDryRun makes [Reseal] count the items that it would write, without writing
// them.
func WithDryRun() Option {
	return func(c *config) error { c.dryRun = true; return nil }
}

// WithLegends makes [Census] also group items by their legend, the list of their
// attribute actions. There can be many legends.
func WithLegends() Option {
	return func(c *config) error { c.legends = true; return nil }
}

// WithCheckpoint saves the progress of the run after every page. The next run with
// the same operation, table and segments continues from there, and adds to its
// counts. A run that completes removes the checkpoint, so the next run covers the
// whole table again.
//
// A checkpoint contains the key of one item for each segment. [File], [Item] and
// [Object] are checkpoints.
func WithCheckpoint(checkpoint Checkpoint) Option {
	return func(c *config) error {
		if checkpoint == nil {
			return errors.New("checkpoint is nil")
		}
		c.checkpoint = checkpoint
		return nil
	}
}

// WithFailures reports each item that could not be processed. The function is
// called by one goroutine at a time, after the item's page has been processed and
// before the checkpoint is saved. If the run is killed between the two, the next
// run reports the item again. If the function returns an error, the run ends.
func WithFailures(report func(Failure) error) Option {
	return func(c *config) error { c.failures = report; return nil }
}

// Progress describes how far a run has come.
type Progress struct {
	Report
	// Elapsed is the time since this run began, and ItemsPerSecond its average
	// rate.
	Elapsed        time.Duration
	ItemsPerSecond float64
	// SegmentsDone is how many of the Segments are complete.
	SegmentsDone, Segments int
}

// WithProgress reports the progress of the run after every page. The function is
// called by one goroutine at a time. The run waits for it.
func WithProgress(report func(Progress)) Option {
	return func(c *config) error { c.progress = report; return nil }
}
