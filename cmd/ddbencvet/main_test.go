package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const program = `package shop

import (
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID    string ` + "`dynamo:\"id,hash\"`" + `
	Email string ` + "`dynamo:\"email\"`" + `
	Plan  string ` + "`dynamo:\"plan\" ddbenc:\"sign\"`" + `
}

type Order struct {
	ID string ` + "`dynamo:\"id,hash\" ddbenc:\"encrypt\"`" + `
}

func Open(api, encryptor any) (*dynamo.DB, error) {
	return mapper.New(api, mapper.TableOf[Account]("accounts", encryptor, mapper.WithoutRewrites()))
}

func Upgrade(db *dynamo.DB) error {
	return db.Table("accounts").Update("id", "ada").Set("plan", "gold").Run()
}
`

// module writes a module of the program and returns its directory. The packages
// that it imports are the stand-ins of the analyzer's own tests: with the real
// ones, both drivers would go through all of what those import, too.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	requirements := ""
	for path, packages := range map[string][]string{
		"github.com/ddbenc/ddbenc": {"mapper", "crypto"}, "github.com/guregu/dynamo/v2": {"."},
	} {
		write(filepath.Join("deps", path, "go.mod"), "module "+path+"\n\ngo 1.26\n")
		for _, name := range packages {
			if err := os.CopyFS(filepath.Join(dir, "deps", path, name),
				os.DirFS(filepath.Join("..", "..", "tags", "vet", "testdata", "src", path, name))); err != nil {
				t.Fatal(err)
			}
		}
		version := "v0.0.0"
		if strings.HasSuffix(path, "/v2") {
			version = "v2.0.0"
		}
		requirements += "\nrequire " + path + " " + version + "\nreplace " + path + " => ./deps/" + path + "\n"
	}
	write("go.mod", "module example.com/shop\n\ngo 1.26\n"+requirements)
	write("shop.go", program)
	return dir
}

// run runs a command and returns its exit code and what it wrote.
func run(t *testing.T, dir, name string, args ...string) (code int, output string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func TestCommandRunsUnderGoVetAndByItself(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "ddbencvet")
	if code, out := run(t, ".", "go", "build", "-o", tool, "."); code != 0 {
		t.Fatal(out)
	}
	dir := module(t)

	const (
		key      = "shop.go:15:2: shop.Order.ID: a key of the table cannot be encrypted"
		update   = `shop.go:23:50: the mapper rejects Set of attribute "plan": it is signed (shop.Account.Plan)`
		untagged = "shop.go:10:2: shop.Account.Email: no ddbenc tag"
	)
	for name, c := range map[string]struct {
		command []string
		reports []string
		silent  []string
	}{
		"go vet": {[]string{"go", "vet", "-vettool=" + tool, "./..."}, []string{key, update}, []string{untagged}},
		"go vet with a flag": {[]string{"go", "vet", "-vettool=" + tool, "-untagged", "./..."},
			[]string{key, update, untagged}, nil},
		"by itself": {[]string{tool, "./..."}, []string{key, update}, []string{untagged}},
	} {
		code, out := run(t, dir, c.command[0], c.command[1:]...)
		if code == 0 {
			t.Errorf("%s: exit code 0", name)
		}
		for _, report := range c.reports {
			if !strings.Contains(out, report) {
				t.Errorf("%s: no report of %q in:\n%s", name, report, out)
			}
		}
		for _, report := range c.silent {
			if strings.Contains(out, report) {
				t.Errorf("%s: a report of %q in:\n%s", name, report, out)
			}
		}
	}

	_, out := run(t, dir, tool, "-fix", "./...")
	fixed, err := os.ReadFile(filepath.Join(dir, "shop.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(fixed), "ID string `dynamo:\"id,hash\"`\n") {
		t.Errorf("not fixed:\n%s\n%s", fixed, out)
	}
}
