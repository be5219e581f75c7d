// Package errtest pins the texts of errors in golden files, for the tests of
// every public package. Applications log these texts and people search for
// them, so a change should be visible in a diff.
package errtest

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update-errors", false, "rewrite testdata/errors.golden")

// Golden compares errors, by the case that causes each, with the file
// testdata/errors.golden of the package under test. A nil error fails the test.
// The flag -update-errors rewrites the file.
func Golden(t *testing.T, errs map[string]error) {
	t.Helper()
	texts := make(map[string]string, len(errs))
	for name, err := range errs {
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		texts[name] = err.Error()
	}
	GoldenTexts(t, texts)
}

// GoldenTexts is like [Golden] for messages that are not errors.
func GoldenTexts(t *testing.T, texts map[string]string) {
	t.Helper()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		b.WriteString(name + "\n\t" + strings.ReplaceAll(texts[name], "\n", "\n\t") + "\n")
	}
	path := filepath.Join("testdata", "errors.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(b.String(), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("the texts differ from %s at line %d, %q (-update-errors rewrites it); got\n%s", path, i+1, line,
				b.String())
		}
	}
	if b.String() != string(want) {
		t.Fatalf("%s lacks texts (-update-errors rewrites it); got\n%s", path, b.String())
	}
}
