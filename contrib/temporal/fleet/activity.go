package fleet

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

const (
	workflowName = "ddbenc.fleet.Table"
	activityName = "ddbenc.fleet.Segment"
)

// Activities is what a worker needs.
type Activities struct {
	// Client declares the tables.
	Client *mapper.Client
	// Failures reports each item that could not be processed; see
	// [bulk.WithFailures]. It is called concurrently if the worker works on
	// several segments. An item is reported again if its page is read again
	// after a worker died. If the function returns an error, which is only
	// logged on the worker, the page is tried again as [Table.Retry] says. Without
	// the function, failing items are only counted.
	Failures func(bulk.Failure) error
}

// Register registers the workflow and the activity with a worker. Give the worker
// a WorkerStopTimeout: with it, [worker.Worker.Stop] returns the positions of the
// worker's segments, otherwise another worker takes over after [Table.Heartbeat].
// The option MaxConcurrentActivityExecutionSize limits how many segments the
// worker works on at once, and MaxHeartbeatThrottleInterval makes it record
// positions, and learn of a pause or another rate, more often than
// [Table.Heartbeat] alone.
func Register(r worker.Registry, a Activities) error {
	if a.Client == nil {
		return errors.New("fleet: the activities have no client")
	}
	r.RegisterWorkflowWithOptions(walk, workflow.RegisterOptions{Name: workflowName})
	r.RegisterActivityWithOptions(a.work, activity.RegisterOptions{Name: activityName})
	return nil
}

// job is the argument of the activity.
type job struct {
	Table   Table   `json:"table"` // without From, and with the rate of the segment
	Segment Segment `json:"segment"`
}

// turn is the result of the activity.
type turn struct {
	Segment Segment `json:"segment"`
	Done    bool    `json:"done,omitempty"`
}

// work works on a segment until it is complete, the turn is over, the worker stops
// or the workflow cancels it.
func (a Activities) work(ctx context.Context, j job) (turn, error) {
	recorded := &heartbeats{ctx: ctx, segment: j.Segment}
	if activity.HasHeartbeatDetails(ctx) {
		// An attempt before this one came so far.
		if err := activity.GetHeartbeatDetails(ctx, &recorded.segment); err != nil {
			return turn{}, temporal.NewApplicationError("the recorded position cannot be decoded", "Position")
		}
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	defer time.AfterFunc(j.Table.Turn, stop).Stop()
	go func() {
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			stop()
		case <-working.Done():
		}
	}()
	go recorded.repeat(working, j.Table.Heartbeat/4)

	run := bulk.Verify
	if j.Table.Operation == Reseal {
		run = bulk.Reseal
	}
	var unreported error
	_, err := run(working, a.Client, j.Table.Name, append(j.options(),
		bulk.WithCheckpoint(recorded), bulk.WithProgress(recorded.progress), bulk.WithFailures(func(f bulk.Failure) error {
			if a.Failures == nil {
				return nil
			}
			unreported = a.Failures(f)
			return unreported
		}))...)
	cause := context.Cause(ctx)
	switch {
	case err == nil:
		return turn{Segment: recorded.now(), Done: true}, nil
	case working.Err() == nil:
		message := err.Error()
		if unreported != nil { // its text may be anything, and the history keeps it
			activity.GetLogger(ctx).Error("A failed item was not reported.", "error", unreported)
			message = "a failed item was not reported; the worker's log says why"
		}
		return turn{}, temporal.NewApplicationError(message, "Segment", recorded.now())
	case ctx.Err() == nil, temporal.IsCanceledError(cause), errors.Is(cause, worker.ErrWorkerShutdown):
		return turn{Segment: recorded.now()}, nil
	}
	return turn{}, cause
}

// options are the options of package bulk for the segment.
func (j job) options() []bulk.Option {
	all := []bulk.Option{bulk.WithSegments(j.Table.Segments), bulk.WithSegment(j.Segment.Number)}
	if j.Table.PageSize > 0 {
		all = append(all, bulk.WithPageSize(j.Table.PageSize))
	}
	if j.Table.Parallelism > 0 {
		all = append(all, bulk.WithParallelism(j.Table.Parallelism))
	}
	if j.Table.Rate.Read > 0 {
		all = append(all, bulk.WithReadRate(j.Table.Rate.Read))
	}
	if j.Table.Rate.Write > 0 {
		all = append(all, bulk.WithWriteRate(j.Table.Rate.Write))
	}
	if j.Table.DryRun {
		all = append(all, bulk.WithDryRun())
	}
	return all
}

// heartbeats is a checkpoint in the details of an activity's heartbeats.
type heartbeats struct {
	ctx context.Context // of the activity, to which they belong

	mu      sync.Mutex
	segment Segment // of the last heartbeat
	saved   []byte
}

// Load returns the checkpoint that the workflow or an earlier attempt has passed on.
func (h *heartbeats) Load(context.Context) ([]byte, error) { return h.now().Checkpoint, nil }

// Save keeps the checkpoint for progress, which is called next and has its counts.
func (h *heartbeats) Save(_ context.Context, data []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.saved = data
	return nil
}

// Remove does nothing: the result of the activity says that the segment is complete.
func (h *heartbeats) Remove(context.Context) error { return nil }

func (h *heartbeats) progress(p bulk.Progress) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.segment.Checkpoint, h.segment.Report = h.saved, p.Report
	activity.RecordHeartbeat(h.ctx, h.segment)
}

func (h *heartbeats) now() Segment {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.segment
}

// repeat records the last position again and again, for pages that take long.
func (h *heartbeats) repeat(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		activity.RecordHeartbeat(h.ctx, h.now())
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}
