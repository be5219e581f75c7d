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
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

type Account struct {
	ID    string ` + "`dynamo:\"id,hash\"`" + `
	Email string ` + "`dynamo:\"email\"`" + `
	Plan  string ` + "`dynamo:\"plan\" ddbenc:\"sign\"`" + `
}

type Order struct {
	ID string ` + "`dynamo:\"id,hash\" ddbenc:\"encrypt\"`" + `
}

func Open(api *dynamodb.Client, encryptor crypto.ItemEncryptor) (*dynamo.DB, error) {
	return mapper.New(api, mapper.TableOf[Account]("accounts", encryptor))
}

func Upgrade(ctx context.Context, db *dynamo.DB) error {
	return db.Table("accounts").Update("id", "ada").Set("plan", "gold").Run(ctx)
}
`

// module writes a module of the program that uses the packages of this one, and
// returns its directory and that of this one.
func module(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	goSum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	_, requirements, _ := strings.Cut(string(goMod), "\n")
	for name, content := range map[string]string{
		"go.mod": "module example.com/shop\n" + requirements +
			"\nrequire github.com/ddbenc/ddbenc v0.0.0\n\nreplace github.com/ddbenc/ddbenc => " + root + "\n",
		"go.sum":  string(goSum),
		"shop.go": program,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run runs a command and returns its exit code and what it wrote.
func run(t *testing.T, dir, name string, args ...string) (code int, output string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
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
		key      = "shop.go:20:2: shop.Order.ID: a key of the table or an index cannot be encrypted"
		update   = `shop.go:28:50: the mapper refuses Set of attribute "plan": it is signed (shop.Account.Plan)`
		untagged = "shop.go:15:2: shop.Account.Email: no ddbenc tag"
	)
	for name, c := range map[string]struct {
		command []string
		reports []string
		silent  []string
	}{
		"go vet":             {[]string{"go", "vet", "-vettool=" + tool, "./..."}, []string{key, update}, []string{untagged}},
		"go vet with a flag": {[]string{"go", "vet", "-vettool=" + tool, "-untagged", "./..."}, []string{key, update, untagged}, nil},
		"by itself":          {[]string{tool, "./..."}, []string{key, update}, []string{untagged}},
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
