package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/ddbenc/ddbenc/internal/arn"
)

// targets holds the tables that a request may be for.
type targets struct {
	tables []*table
	// others holds the names of tables without a visible declaration.
	others []string
	// unprotected is true if some tables belong to a database without
	// protection.
	unprotected bool
}

// trace adds the tables of e to found. It reports false if there may be others.
// Objects in seen are skipped.
func (t *tracer) trace(e ast.Expr, seen map[types.Object]bool, found *targets) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.StarExpr:
		return t.trace(e.X, seen, found)
	case *ast.CallExpr:
		return t.traceCall(e, seen, found)
	case *ast.Ident, *ast.SelectorExpr:
		return t.traceVariable(t.variable(e), seen, found)
	}
	return false
}

func (t *tracer) traceVariable(v *types.Var, seen map[types.Object]bool, found *targets) bool {
	if v == nil {
		return false
	}
	if item, ok := t.options[v]; ok {
		only := tableOf(item)
		if only == nil {
			return false
		}
		found.tables = append(found.tables, only)
		return true
	}
	shared := v.IsField() || v.Parent() == t.Pkg.Scope()
	if t.unknown[v] || v.Pkg() != t.Pkg || shared && v.Exported() && !v.Embedded() || len(t.definitions[v]) == 0 {
		return false // other packages may set it
	}
	if seen[v] {
		return true
	}
	seen[v] = true
	for _, e := range t.definitions[v] {
		if !t.trace(e, seen, found) {
			return false
		}
	}
	return true
}

func (t *tracer) traceCall(call *ast.CallExpr, seen map[types.Object]bool, found *targets) bool {
	if selector, f := t.method(call); f != nil {
		if named := receiver(f); named != nil && isNamed(named, dynamoPath, named.Obj().Name()) {
			if named.Obj().Name() == "DB" {
				return f.Name() == "Table" && t.traceName(call.Args[0], selector.X, found)
			}
			return t.traceReceiver(selector, seen, found)
		}
	}
	f, ok := typeutil.Callee(t.TypesInfo, call).(*types.Func)
	if !ok {
		return false
	}
	declared := t.functions[f.Origin()]
	if declared == nil || declared.Body == nil || f.Signature().Results().Len() != 1 {
		return false
	}
	if seen[f] {
		return true
	}
	seen[f] = true
	known := true
	ast.Inspect(declared.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			known = known && len(n.Results) == 1 && t.trace(n.Results[0], seen, found)
		}
		return known
	})
	return known
}

// traceReceiver traces the value that a method of guregu/dynamo is called on.
// It may be an embedded field.
func (t *tracer) traceReceiver(selector *ast.SelectorExpr, seen map[types.Object]bool, found *targets) bool {
	selection := t.TypesInfo.Selections[selector]
	path := selection.Index()
	if len(path) == 1 {
		return t.trace(selector.X, seen, found)
	}
	typ := selection.Recv()
	var embedded *types.Var
	for _, i := range path[:len(path)-1] {
		if p, ok := typ.Underlying().(*types.Pointer); ok {
			typ = p.Elem()
		}
		embedded = typ.Underlying().(*types.Struct).Field(i)
		typ = embedded.Type()
	}
	return t.traceVariable(embedded.Origin(), seen, found)
}

// traceName adds the declarations of the table db.Table(name).
func (t *tracer) traceName(name, db ast.Expr, found *targets) bool {
	s, ok := t.constantString(name)
	if !ok {
		return false
	}
	s = arn.TableName(s)
	switch {
	case t.isPlain(db):
		found.others, found.unprotected = append(found.others, s), true
	case len(t.tables[s]) == 0:
		found.others = append(found.others, s)
	default:
		found.tables = append(found.tables, t.tables[s]...)
	}
	return true
}

// isPlain reports whether a database is unprotected. A migration may have one
// in addition to the protected one.
func (t *tracer) isPlain(db ast.Expr) bool {
	v := t.variable(db)
	if v == nil || t.unknown[v] || len(t.definitions[v]) == 0 {
		return false
	}
	for _, e := range t.definitions[v] {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return false
		}
		f, ok := typeutil.Callee(t.TypesInfo, call).(*types.Func)
		if !ok || f.Pkg() == nil || f.Pkg().Path() != dynamoPath || f.Name() != "New" {
			return false
		}
	}
	return true
}
