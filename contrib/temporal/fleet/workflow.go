package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// maxFailed is how many segments may fail before a run ends: by then it is a
// matter of permissions or keys, which the other segments need too.
const maxFailed = 10

// walk is the workflow.
func walk(ctx workflow.Context, t Table) (Result, error) {
	t = t.withDefaults()
	if err := t.check(); err != nil {
		return Result{}, temporal.NewNonRetryableApplicationError(err.Error(), "Table", nil)
	}
	w := newWalk(ctx, t)
	query := func() (Progress, error) { return w.progress(), nil }
	if err := workflow.SetQueryHandler(ctx, QueryProgress, query); err != nil {
		return Result{}, err
	}
	for {
		w.begin()
		if w.ended() {
			break
		}
		w.events.Select(ctx)
	}
	for w.events.HasPending() { // signals, which the next execution must know of
		w.events.Select(ctx)
	}
	switch {
	case w.complete():
		return Result{Progress: w.progress()}, nil
	case w.canceled:
		return Result{}, temporal.NewCanceledError(w.result())
	case w.full && w.failed() < maxFailed && w.left() > 0:
		t.Rate, t.Paused, t.From = w.table.Rate, w.paused, w.position()
		return Result{}, workflow.NewContinueAsNewError(ctx, workflowName, t)
	}
	return Result{}, temporal.NewApplicationErrorWithOptions(fmt.Sprintf("%d segments failed", w.failed()), "Incomplete",
		temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{w.result()}})
}

// tableWalk is the state of the workflow.
type tableWalk struct {
	ctx    workflow.Context
	table  Table
	events workflow.Selector

	next   int // the first segment that was not begun
	open   map[int]Segment
	report bulk.Report // of the complete segments
	active map[int]workflow.CancelFunc
	parts  int // into which the rate is divided

	paused, canceled bool
	full             bool // the history is
}

func newWalk(ctx workflow.Context, t Table) *tableWalk {
	w := &tableWalk{ctx: ctx, table: t, events: workflow.NewSelector(ctx), next: t.From.Next, report: t.From.Report,
		open: make(map[int]Segment), active: make(map[int]workflow.CancelFunc), paused: t.Paused}
	for _, s := range t.From.Open {
		w.open[s.Number] = s
	}
	signal(w, SignalPause, func(any) { w.paused = true; w.interrupt() })
	signal(w, SignalResume, func(any) { w.paused = false })
	signal(w, SignalRate, func(rate Rate) {
		if err := rate.check(); err != nil {
			workflow.GetLogger(ctx).Error("A rate was ignored.", "error", err)
			return
		}
		w.table.Rate, w.parts = rate, w.width()
		w.interrupt()
	})
	canceled := workflow.NewChannel(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		ctx.Done().Receive(ctx, nil)
		canceled.Send(ctx, nil)
	})
	w.events.AddReceive(canceled, func(c workflow.ReceiveChannel, _ bool) {
		c.Receive(ctx, nil)
		w.canceled = true // the activities' contexts descend from the workflow's
	})
	return w
}

// signal handles a signal with an argument.
func signal[T any](w *tableWalk, name string, handle func(T)) {
	w.events.AddReceive(workflow.GetSignalChannel(w.ctx, name), func(c workflow.ReceiveChannel, _ bool) {
		var argument T
		c.Receive(w.ctx, &argument)
		handle(argument)
	})
}

// waiting returns the segments that were begun, and that nobody works on.
func (w *tableWalk) waiting() []int {
	var all []int
	for _, n := range slices.Sorted(maps.Keys(w.open)) {
		if w.active[n] == nil && w.open[n].Error == "" {
			all = append(all, n)
		}
	}
	return all
}

func (w *tableWalk) failed() int {
	n := 0
	for _, s := range w.open {
		if s.Error != "" {
			n++
		}
	}
	return n
}

// left is how many segments are to be done, with those that are worked on.
func (w *tableWalk) left() int { return w.table.Segments - w.next + len(w.open) - w.failed() }

// width is how many segments should be worked on at once.
func (w *tableWalk) width() int { return min(w.table.AtOnce, w.left()) }

func (w *tableWalk) complete() bool { return w.next == w.table.Segments && len(w.open) == 0 }

// ending reports whether no more turns should begin.
func (w *tableWalk) ending() bool { return w.canceled || w.full || w.failed() >= maxFailed }

