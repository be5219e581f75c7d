// Package docs_test checks that the Go code in README.md and docs/ is formatted
// and compiles.
package docs_test

import (
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// block is a fenced block of Go code.
type block struct {
	file string
	line int // of its first line
	code string
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.file, b.line) }

// isProgram reports whether the block is a whole file.
func (b block) isProgram() bool { return regexp.MustCompile(`(?m)^package \w+$`).MatchString(b.code) }

func TestGoBlocks_AreFormatted(t *testing.T) {
	for _, b := range blocks(t) {
		formatted, err := format.Source([]byte(b.code))
		if err != nil {
			t.Errorf("%v: %v", b, err)
		} else if string(formatted) != b.code {
			t.Errorf("%v: is not formatted as gofmt does:\n%s", b, formatted)
		}
	}
}

func TestGoBlocks_Compile(t *testing.T) {
	all := blocks(t)
	if len(all) < 20 {
		t.Fatalf("found %d blocks of Go, which cannot be all of them", len(all))
	}
	programs := contribPrograms(t)
	shown := 0
	all = slices.DeleteFunc(all, func(b block) bool {
		if !strings.Contains(b.code, `"github.com/ddbenc/ddbenc/contrib/`) {
			return false
		}
		if shown++; !programs[b.code] {
			t.Errorf("%v: is none of the programs in ../contrib/*/examples", b)
		}
		return true
	})
	if shown != len(programs) {
		t.Errorf("the pages show %d programs of ../contrib/*/examples, want %d", shown, len(programs))
	}
	c := newCompiler(t, all)
	for _, b := range all {
		for _, err := range c.check(b) {
			t.Error(err)
		}
	}
}

// contribPrograms returns the examples of the modules below contrib/, which
// compile there: this module does not have their dependencies. A page shows them
// without the comment before the package clause.
func contribPrograms(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../contrib/*/examples/*/main.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	all := make(map[string]bool)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, code, _ := strings.Cut("\n"+string(text), "\npackage ")
		all["package "+code] = true
	}
	return all
}

// A checker that accepts everything would be of no use.
func TestGoBlocks_MistakesAreFound(t *testing.T) {
	mistakes := map[string]string{
		"an unknown name":    "db, err := mapper.Nothing(nil)\n",
		"an unknown package": "x := nowhere.New()\n",
		"a wrong type":       "var n int = encryptor\n",
		"a declaration":      "func f() string {\n\treturn 1\n}\n",
		"an unused import":   "package main\n\nimport \"fmt\"\n\nfunc main() {}\n",
		"a missing import":   "package main\n\nfunc main() { fmt.Println() }\n",
		"no Go":              "db, err := …\n",
	}
	var all []block
	for what, code := range mistakes {
		all = append(all, block{what, 1, code})
	}
	c := newCompiler(t, all)
	for _, b := range all {
		if len(c.check(b)) == 0 {
			t.Errorf("%s is not found", b.file)
		}
	}
	right := block{"right", 1, "type T struct {\n\tA int\n}\n\n" +
		"err := db.Table(\"t\").Put(T{}).Run(ctx)\nif err != nil {\n\treturn err\n}\n"}
	if errs := c.check(right); len(errs) > 0 {
		t.Errorf("what is right is refused: %v", errs)
	}
}

// blocks returns all blocks of Go code in README.md and docs/.
func blocks(t *testing.T) []block {
	t.Helper()
	files, err := filepath.Glob("*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	var all []block
	for _, file := range append(files, filepath.Join("..", "README.md")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var code *block
		for i, line := range strings.SplitAfter(string(text), "\n") {
			switch {
			case code == nil && line == "```go\n":
				code = &block{file: file, line: i + 2}
			case code != nil && line == "```\n":
				all = append(all, *code)
				code = nil
			case code != nil:
				code.code += line
			}
		}
		if code != nil {
			t.Fatalf("%v: the block does not end", code)
		}
	}
	return all
}
