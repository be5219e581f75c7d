package fleet

import (
	"math"
	"reflect"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"github.com/ddbenc/ddbenc/contrib/temporal/internal/notes"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

func TestTable_IsChecked(t *testing.T) {
	for name, change := range map[string]func(*Table){
		"no name":              func(t *Table) { t.Name = "" },
		"operation":            func(t *Table) { t.Operation = "census" },
		"no segments":          func(t *Table) { t.Segments = 0 },
		"too many segments":    func(t *Table) { t.Segments = 1000001 },
		"at once":              func(t *Table) { t.AtOnce = -1 },
		"too many at once":     func(t *Table) { t.AtOnce = 301 },
		"negative page size":   func(t *Table) { t.PageSize = -1 },
		"negative parallelism": func(t *Table) { t.Parallelism = -1 },
		"short heartbeat":      func(t *Table) { t.Heartbeat = time.Millisecond },
		"short turn":           func(t *Table) { t.Turn = time.Millisecond },
		"negative rate":        func(t *Table) { t.Rate.Read = -1 },
		"infinite rate":        func(t *Table) { t.Rate.Write = math.Inf(1) },
		"no rate":              func(t *Table) { t.Rate.Write = math.NaN() },
		"negative attempts":    func(t *Table) { t.Retry.MaximumAttempts = -1 },
		"negative interval":    func(t *Table) { t.Retry.InitialInterval = -1 },
		"small coefficient":    func(t *Table) { t.Retry.BackoffCoefficient = 0.5 },
		"short interval":       func(t *Table) { t.Retry.MaximumInterval = time.Millisecond },
		"other table":          func(t *Table) { t.From.Table = "other" },
		"other segments":       func(t *Table) { t.From.Segments = 5 },
		"other operation":      func(t *Table) { t.From.Operation = Verify },
		"dry run":              func(t *Table) { t.From.DryRun = true },
		"next":                 func(t *Table) { t.From.Next = 11 },
		"not begun":            func(t *Table) { t.From.Open = []Segment{{Number: 5}} },
		"negative segment":     func(t *Table) { t.From.Open = []Segment{{Number: -1}} },
		"twice":                func(t *Table) { t.From.Open = []Segment{{Number: 1}, {Number: 1}} },
	} {
		table := Table{Name: "notes", Operation: Reseal, Segments: 10}.withDefaults()
		table.From.Next = 3
		if err := table.check(); err != nil {
			t.Fatal(err)
		}
		change(&table)
		if table.check() == nil {
			t.Errorf("%s is accepted", name)
		}
		env := environment(t, &machines{do: done})
		if math.IsNaN(table.Rate.Write) || math.IsInf(table.Rate.Write, 0) {
			continue // JSON has no such numbers
		}
		if env.ExecuteWorkflow(workflowName, table); env.GetWorkflowError() == nil {
			t.Errorf("%s is accepted by the workflow", name)
		}
	}
}

func TestRegister_NeedsAClient(t *testing.T) {
	env := environment(t, &machines{do: done})
	if err := Register(env, Activities{}); err == nil {
		t.Error("no client is accepted")
	}
	var suite testsuite.WorkflowTestSuite
	client := notes.New(t, 0).Machine().Client(t)
	if err := Register(suite.NewTestWorkflowEnvironment(), Activities{Client: client}); err != nil {
		t.Error(err)
	}
}

// A report that has another count must be added up too.
func TestReports_AreAddedUp(t *testing.T) {
	var r bulk.Report
	v := reflect.ValueOf(&r).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.CanInt() {
			f.SetInt(int64(i + 1))
		} else {
			f.SetFloat(float64(i + 1))
		}
	}
	sum := reflect.ValueOf(add(r, r))
	for i := range v.NumField() {
		if f := sum.Field(i); f.CanInt() && f.Int() != 2*int64(i+1) || f.CanFloat() && f.Float() != 2*float64(i+1) {
			t.Errorf("%s: %v", sum.Type().Field(i).Name, f)
		}
	}
}
