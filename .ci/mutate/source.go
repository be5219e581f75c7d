package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	noticed   = "noticed"
	unnoticed = "survives"
	neverTrue = "never true"
)

// mutant is a condition that can be made false.
type mutant struct {
	id      int
	pkg     string
	at      token.Position
	source  string
	outcome string
}

// String returns where the condition is, and what became of it.
func (x *mutant) String() string {
	path := x.at.Filename
	if dir, err := os.Getwd(); err == nil {
		if relative, err := filepath.Rel(dir, path); err == nil {
			path = relative
		}
	}
	return fmt.Sprintf("%-10s %s:%d: %s", x.outcome, path, x.at.Line, x.source)
}

// condition is in each package that has mutants. A condition that is true is
// recorded; the one that is made false is never true.
const condition = `

import (
	"fmt"
	"os"
	"sync"
)

var (
	mutateOff, mutateTrace = os.Getenv("MUTATE"), os.Getenv("MUTATE_TRACE")
	mutateSeen             sync.Map
)

func mutateCondition(id int, condition bool) bool {
	if !condition || fmt.Sprint(id) == mutateOff {
		return false
	}
	if mutateTrace != "" {
		if _, seen := mutateSeen.LoadOrStore(id, true); !seen {
			f, err := os.OpenFile(mutateTrace, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				panic(err)
			}
			fmt.Fprintln(f, id)
			f.Close()
		}
	}
	return true
}
`

// instrument returns a file with all its mutants in it, whose numbers begin
// with id.
func instrument(path string, id int) (source []byte, packageName string, found []*mutant, err error) {
	source, err = os.ReadFile(path)
	if err != nil {
		return nil, "", nil, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, "", nil, err
	}
	type edit struct {
		at   int
		text string
	}
	var edits []edit
	for _, c := range conditions(file) {
		from, to := set.Position(c.Pos()), set.Position(c.End())
		text := strings.Join(strings.Fields(string(source[from.Offset:to.Offset])), " ")
		found = append(found, &mutant{id: id + len(found), at: from, source: text})
		edits = append(edits,
			edit{from.Offset, fmt.Sprintf("mutateCondition(%d, ", id+len(found)-1)},
			edit{to.Offset, ")"})
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return a.at - b.at })
	var b bytes.Buffer
	done := 0
	for _, e := range edits {
		b.Write(source[done:e.at])
		b.WriteString(e.text)
		done = e.at
	}
	b.Write(source[done:])
	return b.Bytes(), file.Name.Name, found, nil
}

// conditions returns the conditions, in functions that return an error, of what
// returns one.
func conditions(file *ast.File) (found []ast.Expr) {
	var walk func(n ast.Node, results int)
	walk = func(n ast.Node, results int) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Body != nil {
					walk(n.Body, errorResults(n.Type))
				}
				return false
			case *ast.FuncLit:
				walk(n.Body, errorResults(n.Type))
				return false
			case *ast.IfStmt:
				if returnsError(n.Body.List, results) {
					found = append(found, n.Cond)
				}
			case *ast.SwitchStmt:
				if n.Tag != nil {
					break
				}
				for _, clause := range n.Body.List {
					if clause := clause.(*ast.CaseClause); returnsError(clause.Body, results) {
						found = append(found, clause.List...)
					}
				}
			}
			return true
		})
	}
	walk(file, 0)
	return found
}

// errorResults returns how many results a function has if the last is an error,
// and otherwise 0.
func errorResults(f *ast.FuncType) int {
	if f.Results == nil || f.Results.NumFields() == 0 {
		return 0
	}
	last := f.Results.List[len(f.Results.List)-1]
	if name, ok := last.Type.(*ast.Ident); !ok || name.Name != "error" {
		return 0
	}
	return f.Results.NumFields()
}

// returnsError reports whether a body ends in a return of all results, the last
// of which is not nil. A call that returns all of them is not counted: it is as
// likely to succeed.
func returnsError(body []ast.Stmt, results int) bool {
	if len(body) == 0 || results == 0 {
		return false
	}
	last, ok := body[len(body)-1].(*ast.ReturnStmt)
	if !ok || len(last.Results) != results {
		return false
	}
	name, ok := last.Results[results-1].(*ast.Ident)
	return !ok || name.Name != "nil"
}
