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
	"slices"
	"strconv"
	"testing"
)

// imports are the packages that a fragment may use without importing them. A
// complete program, which begins with a package clause, imports what it uses.
var imports = map[string]string{
	"aws":          "github.com/aws/aws-sdk-go-v2/aws",
	"beacon":       "github.com/ddbenc/ddbenc/crypto/dbesdk/beacon",
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
	arguments := []string{"list", "-export", "-deps", "-json=ImportPath,Export"}
	list := exec.Command("go", append(arguments, slices.Sorted(maps.Keys(paths))...)...)
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
	parse := func() (*ast.File, error) {
		return parser.ParseFile(token.NewFileSet(), b.String(), "package p\n"+body, parser.SkipObjectResolution)
	}
	file, err := parse()
	if err != nil {
		body = "func _() error {\nvar err error\n{\n" + body + "\n}\nreturn err\n}\n"
		if file, err = parse(); err != nil {
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
