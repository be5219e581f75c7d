package report_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
)

// chromium returns the browser to test with.
func chromium(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("DDBENC_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium in PATH, and DDBENC_CHROMIUM does not name one")
	return ""
}

// browse opens a page with each of the hashes, and returns the documents as
// their scripts have left them, and what the browser wrote to the console. All
// of them are frames of one page, because starting the browser takes seconds.
func browse(t *testing.T, browser, path string, hashes []string) (documents []string, console string) {
	t.Helper()
	const script = `<script>onload = () => {
	for (const frame of document.querySelectorAll("iframe")) {
		const pre = document.body.appendChild(document.createElement("pre"));
		pre.textContent = frame.contentDocument.documentElement.outerHTML;
	}
}</script>`
	var frames strings.Builder
	for _, hash := range hashes {
		page := &url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawFragment: hash}
		var err error
		if page.Fragment, err = url.PathUnescape(hash); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&frames, "<iframe src=\"%s\"></iframe>\n", html.EscapeString(page.String()))
	}
	outer := filepath.Join(t.TempDir(), "frames.html")
	content := "<!DOCTYPE html><meta charset=\"utf-8\"><title>frames</title><body>" + script + frames.String()
	if err := os.WriteFile(outer, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// Without the permission, a file's page cannot read a frame of another file.
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--allow-file-access-from-files",
		"--enable-logging=stderr", "--user-data-dir="+t.TempDir(), "--dump-dom",
		(&url.URL{Scheme: "file", Path: filepath.ToSlash(outer)}).String())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", browser, err, stderr.String())
	}
	for _, m := range dumped.FindAllStringSubmatch(stdout.String(), -1) {
		documents = append(documents, html.UnescapeString(m[1]))
	}
	if len(documents) != len(hashes) {
		t.Fatalf("%d documents of %d frames:\n%s\n%s", len(documents), len(hashes), stdout.String(), stderr.String())
	}
	return documents, stderr.String()
}

var (
	tagOf    = regexp.MustCompile(`<(?:tr|section)[^>]* data-(?:attribute|struct)=[^>]*>`)
	nameOf   = regexp.MustCompile(` data-(?:attribute|struct)="([^"]*)"`)
	messages = regexp.MustCompile(`CONSOLE.*`)
	dumped   = regexp.MustCompile(`(?s)<pre>(.*?)</pre>`)
)

// visible returns the structs and attributes that are not hidden.
func visible(document string) (structs, attributes []string) {
	shown := true
	for _, tag := range tagOf.FindAllString(document, -1) {
		name := html.UnescapeString(nameOf.FindStringSubmatch(tag)[1])
		hidden := strings.Contains(tag, ` hidden=""`)
		switch section := strings.HasPrefix(tag, "<section"); {
		case section:
			if shown = !hidden; shown {
				structs = append(structs, strings.TrimPrefix(name, shop+"."))
			}
		case shown && !hidden:
			attributes = append(attributes, name)
		}
	}
	return structs, attributes
}

func TestHTMLFiltersInABrowser(t *testing.T) {
	browser := chromium(t)
	path := filepath.Join(t.TempDir(), "policies.html")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Policies(file, report.HTML, program(), report.Root(root)); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}

	cases := []struct {
		hash       string
		structs    []string
		attributes []string
		status     string
	}{
		{"", []string{"Account", "Broken", "Order", "Page[int]", shop + `: struct { ID string "dynamo:\"id,hash\"" }`},
			[]string{
				"id", "opened", "email", "backup_email", "plan", "visits", "region", "id", "lines", "größe",
				`<script>alert(1)</script>`, "\"a|b`c\\\\*d*\"", `"x\u202ely\n::error::@everyone"`, `"a, b"`}, "14 of 14 attributes"},
		{"action=encrypt&q=email", []string{"Account", "Broken"}, []string{"email", "backup_email"}, "2 of 14 attributes"},
		{"q=EMAIL", []string{"Account", "Broken"}, []string{"email", "backup_email"}, "2 of 14 attributes"},
		{"action=none", []string{"Account", "Broken", "Page[int]"}, []string{"visits", "größe"}, "2 of 14 attributes"},
		{"action=none&action=sign%2Ccontext", []string{"Account", "Broken", "Page[int]"}, []string{"visits", "region", "größe"}, "3 of 14 attributes"},
		{"q=orders-archive", []string{"Order"}, []string{"id", "lines"}, "2 of 14 attributes"},
		{"q=größe", []string{"Page[int]"}, []string{"größe"}, "1 of 14 attributes"},
		{"q=%3Cscript", nil, []string{`<script>alert(1)</script>`}, "1 of 14 attributes"},
		{"q=no+such+thing", nil, nil, "0 of 14 attributes"},
		{"action=", []string{"Broken"}, nil, "0 of 14 attributes"},
	}
	var hashes []string
	for _, c := range cases {
		hashes = append(hashes, c.hash)
	}
	documents, console := browse(t, browser, path, hashes)
	// The content security policy complains there, for one.
	if said := messages.FindAllString(console, -1); said != nil {
		t.Errorf("the console says %q", said)
	}
	for i, c := range cases {
		t.Run(c.hash, func(t *testing.T) {
			document := documents[i]
			structs, attributes := visible(document)
			if c.hash != "q=%3Cscript" && !slices.Equal(structs, c.structs) {
				t.Errorf("structs %q, want %q", structs, c.structs)
			}
			if !slices.Equal(attributes, c.attributes) {
				t.Errorf("attributes %q, want %q", attributes, c.attributes)
			}
			if !strings.Contains(document, ">"+c.status+"</output>") {
				t.Errorf("the page does not say %q", c.status)
			}
			if empty := strings.Contains(document, `id="nothing">`); empty != (c.hash == "q=no+such+thing") {
				t.Errorf("the page says that nothing matches: %v", empty)
			}
		})
	}
}
