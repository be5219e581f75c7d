package report_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/internal/bench/report"
)

// recorded is the last run of "make peers".
func recorded(t *testing.T) *report.Run {
	t.Helper()
	run, err := report.Read("../peers.json")
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const docs = "../../../docs"

func TestRun_DocumentationIsGenerated(t *testing.T) {
	run, page := recorded(t), read(t, docs, "performance.md")
	generated, err := run.Insert(page)
	if err != nil {
		t.Fatal(err)
	}
	if generated != page {
		t.Error("docs/performance.md is not what internal/bench/peers.json gives: run go run ./internal/bench")
	}
	pictures := run.Pictures()
	for name, picture := range pictures {
		if read(t, docs, name) != picture {
			t.Errorf("docs/%s is not what internal/bench/peers.json gives: run go run ./internal/bench", name)
		}
	}
	there, err := filepath.Glob(filepath.Join(docs, "peers-*.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if len(there) != len(pictures) {
		t.Errorf("docs has the pictures %v, want %v", there, slices.Sorted(maps.Keys(pictures)))
	}
}

func TestRun_WriteAndReadKeepEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "peers.json")
	if err := recorded(t).Write(path); err != nil {
		t.Fatal(err)
	}
	if read(t, path) != read(t, "../peers.json") {
		t.Error("what was read and written again is another file")
	}
}

func small() *report.Run {
	result := func(format, suite, op, program string, ns ...float64) report.Result {
		cell := report.Cell{Format: format, Suite: suite, Size: 1024, Op: op}
		return report.Result{Cell: cell, Program: program, Nanoseconds: ns}
	}
	return &report.Run{
		Programs: []report.Program{
			{ID: "go", Name: "ddbenc"}, {ID: "a", Name: "A & B", Note: "for scale."}, {ID: "b", Name: "B"},
		},
		Results: []report.Result{
			result("ddbec", "", "open", "b", 3e9), result("ddbec", "", "open", "go", 1500, 1000),
			result("dbesdk", "ECDSA", "seal", "a", 2.5e6, 3e6), result("dbesdk", "ECDSA", "seal", "go", 1e6),
			result("dbesdk", "HMAC", "seal", "go", 123456),
		},
	}
}

func generate(t *testing.T, run *report.Run) string {
	t.Helper()
	page, err := run.Insert("before\n<!-- peers:begin -->\nstale figures\n<!-- peers:end -->\nafter\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(run.Pictures())) {
		page += name + "\n" + run.Pictures()[name]
	}
	return page
}

func TestRun_OrderOfResultsDoesNotMatter(t *testing.T) {
	want := generate(t, small())
	reversed := small()
	slices.Reverse(reversed.Results)
	if got := generate(t, reversed); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRun_ComparesTheLeastTimes(t *testing.T) {
	page := generate(t, small())
	for _, want := range []string{
		"before\n<!-- peers:begin -->\nMeasured on",
		"<!-- peers:end -->\nafter\n",
		"**dbesdk, HMAC only**\n\n![CPU time by client, dbesdk, HMAC only](peers-dbesdk-hmac.svg)\n\n| item | | ddbenc |\n",
		"| 1 KB | seal | 123 µs |\n",
		"| item | | ddbenc | A & B |\n",
		"| 1 KB | seal | 1.00 ms | 2.50 ms (2.50 ×) |\n",
		"\nA & B: for scale.\n",
		"| 1 KB | open | 1.00 µs | 3.00 s (3000000 ×) |\n",
		"peers-ddbec.svg\n<svg ",
		">A &amp; B</text>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	if strings.Contains(page, "stale figures") {
		t.Error("the old part is still there")
	}
}

func TestRun_PageWithoutMarkersIsRefused(t *testing.T) {
	for _, page := range []string{"", "<!-- peers:begin -->\n", "<!-- peers:end -->\n<!-- peers:begin -->\n"} {
		if _, err := small().Insert(page); err == nil {
			t.Errorf("%q: no error", page)
		}
	}
}
