package servertest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/server/common/dynamicconfig"
	server "go.temporal.io/server/temporal"
	"go.temporal.io/server/temporaltest"

	"github.com/ddbenc/ddbenc/contrib/temporal/fleet"
	"github.com/ddbenc/ddbenc/contrib/temporal/internal/notes"
	"github.com/ddbenc/ddbenc/crypto"
)

// Half a minute passes in it while the server still hands tasks of the workflow to
// the polls of dead machines, and waits 10 seconds for each.
func TestRun_SurvivesMachinesThatDie(t *testing.T) {
	const items = 3000
	w := newWorld(t, items, client.Options{})
	first, _ := w.machine(10 * time.Millisecond)
	second, _ := w.machine(10 * time.Millisecond)
	run := w.start(func(*fleet.Table) {})
	w.written(600)
	first.Kill()
	w.written(1000)
	w.machine(10 * time.Millisecond)
	second.Kill()
	r, err := run.Wait(t.Context())
	if err != nil || r.Items != items || r.SegmentsDone != 12 || r.Failed != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	// What a machine wrote after its last heartbeat is read again, and counts as
	// an item that was right.
	if r.Resealed < items/2 || r.Resealed >= items {
		t.Errorf("%+v", r)
	}
	w.sealedOnce(items)
	if history := w.history(); strings.Contains(history, notes.Secret) || !strings.Contains(history, "reseal") {
		t.Error("the history contains plaintext, or was not read")
	}
}

func TestRun_LosesNoPageOfWorkersThatStop(t *testing.T) {
	const items = 2000
	w := newWorld(t, items, client.Options{})
	_, first := w.machine(5 * time.Millisecond)
	run := w.start(func(*fleet.Table) {})
	w.written(300)
	w.machine(5 * time.Millisecond)
	first.Stop()
	w.written(600)
	r, err := run.Wait(t.Context())
	if err != nil || r.Items != items || r.Resealed < items-8*20 {
		t.Errorf("%+v, %v", r, err)
	}
	w.sealedOnce(items)
}

func TestRun_PausesAndFollowsTheRate(t *testing.T) {
	const items = 9000
	w := newWorld(t, items, client.Options{})
	w.machine(0)
	w.machine(0)
	run := w.start(func(table *fleet.Table) { table.Rate.Write, table.Segments, table.Parallelism = 300, 8, 4 })
	w.written(1)
	// Segments may use the units of a second at once when they begin, so a window
	// may have those more.
	time.Sleep(2 * time.Second)
	if rate := w.rate(3 * time.Second); rate < 180 || rate > 420 {
		t.Errorf("%.0f items/s at a rate of 300", rate)
	}
	second := fleet.Table{Name: notes.Name, Operation: fleet.Reseal, Segments: 1}
	_, err := fleet.Start(t.Context(), w.client, queue, second)
	if !errors.As(err, new(*serviceerror.WorkflowExecutionAlreadyStarted)) {
		t.Errorf("started twice: %v", err)
	}

	w.check(run.Pause(t.Context()))
	w.until("pause", func() bool {
		p, err := run.Progress(t.Context())
		w.check(err)
		return p.Paused && p.SegmentsActive == 0
	})
	p, err := run.Progress(t.Context())
	if err != nil || p.Items == 0 || p.Resealed == 0 || p.Segments != 8 || p.Rate.Write != 300 {
		t.Errorf("%+v, %v", p, err)
	}
	if rate := w.rate(2 * time.Second); rate != 0 {
		t.Errorf("%.0f items/s in the pause", rate)
	}
	w.check(run.SetRate(t.Context(), fleet.Rate{Write: 800}))
	w.check(fleet.Find(w.client, fleet.Reseal, notes.Name).Resume(t.Context()))
	time.Sleep(2 * time.Second)
	if rate := w.rate(2 * time.Second); rate < 400 || rate > 1250 {
		t.Errorf("%.0f items/s at a rate of 800", rate)
	}
	w.check(run.SetRate(t.Context(), fleet.Rate{Write: 150})) // of segments that are worked on
	time.Sleep(3 * time.Second)
	if rate := w.rate(3 * time.Second); rate < 80 || rate > 220 {
		t.Errorf("%.0f items/s at a rate of 150", rate)
	}
	w.check(run.SetRate(t.Context(), fleet.Rate{}))
	r, err := run.Wait(t.Context())
	if err != nil || r.Items != items || r.SegmentsDone != 8 || r.Position != nil {
		t.Errorf("%+v, %v", r, err)
	}
	w.sealedOnce(items)
}

