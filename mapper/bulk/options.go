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

// WithSegments sets into how many segments the table is divided. The segments
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

// WithSegment works on one segment of those of [WithSegments], counted from 0,
// where several machines share a table. Give each machine a checkpoint of its
// own.
func WithSegment(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return fmt.Errorf("segment %d: segments are counted from 0", n)
		}
		c.only = n
		return nil
	}
}

// WithPageSize sets how many items are read with one request, at most. The
// default is 200. A run that is killed repeats no more than the pages that it
// was working on.
func WithPageSize(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 1<<20 {
			return fmt.Errorf("page size of %d: must be 1 to %d", n, 1<<20)
		}
		c.pageSize = int32(n)
		return nil
	}
}

// WithParallelism sets how many items are worked on at once, of all segments
// together. The default is 16.
func WithParallelism(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return fmt.Errorf("parallelism of %d: must be at least 1", n)
		}
		c.parallelism = n
		return nil
	}
}

// WithReadRate limits how many capacity units per second the scan consumes.
// Where DynamoDB throttles, a run slows down in any case, and speeds up again.
func WithReadRate(unitsPerSecond float64) Option {
	return func(c *config) error {
		c.readRate = unitsPerSecond
		return checkRate(unitsPerSecond)
	}
}

// WithWriteRate is [WithReadRate] for what [Reseal] consumes to write items.
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

// WithDryRun makes [Reseal] count what it would write, and write nothing.
func WithDryRun() Option {
	return func(c *config) error { c.dryRun = true; return nil }
}

// WithLegends makes [Census] also count by legend, the list of the actions of an
// item's attributes. There can be many.
func WithLegends() Option {
	return func(c *config) error { c.legends = true; return nil }
}

// WithCheckpoint saves after every page how far the run is. The next run with
// the same operation, table and segments continues there, and counts on. The
// checkpoint is removed when a run comes to its end, so that a run after it
// works on the whole table again.
//
// A checkpoint contains the keys of items, one for each segment.
func WithCheckpoint(checkpoint Checkpoint) Option {
	return func(c *config) error {
		if checkpoint == nil {
			return errors.New("nil checkpoint")
		}
		c.checkpoint = checkpoint
		return nil
	}
}

// WithFailures reports each item that could not be worked on. The function is
// called by one goroutine at a time, when the item's page is done and before
// the checkpoint is saved. A run that is killed between the two reports the
// item again when it continues. An error of the function ends the run.
func WithFailures(report func(Failure) error) Option {
	return func(c *config) error { c.failures = report; return nil }
}

// Progress is how far a run is.
type Progress struct {
	Report
	// Elapsed is since the run began, or continued, and ItemsPerSecond is since
	// then.
	Elapsed        time.Duration
	ItemsPerSecond float64
	// SegmentsDone of Segments are read to their end.
	SegmentsDone, Segments int
}

// WithProgress reports how far the run is after every page. The function is
// called by one goroutine at a time, which waits for it.
func WithProgress(report func(Progress)) Option {
	return func(c *config) error { c.progress = report; return nil }
}
