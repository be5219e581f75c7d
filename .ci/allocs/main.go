// Command allocs fails if a benchmark allocates more than its baseline. It
// reads the output of "go test -bench . -benchmem" and compares allocs/op, by
// package and name, with a file of the same format:
//
//	go test -run '^$' -bench . -benchmem -benchtime 400x ./crypto/... | go run ./.ci/allocs crypto/testdata/bench.txt
//
// Up to 2 %, or a single allocation, more than the baseline is allowed. A
// benchmark without a baseline, or a baseline without its benchmark, is an
// error, so that renaming a benchmark does not end its comparison. Times are
// not compared, because they depend on the machine and on what else it does.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go test -bench . -benchmem PACKAGES | allocs BASELINE")
		os.Exit(2)
	}
	problems, err := check(os.Args[1], os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "allocs:", err)
		os.Exit(2)
	}
	if len(problems) > 0 {
		fmt.Printf("%s\n", strings.Join(problems, "\n"))
		fmt.Printf("If that is intended, record a new %s; docs/developing.md says how.\n", os.Args[1])
		os.Exit(1)
	}
}

// check copies the output of benchmarks from r to w, and compares it with the
// baseline in a file.
func check(path string, r io.Reader, w io.Writer) (problems []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	baseline, err := parse(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	current, err := parse(io.TeeReader(r, w))
	if err != nil {
		return nil, err
	}
	return compare(baseline, current), nil
}

// result matches the line of a benchmark, without the suffix that says how many
// processors it ran on.
var result = regexp.MustCompile(`^(Benchmark\S*?)(?:-\d+)?\s.*\s(\d+) allocs/op`)

// parse returns the allocations of each benchmark. If it ran several times, the
// fewest count: more than that comes from what happens once, such as the first
// use of a pool.
func parse(r io.Reader) (map[string]int, error) {
	allocs := make(map[string]int)
	var pkg string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "pkg: "); ok {
			pkg = name
			continue
		}
		// A run that failed has benchmarks missing, or counted only in part.
		if strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "--- FAIL") {
			return nil, fmt.Errorf("a benchmark failed: %s", line)
		}
		m := result.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		n, err := strconv.Atoi(m[2])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		name := pkg + "." + m[1]
		if fewest, ok := allocs[name]; !ok || n < fewest {
			allocs[name] = n
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(allocs) == 0 {
		return nil, errors.New("no benchmark with allocs/op found; was it run with -benchmem?")
	}
	return allocs, nil
}

// compare returns a line for each benchmark that allocates more than its
// baseline, or that only one of the two has.
func compare(baseline, current map[string]int) (problems []string) {
	for _, name := range slices.Sorted(maps.Keys(current)) {
		before, ok := baseline[name]
		now := current[name]
		switch {
		case !ok:
			problems = append(problems, name+": has no baseline")
		case now >= before+2 && now*100 > before*102:
			problems = append(problems, fmt.Sprintf("%s: %d allocs/op, and %d in the baseline", name, now, before))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(baseline)) {
		if _, ok := current[name]; !ok {
			problems = append(problems, name+": is in the baseline, but was not run")
		}
	}
	return problems
}
