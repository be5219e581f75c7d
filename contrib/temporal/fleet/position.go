package fleet

import (
	"errors"

	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// Position says which parts of a table a run has completed. Store it as JSON, and
// pass it to the next run as [Table.From]. It contains the key of one item for
// each open segment.
type Position struct {
	Table     string    `json:"table"`
	Operation Operation `json:"operation"`
	Segments  int       `json:"segments"`
	DryRun    bool      `json:"dryRun,omitempty"`
	// Next is the first segment that was not begun. Segments before it are
	// complete, unless they are in Open.
	Next int `json:"next"`
	// Open lists the segments that were begun and are not complete, in order.
	Open []Segment `json:"open,omitempty"`
	// Report counts the complete segments.
	Report bulk.Report `json:"report"`
}

// Segment is a segment that was begun and is not complete.
type Segment struct {
	Number int `json:"number"`
	// Checkpoint is the checkpoint of package bulk, if there is one.
	Checkpoint []byte `json:"checkpoint,omitempty"`
	// Report counts the work up to the checkpoint.
	Report bulk.Report `json:"report"`
	// Error is why the segment failed. It is empty if it did not.
	Error string `json:"error,omitempty"`
}

var errPosition = errors.New("the position belongs to another table, operation or number of segments")

// check returns an error for a position that is not of the table.
func (p *Position) check(t Table) error {
	if p.Table != t.Name || p.Operation != t.Operation || p.Segments != t.Segments || p.DryRun != t.DryRun {
		return errPosition
	}
	if p.Next < 0 || p.Next > p.Segments {
		return errors.New("the position is damaged")
	}
	for i, s := range p.Open {
		if s.Number < 0 || s.Number >= p.Next || i > 0 && p.Open[i-1].Number >= s.Number {
			return errors.New("the position is damaged")
		}
	}
	return nil
}

// withoutErrors returns the position with which failed segments are tried again.
func (p *Position) withoutErrors() *Position {
	if p == nil {
		return nil
	}
	again := *p
	again.Open = nil
	for _, s := range p.Open {
		s.Error = ""
		again.Open = append(again.Open, s)
	}
	return &again
}

// Progress describes how far a run has come.
type Progress struct {
	// Report counts the work that workers have returned to the workflow, which
	// they do at the end of each turn. It includes earlier runs that this one
	// continues.
	bulk.Report
	// Segments is how many there are. Of them, SegmentsDone are complete,
	// SegmentsActive are worked on or wait for a worker, and SegmentsFailed have
	// failed.
	Segments       int `json:"segments"`
	SegmentsDone   int `json:"segmentsDone"`
	SegmentsActive int `json:"segmentsActive"`
	SegmentsFailed int `json:"segmentsFailed"`
	// Rate is the limit for the whole table.
	Rate   Rate `json:"rate"`
	Paused bool `json:"paused"`
}

// Result is the result of a run.
type Result struct {
	Progress
	// Position is where another run can continue. It is nil if the table is
	// complete.
	Position *Position `json:"position,omitempty"`
}

// add returns the sum of two reports.
func add(a, b bulk.Report) bulk.Report {
	return bulk.Report{
		Items:      a.Items + b.Items,
		Resealed:   a.Resealed + b.Resealed,
		Gone:       a.Gone + b.Gone,
		Failed:     a.Failed + b.Failed,
		Pages:      a.Pages + b.Pages,
		ReadUnits:  a.ReadUnits + b.ReadUnits,
		WriteUnits: a.WriteUnits + b.WriteUnits,
	}
}
