package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/ddbenc/ddbenc/internal/source"
)

// dynamoPath is the import path of the package whose calls are checked.
const dynamoPath = "github.com/guregu/dynamo/v2"

// The categories of diagnostics.
const (
	categoryTag        = "tag"
	categoryTable      = "table"
	categoryRequest    = "request"
	categoryCost       = "cost"
	categoryUndeclared = "undeclared"
	categoryUntagged   = "untagged"
	categoryPersonal   = "personal"
)

// checker checks one package.
type checker struct {
	*analysis.Pass
	settings
	syntax *inspector.Inspector
	// declarations holds the package's declarations of tables.
	declarations *source.Declarations

	fields   map[*types.Var]*ast.Field // the struct fields of the package
	reported map[report]bool
}

// report is a diagnostic that was reported. Two structs that embed a third one
// have the same diagnostics about it.
type report struct {
	pos     token.Pos
	message string
}

func newChecker(pass *analysis.Pass, s settings) *checker {
	c := &checker{
		Pass:     pass,
		settings: s,
		syntax:   pass.ResultOf[inspect.Analyzer].(*inspector.Inspector),
		fields:   make(map[*types.Var]*ast.Field),
		reported: make(map[report]bool),

		declarations: source.FindDeclarations(pass.TypesInfo, pass.Files),
	}
	for s := range inspector.All[*ast.StructType](c.syntax) {
		structType, ok := c.TypesInfo.TypeOf(s).(*types.Struct)
		if !ok {
			continue
		}
		i := 0
		for _, f := range s.Fields.List {
			for range max(1, len(f.Names)) {
				c.fields[structType.Field(i)] = f
				i++
			}
		}
	}
	return c
}

// field returns the declaration of a field, or nil if it is not in this
// package. For an instance of a generic type, it is the declaration in the
// generic type.
func (c *checker) field(v *types.Var) *ast.Field {
	if v == nil {
		return nil
	}
	return c.fields[v.Origin()]
}

// span is the location of a diagnostic.
type span struct{ pos, end token.Pos }

func spanOf(n ast.Node) span { return span{n.Pos(), n.End()} }

// at returns the location for a diagnostic about field v: its declaration, or
// elsewhere if that is in another package.
func (c *checker) at(v *types.Var, elsewhere span) span {
	f := c.field(v)
	if f == nil {
		return elsewhere
	}
	for _, name := range f.Names {
		if c.TypesInfo.Defs[name] == v.Origin() {
			return span{name.Pos(), f.End()}
		}
	}
	return spanOf(f)
}

// report reports a diagnostic once.
func (c *checker) report(category string, at span, fixes []analysis.SuggestedFix, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if r := (report{at.pos, message}); !c.reported[r] {
		c.reported[r] = true
		c.Report(analysis.Diagnostic{Pos: at.pos, End: at.end, Category: category, Message: message, SuggestedFixes: fixes})
	}
}
