// Package report writes what a run of "make peers" measured as tables and
// pictures for the documentation. The same run gives the same text.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Run is one interleaved run of all programs.
type Run struct {
	Date    string  `json:"date"`
	Machine Machine `json:"machine"`

	// Rounds is how often each program measured each cell, and Seconds the
	// least CPU time of each measurement.
	Rounds  int     `json:"rounds"`
	Seconds float64 `json:"seconds"`

	// Programs are in the order of the tables' columns. The first is the one
	// that the others are compared with.
	Programs []Program `json:"programs"`
	Results  []Result  `json:"results"`
}

// Machine is where the run took place. Load is the average number of runnable
// threads in the minutes before the run, and after it.
type Machine struct {
	CPU   string     `json:"cpu"`
	Cores int        `json:"cores"`
	OS    string     `json:"os"`
	Load  [2]float64 `json:"load"`
}

// Program is a client that was measured. Note says how its figures compare, if
// it does not do the same as the others.
type Program struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Runtime string `json:"runtime,omitempty"`
	Note    string `json:"note,omitempty"`
}

// Cell is an operation that programs were measured with.
type Cell struct {
	Format string `json:"format"`
	Suite  string `json:"suite,omitempty"`
	Size   int    `json:"size"` // in bytes
	Op     string `json:"op"`   // "seal" or "open"
}

// Result is a program's time for one operation in each round, in nanoseconds.
type Result struct {
	Cell
	Program     string    `json:"program"`
	Nanoseconds []float64 `json:"nanoseconds"`
}

// Read reads a run from a file.
func Read(path string) (*Run, error) {
	encoded, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var run Run
	if err := json.Unmarshal(encoded, &run); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &run, nil
}

// Write writes a run to a file, a result per line.
func (r *Run) Write(path string) error {
	results := r.Results
	head := *r
	head.Results = nil
	encoded, err := json.MarshalIndent(head, "", "  ")
	if err != nil {
		return err
	}
	encoded = append(encoded[:len(encoded)-len("null\n}")], "[\n"...)
	for i, result := range results {
		line, err := json.Marshal(result)
		if err != nil {
			return err
		}
		encoded = append(append(encoded, "    "...), line...)
		if i < len(results)-1 {
			encoded = append(encoded, ',')
		}
		encoded = append(encoded, '\n')
	}
	return os.WriteFile(path, append(encoded, "  ]\n}\n"...), 0o644)
}

// best returns the least time that a program took for a cell. The least is what
// other programs on the machine disturbed the least.
func (r *Run) best(c Cell, program string) (nanoseconds float64, ok bool) {
	for _, result := range r.Results {
		if result.Cell == c && result.Program == program && len(result.Nanoseconds) > 0 {
			return slices.Min(result.Nanoseconds), true
		}
	}
	return 0, false
}

// chapter is what one table and one picture show.
type chapter struct {
	Format, Suite string
	Sizes         []int
	Programs      []Program
}

// title names a chapter in headings.
func (c chapter) title() string {
	switch c.Suite {
	case "":
		return c.Format
	case "HMAC":
		return c.Format + ", HMAC only"
	}
	return c.Format + ", with " + c.Suite
}

// chapters returns what was measured, in an order that does not depend on the
// order of the results.
func (r *Run) chapters() []chapter {
	var all []chapter
	for _, result := range r.Results {
		i := slices.IndexFunc(all, func(c chapter) bool { return c.Format == result.Format && c.Suite == result.Suite })
		if i < 0 {
			i = len(all)
			all = append(all, chapter{Format: result.Format, Suite: result.Suite})
		}
		if !slices.Contains(all[i].Sizes, result.Size) {
			all[i].Sizes = append(all[i].Sizes, result.Size)
		}
	}
	slices.SortFunc(all, func(a, b chapter) int {
		return slices.Index(order, a.Format+a.Suite) - slices.Index(order, b.Format+b.Suite)
	})
	for i := range all {
		c := &all[i]
		slices.Sort(c.Sizes)
		for _, p := range r.Programs {
			if slices.ContainsFunc(r.Results, func(x Result) bool {
				return x.Program == p.ID && x.Format == c.Format && x.Suite == c.Suite
			}) {
				c.Programs = append(c.Programs, p)
			}
		}
	}
	return all
}

// order of chapters.
var order = []string{"dbesdkHMAC", "dbesdkECDSA", "ddbec"}

// ops are what is measured, in the order in which they are shown.
var ops = []string{"seal", "open"}
