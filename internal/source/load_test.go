package source_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ddbenc/ddbenc/internal/source"
)

var update = flag.Bool("update", false, "write what Load says into testdata")

func TestLoad(t *testing.T) {
	tests := map[string]struct {
		archive  string
		want     string // file in it
		config   source.Config
		patterns []string
	}{
		"named types":            {"named", "want", source.Config{}, []string{"./..."}},
		"tagged types":           {"tagged", "want", source.Config{}, []string{"example.com/shop/store"}},
		"options of tables":      {"options", "want", source.Config{}, nil},
		"without a build tag":    {"buildtags", "want", source.Config{}, nil},
		"with a build tag":       {"buildtags", "want-staging", source.Config{BuildFlags: []string{"-tags=staging"}}, nil},
		"with tests":             {"buildtags", "want-tests", source.Config{Tests: true}, []string{"."}},
		"vendored packages":      {"vendor", "want", source.Config{Dir: "app"}, []string{"./..."}},
		"one module of several":  {"workspace", "want", source.Config{Dir: "app"}, []string{"./..."}},
		"all modules of several": {"workspace", "want-both", source.Config{}, []string{"./app/...", "./models"}},
		"broken packages":        {"broken", "want", source.Config{}, []string{"./..."}},
		"a broken dependency":    {"broken", "want-dependency", source.Config{}, []string{"./follows"}},
		"a broken test":          {"broken", "want-test", source.Config{Tests: true}, []string{"./fine"}},
		"no packages":            {"broken", "want-none", source.Config{}, []string{"./none/..."}},
		"no such package":        {"broken", "want-no-such", source.Config{}, []string{"./none", "./nowhere", "./fine"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := extract(t, "ddbenc", test.archive)
			config := test.config
			config.Dir = filepath.Join(dir, config.Dir)
			config.Env = environment()
			got := load(t, dir, config, test.patterns)
			if again := load(t, dir, config, test.patterns); again != got {
				t.Errorf("another answer the second time:\n%s", again)
			}
			checkGolden(t, test.archive, test.want, got)
		})
	}
}

// environment is that of a go command that takes no network and nothing of the
// machine's settings.
func environment() []string {
	return append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=", "GOTOOLCHAIN=local")
}

// extract writes archives into a new directory.
func extract(t *testing.T, archives ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range archives {
		archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			path := filepath.Join(dir, f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// load is what Load says, with file names that are relative to dir.
func load(t *testing.T, dir string, config source.Config, patterns []string) string {
	t.Helper()
	structs, err := source.Load(context.Background(), config, patterns...)
	if (err == nil) != (len(structs) > 0) {
		t.Fatalf("%d structs and error %v", len(structs), err)
	}
	var b strings.Builder
	if err != nil {
		fmt.Fprintln(&b, err)
		for line := range strings.Lines(err.Error()) {
			if strings.Contains(line, ".go:") && !strings.HasPrefix(line, dir) {
				t.Errorf("no absolute path: %s", line)
			}
		}
	}
	for _, s := range structs {
		write(&b, s)
	}
	return strings.ReplaceAll(b.String(), dir+string(filepath.Separator), "")
}

func write(b *strings.Builder, s source.Struct) {
	fmt.Fprintf(b, "%s.%s (%s) at %v", s.Package, s.Name, s.Type, s.Pos)
	if s.Declared {
		fmt.Fprintf(b, ", declared for %v", s.Tables)
	}
	if s.PartitionKey != "" {
		fmt.Fprintf(b, ", key %s/%s", s.PartitionKey, s.SortKey)
	}
	b.WriteString("\n")
	if s.Err != nil {
		fmt.Fprintf(b, "\twrong at %v: %v\n", s.Err.Pos, s.Err)
	}
	for _, o := range s.Options {
		fmt.Fprintf(b, "\toption of %q: %v\n", o.Table, o)
	}
	for _, a := range s.Attributes {
		fmt.Fprintf(b, "\t%s: %v, %v\n", a.Name, a.Action, a.Pos)
	}
}

// checkGolden compares with a file of an archive.
func checkGolden(t *testing.T, name, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txtar")
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for i, f := range archive.Files {
		if f.Name == file {
			want = string(f.Data)
			archive.Files[i].Data = []byte(got)
		}
	}
	if got == want {
		return
	}
	t.Errorf("%s in %s: got\n%s", file, path, got)
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLoadStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source.Load(ctx, source.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
