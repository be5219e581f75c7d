package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/ddbenc/ddbenc/contrib/temporal/internal/notes"
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// testWorker is one in an environment, with the heartbeats that it records.
type testWorker struct {
	*testsuite.TestActivityEnvironment
	mu         sync.Mutex
	heartbeats []Segment
}

func newWorker(t *testing.T, a Activities) *testWorker {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	w := &testWorker{TestActivityEnvironment: suite.NewTestActivityEnvironment()}
	w.SetTestTimeout(20 * time.Second)
	w.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&recorder{worker: w}}})
	w.RegisterActivityWithOptions(a.work, activity.RegisterOptions{Name: activityName})
	return w
}

// recorder sees the heartbeats before the SDK leaves some out.
type recorder struct {
	interceptor.WorkerInterceptorBase
	interceptor.ActivityInboundInterceptorBase
	interceptor.ActivityOutboundInterceptorBase
	worker *testWorker
}

func (r *recorder) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	inbound := &recorder{worker: r.worker}
	inbound.ActivityInboundInterceptorBase.Next = next
	return inbound
}

func (r *recorder) Init(next interceptor.ActivityOutboundInterceptor) error {
	outbound := &recorder{worker: r.worker}
	outbound.ActivityOutboundInterceptorBase.Next = next
	return r.ActivityInboundInterceptorBase.Next.Init(outbound)
}

func (r *recorder) RecordHeartbeat(ctx context.Context, details ...any) {
	r.worker.mu.Lock()
	r.worker.heartbeats = append(r.worker.heartbeats, details[0].(Segment))
	r.worker.mu.Unlock()
	r.ActivityOutboundInterceptorBase.RecordHeartbeat(ctx, details...)
}

func (w *testWorker) last() Segment {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.heartbeats) == 0 {
		return Segment{}
	}
	return w.heartbeats[len(w.heartbeats)-1]
}

func (w *testWorker) run(table Table, s Segment) (turn, error) {
	value, err := w.ExecuteActivity(activityName, job{Table: table.withDefaults(), Segment: s})
	if err != nil {
		return turn{}, err
	}
	var got turn
	return got, value.Get(&got)
}

func small() Table {
	return Table{Name: notes.Name, Operation: Reseal, Segments: 2, PageSize: 5, Parallelism: 2}
}

func TestActivity_ResealsItsSegmentOnly(t *testing.T) {
	table := notes.New(t, 100)
	items := int64(0)
	for n := range 2 {
		got, err := newWorker(t, Activities{Client: table.Machine().Client(t)}).run(small(), Segment{Number: n})
		if err != nil || !got.Done || got.Segment.Number != n || got.Segment.Report.Resealed != got.Segment.Report.Items {
			t.Fatalf("%+v, %v", got, err)
		}
		items += got.Segment.Report.Items
	}
	if items != 100 || len(table.Writes()) != 100 {
		t.Errorf("%d items, %d written", items, len(table.Writes()))
	}
	verify := small()
	verify.Operation = Verify
	got, err := newWorker(t, Activities{Client: table.Machine().Client(t)}).run(verify, Segment{})
	if err != nil || got.Segment.Report.Failed != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestActivity_ReturnsItsPositionWhenItsTurnIsOver(t *testing.T) {
	for name, end := range map[string]func(*testWorker, *Table){
		"turn":         func(_ *testWorker, table *Table) { table.Turn = time.Second },
		"worker stops": func(w *testWorker, _ *Table) { w.SetWorkerStopChannel(closedAfter(time.Second)) },
	} {
		t.Run(name, func(t *testing.T) {
			table := notes.New(t, 600)
			m := table.Machine()
			m.Delay = 10 * time.Millisecond
			w, slow := newWorker(t, Activities{Client: m.Client(t)}), small()
			end(w, &slow)
			got, err := w.run(slow, Segment{Number: 1})
			if err != nil || got.Done || got.Segment.Report.Items == 0 || len(got.Segment.Checkpoint) == 0 {
				t.Fatalf("%+v, %v", got, err)
			}
			again, err := newWorker(t, Activities{Client: table.Machine().Client(t)}).run(small(), got.Segment)
			if err != nil || !again.Done || again.Segment.Report.Items <= got.Segment.Report.Items {
				t.Errorf("%+v, %v", again, err)
			}
			for id, n := range table.Writes() {
				if n != 1 {
					t.Errorf("%s was written %d times", id, n)
				}
			}
		})
	}
}

func closedAfter(d time.Duration) chan struct{} {
	c := make(chan struct{})
	time.AfterFunc(d, func() { close(c) })
	return c
}

func TestActivity_ContinuesFromTheHeartbeatOfADeadWorker(t *testing.T) {
	table := notes.New(t, 100)
	m := table.Machine()
	first := newWorker(t, Activities{Client: m.Client(t)})
	m.DiesAfter = 23
	slow := small()
	slow.Turn = time.Second
	if got, err := first.run(slow, Segment{}); err != nil || got.Done {
		t.Fatalf("%+v, %v", got, err)
	}
	position := first.last()
	if position.Report.Items == 0 {
		t.Fatal("no heartbeat")
	}
	second := newWorker(t, Activities{Client: table.Machine().Client(t)})
	second.SetHeartbeatDetails(position)
	got, err := second.run(small(), Segment{}) // the workflow knows nothing of the progress
	if err != nil || !got.Done {
		t.Fatalf("%+v, %v", got, err)
	}
	for id, n := range table.Writes() {
		if n != 1 {
			t.Errorf("%s was written %d times", id, n)
		}
	}
	if n := int64(len(table.Writes())); n != got.Segment.Report.Items {
		t.Errorf("%d written, %+v", n, got)
	}
}

func TestActivity_RecordsHeartbeatsWhileAPageTakesLong(t *testing.T) {
	table := notes.New(t, 10)
	m := table.Machine()
	m.Delay = 700 * time.Millisecond
	w := newWorker(t, Activities{Client: m.Client(t)})
	slow := Table{Name: notes.Name, Operation: Reseal, Segments: 1, Heartbeat: 400 * time.Millisecond}
	if _, err := w.run(slow, Segment{}); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.heartbeats) < 4 {
		t.Errorf("%d heartbeats", len(w.heartbeats))
	}
}

