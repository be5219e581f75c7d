package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// model returns the grammar.
func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := (&console{}).parser()
	check(t, err)
	return parser.Model
}

func TestHelp_IsOfEachCommand(t *testing.T) {
	t.Setenv("COLUMNS", "")
	all := fine(t, "")
	for _, args := range [][]string{{"-h"}, {"--help"}} {
		if got := fine(t, "", args...); got != all {
			t.Errorf("%q: got %s", args, got)
		}
	}
	for _, node := range model(t).Children {
		if node.Detail == "" {
			t.Errorf("%s has no page", node.Name)
		}
		page := fine(t, "", node.Name, "--help")
		for _, args := range [][]string{{node.Name, "-h"}, {"-h", node.Name}} {
			if got := fine(t, "", args...); got != page {
				t.Errorf("%q: got %s", args, got)
			}
		}
		all += "\n---\n" + page
	}
	golden(t, "help.txt", all)
}

// The examples of the pages are what the program takes.
func TestExamplesAreUsage(t *testing.T) {
	found := 0
	for _, node := range model(t).Children {
		for line := range strings.Lines(node.Detail) {
			_, example, ok := strings.Cut(strings.TrimRight(line, "\n"), "  ddbenc ")
			if !ok {
				if _, example, ok = strings.Cut(line, "(ddbenc "); !ok {
					if _, example, ok = strings.Cut(line, "| ddbenc "); !ok {
						continue
					}
				}
				example = strings.TrimSuffix(example, ")\n")
			}
			example, _, _ = strings.Cut(strings.NewReplacer(" < ", " > ", " | ", " > ", " >> ", " > ").Replace(example), " > ")
			parser, err := (&console{stdout: io.Discard, stderr: io.Discard}).parser()
			check(t, err)
			if _, err := parser.Parse(strings.Fields(example)); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			found++
		}
	}
	if found < 15 {
		t.Errorf("%d examples", found)
	}
}

func TestTheDocumentationHasEachCommandAndFlag(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "command-line.md"))
	check(t, err)
	for _, node := range model(t).Children {
		_, section, ok := strings.Cut(string(data), "\n## "+node.Name+"\n")
		if !ok {
			t.Errorf("no section %s", node.Name)
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		for _, f := range node.Flags {
			long, short := "`--"+f.Name, ""
			if f.Short != 0 {
				long, short = ", --"+f.Name, "`-"+string(f.Short)+", --"+f.Name
			}
			if !strings.Contains(section, long+"`") && !strings.Contains(section, long+" ") || !strings.Contains(section, short) {
				t.Errorf("section %s does not have --%s", node.Name, f.Name)
			}
		}
	}
}

func TestTheKeyConfigurationOfTheDocumentationIsTaken(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "command-line.md"))
	check(t, err)
	_, documented, ok := strings.Cut(string(data), "```json\n")
	documented, _, end := strings.Cut(documented, "```")
	open, err := page("open")
	check(t, err)
	_, shown, ok2 := strings.Cut(open, "\n\n  {\n")
	shown, _, end2 := strings.Cut(shown, "\n  }\n")
	if !ok || !end || !ok2 || !end2 {
		t.Fatal("there is none")
	}
	key := strings.Repeat("A", 43) + "="
	t.Setenv("ACCOUNTS_KEY", key)
	for item, text := range map[string]string{
		`{"id":{"S":"a"},"opened":{"S":"b"}}`: documented,
		`{"id":{"S":"a"}}`:                    "{" + shown + "}",
	} {
		dir := t.TempDir()
		write(t, dir, "accounts.key", key)
		fine(t, item, "seal", "--config", write(t, dir, "keys.json", text))
	}
}

func TestTheVersionIsThatOfTheBuild(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}}
	if got := versionOf(info); got != "ddbenc (devel) 0123456789ab+changes go1.26.0" {
		t.Errorf("got %s", got)
	}
	if got := versionOf(&debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"}}); got != "ddbenc v1.2.3 go1.26.0" {
		t.Errorf("got %s", got)
	}
	if got := fine(t, "", "--version"); !strings.HasPrefix(got, "ddbenc ") || strings.Count(got, "\n") != 1 {
		t.Errorf("got %s", got)
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script := fine(t, "", "completion", shell)
		golden(t, "completion."+shell, script)
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("there is no %s here to read the script", shell)
			}
			path := write(t, t.TempDir(), "script", script)
			if out, err := exec.CommandContext(t.Context(), shell, "-n", path).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

func TestBashCompletes(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash here")
	}
	dir := t.TempDir()
	path := write(t, dir, "script", fine(t, "", "completion", "bash"))
	write(t, dir, "item.json", "")
	for line, want := range map[string]string{
		"ddbenc in":                           "inspect",
		"ddbenc --v":                          "--version",
		"ddbenc open --form":                  "--format",
		"ddbenc open --format ":               "json table",
		"ddbenc open -f ":                     "json table",
		"ddbenc check -f g":                   "github",
		"ddbenc open --config it":             "item.json",
		"ddbenc open -c it":                   "item.json",
		"ddbenc inspect --unsigned x it":      "item.json",
		"ddbenc completion z":                 "zsh",
		"ddbenc open --table ":                "",
		"ddbenc lock --f":                     "--file",
		"ddbenc seal --config x --form":       "",
		"ddbenc completion it":                "",
		"ddbenc seal --he":                    "--help",
		"ddbenc policy --dir . --tags x --te": "--tests",
	} {
		words := strings.Split(line, " ")
		quotedWords := make([]string, len(words))
		for i, w := range words {
			quotedWords[i] = quoted(w)
		}
		command := exec.CommandContext(t.Context(), "bash", "-c", `source "$0"; COMP_WORDS=(`+strings.Join(quotedWords, " ")+`); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _ddbenc; echo "${COMPREPLY[*]}"`, path)
		command.Dir = dir
		out, err := command.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q completes to %q, %v, want %q", line, got, err, want)
		}
	}
}
