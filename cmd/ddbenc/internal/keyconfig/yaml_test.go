package keyconfig_test

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
)

func (w *world) readYAML(t *testing.T, text string) (*keyconfig.File, error) {
	t.Helper()
	w.file(t, "keys.yaml", []byte(text))
	return keyconfig.Read(filepath.Join(w.dir, "keys.yaml"))
}

func TestYAML_SaysTheSameAsJSON(t *testing.T) {
	w := newWorld(t)
	text := withBeacons(keyring(rawAES), beaconsJSON)
	want, err := w.read(t, text)
	check(t, err)
	var value any
	check(t, json.Unmarshal([]byte(text), &value))
	block, err := yaml.Marshal(value)
	check(t, err)
	for name, text := range map[string]string{"block style": string(block), "JSON is YAML": text,
		"with comments": "# the keys\n---\n" + string(block) + "# the end\n"} {
		got, err := w.readYAML(t, text)
		if err != nil || !reflect.DeepEqual(parsed(t, got), parsed(t, want)) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// parsed returns a file with normalized raw JSON.
func parsed(t *testing.T, f *keyconfig.File) any {
	t.Helper()
	data, err := json.Marshal(f)
	check(t, err)
	var value any
	check(t, json.Unmarshal(data, &value))
	return value
}

func TestYAML_IsReadStrictly(t *testing.T) {
	w := newWorld(t)
	const good = `table:
  name: accounts
  partitionKey: id
  attributes: {email: encrypt, "no": sign, off: none}
encryptor:
  format: dbesdk
`
	file, err := w.readYAML(t, good)
	check(t, err)
	if a := file.Declaration.Attributes; len(a) != 3 || a["no"] != "sign" || a["off"] != "none" {
		t.Errorf("got %v", a)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"empty":                 {good, "", "not YAML (it is empty)"},
		"comments":              {good, "# nothing\n", "not YAML (it is empty)"},
		"a list":                {good, "- x\n", "a JSON array cannot be used here"},
		"two documents":         {good, good + "---\nx: y\n", "a second document"},
		"not YAML":              {good, "a: *CANARY\n", "not YAML"},
		"bad indentation":       {"  name", "\tname", "not YAML (at line 2)"},
		"unknown field":         {"  name", "  Name", "table.Name: unknown field (known here: attributes,"},
		"twice":                 {"  name: accounts", "  name: accounts\n  name: b", "table.name: duplicate field"},
		"null":                  {"accounts", "", "table.name: null"},
		"a number":              {"accounts", "2026", "table.name: a JSON number cannot be used here"},
		"a boolean":             {"accounts", "true", "table.name: a JSON bool cannot be used here"},
		"a date":                {"accounts", "2026-11-25", "line 2: neither text nor a whole number: put text in quotes"},
		"a fraction":            {"accounts", "1.5", "line 2: neither text nor a whole number"},
		"an integer that large": {"accounts", "99999999999999999999", "line 2: neither text nor a whole number"},
		"a number as a name":    {"off:", "1:", "line 4: the name of a field is not text"},
		"true as a name":        {"off:", "true:", "line 4: the name of a field is not text"},
		"a list as a name":      {"off:", "? [a]\n  :", "line 4: the name of a field is not text"},
		"a merge":               {"  name", "  <<: {sortKey: x}\n  name", "line 2: the name of a field is not text"},
		"an anchor":             {"accounts", "&a accounts", "line 2: anchors and aliases cannot be used here"},
		"an alias":              {"  format: dbesdk", "  format: &a dbesdk\n  suite: *a", "anchors and aliases cannot be used here"},
		"a tag":                 {"accounts", "!!binary YQ==", "line 2: tags cannot be used here"},
		"no encryptor":          {"encryptor:\n  format: dbesdk\n", "", "encryptor: missing"},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: no %s", name, c.old)
		}
		_, err := w.readYAML(t, strings.Replace(good, c.old, c.new, 1))
		if !contains(err, c.want) || contains(err, "\n") || contains(err, "CANARY") {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func FuzzYAML(f *testing.F) {
	for _, text := range []string{"a: b", "- 1\n- [x, {y: ~}]", "{a: 'x', \"b\": 0x10}", "a: |\n  x\n", "? a\n: b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		data, err := keyconfig.YAMLToJSON([]byte(text))
		if err == nil && !json.Valid(data) {
			t.Errorf("not JSON: %s", data)
		}
	})
}
