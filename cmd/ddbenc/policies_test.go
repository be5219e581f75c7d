package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const accountGo = `package store

type Account struct {
	ID     string ` + "`dynamo:\"id,hash\"`" + `
	Email  string ` + "`dynamo:\"email\" ddbenc:\"encrypt\"`" + `
	Visits int    ` + "`dynamo:\"visits\" ddbenc:\"none\"`" + `
}
`

// module makes a module and returns its folder.
func module(t *testing.T) string {
	t.Helper()
	t.Setenv("GOWORK", "off")
	t.Setenv("GOFLAGS", "")
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/shop\n\ngo 1.26\n")
	write(t, dir, "store/account.go", accountGo)
	write(t, dir, "bill/bill.go",
		"package bill\n\ntype Bill struct {\n\tNumber string `dynamo:\"number,hash\" ddbenc:\"sign\"`\n}\n")
	return dir
}

func TestPolicyShowsTheStructsOfAModule(t *testing.T) {
	dir := module(t)
	golden(t, "policy.txt", fine(t, "", "policy", "--dir", dir))
	golden(t, "policy.json", fine(t, "", "policy", "--dir", dir, "--format", "json", "./store"))
	if got := fine(t, "", "policy", "--dir", dir, "--format", "markdown"); !strings.Contains(got,
		"### `example.com/shop/bill.Bill`") {
		t.Errorf("got %s", got)
	}
	if got := fine(t, "", "policy", "--dir", dir, "--format", "html"); !strings.HasPrefix(strings.ToLower(got),
		"<!doctype html>") {
		t.Errorf("got %.100s", got)
	}
	// From below, it is all of the module still; and the packages that are named.
	if got := fine(t, "", "policy", "--dir", filepath.Join(dir, "bill")); !strings.Contains(got, "store.Account") {
		t.Errorf("got %s", got)
	}
	if got := fine(t, "", "policy", "--dir", filepath.Join(dir, "bill"), "."); strings.Contains(got, "store.Account") ||
		!strings.Contains(got, "bill.Bill") {
		t.Errorf("got %s", got)
	}
}

func TestThePolicyOfSourceCodeOpensItems(t *testing.T) {
	policy := write(t, t.TempDir(), "policy.json", fine(t, "", "policy", "--dir", module(t), "--format", "json"))
	config := keys(t, 1, `"table": {"name": "accounts"}`, rawAES)
	with := []string{"--config", config, "--policy", policy, "--struct", "store.Account"}
	const item = `{"email":{"S":"ada@example.com"},"id":{"S":"a-1"},"visits":{"N":"3"}}`
	sealed := fine(t, item, append([]string{"seal"}, with...)...)
	if got := fine(t, sealed, append([]string{"open"}, with...)...); got != item+"\n" || strings.Contains(sealed, secret) {
		t.Errorf("got %s of %s", got, sealed)
	}
}

func TestCheckComparesWithWhatLockWrote(t *testing.T) {
	dir := module(t)
	path := filepath.Join(dir, "ddbenc.lock")
	refused(t, 2, path+` does not exist: "ddbenc lock" creates it`, "", "check", "--dir", dir)
	r := ddbenc(t, "", "lock", "--dir", filepath.Join(dir, "bill"))
	if r.code != 0 || r.out != "" || r.err != path+" is written (2 structs)\n" {
		t.Errorf("got %+v", r)
	}
	locked, err := os.ReadFile(path)
	check(t, err)
	if !strings.Contains(string(locked), "struct example.com/shop/store Account") ||
		!strings.Contains(string(locked), "struct example.com/shop/bill Bill") {
		t.Errorf("the file is %s", locked)
	}
	if r := ddbenc(t, "", "lock", "--dir", dir); r.code != 0 || r.err != path+" is up to date (2 structs)\n" {
		t.Errorf("got %+v", r)
	}
	if got := fine(t, "", "check", "--dir", dir); got != "no change of policy\n" {
		t.Errorf("got %s", got)
	}
	if got := fine(t, "", "check", "--dir", dir, "--format", "github"); got != "" {
		t.Errorf("got %s", got)
	}

	write(t, dir, "store/account.go", strings.Replace(accountGo, "encrypt", "sign", 1))
	for format, want := range map[string]string{
		"table":    "store/account.go:5:2: error: example.com/shop/store.Account, attribute email: weakened: encrypt → sign",
		"markdown": "| ❌ |",
		"json":     `"kind": "weakened"`, "github": "::error file=store/account.go,line=5,col=2,title=ddbenc%3A weakened",
	} {
		r := ddbenc(t, "", "check", "--dir", dir, "--format", format)
		if r.code != 1 || !strings.Contains(r.out, want) || r.err != "ddbenc: policies differ from "+path+"\n" {
			t.Errorf("%s: got %+v", format, r)
		}
	}
	if r := ddbenc(t, "", "lock", "--dir", dir); r.code != 0 {
		t.Errorf("got %+v", r)
	}
	fine(t, "", "check", "--dir", dir)
}

