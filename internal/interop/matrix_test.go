package interop_test

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// result is one item, written by one party and read by another.
type result struct {
	provider, testCase, writer, reader string
	opened                             bool
	known                              string // why it is known not to open
}

// matrix is all results, in the order in which they came.
type matrix struct {
	parties []string
	results []result
}

func (m *matrix) add(r result) { m.results = append(m.results, r) }

// show prints how many items were opened, for each provider and case and each
// pair of a writer and a reader, and then what is known not to open.
func (m *matrix) show(to io.Writer) {
	opened := make(map[string]int)
	failed := make(map[string]bool)
	known := make(map[string]string)
	var rows, whys []string
	seen := make(map[string]bool)
	total := 0
	for _, r := range m.results {
		row := r.provider + "\t" + r.testCase
		if !seen[row] {
			seen[row] = true
			rows = append(rows, row)
		}
		cell := row + "\t" + r.writer + ">" + r.reader
		switch {
		case r.opened:
			opened[cell]++
			total++
		case r.known != "":
			known[cell] = r.known
			why := r.testCase + ", " + r.writer + " to " + r.reader + ": " + r.known
			if !seen[why] {
				seen[why] = true
				whys = append(whys, why)
			}
		default:
			failed[cell] = true
		}
	}

	out := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	fmt.Fprint(out, "PROVIDER\tCASE")
	for _, writer := range m.parties {
		for _, reader := range m.parties {
			fmt.Fprintf(out, "\t%s>%s", writer, reader)
		}
	}
	fmt.Fprintln(out)
	for _, row := range rows {
		fmt.Fprint(out, row)
		for _, writer := range m.parties {
			for _, reader := range m.parties {
				cell := row + "\t" + writer + ">" + reader
				switch {
				case failed[cell]:
					fmt.Fprint(out, "\tFAILED")
				case known[cell] != "":
					fmt.Fprint(out, "\t-")
				default:
					fmt.Fprintf(out, "\t%d", opened[cell])
				}
			}
		}
		fmt.Fprintln(out)
	}
	out.Flush()
	fmt.Fprintf(to, "\n%d items opened, %d failed. Known not to open (-):\n", total, len(failed))
	for _, why := range whys {
		fmt.Fprintln(to, "  "+why)
	}
}
