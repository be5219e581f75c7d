package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/ddbenc/ddbenc/mapper/bulk"
)

func TestRun_KeepsThePositionWhenItIsCanceled(t *testing.T) {
	release := make(chan struct{})
	m := &machines{do: func(ctx context.Context, j job) (turn, error) {
		if j.Segment.Number >= 3 {
			<-release
		}
		return done(ctx, j)
	}}
	env := environment(t, m)
	env.RegisterDelayedCallback(env.CancelWorkflow, time.Second)
	env.ExecuteWorkflow(workflowName, tableOf(10, 2))
	close(release)
	r := result(t, env)
	if !temporal.IsCanceledError(env.GetWorkflowError()) || r.Position == nil || r.Position.Next != 5 ||
		len(r.Position.Open) != 2 || r.Items != 30 || r.SegmentsActive != 0 {
		t.Fatalf("%+v, %v", r, env.GetWorkflowError())
	}

	again := tableOf(10, 2)
	again.From = r.Position
	m = &machines{do: done}
	env = environment(t, m)
	env.ExecuteWorkflow(workflowName, again)
	if r := result(t, env); env.GetWorkflowError() != nil || r.Items != 100 || len(m.jobs) != 7 {
		t.Errorf("%+v, %v, %d turns", r, env.GetWorkflowError(), len(m.jobs))
	}
}

func TestRun_EndsWhileItIsPaused(t *testing.T) {
	env := environment(t, &machines{do: done})
	env.RegisterDelayedCallback(env.CancelWorkflow, time.Second)
	table := tableOf(10, 2)
	table.Paused = true
	env.ExecuteWorkflow(workflowName, table)
	if r := result(t, env); !temporal.IsCanceledError(env.GetWorkflowError()) || r.Position.Next != 0 {
		t.Errorf("%+v, %v", r, env.GetWorkflowError())
	}
}

// continued returns the argument of the next execution.
func continued(t *testing.T, env *testsuite.TestWorkflowEnvironment) (Table, bool) {
	t.Helper()
	var next *workflow.ContinueAsNewError
	if !errors.As(env.GetWorkflowError(), &next) {
		return Table{}, false
	}
	var table Table
	if err := converter.GetDefaultDataConverter().FromPayloads(next.Input, &table); err != nil {
		t.Fatal(err)
	}
	return table, true
}

func TestRun_ContinuesAsNewWhenTheHistoryIsLong(t *testing.T) {
	m := &machines{do: done}
	table, executions := tableOf(3000, 5), 0
	table.Rate = Rate{Write: 10}
	for again := true; again; executions++ {
		env := environment(t, m)
		ended := 0
		env.SetOnActivityCompletedListener(func(*activity.Info, converter.EncodedValue, error) {
			if ended++; ended == 700 {
				env.SetContinueAsNewSuggested(true)
			}
		})
		if executions == 1 { // a signal in the execution before the next
			env.RegisterDelayedCallback(func() { env.SignalWorkflow(SignalRate, Rate{Write: 20}) }, 0)
		}
		env.ExecuteWorkflow(workflowName, table)
		if table, again = continued(t, env); !again {
			r := result(t, env)
			if env.GetWorkflowError() != nil || r.Items != 30000 || r.SegmentsDone != 3000 || r.Rate.Write != 20 {
				t.Errorf("%+v, %v", r, env.GetWorkflowError())
			}
		}
	}
	if executions < 4 || len(m.numbers()) != 3000 {
		t.Errorf("%d executions, %d segments", executions, len(m.numbers()))
	}
}

func TestRun_GoesOnWithoutFailedSegments(t *testing.T) {
	m := &machines{do: func(ctx context.Context, j job) (turn, error) {
		if j.Segment.Number%4 == 3 {
			j.Segment.Checkpoint, j.Segment.Report.Items = []byte("here"), 5
			return turn{}, temporal.NewApplicationError("access denied", "Segment", j.Segment)
		}
		return done(ctx, j)
	}}
	env := environment(t, m)
	table := tableOf(10, 3)
	table.Retry = &temporal.RetryPolicy{InitialInterval: time.Second, MaximumAttempts: 3}
	env.ExecuteWorkflow(workflowName, table)
	r := result(t, env)
	if r.SegmentsFailed != 2 || r.SegmentsDone != 8 || r.Items != 90 || len(r.Position.Open) != 2 {
		t.Fatalf("%+v, %v", r, env.GetWorkflowError())
	}
	for _, s := range r.Position.Open {
		if s.Error != "access denied" || string(s.Checkpoint) != "here" || m.numbers()[s.Number] != 3 {
			t.Errorf("%+v, %d attempts", s, m.numbers()[s.Number])
		}
	}
	for _, s := range r.Position.withoutErrors().Open {
		if s.Error != "" {
			t.Errorf("%+v", s)
		}
	}
}

func TestRun_EndsAfterTenFailedSegments(t *testing.T) {
	m := &machines{do: func(ctx context.Context, j job) (turn, error) {
		return turn{}, temporal.NewApplicationError("access denied", "Segment", j.Segment)
	}}
	env := environment(t, m)
	table := tableOf(1000, 4)
	table.Retry = &temporal.RetryPolicy{MaximumAttempts: 1}
	env.ExecuteWorkflow(workflowName, table)
	r := result(t, env)
	if r.SegmentsFailed < 10 || r.SegmentsFailed > 14 || r.Position.Next > 14 ||
		!strings.Contains(env.GetWorkflowError().Error(), "segments failed") {
		t.Errorf("%+v, %v", r, env.GetWorkflowError())
	}
}

func TestSegment_AfterAnError(t *testing.T) {
	began := Segment{Number: 3, Checkpoint: []byte("a"), Report: bulk.Report{Items: 1}}
	later := Segment{Number: 3, Checkpoint: []byte("b"), Report: bulk.Report{Items: 2}}
	withError := func(s Segment, message string) Segment { s.Error = message; return s }
	const died = "the workers died, or took too long: Heartbeat"
	for name, test := range map[string]struct {
		err  error
		want Segment
	}{
		"canceled":                {temporal.NewCanceledError(), began},
		"died after progress":     {temporal.NewHeartbeatTimeoutError(later), later},
		"died without":            {temporal.NewHeartbeatTimeoutError(began), withError(began, died)},
		"failed":                  {temporal.NewApplicationError("no", "Segment", later), withError(later, "no")},
		"failed without position": {temporal.NewApplicationError("no", "Segment"), withError(began, "no")},
		"position of another":     {temporal.NewApplicationError("no", "", Segment{Number: 4}), withError(began, "no")},
		"another error":           {errors.New("other"), withError(began, "other")},
	} {
		if got := after(began, test.err); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestPositions_AreInOrder(t *testing.T) {
	m := &machines{do: func(ctx context.Context, j job) (turn, error) {
		return turn{}, temporal.NewApplicationError("no", "Segment", j.Segment)
	}}
	env := environment(t, m)
	table := tableOf(9, 9)
	table.Retry = &temporal.RetryPolicy{MaximumAttempts: 1}
	env.ExecuteWorkflow(workflowName, table)
	r := result(t, env)
	inOrder := slices.IsSortedFunc(r.Position.Open, func(a, b Segment) int { return a.Number - b.Number })
	if !inOrder || len(r.Position.Open) != 9 {
		t.Errorf("%+v", r.Position)
	}
	if err := r.Position.check(table); err != nil {
		t.Error(err)
	}
}