// Annotations on GitHub need paths from the root of the repository.
func TestPathsInReportsAreThoseOfTheRepository(t *testing.T) {
	dir := module(t)
	repository := t.TempDir()
	check(t, os.Rename(dir, filepath.Join(repository, "services")))
	check(t, os.Mkdir(filepath.Join(repository, ".git"), 0o755))
	if got := fine(t, "", "policy", "--dir", filepath.Join(repository, "services")); !strings.Contains(got,
		"services/store/account.go:3") {
		t.Errorf("got %s", got)
	}
}

func TestWrongTagsMakeEveryCommandFail(t *testing.T) {
	dir := module(t)
	if r := ddbenc(t, "", "lock", "--dir", dir); r.code != 0 {
		t.Fatalf("got %+v", r)
	}
	path := filepath.Join(dir, "ddbenc.lock")
	locked, err := os.ReadFile(path)
	check(t, err)
	write(t, dir, "store/account.go", strings.Replace(accountGo, "encrypt", "secret", 1))
	want := "ddbenc: " + filepath.Join(dir, "store", "account.go") +
		":5:2: type store.Account: field Email, tag `dynamo:\"email\" ddbenc:\"secret\"`: unknown action \"secret\" " +
		"(known: encrypt, sign, sign,context, none)\n"
	for _, command := range []string{"policy", "lock", "check"} {
		if r := ddbenc(t, "", command, "--dir", dir); r.code != 2 || r.err != want || (r.out == "") != (command == "lock") {
			t.Errorf("%s: got %+v", command, r)
		}
	}
	now, err := os.ReadFile(path)
	check(t, err)
	if string(now) != string(locked) {
		t.Errorf("the file is written: %s", now)
	}
}

func TestPackagesThatCannotBeReadAreALine(t *testing.T) {
	dir := module(t)
	write(t, dir, "store/account.go", "package store\n\nvar x int = \"text\"\n")
	for _, command := range []string{"policy", "lock"} {
		refused(t, 2, "account.go:3:13", "", command, "--dir", dir)
	}
	refused(t, 2, "no go.mod in ", "", "policy", "--dir", t.TempDir())
	refused(t, 2, "no go.mod in ", "", "check", "--dir", t.TempDir())
	if r := ddbenc(t, "", "policy", "--dir", dir, "./none"); r.code != 2 || r.out != "" {
		t.Errorf("got %+v", r)
	}
}

func TestThereIsNothingToLockWithoutStructs(t *testing.T) {
	dir := module(t)
	write(t, dir, "none/none.go", "package none\n")
	refused(t, 2, "nothing to lock", "", "lock", "--dir", dir, "./none")
	if _, err := os.Stat(filepath.Join(dir, "ddbenc.lock")); err == nil {
		t.Error("there is a file")
	}
}

func TestBuildTagsAndTestsAreRead(t *testing.T) {
	dir := module(t)
	write(t, dir, "store/tagged.go",
		"//go:build special\n\npackage store\n\ntype Tagged struct {\n\tID string `dynamo:\"id,hash\" ddbenc:\"sign\"`\n}\n")
	write(t, dir, "store/x_test.go",
		"package store\n\ntype InTest struct {\n\tID string `dynamo:\"id,hash\" ddbenc:\"sign\"`\n}\n")
	names := func(flags ...string) string {
		var all struct{ Structs []struct{ Name string } }
		check(t, json.Unmarshal([]byte(fine(t, "", append([]string{"policy", "--format", "json", "--dir", dir},
			flags...)...)), &all))
		var names []string
		for _, s := range all.Structs {
			names = append(names, s.Name)
		}
		return strings.Join(names, " ")
	}
	if got := names(); got != "Bill Account" {
		t.Errorf("got %s", got)
	}
	if got := names("--tags", "special", "--tests"); got != "Bill Account Tagged InTest" {
		t.Errorf("got %s", got)
	}
}

func TestALockFileThatIsNoneIsALine(t *testing.T) {
	dir := module(t)
	path := write(t, dir, "other.lock", "nonsense\n")
	refused(t, 2, "other.lock: line 1: ", "", "check", "--dir", dir, "--file", path)
	refused(t, 2, "cannot read "+dir, "", "check", "--dir", dir, "--file", dir)
	refused(t, 2, "not a regular file", "", "lock", "--dir", dir, "--file", dir)
}
