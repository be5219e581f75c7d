package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon/sizing"
)

// customers returns a CSV file: 3000 records with 600 emails, one of which is
// empty, and two plans.
func customers() string {
	var b strings.Builder
	b.WriteString("id,email,plan\n")
	for i := range 3000 {
		email := fmt.Sprintf("ada%d@example.com", i%600)
		if i == 7 {
			email = ""
		}
		fmt.Fprintf(&b, "%d,%s,%s\n", i, email, []string{"gold", "free"}[i%2])
	}
	return b.String()
}

// accounts returns items, one a line.
func accounts(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(account(i) + "\n")
	}
	return b.String()
}

// beaconReport is ddbenc beacon --format json.
func beaconReport(t *testing.T, stdin string, args ...string) (r struct {
	Items, ItemsWithout, TableItems int64
	sizing.Report
}) {
	t.Helper()
	check(t, json.Unmarshal([]byte(fine(t, stdin, append([]string{"beacon", "-f", "json"}, args...)...)), &r))
	return r
}

func TestBeacon_WritesTheReportOfTheGoldenFile(t *testing.T) {
	file := write(t, t.TempDir(), "customers.csv", customers())
	for name, args := range map[string][]string{
		"beacon.txt":        {"--column", "email"},
		"beacon.json":       {"--column", "email", "-f", "json"},
		"beacon.html":       {"--column", "email", "-f", "html"},
		"beacon-table.txt":  {"--column", "id", "--items", "2000000", "--distinct", "500000"},
		"beacon-none.txt":   {"--column", "plan"},
		"beacon-none.html":  {"--column", "plan", "-f", "html"},
		"beacon-unique.txt": {"--column", "id", "--items", "100000", "--max-fetched", "4"},
	} {
		t.Run(name, func(t *testing.T) {
			got := fine(t, "", append([]string{"beacon", "--csv", file}, args...)...)
			golden(t, name, got)
			if strings.Contains(got, "ada") || strings.Contains(got, "gold") {
				t.Error("the report shows a value")
			}
		})
	}
}

func TestBeacon_ReadsEverySourceAlike(t *testing.T) {
	items := accounts(40)
	config := keys(t, 1, declared, rawAES)
	sealed := fine(t, items, "seal", "-c", config)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := z.Write([]byte("[" + strings.Join(strings.Fields(items), ",") + "]"))
	check(t, errors.Join(err, z.Close()))
	dir := t.TempDir()
	csv := "email\n"
	for n := range 40 {
		csv += fmt.Sprintf("ada%d@example.com\n", n)
	}
	want := fine(t, items, "beacon", "-a", "email")
	for name, c := range map[string]struct {
		stdin string
		args  []string
	}{
		"a file":        {"", []string{"-a", "email", write(t, dir, "items.jsonl", items)}},
		"an array":      {zipped.String(), []string{"-a", "email"}},
		"sealed items":  {sealed, []string{"-a", "email", "-c", config}},
		"CSV":           {csv, []string{"--csv", "-", "--column", "email"}},
		"CSV with mark": {"\ufeff" + csv, []string{"--csv", "-", "--column", "email"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fine(t, c.stdin, append([]string{"beacon"}, c.args...)...); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestBeacon_ReadsAPathInItems(t *testing.T) {
	items := `{"a":{"M":{"b":{"L":[{"S":"x"},{"N":"1.50"}]},"size":{"S":"s"}}},"tags":{"SS":["x","y"]}}
{"a":{"M":{"b":{"L":[{"S":"y"},{"N":"1.5"}]},"size":{"S":"s"}}},"tags":{"SS":["y","z","w"]}}
{"a":{"S":"other"},"a.b[0]":{"S":"by its name"},"flag":{"BOOL":true}}
`
	for path, want := range map[string]sizing.Counts{
		"a":       {Values: 3, Distinct: 3},
		"a.b":     {Values: 2, Distinct: 2},
		"a.b[0]":  {Values: 3, Distinct: 3},
		"a.b[1]":  {Values: 2, Distinct: 1},
		"a.size":  {Values: 2, Distinct: 1},
		"tags":    {Values: 5, Distinct: 4}, // members
		"flag":    {Values: 1, Distinct: 1},
		"a[0].b":  {},
		"a.b[2]":  {},
		"a.b.c":   {},
		"missing": {},
	} {
		t.Run(path, func(t *testing.T) {
			if want.Values == 0 {
				refused(t, 2, "none of the 3 items has a value", items, "beacon", "-a", path)
			} else if r := beaconReport(t, items, "-a", path); r.Sample != want || r.Items != 3 {
				t.Errorf("got %+v", r)
			}
		})
	}
	for _, path := range []string{"a..b", ".a", "a[", "a[x]", "a[-1]", "a[1]b", "[1]"} {
		refused(t, 2, "--attribute: not an attribute or a path", items, "beacon", "-a", path)
	}
}

// Items without a value and sets are as frequent in the table as in the sample.
func TestBeacon_ScalesTheSampleToTheTable(t *testing.T) {
	var items strings.Builder
	for n := range 100 {
		fmt.Fprintf(&items, `{"tags":{"SS":["a%d","b%d"]}}`+"\n"+`{"id":{"S":"x"}}`+"\n", n, n)
	}
	r := beaconReport(t, items.String(), "-a", "tags", "--items", "1000")
	if r.Items != 200 || r.ItemsWithout != 100 || r.Sample.Values != 200 || r.Table.Values != 1000 {
		t.Errorf("got %+v", r)
	}
	if r := beaconReport(t, items.String(), "-a", "tags", "--limit", "21"); r.Items != 21 || r.Sample.Values != 22 {
		t.Errorf("got %+v", r)
	}
	refused(t, 2, "--items: a table of 10 items cannot contain a sample of 200", items.String(), "beacon", "-a", "tags", "--items", "10")
	refused(t, 2, "cannot contain a sample", items.String(), "beacon", "-a", "tags", "--distinct", "10")
}

func TestBeacon_SamplesALiveTable(t *testing.T) {
	db, config := newTableDB(t), keys(t, 1, declared, rawAES)
	for line := range strings.Lines(fine(t, accounts(60), "seal", "-c", config)) {
		db.put(t, line)
	}
	read := func(code int, args ...string) (r struct {
		Items, TableItems int64
		sizing.Report
	}, stderr string) {
		t.Helper()
		ran := db.ran(t, code, append([]string{"beacon", "-c", config, "-f", "json", "-a", "email"}, args...)...)
		check(t, json.Unmarshal([]byte(ran.out), &r))
		return r, ran.err
	}
	if r, stderr := read(0); r.Items != 60 || r.Sample.Distinct != 60 || r.TableItems != 0 || stderr != "" {
		t.Errorf("got %+v, %s", r, stderr)
	}
	// The rest of the table counts as DynamoDB reports it.
	if r, _ := read(0, "--limit", "20"); r.Items != 20 || r.TableItems != 1000 || r.Table.Values != 1000 {
		t.Errorf("got %+v", r)
	}
	if r, _ := read(0, "--limit", "20", "--items", "500"); r.TableItems != 500 {
		t.Errorf("got %+v", r)
	}
	// An item that does not verify is not counted.
	db.put(t, account(3))
	if r := db.ran(t, 1, "beacon", "-c", config, "-a", "email"); r.out != "" || !strings.Contains(r.err, "item is not protected") {
		t.Errorf("got %+v", r)
	}
	if r, stderr := read(1, "--keep-going"); r.Items != 59 || !strings.Contains(stderr, "1 of 60 items failed") {
		t.Errorf("got %+v, %s", r, stderr)
	}
}

func TestBeacon_WritesANewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "email.html")
	args := []string{"beacon", "-a", "email", "-f", "html", "-o", path}
	if out := fine(t, accounts(20), args...); out != "" {
		t.Errorf("got %s", out)
	}
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), "<svg") {
		t.Errorf("got %v, %s", err, data)
	}
	refused(t, 2, "already exists", accounts(20), args...)
	fine(t, accounts(20), append(args, "--force")...)
}

