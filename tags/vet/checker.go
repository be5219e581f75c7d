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

// dynamoPath is the package whose calls are looked at.
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

// checker looks at one package.
type checker struct {
	*analysis.Pass
	settings
	syntax *inspector.Inspector
	// declarations are what the package declares with package mapper.
	declarations *source.Declarations

	fields   map[*types.Var]*ast.Field // the struct fields of the package
	reported map[report]bool
}

// report is a diagnostic that was made: two structs that embed a third have
// the same to say about it.
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

// field returns the declaration of a field, nil if it is not in this package.
// That of an instance of a generic type is the generic type's.
func (c *checker) field(v *types.Var) *ast.Field {
	if v == nil {
		return nil
	}
	return c.fields[v.Origin()]
}

// span is where a diagnostic is shown.
type span struct{ pos, end token.Pos }

func spanOf(n ast.Node) span { return span{n.Pos(), n.End()} }

// at is where to report something about field v: at its declaration, or at
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

// report makes a diagnostic, once.
func (c *checker) report(category string, at span, fixes []analysis.SuggestedFix, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if r := (report{at.pos, message}); !c.reported[r] {
		c.reported[r] = true
		c.Report(analysis.Diagnostic{Pos: at.pos, End: at.end, Category: category, Message: message, SuggestedFixes: fixes})
	}
}
