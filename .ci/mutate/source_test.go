package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestInstrument_FindsWhatReturnsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.go")
	const source = `package x

func a(b, c bool) (int, error) {
	if b { return 0, errA }
	if x := f(); x != nil { return 0, x }
	if c { return 1, nil }
	if c { return both() }
	f(func() error {
		if b && c { return errB }
		return nil
	})
	switch {
	case b, !b: return 0, errA
	case c: return 0, nil
	}
	switch b {
	case true: return 0, errA
	}
	return 0, nil
}

func d(b bool) *int {
	if b { return new(int) }
	return nil
}
`
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	out, name, found, err := instrument(path, 7)
	if err != nil || name != "x" {
		t.Fatal(name, err)
	}
	var got []string
	for _, x := range found {
		got = append(got, x.source)
	}
	if want := []string{"b", "x != nil", "b && c", "b", "!b"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	for _, want := range []string{
		"if mutateCondition(7, b) {", "if x := f(); mutateCondition(8, x != nil) {", "if mutateCondition(9, b && c) {",
		"case mutateCondition(10, b), mutateCondition(11, !b):", "if c { return both() }",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in %s", want, out)
		}
	}
}
