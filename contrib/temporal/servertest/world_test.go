// Package servertest runs package fleet against a Temporal server in this process.
// It is a module of its own, because building the server takes minutes.
package servertest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/server/temporaltest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ddbenc/ddbenc/contrib/temporal/fleet"
	"github.com/ddbenc/ddbenc/contrib/temporal/internal/notes"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

const queue = "ddbenc"

// world is a server with a table and machines that work on it.
type world struct {
	t       *testing.T
	server  *temporaltest.TestServer
	options client.Options // of every process
	client  client.Client  // of the process that controls runs
	table   *notes.Table

	mu       sync.Mutex
	failures []bulk.Failure
}

func newWorld(t *testing.T, items int, options client.Options, server ...temporaltest.TestServerOption) *world {
	t.Helper()
	options.Logger = silent{}
	w := &world{t: t, options: options, table: notes.New(t, items)}
	w.server = temporaltest.NewServer(append(server, temporaltest.WithT(t))...)
	w.client = w.server.NewClientWithOptions(options)
	return w
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

// machine starts a machine on which each write takes some time. When it dies,
// nothing that it sends arrives anywhere, and no reply arrives there.
func (w *world) machine(delay time.Duration) (*notes.Machine, worker.Worker) {
	w.t.Helper()
	m := w.table.Machine()
	m.Delay = delay
	options := w.options
	options.ConnectionOptions.DialOptions = []grpc.DialOption{grpc.WithChainUnaryInterceptor(
		func(ctx context.Context, method string, in, out any, c *grpc.ClientConn, call grpc.UnaryInvoker,
			o ...grpc.CallOption) error {
			if m.Dead() {
				return status.Error(codes.Unavailable, "dead")
			}
			err := call(ctx, method, in, out, c, o...)
			if m.Dead() {
				return status.Error(codes.Unavailable, "dead")
			}
			return err
		})}
	machine := worker.New(w.server.NewClientWithOptions(options), queue,
		worker.Options{MaxConcurrentActivityExecutionSize: 4, WorkerStopTimeout: 5 * time.Second,
			MaxHeartbeatThrottleInterval: 300 * time.Millisecond})
	w.check(fleet.Register(machine, fleet.Activities{Client: m.Client(w.t), Failures: func(f bulk.Failure) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.failures = append(w.failures, f)
		return nil
	}}))
	w.check(machine.Start())
	var once sync.Once
	stopping := stopper{machine, &once}
	w.t.Cleanup(func() {
		if m.Dead() {
			go stopping.Stop() // it waits for activities that nobody can end
		} else {
			stopping.Stop()
		}
	})
	return m, stopping
}

// stopper is a worker that can be stopped twice.
type stopper struct {
	worker.Worker
	once *sync.Once
}

func (s stopper) Stop() { s.once.Do(s.Worker.Stop) }

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) start(change func(*fleet.Table)) *fleet.Run {
	w.t.Helper()
	table := fleet.Table{Name: notes.Name, Operation: fleet.Reseal, Segments: 12, AtOnce: 8, PageSize: 20,
		Parallelism: 1, Heartbeat: 2 * time.Second, Turn: time.Minute}
	change(&table)
	run, err := fleet.Start(w.t.Context(), w.client, queue, table)
	w.check(err)
	return run
}

// until waits for something.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: not in time", what)
		}
	}
}

// written waits until some items are written.
func (w *world) written(n int) {
	w.t.Helper()
	w.until(fmt.Sprintf("%d items", n), func() bool { return len(w.table.Writes()) >= n })
}

// rate measures how many items are written in a second.
func (w *world) rate(over time.Duration) float64 {
	from := time.Now()
	time.Sleep(over)
	return float64(w.table.WritesBetween(from, time.Now())) / over.Seconds()
}

// sealedOnce checks that each item was written exactly once, and that the table is
// what one machine makes of it.
func (w *world) sealedOnce(items int) {
	w.t.Helper()
	writes := w.table.Writes()
	for id, n := range writes {
		if n != 1 {
			w.t.Errorf("%s was written %d times", id, n)
		}
	}
	if len(writes) != items {
		w.t.Errorf("%d items were written", len(writes))
	}
	alone := notes.New(w.t, items)
	report, err := bulk.Reseal(w.t.Context(), alone.Machine().Client(w.t), notes.Name)
	if err != nil || report.Resealed != int64(items) {
		w.t.Errorf("%+v, %v", report, err)
	}
	got, want := w.table.Contents(w.t), alone.Contents(w.t)
	if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))) {
		w.t.Errorf("%d items, want %d", len(got), len(want))
	}
	for id, item := range want {
		if fmt.Sprint(opened(got[id])) != fmt.Sprint(opened(item)) {
			w.t.Errorf("item %s is another one", id)
		}
	}
	verified, err := bulk.Verify(w.t.Context(), w.table.Machine().Client(w.t), notes.Name)
	if err != nil || verified.Failed != 0 || verified.Items != int64(items) {
		w.t.Errorf("%+v, %v", verified, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.failures) > 0 {
		w.t.Errorf("%d failures, the first is %+v", len(w.failures), w.failures[0])
	}
}

// history returns all that the server stores about the newest execution of a run.
func (w *world) history() string {
	w.t.Helper()
	var all strings.Builder
	id := fleet.WorkflowID(fleet.Reseal, notes.Name)
	iter := w.client.GetWorkflowHistory(w.t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for iter.HasNext() {
		event, err := iter.Next()
		w.check(err)
		all.WriteString(payloads(event))
	}
	return all.String()
}
