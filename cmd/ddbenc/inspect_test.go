package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// What the official clients wrote once does not change, and takes no key.
func TestInspectExplainsItemsOfTheOfficialClients(t *testing.T) {
	for _, c := range []struct {
		file, name string
		flags      []string
	}{
		{"java-static.json", "all types, mixed", nil},
		{"python-wrapped-aes.json", "all types, mixed", nil},
		{"java-wrapped-rsa.json", "all types, signed", nil},
		{"python-kms.json", "keys BN", nil},
		{"java-most-recent.json", "all types, encrypted", nil},
		{"sdk/java3-kms-1.json.gz", "all types, mixed", []string{"--unsigned", "binary", "--unsigned", "true"}},
		{"sdk/java3-kms-1.json.gz", "all types, encrypted", nil},
		{"sdk/java3-kms-1.json.gz", "all types, mixed", nil},
		{"sdk/rust-hierarchical-1.json.gz", "some in context", []string{"--unsigned", "binary"}},
		{"sdk/rust-multi-1.json.gz", "unsigned by prefix", []string{"--unsigned-prefix", ":"}},
	} {
		name := strings.NewReplacer("sdk/", "", ".json", "", ".gz", "").Replace(c.file) + " " + c.name
		if strings.HasPrefix(c.file, "sdk/java3-kms") && c.flags == nil {
			name += " untold"
		}
		t.Run(name, func(t *testing.T) {
			item := readRecorded(t, c.file).item(t, c.name)
			table := fine(t, item, append([]string{"inspect"}, c.flags...)...)
			line := fine(t, item, append([]string{"inspect", "--format", "json"}, c.flags...)...)
			var decoded map[string]any
			check(t, json.Unmarshal([]byte(line), &decoded))
			pretty, err := json.MarshalIndent(decoded, "", "  ")
			check(t, err)
			golden(t, strings.NewReplacer(" ", "-", ",", "").Replace("inspect "+name+".txt"), table+"\n"+string(pretty)+"\n")
		})
	}
}

func TestInspectShowsNoValues(t *testing.T) {
	item := strings.Replace(plain, "a-1", "hidden key", 1)
	for _, encryptor := range []string{rawAES, wrapped} {
		sealed := fine(t, item, "seal", "--config", keys(t, 1, declared, encryptor))
		for _, in := range []string{sealed, item} {
			got := fine(t, in, "inspect") + fine(t, in, "inspect", "--format", "json")
			for _, value := range []string{"hidden key", "gold", secret} {
				if strings.Contains(got, value) {
					t.Errorf("it shows %s: %s", value, got)
				}
			}
		}
	}
}

func TestInspectTellsAnItemThatIsNotSealed(t *testing.T) {
	if got := fine(t, plain, "inspect"); !strings.Contains(got, "format  none") || !strings.Contains(got, "not sealed") {
		t.Errorf("got %s", got)
	}
}

func TestInspectTellsAnItemWithTheAttributesOfBothFormats(t *testing.T) {
	sealed := strings.TrimSpace(fine(t, plain, "seal", "--config", keys(t, 1, declared, rawAES)))
	both := strings.Replace(sealed, "{", `{"*amzn-ddb-map-sig*":{"B":"AA=="},`, 1)
	if got := fine(t, both, "inspect"); !strings.Contains(got, "format      dbesdk") ||
		!strings.Contains(got, "also has attributes of the format ddbec") {
		t.Errorf("got %s", got)
	}
}

func TestInspectRefusesADamagedHeader(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"head": {`{"aws_dbe_head":{"B":"AAAA"},"aws_dbe_foot":{"B":""}}`,
			`line 1: format dbesdk: inspect: attribute "aws_dbe_head": item does not verify: malformed header`},
		"no foot": {`{"aws_dbe_head":{"B":"AAAA"}}`,
			`attribute "aws_dbe_foot": item does not verify: the attribute is missing`},
		"description": {`{"*amzn-ddb-map-desc*":{"B":"AAAA"},"*amzn-ddb-map-sig*":{"B":""}}`,
			`line 1: format ddbec: inspect: attribute "*amzn-ddb-map-desc*": item does not verify: the attribute is malformed`},
	} {
		t.Run(name, func(t *testing.T) { refused(t, 1, c.want, c.in, "inspect") })
	}
}

