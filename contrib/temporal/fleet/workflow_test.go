package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// machines are workers that keep a record of their jobs.
type machines struct {
	do func(ctx context.Context, j job) (turn, error)

	mu     sync.Mutex
	jobs   []job
	active int
	most   int
}

func (m *machines) work(ctx context.Context, j job) (turn, error) {
	m.mu.Lock()
	m.jobs = append(m.jobs, j)
	m.active++
	m.most = max(m.most, m.active)
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.active--
	}()
	return m.do(ctx, j)
}

// numbers returns how many jobs each segment had.
func (m *machines) numbers() map[int]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[int]int)
	for _, j := range m.jobs {
		all[j.Segment.Number]++
	}
	return all
}

// done completes a segment of 10 items.
func done(_ context.Context, j job) (turn, error) {
	j.Segment.Report = add(j.Segment.Report, bulk.Report{Items: 10, Resealed: 10, Pages: 1})
	return turn{Segment: j.Segment, Done: true}, nil
}

// environment returns an environment in which time passes only while all wait.
func environment(t *testing.T, m *machines) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(20 * time.Second)
	env.RegisterWorkflowWithOptions(walk, workflow.RegisterOptions{Name: workflowName})
	env.RegisterActivityWithOptions(m.work, activity.RegisterOptions{Name: activityName})
	return env
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

