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
	GoldenFile(t, "errors.golden", errs)
}

// GoldenFile is like [Golden] for a file with another name in testdata.
func GoldenFile(t *testing.T, name string, errs map[string]error) {
	t.Helper()
	texts := make(map[string]string, len(errs))
	for subject, err := range errs {
		if err == nil {
			t.Errorf("%s: no error", subject)
			continue
		}
		texts[subject] = err.Error()
	}
	goldenTexts(t, name, texts)
}

// GoldenTexts is like [Golden] for messages that are not errors.
func GoldenTexts(t *testing.T, texts map[string]string) {
	t.Helper()
	goldenTexts(t, "errors.golden", texts)
}

func goldenTexts(t *testing.T, name string, texts map[string]string) {
	t.Helper()
	var b strings.Builder
	for _, subject := range slices.Sorted(maps.Keys(texts)) {
		b.WriteString(subject + "\n\t" + strings.ReplaceAll(texts[subject], "\n", "\n\t") + "\n")
	}
	path := filepath.Join("testdata", name)
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
