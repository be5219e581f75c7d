package main

import (
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
)

// table writes rows in columns. It escapes unprintable characters.
func table(w io.Writer, indent string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			if cells[i] = report.Visible(cell); cell == "" {
				cells[i] = "-"
			}
		}
		if _, err := io.WriteString(t, indent+strings.Join(cells, "\t")+"\n"); err != nil {
			return err
		}
	}
	return t.Flush()
}

// isTerminal reports whether w is a terminal.
func isTerminal(w any) bool {
	f, ok := w.(interface{ Stat() (os.FileInfo, error) })
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
