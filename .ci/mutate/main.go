// Command mutate finds conditions whose loss no test notices. In the given
// packages it looks for every if, and every case of a switch without a tag,
// whose body returns an error. It makes them false, one at a time, runs the
// tests, and lists those with which all tests still pass.
//
//	go run ./.ci/mutate ./crypto/... ./providers/...
//	go run ./.ci/mutate -tests ./mapper ./crypto/internal/failure
//
// A package is tested by its own tests and those of the packages in -tests.
// All conditions are instrumented in one build for each test binary, which then
// runs once for each condition that it finds true; nothing is written into the
// source tree. It exits with status 1 if there are survivors.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	tests := flag.String("tests", "", "patterns of other packages whose tests are run as well, separated by commas")
	timeout := flag.Duration("timeout", time.Minute, "limit for one run of a test binary; what takes longer counts as noticed")
	workers := flag.Int("p", runtime.NumCPU(), "runs at the same time")
	args := flag.String("args", "", "more flags for the test binaries, separated by spaces, such as -rapid.checks=20")
	verbose := flag.Bool("v", false, "list every condition with its outcome")
	flag.Parse()
	m := &mutator{timeout: *timeout, workers: *workers, args: strings.Fields(*args), verbose: *verbose}
	survivors, err := m.run(flag.Args(), strings.FieldsFunc(*tests, func(r rune) bool { return r == ',' }))
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

type mutator struct {
	timeout time.Duration
	workers int
	args    []string
	verbose bool

	dir     string // for what is built
	mutants []*mutant
	bins    []*binary
}

// binary is a package's tests, built with all mutants.
type binary struct {
	pkg, path, dir string
	reached        map[int]bool // the mutants whose condition was true
}

type pkg struct {
	Dir, ImportPath           string
	GoFiles                   []string
	TestGoFiles, XTestGoFiles []string
}

func (m *mutator) run(targets, extra []string) (survivors int, err error) {
	if len(targets) == 0 {
		return 0, errors.New("no packages; see go doc ./.ci/mutate")
	}
	if m.dir, err = os.MkdirTemp("", "mutate"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(m.dir)
	pkgs, err := list(targets)
	if err != nil {
		return 0, err
	}
	overlay, err := m.instrument(pkgs)
	if err != nil {
		return 0, err
	}
	if len(extra) > 0 {
		more, err := list(extra)
		if err != nil {
			return 0, err
		}
		for _, p := range more {
			if !slices.ContainsFunc(pkgs, func(have pkg) bool { return have.ImportPath == p.ImportPath }) {
				pkgs = append(pkgs, p)
			}
		}
	}
	for _, p := range pkgs {
		if len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 {
			continue
		}
		if err := m.build(p, overlay); err != nil {
			return 0, err
		}
	}
	return m.try(), nil
}

func list(patterns []string) (pkgs []pkg, err error) {
	command := exec.Command("go", append([]string{"list", "-json=Dir,ImportPath,GoFiles,TestGoFiles,XTestGoFiles"}, patterns...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return pkgs, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		pkgs = append(pkgs, p)
	}
}

// instrument writes the packages with their conditions wrapped, and returns
// the name of the overlay that puts them in the place of the originals.
func (m *mutator) instrument(pkgs []pkg) (overlay string, err error) {
	replace := make(map[string]string)
	for _, p := range pkgs {
		before, name := len(m.mutants), ""
		for _, file := range p.GoFiles {
			path := filepath.Join(p.Dir, file)
			source, packageName, found, err := instrument(path, len(m.mutants))
			if err != nil {
				return "", err
			}
			if name = packageName; len(found) == 0 {
				continue
			}
			for _, f := range found {
				f.pkg = p.ImportPath
			}
			m.mutants = append(m.mutants, found...)
			replace[path] = filepath.Join(m.dir, strconv.Itoa(len(replace))+".go")
			if err := os.WriteFile(replace[path], source, 0o600); err != nil {
				return "", err
			}
		}
		if len(m.mutants) == before {
			continue
		}
		helper := filepath.Join(m.dir, strconv.Itoa(len(replace))+".go")
		replace[filepath.Join(p.Dir, "mutate_condition.go")] = helper
		if err := os.WriteFile(helper, []byte("package "+name+condition), 0o600); err != nil {
			return "", err
		}
	}
	encoded, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(m.dir, "overlay.json")
	return overlay, os.WriteFile(overlay, encoded, 0o600)
}

// build builds the tests of a package and finds out which conditions are true
// in them.
func (m *mutator) build(p pkg, overlay string) error {
	b := &binary{pkg: p.ImportPath, path: filepath.Join(m.dir, strconv.Itoa(len(m.bins))+".test"), dir: p.Dir, reached: make(map[int]bool)}
	out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", b.path, p.ImportPath).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the tests of %s: %w\n%s", p.ImportPath, err, out)
	}
	trace := b.path + ".trace"
	if out, ok := m.test(b, 10*m.timeout, "MUTATE_TRACE="+trace); !ok {
		return fmt.Errorf("the tests of %s fail without any change:\n%s", p.ImportPath, out)
	}
	traced, err := os.ReadFile(trace)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, id := range strings.Fields(string(traced)) {
		n, err := strconv.Atoi(id)
		if err != nil {
			return fmt.Errorf("trace of %s: %w", p.ImportPath, err)
		}
		b.reached[n] = true
	}
	m.bins = append(m.bins, b)
	return nil
}

// test reports whether the tests of a binary pass.
func (m *mutator) test(b *binary, timeout time.Duration, env string) (out []byte, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	command := exec.CommandContext(ctx, b.path, append([]string{"-test.failfast", "-test.short", "-test.timeout", timeout.String()}, m.args...)...)
	command.Dir, command.Env = b.dir, append(os.Environ(), env)
	command.WaitDelay = time.Second
	out, err := command.CombinedOutput()
	return out, err == nil
}

// try runs the tests with each mutant and returns how many survive.
func (m *mutator) try() (survivors int) {
	work := make(chan *mutant)
	var group sync.WaitGroup
	for range m.workers {
		group.Go(func() {
			for x := range work {
				x.outcome = m.outcome(x)
				if m.verbose {
					fmt.Println(x)
				}
			}
		})
	}
	for _, x := range m.mutants {
		work <- x
	}
	close(work)
	group.Wait()
	for _, x := range m.mutants {
		if x.outcome == noticed {
			continue
		}
		survivors++
		if !m.verbose {
			fmt.Println(x)
		}
	}
	fmt.Printf("%d conditions, %d survivors\n", len(m.mutants), survivors)
	return survivors
}

func (m *mutator) outcome(x *mutant) string {
	reached := false
	// Its own package's tests are the likeliest to notice.
	bins := slices.Clone(m.bins)
	slices.SortStableFunc(bins, func(a, b *binary) int {
		return strings.Compare(fmt.Sprint(a.pkg != x.pkg), fmt.Sprint(b.pkg != x.pkg))
	})
	for _, b := range bins {
		if !b.reached[x.id] {
			continue
		}
		reached = true
		if _, ok := m.test(b, m.timeout, "MUTATE="+strconv.Itoa(x.id)); !ok {
			return noticed
		}
	}
	if !reached {
		return neverTrue
	}
	return unnoticed
}
