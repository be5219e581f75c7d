package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
)

// table writes an inspection for people to read.
func (in *inspection) table(w io.Writer) error {
	format := in.Format
	if in.Version > 0 {
		format += fmt.Sprintf(", header version %d", in.Version)
	}
	rows := [][]string{{"item", in.Where}, {"format", format}}
	for _, row := range [][]string{
		{"suite", in.Suite}, {"encryption", in.Encryption}, {"signature", in.Signature}, {"message ID", in.MessageID},
	} {
		if row[1] != "" {
			rows = append(rows, row)
		}
	}
	size := fmt.Sprintf("about %d bytes", in.Size)
	if in.Format != inNeither {
		size += fmt.Sprintf(", of which the format added at least %d (%s)", in.Overhead, strings.Join(in.Parts, ", "))
	}
	if err := table(w, "", append(rows, []string{"size", size})); err != nil {
		return err
	}
	for _, section := range []struct {
		title string
		rows  [][]string
	}{
		{"keys", in.keyRows()}, {"stored context", pairs(in.Context)}, {"material description", pairs(in.Description)},
		{"beacons", in.beaconRows()}, {"attributes", in.attributeRows()},
	} {
		if len(section.rows) == 0 {
			continue
		}
		if _, err := fmt.Fprintln(w, section.title); err != nil {
			return err
		}
		if err := table(w, "  ", section.rows); err != nil {
			return err
		}
	}
	for _, note := range in.Notes {
		if _, err := fmt.Fprintln(w, report.Visible(note)); err != nil {
			return err
		}
	}
	return nil
}

func (in *inspection) keyRows() [][]string {
	if len(in.DataKeys) == 0 {
		return nil
	}
	rows := [][]string{{"PROVIDER", "KEY", "VERSION", "WRAPPING", "BYTES"}}
	for _, k := range in.DataKeys {
		rows = append(rows, []string{k.Provider, k.Key, k.Version, k.Wrapping, strconv.Itoa(k.Size)})
	}
	return rows
}

func (in *inspection) attributeRows() [][]string {
	rows := [][]string{{"NAME", "ACTION", "TYPE", "BYTES"}}
	for _, f := range in.Attributes {
		rows = append(rows, []string{f.Name, f.Action, f.Type, strconv.Itoa(f.Size)})
	}
	return rows
}

func pairs(of map[string]string) [][]string {
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		rows = append(rows, []string{name, of[name]})
	}
	return rows
}
