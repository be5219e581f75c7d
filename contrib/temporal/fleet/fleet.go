// Package fleet verifies and reseals whole tables on many machines, with
// Temporal. Use it where one machine with package bulk takes too long.
//
// Each machine runs a Temporal worker with the declaration of the service:
//
//	w := worker.New(c, "ddbenc", worker.Options{WorkerStopTimeout: time.Minute})
//	err := fleet.Register(w, fleet.Activities{Client: client, Failures: report})
//
// Any process can start a run and control it:
//
//	run, err := fleet.Start(ctx, c, "ddbenc", fleet.Table{Name: "accounts",
//		Operation: fleet.Reseal, Segments: 2000, AtOnce: 64, Rate: fleet.Rate{Write: 8000}})
//	result, err := run.Wait(ctx)
//
// A run is a workflow, and works on the segments of the table by activities. Each
// activity records the position in its segment with its heartbeats, so another
// worker continues there if a machine dies. Like [bulk.Reseal], a run writes no
// item twice, even if a page is read twice.
//
// # Data in Temporal's history
//
// The history contains the name of the table, counts, error messages, and the key
// of one item for each segment as its position, in plain text. It contains no
// other attributes. Items that fail are reported on the worker, to
// [Activities.Failures], and never to the history. To encrypt the history, give
// the client of every process the same data converter with a codec, and a failure
// converter with EncodeCommonAttributes. The table's name remains readable in the
// ID of the workflow.
package fleet

import (
	"errors"
	"fmt"
	"math"
	"time"

	"go.temporal.io/sdk/temporal"
)

// Operation is what a run does with the items of a table.
type Operation string

const (
	// Verify is for [bulk.Verify].
	Verify Operation = "verify"
	// Reseal is for [bulk.Reseal].
	Reseal Operation = "reseal"
)

// Rate limits the capacity units that a run consumes per second, over the whole
// table. There is no limit for 0.
type Rate struct {
	Read  float64 `json:"read,omitempty"`
	Write float64 `json:"write,omitempty"`
}

// Table describes a run over a table. It is the argument of the workflow.
type Table struct {
	// Name is the table's name, as the workers declare it.
	Name string `json:"name"`
	// Operation is what to do.
	Operation Operation `json:"operation"`
	// Segments is the number of segments into which the table is divided, 1 to
	// 1,000,000. A segment of some 100,000 items is a good size.
	Segments int `json:"segments"`
	// AtOnce is how many segments are worked on at once, over all workers, 1 to
	// 300. The default is 16.
	AtOnce int `json:"atOnce,omitempty"`
	// Rate is divided evenly among the segments that are worked on.
	Rate Rate `json:"rate,omitzero"`
	// PageSize and Parallelism apply to each segment; see [bulk.WithPageSize]
	// and [bulk.WithParallelism]. For 0, the defaults of package bulk apply.
	PageSize    int `json:"pageSize,omitempty"`
	Parallelism int `json:"parallelism,omitempty"`
	// DryRun counts the items that Reseal would write, without writing them.
	DryRun bool `json:"dryRun,omitempty"`
	// Heartbeat is the time after which a silent worker counts as dead, at least
	// a second. Positions are recorded, and workers learn of a pause or of
	// another rate, within 4/5 of it. The default is 30 seconds.
	Heartbeat time.Duration `json:"heartbeat,omitempty"`
	// Turn is how long a worker works on a segment before it returns its counts
	// and its position to the workflow, which then continues the segment. The
	// default is 10 minutes.
	Turn time.Duration `json:"turn,omitempty"`
	// Retry is for errors that concern more than an item. Package bulk has
	// repeated a request several times before. The default is 20 attempts in
	// about 15 minutes. After the last one the segment counts as failed. A
	// segment whose workers die only counts as failed if its position did not
	// change in that number of attempts.
	Retry *temporal.RetryPolicy `json:"retry,omitempty"`
	// Paused makes a run wait for [Run.Resume] before it begins.
	Paused bool `json:"paused,omitempty"`
	// From is the position of an earlier run with the same table, operation and
	// segments, which this run continues.
	From *Position `json:"from,omitempty"`
}

const (
	maxSegments = 1000000
	maxAtOnce   = 300 // their positions fit into one message of 2 MB, even if keys are long
)

func (t Table) withDefaults() Table {
	if t.AtOnce == 0 {
		t.AtOnce = 16
	}
	if t.Heartbeat == 0 {
		t.Heartbeat = 30 * time.Second
	}
	if t.Turn == 0 {
		t.Turn = 10 * time.Minute
	}
	if t.Retry == nil {
		t.Retry = &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute,
			MaximumAttempts: 20}
	}
	if t.From == nil {
		t.From = &Position{Table: t.Name, Operation: t.Operation, Segments: t.Segments, DryRun: t.DryRun}
	}
	return t
}

// check returns an error for a table, with defaults, that cannot be worked on.
func (t Table) check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("fleet: table %q: "+format, append([]any{t.Name}, args...)...)
	}
	switch {
	case t.Name == "":
		return errors.New("fleet: the table has no name")
	case t.Operation != Verify && t.Operation != Reseal:
		return fail("operation %q: must be %q or %q", t.Operation, Verify, Reseal)
	case t.Segments < 1 || t.Segments > maxSegments:
		return fail("%d segments: must be 1 to %d", t.Segments, maxSegments)
	case t.AtOnce < 1 || t.AtOnce > maxAtOnce:
		return fail("%d segments at once: must be 1 to %d", t.AtOnce, maxAtOnce)
	case t.PageSize < 0 || t.Parallelism < 0:
		return fail("page size of %d, parallelism of %d: must not be negative", t.PageSize, t.Parallelism)
	case t.Heartbeat < time.Second:
		return fail("heartbeat of %v: must be at least 1s", t.Heartbeat)
	case t.Turn < time.Second:
		return fail("turn of %v: must be at least 1s", t.Turn)
	}
	if r := t.Retry; r.InitialInterval < 0 || r.MaximumInterval < 0 || r.MaximumAttempts < 0 ||
		r.BackoffCoefficient != 0 && !(r.BackoffCoefficient >= 1) ||
		r.MaximumInterval > 0 && r.MaximumInterval < r.InitialInterval {
		return fail("the retry policy is invalid") // with it, the workflow would wait forever
	}
	if err := t.Rate.check(); err != nil {
		return fail("%w", err)
	}
	if err := t.From.check(t); err != nil {
		return fail("%w", err)
	}
	return nil
}

func (r Rate) check() error {
	for _, units := range []float64{r.Read, r.Write} {
		if !(units >= 0) || math.IsInf(units, 1) {
			return fmt.Errorf("rate of %v capacity units per second: must not be negative", units)
		}
	}
	return nil
}

// over returns the rate of one of n segments.
func (r Rate) over(n int) Rate {
	return Rate{Read: r.Read / float64(n), Write: r.Write / float64(n)}
}
