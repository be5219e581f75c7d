package vet

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/ddbenc/ddbenc/internal/source"
)

// checkPut reports items of tagged struct types that are put into a table that
// is not declared. The mapper does not protect such tables.
func (t *tracer) checkPut(call *ast.CallExpr, selector *ast.SelectorExpr, how argument) {
	args := call.Args
	if how == itemsIn {
		args = args[1:]
	}
	for _, arg := range args {
		typ := t.TypesInfo.TypeOf(arg)
		if typ == nil || !source.Tagged(typ) {
			continue
		}
		found, ok := t.targets(call, selector, how)
		if !ok || len(found.tables) > 0 || len(found.others) == 0 {
			return
		}
		name := found.others[0]
		switch {
		case found.unprotected:
			t.report(categoryUndeclared, spanOf(arg), nil, "%s has ddbenc tags, but is put into table %q through a "+
				"database of dynamo.New, which protects nothing: "+
				"the item is stored in plaintext; use that of mapper.New", typeName(typ), name)
		case t.declaresOthers(name):
			t.report(categoryUndeclared, spanOf(arg), nil, "%s has ddbenc tags, but no table %q is declared: "+
				"the item is stored in plaintext; declare the table with mapper.TableOf", typeName(typ), name)
		}
	}
}

// declaresOthers reports whether this package or its imports declare tables,
// all with constant names, but not this one. A package without visible
// declarations gets its database from another package, which may declare the
// table.
func (t *tracer) declaresOthers(name string) bool {
	some := false
	for _, declared := range t.declared {
		if declared.Unnamed || slices.Contains(declared.Names, name) {
			return false
		}
		some = some || len(declared.Names) > 0
	}
	return some
}

// typeName formats a type, or the type that it points to, as in
// "store.Account".
func typeName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}