// damaged returns a table with an item that does not verify.
func damaged(t *testing.T) *notes.Table {
	table := notes.New(t, 50)
	table.Put(t, crypto.Item{"id": &types.AttributeValueMemberS{Value: "damaged"},
		"body":         &types.AttributeValueMemberS{Value: notes.Secret},
		"aws_dbe_head": &types.AttributeValueMemberB{Value: []byte("x")},
		"aws_dbe_foot": &types.AttributeValueMemberB{Value: []byte("x")}})
	return table
}

func TestActivity_ReportsFailuresOnTheWorkerOnly(t *testing.T) {
	table := damaged(t)
	var failures []bulk.Failure
	a := Activities{Client: table.Machine().Client(t), Failures: func(f bulk.Failure) error {
		failures = append(failures, f)
		return nil
	}}
	one := small()
	one.Segments = 1
	got, err := newWorker(t, a).run(one, Segment{})
	if err != nil || !got.Done || got.Segment.Report.Failed != 1 || len(failures) != 1 {
		t.Fatalf("%+v, %v, %v", got, err, failures)
	}
	if data, err := json.Marshal(got); err != nil || strings.Contains(string(data), notes.Secret) {
		t.Errorf("%s, %v", data, err)
	}
}

func TestActivity_KeepsErrorsOfTheFailuresFunctionOutOfTheHistory(t *testing.T) {
	table := damaged(t)
	full := errors.New("the disk is full of " + notes.Secret)
	a := Activities{Client: table.Machine().Client(t), Failures: func(bulk.Failure) error { return full }}
	one := small()
	one.Segments = 1
	_, err := newWorker(t, a).run(one, Segment{})
	var failed *temporal.ApplicationError
	var position Segment
	if !errors.As(err, &failed) || failed.NonRetryable() || !failed.HasDetails() || failed.Details(&position) != nil {
		t.Fatal(err)
	}
	if strings.Contains(err.Error(), notes.Secret) || !strings.Contains(err.Error(), "worker's log") {
		t.Error(err)
	}
}

func TestActivity_FailsForATableThatIsNotDeclared(t *testing.T) {
	other := small()
	other.Name = "other"
	_, err := newWorker(t, Activities{Client: notes.New(t, 0).Machine().Client(t)}).run(other, Segment{})
	if err == nil || !strings.Contains(err.Error(), "not declared") {
		t.Error(err)
	}
}