func (w *tableWalk) ended() bool { return len(w.active) == 0 && (w.ending() || w.left() == 0) }

// interrupt ends the turns of all active segments. Those that are not to stop
// begin another turn from their position, with the rate of then.
func (w *tableWalk) interrupt() {
	for _, n := range slices.Sorted(maps.Keys(w.active)) {
		w.active[n]()
	}
}

// begin begins turns.
func (w *tableWalk) begin() {
	if w.ending() {
		w.interrupt()
		return
	}
	if w.paused {
		return
	}
	width := w.width()
	switch {
	case len(w.active) == 0:
		w.parts = width
	case width <= w.parts/2 && w.table.Rate != Rate{}:
		// Near the end of the table, the last segments get the rate of the others.
		w.parts = width
		w.interrupt()
	}
	waiting := w.waiting()
	for len(w.active) < width {
		if len(waiting) > 0 {
			w.turn(w.open[waiting[0]])
			waiting = waiting[1:]
		} else {
			w.turn(Segment{Number: w.next})
			w.next++
		}
	}
}

// turn begins a turn of a segment.
func (w *tableWalk) turn(s Segment) {
	w.open[s.Number] = s
	t := w.table
	t.From, t.Retry, t.Rate = nil, nil, t.Rate.over(w.parts)
	ctx, cancel := workflow.WithCancel(w.ctx)
	w.active[s.Number] = cancel
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: t.Turn + time.Hour, // turns end by themselves, and the heartbeats of dead workers do
		HeartbeatTimeout:    t.Heartbeat,
		WaitForCancellation: true, // for the position
		RetryPolicy:         w.table.Retry,
		Summary:             fmt.Sprintf("segment %d of %d", s.Number, t.Segments),
	})
	w.events.AddFuture(workflow.ExecuteActivity(ctx, activityName, job{Table: t, Segment: s}), func(f workflow.Future) {
		var ended turn
		err := f.Get(w.ctx, &ended)
		cancel()
		delete(w.active, s.Number)
		switch {
		case err != nil:
			w.open[s.Number] = after(s, err)
		case ended.Done:
			delete(w.open, s.Number)
			w.report = add(w.report, ended.Segment.Report)
		default:
			w.open[s.Number] = ended.Segment
		}
		w.full = w.full || workflow.GetInfo(w.ctx).GetContinueAsNewSuggested()
	})
}

// after returns a segment after a turn that ended with an error.
func after(s Segment, err error) Segment {
	began := s
	var position Segment
	if details(err, &position) && position.Number == s.Number {
		s = position
	}
	var (
		failed  *temporal.ActivityError
		timeout *temporal.TimeoutError
	)
	switch {
	case temporal.IsCanceledError(err),
		errors.As(err, &failed) && failed.RetryState() == enums.RETRY_STATE_CANCEL_REQUESTED,
		errors.As(err, &timeout) && !slices.Equal(s.Checkpoint, began.Checkpoint):
		// It goes on from there. If workers die, that does not matter as long as
		// they get on in the meantime.
	default:
		s.Error = cause(err)
	}
	return s
}

// cause returns what the activity said, without the names of events and workers.
func cause(err error) string {
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return application.Message()
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		return "the workers died, or took too long: " + timeout.TimeoutType().String()
	}
	return err.Error()
}

func (w *tableWalk) position() *Position {
	t := w.table
	open := slices.SortedFunc(maps.Values(w.open), func(a, b Segment) int { return cmp.Compare(a.Number, b.Number) })
	return &Position{Table: t.Name, Operation: t.Operation, Segments: t.Segments, DryRun: t.DryRun,
		Next: w.next, Open: open, Report: w.report}
}

func (w *tableWalk) progress() Progress {
	p := Progress{Report: w.report, Segments: w.table.Segments, SegmentsDone: w.next - len(w.open),
		SegmentsActive: len(w.active), SegmentsFailed: w.failed(), Rate: w.table.Rate, Paused: w.paused}
	for _, n := range slices.Sorted(maps.Keys(w.open)) { // in order, since units are fractions
		p.Report = add(p.Report, w.open[n].Report)
	}
	return p
}

func (w *tableWalk) result() Result { return Result{Progress: w.progress(), Position: w.position()} }