func TestInspectTakesManyItems(t *testing.T) {
	sealed := fine(t, plain, "seal", "--config", keys(t, 1, declared, rawAES))
	r := ddbenc(t, sealed+"x\n"+plain, "inspect", "--format", "json", "--keep-going")
	lines := strings.Split(r.out, "\n")
	if r.code != 2 || len(lines) != 3 || !strings.Contains(lines[0], `"where":"line 1","format":"dbesdk"`) ||
		!strings.Contains(lines[1], `"where":"line 3","format":"none"`) ||
		!strings.HasPrefix(r.err, "ddbenc: line 2: not JSON") {
		t.Errorf("got %+v", r)
	}
	if got := fine(t, sealed+sealed, "inspect"); strings.Count(got, "\n\nitem ") != 1 {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsNotSignedMayComeFromAPolicy(t *testing.T) {
	sealed := fine(t, plain, "seal", "--config", keys(t, 1, declared, rawAES))
	policy := write(t, t.TempDir(), "policy.json", accountsPolicy)
	if got := fine(t, sealed, "inspect", "--policy", policy, "--struct", "store.Account"); !strings.Contains(got,
		"  plan          sign ") || !strings.Contains(got, "  visits        none ") {
		t.Errorf("got %s", got)
	}
	refused(t, 2, "choose", sealed, "inspect", "--policy", policy)
	refused(t, 2, "--struct requires --policy", sealed, "inspect", "--struct", "store.Account")
	refused(t, 2, "policy.json: not the output of", sealed, "inspect", "--policy",
		write(t, t.TempDir(), "policy.json", "{"))
	refused(t, 2, "cannot read missing: no such file", sealed, "inspect", "--policy", "missing")
}

// An attribute's name is anybody's to choose who can write to the table.
func TestNamesDoNotMoveTheCursor(t *testing.T) {
	if got := fine(t, `{"a\u001b[2J\u202e":{"S":"x"}}`, "inspect"); strings.ContainsAny(got, "\x1b\u202e") ||
		!strings.Contains(got, `a\x1b[2J\u202e`) {
		t.Errorf("got %q", got)
	}
	if got := fine(t, `{"a\u001b[2J\u202e\u007f":{"S":"x"}}`, "inspect", "-f", "json"); strings.ContainsAny(got,
		"\x1b\u202e\x7f") || !strings.Contains(got, `a\u001b[2J\u202e\u007f`) {
		t.Errorf("got %q", got)
	}
	r := ddbenc(t, `{"a\u001b[2J":7}`, "inspect")
	if r.code != 2 || strings.Contains(r.err, "\x1b") {
		t.Errorf("got %+v", r)
	}
}

func TestSizesAreThoseThatDynamoDBCounts(t *testing.T) {
	for value, want := range map[string]int{
		`{"S":"é"}`: 2, `{"N":"0"}`: 1, `{"N":"-1200.50"}`: 4, `{"B":"AAAA"}`: 3, `{"BOOL":true}`: 1, `{"NULL":true}`: 1,
		`{"SS":["a","bc"]}`: 3, `{"NS":["1","200"]}`: 4, `{"BS":["AA==","AAA="]}`: 3, `{"L":[]}`: 3,
		`{"L":[{"S":"ab"},{"BOOL":false}]}`: 8, `{"M":{"key":{"S":"ab"}}}`: 9,
	} {
		if got := expr.StoredSize(parse(t, `{"a":`+value+`}`)["a"]); got != want {
			t.Errorf("%s takes %d, want %d", value, got, want)
		}
	}
	var all []string
	for _, value := range []string{`{"S":""}`, `{"N":"1"}`, `{"B":""}`, `{"BOOL":true}`, `{"NULL":true}`, `{"SS":["a"]}`,
		`{"NS":["1"]}`, `{"BS":[""]}`, `{"L":[]}`, `{"M":{}}`} {
		all = append(all, expr.TypeName(parse(t, `{"a":`+value+`}`)["a"]))
	}
	if got := fmt.Sprint(all); got != "[S N B BOOL NULL SS NS BS L M]" || slices.Contains(all, "?") {
		t.Errorf("the types are %s", got)
	}
}

func TestInspect_TakesTheUndeclaredActionOfAPolicy(t *testing.T) {
	config := keys(t, 1, strings.Replace(declared, `"visits": "none"}`, `"visits": "none"}, "undeclared": "none"`, 1),
		rawAES)
	sealed := fine(t, strings.Replace(plain, `"visits"`, `"extra":{"S":"x"},"visits"`, 1), "seal", "--config", config)
	policy := write(t, t.TempDir(), "policy.json", `{"structs": [{"type": "store.Account", "tables": ["accounts"], "partitionKey": "id",
		"options": [{"table": "accounts", "kind": "undeclared", "action": "none"}],
		"attributes": [{"name": "id", "action": "sign"}, {"name": "email", "action": "encrypt"}, {"name": "plan", "action": "sign"}, {"name": "visits", "action": "none"}]}]}`)
	got := fine(t, sealed, "inspect", "--policy", policy, "--format", "json")
	for _, want := range []string{`{"name":"extra","action":"none"`, `{"name":"email","action":"encrypt"`,
		`{"name":"plan","action":"sign"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

func TestFileNames_StayOnTheirLine(t *testing.T) {
	dir := t.TempDir()
	name := "a\nddbenc: all is well\x1b[31m\u202e.json"
	shown := `a\nddbenc: all is well\x1b[31m\u202e.json`
	path := write(t, dir, name, plain)
	config := keys(t, 1, declared, rawAES)
	sealed := write(t, dir, "sealed\n\x1b[2J.json", fine(t, plain, "seal", "--config", config))
	for _, args := range [][]string{
		{"open", "--config", config, path}, {"open", "--config", config, filepath.Join(dir, "none", name)},
		{"open", "--config", path, sealed},
		{"open", "--config", filepath.Join(dir, "none", name), sealed}, {"open", "--config", config, "--out", path, sealed},
		{"open", "--config", config, "--policy", path, sealed}, {"inspect", "--policy", filepath.Join(dir, "none", name)},
		{"check", "--file", filepath.Join(dir, "none", name)}, {"check", "--file", path},
		{"policy", "--dir", dir, "./" + name},
	} {
		r := ddbenc(t, "", args...)
		if r.code == 0 || r.out != "" || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, shown) ||
			strings.ContainsAny(r.err, "\x1b\u202e") {
			t.Errorf("%q: exit code %d, standard error %q", args, r.code, r.err)
		}
	}
	for _, args := range [][]string{{"inspect", sealed}, {"open", "--config", config, "--format", "table", sealed}} {
		got := fine(t, "", args...)
		if !strings.Contains(got, `sealed\n\x1b[2J.json`) || strings.Contains(got, "\x1b") {
			t.Errorf("%q: %q", args, got)
		}
	}

	source := module(t)
	lock := filepath.Join(dir, name+".lock")
	for range 2 { // it is written, and is up to date
		if r := ddbenc(t, "", "lock", "--dir", source, "--file", lock); r.code != 0 || strings.Count(r.err, "\n") != 1 ||
			strings.ContainsAny(r.err, "\x1b") {
			t.Errorf("lock: exit code %d, standard error %q", r.code, r.err)
		}
	}
}
