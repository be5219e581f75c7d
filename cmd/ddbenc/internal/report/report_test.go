package report_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/internal/lock"
)

var update = flag.Bool("update", false, "write the reports of the tests to testdata")

// golden compares a report with the one in testdata.
func golden(t *testing.T, name string, write func(*bytes.Buffer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("not as in %s (go test -update writes it); got\n%s", path, got.String())
	}
}

func TestPoliciesAreReportedAsInTestdata(t *testing.T) {
	for format, name := range map[report.Format]string{
		report.Table: "policies.txt", report.Markdown: "policies.md", report.JSON: "policies.json",
		report.HTML: "policies.html",
	} {
		golden(t, name, func(b *bytes.Buffer) error { return report.Policies(b, format, program(), report.Root(root)) })
	}
}

func TestChangesAreReportedAsInTestdata(t *testing.T) {
	for format, name := range map[report.Format]string{
		report.Table: "changes.txt", report.Markdown: "changes.md", report.JSON: "changes.json",
		report.GitHub: "changes.github",
	} {
		golden(t, name, func(b *bytes.Buffer) error { return report.Changes(b, format, changed(t), report.Root(root)) })
	}
}

func TestEmptyReportsSayThatThereIsNothing(t *testing.T) {
	for format, want := range map[report.Format]string{
		report.Table:    "no change of policy\n",
		report.Markdown: "## ddbenc: no change of policy\n",
		report.JSON:     "{\n  \"serious\": 0,\n  \"changes\": []\n}\n",
		report.GitHub:   "",
	} {
		var b bytes.Buffer
		if err := report.Changes(&b, format, nil); err != nil || b.String() != want {
			t.Errorf("%s: %v, %q", format, err, b.String())
		}
	}
	for format, want := range map[report.Format]string{
		report.Table:    "0 structs with 0 attributes: 0 encrypt, 0 sign,context, 0 sign, 0 none\n",
		report.Markdown: "0 structs with 0 attributes",
		report.JSON:     `"structs": []`,
		report.HTML:     "No struct is stored with ddbenc.",
	} {
		var b bytes.Buffer
		if err := report.Policies(&b, format, nil); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v, %q", format, err, b.String())
		}
	}
}

func TestReportsRefuseFormatsThatTheyDoNotHave(t *testing.T) {
	for _, format := range []report.Format{report.GitHub, "", "xml"} {
		if err := report.Policies(&bytes.Buffer{}, format, program()); err == nil ||
			!strings.Contains(err.Error(), "known: table, markdown, json, html") {
			t.Errorf("%q: %v", format, err)
		}
	}
	for _, format := range []report.Format{report.HTML, "", "xml"} {
		if err := report.Changes(&bytes.Buffer{}, format, changed(t)); err == nil ||
			!strings.Contains(err.Error(), "known: table, markdown, json, github") {
			t.Errorf("%q: %v", format, err)
		}
	}
}

func TestReportsReturnTheWritersError(t *testing.T) {
	full := errors.New("disk full")
	for _, format := range []report.Format{report.Table, report.Markdown, report.JSON, report.HTML} {
		if err := report.Policies(failing{full}, format, program()); !errors.Is(err, full) {
			t.Errorf("%s: %v", format, err)
		}
	}
	for _, format := range []report.Format{report.Table, report.Markdown, report.JSON, report.GitHub} {
		if err := report.Changes(failing{full}, format, changed(t)); !errors.Is(err, full) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// What a hostile name could do: begin a command, a line, a row, a tag.
func TestGitHubCommandsAreOneLineEach(t *testing.T) {
	command := regexp.MustCompile(`^::(error|warning) [^:\n]*::[^\n]*$`)
	list := changed(t)
	list = append(list, lock.Change{Kind: lock.Renamed, Package: "p", Struct: "T\n::error::x", Attribute: "100%\r\n",
		Before: "a,b:c\n::warning::", After: "d"})
	var b bytes.Buffer
	if err := report.Changes(&b, report.GitHub, list, report.Root(root)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != len(list) {
		t.Errorf("%d lines for %d changes", len(lines), len(list))
	}
	for _, line := range lines {
		if !command.MatchString(line) {
			t.Errorf("no command: %s", line)
		}
	}
	if !strings.Contains(b.String(),
		"::warning file=100%25%2Cnew%3Aer/session.go,line=7,col=2,title=ddbenc%3A struct added%3A no attributes::") {
		t.Errorf("the properties are not escaped: %s", b.String())
	}
}

func TestPathsAreRelativeToTheRootOnlyBelowIt(t *testing.T) {
	for given, want := range map[string]string{
		root: "store/account.go", root + "/": "store/account.go", "/src": "shop/store/account.go",
		"": "/src/shop/store/account.go", "/src/other": "/src/shop/store/account.go",
		"relative": "/src/shop/store/account.go",
	} {
		var b bytes.Buffer
		if err := report.Policies(&b, report.JSON, program()[:1], report.Root(given)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), `"file": "`+want+`"`) {
			t.Errorf("%q: want %s in\n%s", given, want, b.String())
		}
	}
}

func TestHTMLLoadsNothing(t *testing.T) {
	var b bytes.Buffer
	if err := report.Policies(&b, report.HTML, program(), report.Root(root)); err != nil {
		t.Fatal(err)
	}
	for _, loading := range []string{"src=", "href=", "url(", "@import", "http:", "https:", "<script>alert"} {
		if strings.Contains(b.String(), loading) {
			t.Errorf("the page has %q", loading)
		}
	}
}

func TestChanges_ShowNoControlCharacters(t *testing.T) {
	now := program()[:1]
	now[0].Pos.Filename = root + "/\x1b[2J\n\u202e.go"
	for i := range now[0].Attributes {
		now[0].Attributes[i].Pos = now[0].Pos
	}
	for _, format := range []report.Format{report.Table, report.Markdown, report.JSON, report.GitHub} {
		var b strings.Builder
		if err := report.Changes(&b, format, lock.Compare(nil, now)); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\u202e") || !strings.Contains(b.String(), "2J") {
			t.Errorf("%s: %q", format, b.String())
		}
	}
}
