package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/crypto"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// result is what a run of the program leaves.
type result struct {
	code     int
	out, err string
}

// ddbenc runs the program.
func ddbenc(t testing.TB, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return result{code, out.String(), errs.String()}
}

// fine is ddbenc for runs that must succeed.
func fine(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	r := ddbenc(t, stdin, args...)
	if r.code != 0 || r.err != "" {
		t.Fatalf("%q: exit code %d, %s", args, r.code, r.err)
	}
	return r.out
}

// refused is ddbenc for runs that must fail: with a line on standard error that
// says so, and nothing on standard output.
func refused(t testing.TB, code int, want, stdin string, args ...string) {
	t.Helper()
	r := ddbenc(t, stdin, args...)
	if r.code != code || !strings.Contains(r.err, want) || strings.Count(r.err, "\n") != 1 ||
		!strings.HasPrefix(r.err, "ddbenc: ") {
		t.Errorf("%q: exit code %d, want %d; standard error %q, want one line with %q", args, r.code, code, r.err, want)
	}
	if r.out != "" {
		t.Errorf("%q: standard output has %q", args, r.out)
	}
}

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		check(t, os.MkdirAll("testdata", 0o755))
		check(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	check(t, err)
	if got != string(want) {
		t.Errorf("it is not as in %s (-update rewrites it):\n%s", path, got)
	}
}

// write writes a file in a folder of the test's own, and returns its path.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const (
	plain    = `{"email":{"S":"ada@example.com"},"id":{"S":"a-1"},"plan":{"S":"gold"},"visits":{"N":"3"}}`
	secret   = "ada@example.com"
	declared = `"table": {"name": "accounts", "partitionKey": "id", "attributes": {"email": "encrypt", "plan": "sign", "visits": "none"}}`
	rawAES   = `"encryptor": {"format": "dbesdk", "keyring": {"kind": "rawaes", "namespace": "acme", "name": "2026-11", "key": {"file": "aes.key", "encoding": "base64"}}}`
	wrapped  = `"encryptor": {"format": "ddbec", "provider": {"kind": "wrapped-aes", "wrappingKey": {"file": "aes.key", "encoding": "base64"}, "signing": {"algorithm": "HmacSHA256", "key": {"file": "aes.key", "encoding": "base64"}}}}`
)

// keys returns the path of a key configuration, whose key is made of a byte.
func keys(t testing.TB, key byte, fields ...string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "aes.key", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{key}, 32)))
	return write(t, dir, "keys.json", "{"+strings.Join(fields, ", ")+"}")
}

// recorded is a file of what an official client wrote.
type recorded struct {
	Provider map[string]any `json:"provider"`
	Keyring  map[string]any `json:"keyring"`
	Items    []struct {
		Case string          `json:"case"`
		Item json.RawMessage `json:"item"`
	} `json:"items"`
}

func readRecorded(t testing.TB, name string) recorded {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "internal", "interop", "testdata", name))
	check(t, err)
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		in, err = gzip.NewReader(f)
		check(t, err)
	}
	var r recorded
	check(t, json.NewDecoder(in).Decode(&r))
	return r
}

// item returns the first item of a case, in one line.
func (r recorded) item(t testing.TB, name string) string {
	t.Helper()
	for _, i := range r.Items {
		if i.Case == name {
			return oneLineOf(t, parse(t, string(i.Item)))
		}
	}
	t.Fatalf("no case %q", name)
	return ""
}

func parse(t testing.TB, line string) crypto.Item {
	t.Helper()
	item, err := itemjson.Parse([]byte(line))
	check(t, err)
	return item
}

func oneLineOf(t testing.TB, item crypto.Item) string {
	t.Helper()
	line, err := itemjson.Append(nil, item)
	check(t, err)
	return string(line)
}
