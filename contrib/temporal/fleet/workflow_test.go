package fleet

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
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
	}, 500*time.Millisecond)
	env.RegisterDelayedCallback(func() { close(second) }, time.Second)
	env.RegisterDelayedCallback(func() { close(last) }, 2*time.Second)
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
