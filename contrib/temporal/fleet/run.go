package fleet

import (
	"context"
	"errors"
	"fmt"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// Names of the signals and of the query of the workflow, for other programs and
// Temporal's command line. The argument of SignalRate is a [Rate] as JSON.
const (
	SignalPause   = "pause"
	SignalResume  = "resume"
	SignalRate    = "rate"
	QueryProgress = "progress"
)

// ErrIncomplete is returned by [Run.Wait] for a run that was cancelled, or in which
// segments failed.
var ErrIncomplete = errors.New("incomplete run")

// Run is a run over a table.
type Run struct {
	client client.Client
	id     string
	first  string // ID of the first execution of the workflow; "" if not known
}

// WorkflowID returns the ID of the workflow of a run. There can be only one run
// with the same operation over a table at a time.
func WorkflowID(operation Operation, table string) string {
	return "ddbenc-" + string(operation) + "-" + table
}

// Start starts a run on the workers of a task queue. If such a run is in progress
// already, it returns an error of type
// [go.temporal.io/api/serviceerror.WorkflowExecutionAlreadyStarted].
func Start(ctx context.Context, c client.Client, taskQueue string, table Table) (*Run, error) {
	table.From = table.From.withoutErrors()
	table = table.withDefaults()
	if err := table.check(); err != nil {
		return nil, err
	}
	id := WorkflowID(table.Operation, table.Name)
	started, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: taskQueue,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true}, workflowName, table)
	if err != nil {
		return nil, fmt.Errorf("fleet: start to %s table %q: %w", table.Operation, table.Name, err)
	}
	return &Run{client: c, id: id, first: started.GetRunID()}, nil
}

// Find returns the newest run with an operation over a table. It makes no
// request, so the methods of the run fail if there is none.
func Find(c client.Client, operation Operation, table string) *Run {
	return &Run{client: c, id: WorkflowID(operation, table)}
}

// Pause stops the work at the next pages. It returns before the workers have
// stopped: [Progress.SegmentsActive] is 0 once they have.
func (r *Run) Pause(ctx context.Context) error { return r.signal(ctx, SignalPause, nil) }

// Resume continues the work after [Run.Pause].
func (r *Run) Resume(ctx context.Context) error { return r.signal(ctx, SignalResume, nil) }

// SetRate changes the rate. Workers continue their segments with the new rate
// within [Table.Heartbeat].
func (r *Run) SetRate(ctx context.Context, rate Rate) error {
	if err := rate.check(); err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	return r.signal(ctx, SignalRate, rate)
}

func (r *Run) signal(ctx context.Context, name string, argument any) error {
	if err := r.client.SignalWorkflow(ctx, r.id, "", name, argument); err != nil {
		return fmt.Errorf("fleet: %s workflow %q: %w", name, r.id, err)
	}
	return nil
}

// Cancel ends the run. Workers finish the items that they have begun, and
// [Run.Wait] returns the position.
func (r *Run) Cancel(ctx context.Context) error {
	if err := r.client.CancelWorkflow(ctx, r.id, ""); err != nil {
		return fmt.Errorf("fleet: cancel workflow %q: %w", r.id, err)
	}
	return nil
}

// Progress returns how far the run has come. It needs a worker that runs.
func (r *Run) Progress(ctx context.Context) (Progress, error) {
	var p Progress
	value, err := r.client.QueryWorkflow(ctx, r.id, "", QueryProgress)
	if err == nil {
		err = value.Get(&p)
	}
	if err != nil {
		return Progress{}, fmt.Errorf("fleet: query workflow %q: %w", r.id, err)
	}
	return p, nil
}

// Wait waits until the run ends. If the run was cancelled or segments failed, it
// returns an error that wraps [ErrIncomplete], and the result is valid.
func (r *Run) Wait(ctx context.Context) (Result, error) {
	var result Result
	err := r.client.GetWorkflow(ctx, r.id, r.first).Get(ctx, &result)
	if err == nil {
		return result, nil
	}
	if details(err, &result) {
		return result, fmt.Errorf("fleet: %w: %w", ErrIncomplete, err)
	}
	return Result{}, fmt.Errorf("fleet: wait for workflow %q: %w", r.id, err)
}

// details decodes what an error of a workflow or an activity carries.
func details(err error, into any) bool {
	var (
		canceled    *temporal.CanceledError
		application *temporal.ApplicationError
		timeout     *temporal.TimeoutError
	)
	switch {
	case errors.As(err, &canceled):
		return canceled.HasDetails() && canceled.Details(into) == nil
	case errors.As(err, &timeout):
		return timeout.HasLastHeartbeatDetails() && timeout.LastHeartbeatDetails(into) == nil
	case errors.As(err, &application):
		return application.HasDetails() && application.Details(into) == nil
	}
	return false
}
