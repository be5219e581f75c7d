package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const header = "goos: linux\ngoarch: amd64\npkg: example.com/a\ncpu: Some CPU\n"

func TestCheck(t *testing.T) {
	const baseline = header +
		"BenchmarkSeal/1KB-2   \t  20\t 14600 ns/op\t  70.1 MB/s\t 8.1 allocated/item\t 8000 B/op\t 54 allocs/op\n" +
		"BenchmarkSeal/1KB-2   \t  20\t 14600 ns/op\t  70.1 MB/s\t 8.1 allocated/item\t 8000 B/op\t 50 allocs/op\n" +
		"BenchmarkOpen-2       \t  20\t 14600 ns/op\t 8000 B/op\t 1000 allocs/op\n"
	seal := func(allocs string) string {
		return "BenchmarkSeal/1KB \t 1\t 9 ns/op\t 9 B/op\t " + allocs + " allocs/op\n"
	}
	open := func(allocs string) string {
		return "BenchmarkOpen-8 \t 1\t 9 ns/op\t 9 B/op\t " + allocs + " allocs/op\n"
	}
	for _, c := range []struct {
		name, current string
		problems      []string
		err           string
	}{
		{name: "fewer", current: header + seal("40") + open("900")},
		{name: "one more, and 2 % more", current: header + seal("51") + open("1020")},
		{
			name: "two more", current: header + seal("52") + open("1000"),
			problems: []string{"example.com/a.BenchmarkSeal/1KB: 52 allocs/op, and 50 in the baseline"},
		},
		{
			name: "over 2 % more", current: header + seal("50") + open("1021"),
			problems: []string{"example.com/a.BenchmarkOpen: 1021 allocs/op, and 1000 in the baseline"},
		},
		{name: "the fewest of several runs", current: header + seal("90") + seal("50") + open("1000")},
		{
			name: "renamed", current: header + open("1000") + "BenchmarkNew 1 9 ns/op 9 B/op 1 allocs/op\n",
			problems: []string{
				"example.com/a.BenchmarkNew: has no baseline",
				"example.com/a.BenchmarkSeal/1KB: is in the baseline, but was not run",
			},
		},
		{
			name: "another package", current: header + open("1000") + "pkg: example.com/b\n" + seal("50"),
			problems: []string{
				"example.com/b.BenchmarkSeal/1KB: has no baseline",
				"example.com/a.BenchmarkSeal/1KB: is in the baseline, but was not run",
			},
		},
		{name: "failed", current: header + seal("50") + open("1000") + "--- FAIL: BenchmarkX\n", err: "a benchmark failed"},
		{name: "does not compile", current: "FAIL\texample.com/a [build failed]\n", err: "a benchmark failed"},
		{name: "without allocations", current: header + "BenchmarkOpen 1 9 ns/op\n", err: "-benchmem"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "baseline")
			if err := os.WriteFile(path, []byte(baseline), 0o600); err != nil {
				t.Fatal(err)
			}
			problems, err := check(path, strings.NewReader(c.current), io.Discard)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("the error is %v, which does not contain %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(problems, c.problems) {
				t.Errorf("got %q, want %q", problems, c.problems)
			}
		})
	}
}