// The history of this run is encrypted, as Temporal documents it.
func TestRun_GoesOnFromThePositionOfACanceledOne(t *testing.T) {
	const items = 2000
	encrypted := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), newCodec(t))
	w := newWorld(t, items, client.Options{DataConverter: encrypted, FailureConverter: temporal.NewDefaultFailureConverter(
		temporal.DefaultFailureConverterOptions{DataConverter: encrypted, EncodeCommonAttributes: true})})
	w.machine(5 * time.Millisecond)
	run := w.start(func(*fleet.Table) {})
	w.written(500)
	w.check(run.Cancel(t.Context()))
	r, err := run.Wait(t.Context())
	if !errors.Is(err, fleet.ErrIncomplete) || !temporal.IsCanceledError(err) || r.Position == nil ||
		r.Items == 0 || r.Items == items {
		t.Fatalf("%+v, %v", r, err)
	}
	if history := w.history(); strings.Contains(history, "note-") || strings.Contains(history, "segments") {
		t.Error("the history is not encrypted")
	}
	data, err := json.Marshal(r.Position)
	w.check(err)
	written := len(w.table.Writes())
	time.Sleep(500 * time.Millisecond)
	if n := len(w.table.Writes()); n != written {
		t.Errorf("%d items were written after the end", n-written)
	}

	var position fleet.Position
	w.check(json.Unmarshal(data, &position))
	again, err := w.start(func(table *fleet.Table) { table.From = &position }).Wait(t.Context())
	if err != nil || again.Items != items || again.Position != nil {
		t.Errorf("%+v, %v", again, err)
	}
	w.sealedOnce(items)
}

func TestRun_ContinuesAsNewOnAServer(t *testing.T) {
	const items = 2000
	short := temporaltest.WithBaseServerOptions(server.WithDynamicConfigClient(dynamicconfig.StaticClient{
		dynamicconfig.HistoryCountSuggestContinueAsNew.Key(): 100}))
	w := newWorld(t, items, client.Options{}, short)
	w.machine(2 * time.Millisecond)
	w.machine(2 * time.Millisecond)
	run := w.start(func(table *fleet.Table) { table.Segments = 100 })
	r, err := run.Wait(t.Context())
	if err != nil || r.Items != items || r.SegmentsDone != 100 {
		t.Errorf("%+v, %v", r, err)
	}
	id := fleet.WorkflowID(fleet.Reseal, notes.Name)
	last, err := w.client.DescribeWorkflowExecution(t.Context(), id, "")
	w.check(err)
	if info := last.WorkflowExecutionInfo; info.Execution.RunId == info.FirstRunId || info.HistoryLength > 300 {
		t.Errorf("it did not continue as new: %d events", info.HistoryLength)
	}
	w.sealedOnce(items)
}

func TestRun_ReportsWhatFailsOnTheMachine(t *testing.T) {
	w := newWorld(t, 100, client.Options{})
	w.table.Put(t, crypto.Item{"id": &types.AttributeValueMemberS{Value: "damaged"},
		"body":         &types.AttributeValueMemberS{Value: notes.Secret},
		"aws_dbe_head": &types.AttributeValueMemberB{Value: []byte("x")},
		"aws_dbe_foot": &types.AttributeValueMemberB{Value: []byte("x")}})
	w.machine(0)
	r, err := w.start(func(*fleet.Table) {}).Wait(t.Context())
	if err != nil || r.Failed != 1 || len(w.failures) != 1 || len(w.failures[0].Key) != 1 {
		t.Errorf("%+v, %v, %v", r, err, w.failures)
	}
	if strings.Contains(w.history(), notes.Secret) {
		t.Error("the history contains plaintext")
	}
}

// A machine that may not do its work fails the segments, and the next run goes on.
func TestRun_TriesFailedSegmentsAgainInTheNextRun(t *testing.T) {
	w := newWorld(t, 200, client.Options{})
	m, unable := w.machine(0)
	m.Denied.Store(true)
	retry := &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, MaximumAttempts: 2}
	r, err := w.start(func(table *fleet.Table) { table.Segments, table.Retry = 4, retry }).Wait(t.Context())
	if !errors.Is(err, fleet.ErrIncomplete) || r.SegmentsFailed != 4 || r.Position == nil ||
		r.Position.Open[0].Error == "" {
		t.Fatalf("%+v, %v", r, err)
	}
	unable.Stop()
	w.machine(0)
	r, err = w.start(func(table *fleet.Table) { table.Segments, table.From = 4, r.Position }).Wait(t.Context())
	if err != nil || r.Items != 200 || r.SegmentsFailed != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	w.sealedOnce(200)
}
