// Package docs_test checks that the Go code in README.md and docs/ is formatted
// and compiles.
package docs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports are the packages that a fragment may use without importing them. A
// complete program, which begins with a package clause, imports what it uses.
var imports = map[string]string{
	"aws":          "github.com/aws/aws-sdk-go-v2/aws",
	"crypto":       "github.com/ddbenc/ddbenc/crypto",
	"cryptotest":   "github.com/ddbenc/ddbenc/crypto/cryptotest",
	"dbesdk":       "github.com/ddbenc/ddbenc/crypto/dbesdk",
	"ddbec":        "github.com/ddbenc/ddbenc/crypto/ddbec",
	"directkms":    "github.com/ddbenc/ddbenc/providers/directkms",
	"dynamo":       "github.com/guregu/dynamo/v2",
	"dynamodb":     "github.com/aws/aws-sdk-go-v2/service/dynamodb",
	"errors":       "errors",
	"fmt":          "fmt",
	"hierarchical": "github.com/ddbenc/ddbenc/providers/keyring/hierarchical",
	"keyringtest":  "github.com/ddbenc/ddbenc/providers/keyring/keyringtest",
	"keystore":     "github.com/ddbenc/ddbenc/providers/keyring/keystore",
	"kms":          "github.com/aws/aws-sdk-go-v2/service/kms",
	"log":          "log",
	"mapper":       "github.com/ddbenc/ddbenc/mapper",
	"metastore":    "github.com/ddbenc/ddbenc/providers/metastore",
	"mostrecent":   "github.com/ddbenc/ddbenc/providers/mostrecent",
	"multi":        "github.com/ddbenc/ddbenc/providers/keyring/multi",
	"providers":    "github.com/ddbenc/ddbenc/providers",
	"providertest": "github.com/ddbenc/ddbenc/providers/providertest",
	"raw":          "github.com/ddbenc/ddbenc/providers/keyring/raw",
	"smithy":       "github.com/aws/smithy-go",
	"strings":      "strings",
	"static":       "github.com/ddbenc/ddbenc/providers/static",
	"tags":         "github.com/ddbenc/ddbenc/tags",
	"testing":      "testing",
	"time":         "time",
	"types":        "github.com/aws/aws-sdk-go-v2/service/dynamodb/types",
	"wrapped":      "github.com/ddbenc/ddbenc/providers/wrapped",
}

// preamble declares what fragments refer to and their page explains in words.
// A fragment that declares a name itself replaces the declaration here.
const preamble = `package p

var ctx context.Context
var cfg, cfgThere aws.Config
var db *dynamo.DB
var encryptor crypto.ItemEncryptor
var keys, generator, partner, recovery keyring.Keyring
var provider, previous, next, inner, innerHere, innerThere providers.Provider
var accounts *mapper.Repository[Account]
var account Account
var keyARN, id string
var opened time.Time
var encryptionKey, signingKey, wrappingKey []byte
var signingPrivate, signingPair, wrappingPrivate, wrappingPair *rsa.PrivateKey
var signingPublic, wrappingPublic *rsa.PublicKey
var err error

type Account struct {
	ID     string    ` + "`dynamo:\"id,hash\"`" + `
	Opened time.Time ` + "`dynamo:\"opened,range\"`" + `
	Email  string    ` + "`dynamo:\"email\" ddbenc:\"encrypt\"`" + `
	Plan   string    ` + "`dynamo:\"plan\" ddbenc:\"sign\" index:\"by-plan,hash\"`" + `
	Visits int       ` + "`dynamo:\"visits\" ddbenc:\"none\"`" + `
}
`

// preambleImports are the packages that the preamble alone uses.
var preambleImports = map[string]string{
	"context": "context",
	"keyring": "github.com/ddbenc/ddbenc/providers/keyring",
	"rsa":     "crypto/rsa",
}

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
	c := newCompiler(t, all)
	for _, b := range all {
		for _, err := range c.check(b) {
			t.Error(err)
		}
	}
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
	right := block{"right", 1, "type T struct {\n\tA int\n}\n\nerr := db.Table(\"t\").Put(T{}).Run(ctx)\nif err != nil {\n\treturn err\n}\n"}
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

