package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func sortSet(v types.AttributeValue) {
	switch v := v.(type) {
	case *types.AttributeValueMemberSS:
		slices.Sort(v.Value)
	case *types.AttributeValueMemberNS:
		slices.Sort(v.Value)
	case *types.AttributeValueMemberBS:
		slices.SortFunc(v.Value, bytes.Compare)
	}
}

// database answers GetItem with a reply. It returns its URL.
func database(t *testing.T, reply func(key string) string) string {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "eu-west-1", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none",
	} {
		t.Setenv(name, value)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			TableName      string
			ConsistentRead bool
			Key            json.RawMessage
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil ||
			r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.GetItem" || !in.ConsistentRead {
			t.Errorf("request %s: %+v, %v", r.Header.Get("X-Amz-Target"), in, err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if in.TableName != "accounts-2026" {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w,
				`{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "Requested resource not found"}`)
			return
		}
		io.WriteString(w, reply(string(in.Key)))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAnItemIsReadFromATable(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	sealed := fine(t, plain, "seal", "--config", config)
	var stored string
	url := database(t, func(string) string { return stored })
	const key = `{"id":{"S":"a-1"}}`
	from := []string{"--table", "accounts-2026", "--key", key, "--endpoint", url}
	stored = `{"Item":` + sealed + `}`
	if got := fine(t, "", append([]string{"open", "--config", config}, from...)...); got != plain+"\n" {
		t.Errorf("got %s", got)
	}
	if got := fine(t, "", append([]string{"inspect", "--unsigned", "visits"}, from...)...); !strings.Contains(got,
		`item        table "accounts-2026"`) || !strings.Contains(got, "acme") {
		t.Errorf("got %s", got)
	}
	// The endpoint may be in the key configuration.
	inFile := keys(t, 1, declared, rawAES, `"aws": {"dynamodbEndpoint": "`+url+`"}`)
	if got := fine(t, "", "open", "--config", inFile, "--table", "accounts-2026", "--key", key); got != plain+"\n" {
		t.Errorf("got %s", got)
	}
	// A database that answers with another item than the one that was asked for.
	other := []string{"--table", "accounts-2026", "--key", `{"id":{"S":"b-2"}}`, "--endpoint", url}
	refused(t, 1, "another key than the request", "", append([]string{"open", "--config", config}, other...)...)
	refused(t, 1, "another key than the request", "", append([]string{"inspect"}, other...)...)

	// The key may be given as text.
	if got := fine(t, "", "open", "-c", config, "-t", "accounts-2026", "-k", "id=a-1", "--endpoint",
		url); got != plain+"\n" {
		t.Errorf("got %s", got)
	}

	stored = `{}`
	refused(t, 2, `table "accounts-2026" has no item with this key`, "", append([]string{"inspect"}, from...)...)
	refused(t, 2, "not found", "", "inspect", "--table", "account", "--key", key, "--endpoint", url)
}

func TestTheTableIsTheOneOfThePolicy(t *testing.T) {
	policy := write(t, t.TempDir(), "policy.json", strings.ReplaceAll(accountsPolicy, `"accounts"`, `"accounts-2026"`))
	sealed := fine(t, plain, "seal", "--config", keys(t, 1, rawAES), "--policy", policy, "--logical-name", "accounts-2026")
	url := database(t, func(string) string { return `{"Item":` + sealed + `}` })
	from := []string{"--table", "accounts-2026", "--key", `{"id":{"S":"a-1"}}`, "--endpoint", url, "--policy", policy}
	if got := fine(t, "", append([]string{"open", "--config", keys(t, 1, rawAES)}, from...)...); got != plain+"\n" {
		t.Errorf("got %s", got)
	}
	if got := fine(t, "", append([]string{"inspect"}, from...)...); !strings.Contains(got, "  visits        none") {
		t.Errorf("got %s", got)
	}
}

// A number in the -key is the same number in another spelling.
func TestTheKeyIsComparedAsDynamoDBStoresIt(t *testing.T) {
	config := keys(t, 1, `"table": {"name": "a", "partitionKey": "n", "undeclared": "encrypt"}`, rawAES)
	sealed := fine(t, `{"n":{"N":"10"}}`, "seal", "--config", config)
	url := database(t, func(string) string { return `{"Item":` + sealed + `}` })
	if got := fine(t, "", "open", "--config", config, "--table", "accounts-2026", "--key", `{"n":{"N":"1.0e1"}}`,
		"--endpoint", url); got != `{"n":{"N":"10"}}`+"\n" {
		t.Errorf("got %s", got)
	}
}

func TestAnInterruptEndsARunAndLeavesNoFile(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	sealed := fine(t, plain, "seal", "--config", config)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"open", "--config", config, "--keep-going", "--out", dir + "/out"},
		strings.NewReader(sealed), &out, &errs); code != 2 || !strings.Contains(errs.String(), "canceled") {
		t.Errorf("exit code %d, %s", code, errs.String())
	}
	nothingIn(t, dir)
}

// terminal is one that keeps what is written to it.
type terminal struct{ bytes.Buffer }

func (*terminal) Stat() (os.FileInfo, error) { return device{}, nil }

// device is a character device that is not /dev/null.
type device struct{ os.FileInfo }

func (device) Mode() os.FileMode { return os.ModeDevice | os.ModeCharDevice }

func TestProgressIsShownOnATerminalAlone(t *testing.T) {
	var screen terminal
	s := &console{stderr: &screen}
	p := s.newProgress(true)
	p.last = p.last.Add(-1e9)
	p.show(7, 1)
	p.end()
	if got := screen.String(); got != "\r7 items, 1 failed\r\x1b[K" {
		t.Errorf("got %q", got)
	}
	var file bytes.Buffer
	s = &console{stderr: &file}
	p = s.newProgress(true)
	p.last = p.last.Add(-1e9)
	p.show(7, 1)
	p.end()
	if file.Len() > 0 {
		t.Errorf("got %q", file.String())
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAnOutputThatCannotBeWrittenEndsTheRun(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	sealed := fine(t, plain, "seal", "--config", config)
	for _, args := range [][]string{{"open", "--config", config, "--keep-going"},
		{"open", "--config", config, "--format", "table"}, {"inspect", "--keep-going"}, {"--help"}, {"open",
			"--help"}, {"--version"}, {"completion", "bash"}} {
		var errs bytes.Buffer
		code := run(t.Context(), args, strings.NewReader(sealed+sealed+sealed), closedPipe{}, &errs)
		if code != 2 || !strings.Contains(errs.String(), "broken pipe") || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("%q: exit code %d, %s", args, code, errs.String())
		}
	}
}

func TestOpen_TakesTextKeys(t *testing.T) {
	config := keys(t, 1, `"table": {"name": "a", "partitionKey": "id", "sortKey": "at", "undeclared": "encrypt"}`, rawAES)
	const item = `{"at":{"S":"{x=y}"},"id":{"S":""}}`
	sealed := fine(t, item, "seal", "-c", config)
	asked := ""
	url := database(t, func(key string) string { asked = key; return `{"Item":` + sealed + `}` })
	got := fine(t, "", "open", "-c", config, "-t", "accounts-2026", "-k", "id=", "-k", "at={x=y}", "--endpoint", url)
	if got != item+"\n" || !reflect.DeepEqual(parse(t, asked), parse(t, item)) {
		t.Errorf("asked for %s, got %s", asked, got)
	}
}