func result(t *testing.T, env *testsuite.TestWorkflowEnvironment) Result {
	t.Helper()
	var r Result
	if err := env.GetWorkflowError(); err != nil {
		if !details(err, &r) {
			t.Fatal(err)
		}
		return r
	}
	if err := env.GetWorkflowResult(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func progress(t *testing.T, env *testsuite.TestWorkflowEnvironment) Progress {
	t.Helper()
	var p Progress
	value, err := env.QueryWorkflow(QueryProgress)
	if err == nil {
		err = value.Get(&p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tableOf(segments, atOnce int) Table {
	return Table{Name: "notes", Operation: Reseal, Segments: segments, AtOnce: atOnce}
}

func TestRun_WorksOnEverySegmentOnce(t *testing.T) {
	m := &machines{do: done}
	env := environment(t, m)
	env.ExecuteWorkflow(workflowName, tableOf(50, 7))
	r := result(t, env)
	want := Progress{Report: bulk.Report{Items: 500, Resealed: 500, Pages: 50}, Segments: 50, SegmentsDone: 50}
	if env.GetWorkflowError() != nil || r.Progress != want || r.Position != nil || m.most > 7 {
		t.Errorf("%+v, %v, %d at once", r, env.GetWorkflowError(), m.most)
	}
	for n := range 50 {
		if m.numbers()[n] != 1 {
			t.Errorf("segment %d: %d times", n, m.numbers()[n])
		}
	}
}

func TestRun_ContinuesSegmentsAfterTheirTurns(t *testing.T) {
	m := &machines{do: func(ctx context.Context, j job) (turn, error) {
		j.Segment.Checkpoint = append(j.Segment.Checkpoint, 'x')
		j.Segment.Report.Items++
		return turn{Segment: j.Segment, Done: len(j.Segment.Checkpoint) == 3}, nil
	}}
	env := environment(t, m)
	env.ExecuteWorkflow(workflowName, tableOf(5, 2))
	if r := result(t, env); env.GetWorkflowError() != nil || r.Items != 15 || len(m.jobs) != 15 {
		t.Errorf("%+v, %v, %d turns", r, env.GetWorkflowError(), len(m.jobs))
	}
}

func TestRun_BeginsNothingWhilePaused(t *testing.T) {
	m := &machines{do: done}
	env := environment(t, m)
	table := tableOf(5, 2)
	table.Paused = true
	env.RegisterDelayedCallback(func() {
		if p := progress(t, env); !p.Paused || p.SegmentsActive != 0 || len(m.jobs) != 0 {
			t.Errorf("%+v, %d turns", p, len(m.jobs))
		}
		env.SignalWorkflow(SignalResume, nil)
	}, time.Hour)
	env.ExecuteWorkflow(workflowName, table)
	if r := result(t, env); env.GetWorkflowError() != nil || r.Items != 50 || r.Paused {
		t.Errorf("%+v, %v", r, env.GetWorkflowError())
	}
}

// In this environment, a canceled activity returns no position: the segment goes
// on from where its turn began. It does with a server if no worker had it.
func TestRun_InterruptsTurnsToPause(t *testing.T) {
	release := make(chan struct{})
	m := &machines{do: func(ctx context.Context, j job) (turn, error) {
		<-release
		return done(ctx, j)
	}}
	env := environment(t, m)
	env.RegisterDelayedCallback(func() {
		if p := progress(t, env); p.SegmentsActive != 2 {
			t.Errorf("%+v", p)
		}
		env.SignalWorkflow(SignalPause, nil)
	}, time.Second)
	env.RegisterDelayedCallback(func() {
		if p := progress(t, env); !p.Paused || p.SegmentsActive != 0 || p.SegmentsDone != 0 {
			t.Errorf("%+v", p)
		}
		close(release)
	}, 2*time.Second)
	env.RegisterDelayedCallback(func() {
		if p := progress(t, env); p.SegmentsDone != 0 || len(m.numbers()) != 2 {
			t.Errorf("%+v, %v", p, m.numbers())
		}
		env.SignalWorkflow(SignalResume, nil)
	}, time.Hour)
	env.ExecuteWorkflow(workflowName, tableOf(5, 2))
	want := map[int]int{0: 2, 1: 2, 2: 1, 3: 1, 4: 1}
	if r := result(t, env); r.Items != 50 || !maps.Equal(m.numbers(), want) {
		t.Errorf("%+v, %v", r, m.numbers())
	}
}

func TestRun_DividesTheRate(t *testing.T) {
	var mu sync.Mutex
	rates := make(map[int][]Rate)
	first, second, last := make(chan struct{}), make(chan struct{}), make(chan struct{})
	m := &machines{do: func(ctx context.Context, j job) (turn, error) {
		mu.Lock()
		rates[j.Segment.Number] = append(rates[j.Segment.Number], j.Table.Rate)
		turns := len(rates[j.Segment.Number])
		mu.Unlock()
		switch {
		case turns == 1:
			<-first
		case j.Segment.Number < 2:
			<-second
		default:
			<-last
		}
		return done(ctx, j)
	}}
	env := environment(t, m)
	env.RegisterDelayedCallback(func() {
		env.SignalWorkflow(SignalRate, Rate{Write: -1}) // is ignored
		env.SignalWorkflow(SignalRate, Rate{Write: 200})
		close(first)
	}, 200*time.Millisecond)
	env.RegisterDelayedCallback(func() { close(second) }, 400*time.Millisecond)
	env.RegisterDelayedCallback(func() { close(last) }, 800*time.Millisecond)
	table := tableOf(4, 10)
	table.Rate = Rate{Read: 8, Write: 100}
	env.ExecuteWorkflow(workflowName, table)
	r := result(t, env)
	if r.Items != 40 || r.Rate != (Rate{Write: 200}) {
		t.Errorf("%+v", r)
	}
	for n := range 4 {
		if got := rates[n]; len(got) < 2 || got[0] != (Rate{Read: 2, Write: 25}) || got[1] != (Rate{Write: 50}) {
			t.Errorf("segment %d: %v", n, got)
		}
	}
	// The first two end at once, so the other two share the rate.
	for n := 2; n < 4; n++ {
		if got := rates[n]; len(got) < 3 || got[2] != (Rate{Write: 100}) {
			t.Errorf("segment %d: %v", n, got)
		}
	}
}

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
			if r := result(t, env); env.GetWorkflowError() != nil || r.Items != 30000 || r.SegmentsDone != 3000 || r.Rate.Write != 20 {
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
	if r.SegmentsFailed < 10 || r.SegmentsFailed > 14 || r.Position.Next > 14 || !strings.Contains(env.GetWorkflowError().Error(), "segments failed") {
		t.Errorf("%+v, %v", r, env.GetWorkflowError())
	}
}

func TestSegment_AfterAnError(t *testing.T) {
	began := Segment{Number: 3, Checkpoint: []byte("a"), Report: bulk.Report{Items: 1}}
	later := Segment{Number: 3, Checkpoint: []byte("b"), Report: bulk.Report{Items: 2}}
	withError := func(s Segment, message string) Segment { s.Error = message; return s }
	for name, test := range map[string]struct {
		err  error
		want Segment
	}{
		"canceled":                {temporal.NewCanceledError(), began},
		"died after progress":     {temporal.NewHeartbeatTimeoutError(later), later},
		"died without":            {temporal.NewHeartbeatTimeoutError(began), withError(began, "the workers died, or took too long: Heartbeat")},
		"failed":                  {temporal.NewApplicationError("no", "Segment", later), withError(later, "no")},
		"failed without position": {temporal.NewApplicationError("no", "Segment"), withError(began, "no")},
		"position of another":     {temporal.NewApplicationError("no", "Segment", Segment{Number: 4}), withError(began, "no")},
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
	if !slices.IsSortedFunc(r.Position.Open, func(a, b Segment) int { return a.Number - b.Number }) || len(r.Position.Open) != 9 {
		t.Errorf("%+v", r.Position)
	}
	if err := r.Position.check(table); err != nil {
		t.Error(err)
	}
}