func TestBeacon_RefusesWrongUsageAndInput(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	sealed := fine(t, plain, "seal", "-c", config)
	for name, c := range map[string]struct {
		stdin, want string
		args        []string
	}{
		"nothing to read":        {"", "--attribute or --csv is required", nil},
		"no column":              {"", "--csv requires --column", []string{"--csv", "-"}},
		"a column of items":      {"", "--csv requires --column", []string{"--column", "x"}},
		"CSV and items":          {"", "--csv cannot be combined", []string{"--csv", "-", "--column", "x", "-a", "y"}},
		"a table and files":      {"", "files and --table cannot be combined", []string{"-a", "x", "-t", "t", "-c", "c", "f"}},
		"a table without keys":   {"", "--table requires --config", []string{"-a", "x", "-t", "t"}},
		"a policy without keys":  {"", "require --config", []string{"-a", "x", "-p", "ddbenc.lock"}},
		"an endpoint":            {"", "--endpoint requires --table", []string{"-a", "x", "--endpoint", "http://localhost"}},
		"a negative number":      {"", "must not be negative", []string{"-a", "x", "--items=-1"}},
		"force":                  {"", "--force requires --out", []string{"-a", "x", "--force"}},
		"no items":               {"", "no items", []string{"-a", "email"}},
		"no value":               {plain, "none of the 1 items has a value", []string{"-a", "missing"}},
		"too little to fetch":    {plain, "must be more than 1", []string{"-a", "email", "--max-fetched", "1"}},
		"sealed":                 {sealed, "the item is sealed: pass the key configuration with --config", []string{"-a", "email"}},
		"not sealed":             {plain, "item is not protected", []string{"-a", "email", "-c", config}},
		"no header":              {"", "standard input: no header", []string{"--csv", "-", "--column", "x"}},
		"no such column":         {secret + "\n", `does not have the column "x" exactly once`, []string{"--csv", "-", "--column", "x"}},
		"the column twice":       {"x,x\n", "exactly once", []string{"--csv", "-", "--column", "x"}},
		"a record that is short": {"y,x\n" + secret + "\n", "wrong number of fields", []string{"--csv", "-", "--column", "x"}},
		"a quote":                {"x\nada\"@example.com\n", `bare "`, []string{"--csv", "-", "--column", "x"}},
		"no file":                {"", "no such file", []string{"--csv", "missing.csv", "--column", "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := ddbenc(t, c.stdin, append([]string{"beacon"}, c.args...)...)
			if r.code == 0 || r.out != "" || !strings.Contains(r.err, c.want) || strings.Count(r.err, "\n") != 1 {
				t.Errorf("got %+v, want %q", r, c.want)
			}
			if strings.Contains(r.err, "ada") || strings.Contains(r.err, "gold") {
				t.Errorf("the error shows a value: %s", r.err)
			}
		})
	}
}
