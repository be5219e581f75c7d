package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mapperFunctions returns the exported functions of package mapper by name, with
// the name of what they return.
func mapperFunctions(t *testing.T) map[string]string {
	t.Helper()
	dir := filepath.Join("..", "..", "mapper")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	functions := make(map[string]string)
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, entry.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() {
				continue
			}
			result := ""
			if f.Type.Results != nil && len(f.Type.Results.List) == 1 {
				if id, ok := f.Type.Results.List[0].Type.(*ast.Ident); ok {
					result = id.Name
				}
			}
			functions[f.Name.Name] = result
		}
	}
	return functions
}

// Every option of a table is known: one that is not would pass for one that
// cannot be read.
func TestFunctions_HaveEveryOptionOfATable(t *testing.T) {
	found := 0
	for name, result := range mapperFunctions(t) {
		if result != "TableOption" {
			continue
		}
		found++
		if functions[name] == functionOther {
			t.Errorf("mapper.%s is a TableOption, and not in functions", name)
		}
	}
	if found < 5 || mapperFunctions(t)["TableOf"] != "Option" {
		t.Errorf("%d options of tables in package mapper", found)
	}
}
