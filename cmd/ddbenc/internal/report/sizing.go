package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon/sizing"
)

// BeaconSample is the report about the lengths of a beacon, with what it was made
// from.
type BeaconSample struct {
	// Items is how many items were read, and Without how many of them have no
	// value.
	Items   int64 `json:"items"`
	Without int64 `json:"itemsWithout,omitempty"`
	// TableItems is the number of items of the table, if it is known and the
	// sample is a part of it.
	TableItems int64 `json:"tableItems,omitempty"`
	sizing.Report
}

// Beacon writes a report about the lengths of a beacon. It fails if the format is
// not one for beacons. Other errors come from w.
func Beacon(w io.Writer, format Format, b BeaconSample) error {
	switch format {
	case Table:
		return b.table(w)
	case JSON:
		return writeJSON(w, b.rounded())
	case HTML:
		return b.html(w)
	}
	return fmt.Errorf("report beacon: unknown format %q (known: table, json, html)", format)
}

// rounded returns the report with figures of four digits, which are the same on
// each machine.
func (b BeaconSample) rounded() BeaconSample {
	round := func(f float64) float64 {
		if f < 1e-9 {
			return 0
		}
		short, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'e', 3, 64), 64) // it was just formatted
		return short
	}
	b.MostCommon = round(b.MostCommon)
	lengths := make([]sizing.Length, len(b.Lengths))
	for i, l := range b.Lengths {
		for _, f := range []*float64{&l.Fetched, &l.FetchedRarest, &l.MostCommon, &l.Guessed, &l.Alone} {
			*f = round(*f)
		}
		lengths[i] = l
	}
	b.Lengths = lengths
	return b
}

// about returns what the report is about, in pairs of a title and a text.
func (b BeaconSample) about() [][2]string {
	sample := plural(int(b.Items), "item")
	if b.Without > 0 {
		sample += fmt.Sprintf(", %d without a value", b.Without)
	}
	rows := [][2]string{{"sample", fmt.Sprintf("%s; %s", sample, counted(b.Sample))}}
	if b.Table != b.Sample {
		table := counted(b.Table)
		if b.Estimated {
			table += " (estimated)"
		}
		if b.TableItems > 0 {
			table = plural(int(b.TableItems), "item") + "; " + table
		}
		rows = append(rows, [2]string{"table", table})
	}
	return append(rows, [2]string{"most common", sizing.Percent(b.MostCommon) + " of the values"})
}

func counted(c sizing.Counts) string {
	return fmt.Sprintf("%s, %d distinct", plural(int(c.Values), "value"), c.Distinct)
}

// recommended returns the recommendation in short.
func (b BeaconSample) recommended() string {
	r := b.Recommended
	switch {
	case r.Length == 0:
		return "none: do not use a beacon for these values"
	case r.Shortest == r.Longest:
		return fmt.Sprintf("%s (no other length is usable)", plural(r.Length, "bit"))
	}
	return fmt.Sprintf("%s (usable: %d to %d)", plural(r.Length, "bit"), r.Shortest, r.Longest)
}

// verdict returns what is wrong with a length, or that it is usable.
func (b BeaconSample) verdict(l sizing.Length) string {
	switch {
	case l.Length == b.Recommended.Length:
		return "recommended"
	case l.Safe && l.Fast:
		return "usable"
	case l.Safe:
		return "fetches too much"
	case l.Fast:
		return "reveals too much"
	}
	return "fetches and reveals too much"
}

var beaconColumns = []string{
	"Length", "Values", "Fewest", "Fetched", "Rarest", "Top beacon", "Guessed", "Alone", "Verdict",
}

// cells returns a length as a row of the table.
func (b BeaconSample) cells(l sizing.Length) []string {
	return []string{strconv.Itoa(l.Length), strconv.FormatInt(l.Median, 10), strconv.FormatInt(l.Fewest, 10),
		sizing.Number(l.Fetched), sizing.Number(l.FetchedRarest), sizing.Percent(l.MostCommon), sizing.Percent(l.Guessed),
		sizing.Percent(l.Alone), b.verdict(l)}
}

func (b BeaconSample) table(w io.Writer) error {
	var out strings.Builder
	rows := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	line := func(cells ...string) { _, _ = io.WriteString(rows, strings.Join(cells, "\t")+"\n") }
	for _, pair := range b.about() {
		line(pair[0], pair[1])
	}
	line("recommended", b.recommended())
	line("because", b.Recommended.Reason)
	_ = rows.Flush() // writes to a strings.Builder do not fail
	for _, warning := range b.Warnings {
		fmt.Fprintf(&out, "warning: %s\n", warning)
	}
	out.WriteString("\n")
	header := make([]string, len(beaconColumns))
	for i, column := range beaconColumns {
		header[i] = strings.ToUpper(column)
	}
	line(header...)
	for _, l := range b.Lengths {
		line(b.cells(l)...)
	}
	_ = rows.Flush()
	return writeAll(w, &out)
}