// compiler type-checks blocks against the export data of the packages that
// they import.
type compiler struct {
	fset     *token.FileSet
	importer types.Importer
}

func newCompiler(t *testing.T, all []block) *compiler {
	t.Helper()
	paths := map[string]bool{}
	for _, m := range []map[string]string{imports, preambleImports} {
		for _, path := range m {
			paths[path] = true
		}
	}
	for _, b := range all {
		if file, err := parser.ParseFile(token.NewFileSet(), "", b.code, parser.ImportsOnly); err == nil {
			for _, spec := range file.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				paths[path] = true
			}
		}
	}
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, slices.Sorted(maps.Keys(paths))...)...)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("list the imported packages: %v", err)
	}
	exports := make(map[string]string)
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
	}
	fset := token.NewFileSet()
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	return &compiler{fset: fset, importer: importer.ForCompiler(fset, "gc", lookup)}
}

// check returns the errors in a block.
func (c *compiler) check(b block) []error {
	if b.isProgram() {
		return c.checkFile(b, fmt.Sprintf("//line %s:%d\n%s", b.file, b.line, b.code), false)
	}
	source, err := c.synthesize(b)
	if err != nil {
		return []error{err}
	}
	return c.checkFile(b, source, true)
}

// checkFile type-checks a whole file. A fragment may leave variables and
// imports unused.
func (c *compiler) checkFile(b block, source string, fragment bool) []error {
	file, err := parser.ParseFile(c.fset, b.String(), source, parser.SkipObjectResolution)
	if err != nil {
		return []error{err}
	}
	var errs []error
	config := types.Config{Importer: c.importer, Error: func(err error) {
		var typed types.Error
		if !fragment || !errors.As(err, &typed) || !typed.Soft {
			errs = append(errs, err)
		}
	}}
	config.Check("p", c.fset, []*ast.File{file}, nil) // errors are reported above
	return errs
}

// synthesize makes a file of a fragment: of declarations as they are, of
// statements in a function that returns an error.
func (c *compiler) synthesize(b block) (string, error) {
	body := fmt.Sprintf("//line %s:%d\n%s", b.file, b.line, b.code)
	file, err := parser.ParseFile(token.NewFileSet(), b.String(), "package p\n"+body, parser.SkipObjectResolution)
	if err != nil {
		body = "func _() error {\nvar err error\n{\n" + body + "\n}\nreturn err\n}\n"
		if file, err = parser.ParseFile(token.NewFileSet(), b.String(), "package p\n"+body, parser.SkipObjectResolution); err != nil {
			return "", err
		}
	}
	used, declared := names(file)

	header := "package p\n"
	all := maps.Clone(preambleImports)
	for name := range used {
		if path, ok := imports[name]; ok {
			all[name] = path
		}
	}
	declarations, preambleUses := preambleWithout(declared)
	for name := range preambleUses {
		if path, ok := imports[name]; ok {
			all[name] = path
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		header += fmt.Sprintf("import %s %q\n", name, all[name])
	}
	return header + declarations + body, nil
}

// names returns the names before a dot, which may be packages, and those that
// are declared at package level.
func names(file *ast.File) (used, declared map[string]bool) {
	used, declared = make(map[string]bool), make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok {
				used[name.Name] = true
			}
		}
		return true
	})
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			declared[decl.Name.Name] = true
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					declared[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						declared[name.Name] = true
					}
				}
			}
		}
	}
	return used, declared
}

// preambleWithout returns the preamble without the declarations of some names,
// and the names before a dot in it.
func preambleWithout(declared map[string]bool) (string, map[string]bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "preamble", preamble, parser.SkipObjectResolution)
	if err != nil {
		panic(err)
	}
	file.Decls = slices.DeleteFunc(file.Decls, func(decl ast.Decl) bool {
		general := decl.(*ast.GenDecl)
		typ, ok := general.Specs[0].(*ast.TypeSpec)
		return ok && declared[typ.Name.Name]
	})
	used, _ := names(file)
	var out bytes.Buffer
	if err := format.Node(&out, fset, file.Decls); err != nil {
		panic(err)
	}
	return out.String() + "\n", used
}
