package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// readsTable reports whether the query that a call belongs to is created and
// sent in a single expression, and not for an index, so that its key is the
// table's key.
func (t *tracer) readsTable(at inspector.Cursor) bool {
	for at.Node() != nil {
		call := at.Node().(*ast.CallExpr)
		selector, f := t.method(call)
		if f == nil {
			return false
		}
		if named := receiver(f); named != nil && isNamed(named, dynamoPath, "Table") {
			return t.sentToTable(at)
		}
		inner, ok := ast.Unparen(selector.X).(*ast.CallExpr)
		if !ok {
			return false
		}
		next, ok := at.FindNode(inner)
		if !ok {
			return false
		}
		at = next
	}
	return false
}

// sentToTable follows the chain of method calls on the result of a call.
func (t *tracer) sentToTable(at inspector.Cursor) bool {
	for {
		outer := at.Parent()
		for isParen(outer.Node()) {
			outer = outer.Parent()
		}
		selector, ok := outer.Node().(*ast.SelectorExpr)
		if !ok {
			return t.sends(outer.Node(), at.Node().(ast.Expr))
		}
		call, ok := outer.Parent().Node().(*ast.CallExpr)
		if !ok || call.Fun != selector || selector.Sel.Name == "Index" {
			return false
		}
		at = outer.Parent()
	}
}

func isParen(n ast.Node) bool {
	_, ok := n.(*ast.ParenExpr)
	return ok
}

// sends reports whether the last of several calls sends a query, either
// directly or as part of a transaction, which cannot read indexes.
func (t *tracer) sends(outer ast.Node, last ast.Expr) bool {
	if call, ok := outer.(*ast.CallExpr); ok {
		if _, f := t.method(call); f != nil {
			if named := receiver(f); named != nil && isNamed(named, dynamoPath, "GetTx") {
				return true
			}
		}
	}
	pointer, ok := types.Unalias(t.TypesInfo.TypeOf(last)).(*types.Pointer)
	if !ok {
		return true
	}
	named, ok := types.Unalias(pointer.Elem()).(*types.Named)
	return !ok || !isNamed(named, dynamoPath, "Query")
}
