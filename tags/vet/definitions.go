package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/ddbenc/ddbenc/internal/source"
)

// tracer finds the tables that requests are for.
type tracer struct {
	*checker
	tables map[string][]*table
	// declared holds the declarations that are visible to the package.
	declared []*declaredTables
	// definitions holds the expressions that may be the value of a variable or
	// field. Unknown variables may have other values too.
	definitions map[*types.Var][]ast.Expr
	unknown     map[*types.Var]bool
	functions   map[*types.Func]*ast.FuncDecl
	// options maps the parameters of functions that are passed to methods of
	// mapper.Repository to its type argument.
	options map[*types.Var]types.Type
}

func (c *checker) newTracer(tables map[string][]*table, declared []*declaredTables) *tracer {
	t := &tracer{
		checker:     c,
		tables:      tables,
		declared:    declared,
		definitions: make(map[*types.Var][]ast.Expr),
		unknown:     make(map[*types.Var]bool),
		functions:   make(map[*types.Func]*ast.FuncDecl),
		options:     make(map[*types.Var]types.Type),
	}
	for cursor := range c.syntax.Root().Preorder() {
		t.note(cursor.Node())
	}
	return t
}

// note records what a node says about variables and functions.
func (t *tracer) note(n ast.Node) {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if f, ok := t.TypesInfo.Defs[n.Name].(*types.Func); ok {
			t.functions[f] = n
		}
		t.forget(fieldNames(n.Recv)...)
	case *ast.FuncType:
		t.forget(fieldNames(n.Params)...)
		t.forget(fieldNames(n.Results)...)
	case *ast.AssignStmt:
		t.define(n.Lhs, n.Rhs)
	case *ast.ValueSpec:
		names := make([]ast.Expr, len(n.Names))
		for i, name := range n.Names {
			names[i] = name
		}
		if len(n.Values) > 0 {
			t.define(names, n.Values)
		}
	case *ast.RangeStmt:
		t.forget(n.Key, n.Value)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			t.forget(n.X)
		}
	case *ast.CompositeLit:
		t.noteLiteral(n)
	case *ast.CallExpr:
		t.noteOptions(n)
	}
}

func (t *tracer) noteLiteral(literal *ast.CompositeLit) {
	typ := t.TypesInfo.TypeOf(literal)
	if p, ok := typ.Underlying().(*types.Pointer); ok {
		typ = p.Elem() // of []*T{{…}}
	}
	s, ok := typ.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			t.define([]ast.Expr{pair.Key}, []ast.Expr{pair.Value})
			continue
		}
		v := s.Field(i).Origin()
		t.definitions[v] = append(t.definitions[v], element)
	}
}

// noteOptions records the parameters of function literals among the arguments
// of a method of mapper.Repository.
func (t *tracer) noteOptions(call *ast.CallExpr) {
	_, f := t.method(call)
	if f == nil {
		return
	}
	repository := receiver(f)
	if repository == nil || !isNamed(repository, source.MapperPath, "Repository") || repository.TypeArgs().Len() != 1 {
		return
	}
	for _, arg := range call.Args {
		if literal, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
			for _, name := range fieldNames(literal.Type.Params) {
				if v := t.variable(name); v != nil {
					t.options[v] = repository.TypeArgs().At(0)
				}
			}
		}
	}
}

func (t *tracer) define(to, from []ast.Expr) {
	if len(to) != len(from) {
		t.forget(to...)
		return
	}
	for i, e := range to {
		if v := t.variable(e); v != nil {
			t.definitions[v] = append(t.definitions[v], from[i])
		}
	}
}

func (t *tracer) forget(all ...ast.Expr) {
	for _, e := range all {
		if v := t.variable(e); v != nil {
			t.unknown[v] = true
		}
	}
}

// variable returns the variable or field that e refers to, or nil if it is
// another expression.
func (t *tracer) variable(e ast.Expr) *types.Var {
	var object types.Object
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		object = t.TypesInfo.ObjectOf(e)
	case *ast.SelectorExpr:
		object = t.TypesInfo.ObjectOf(e.Sel)
	}
	v, ok := object.(*types.Var)
	if !ok {
		return nil
	}
	return v.Origin()
}

func fieldNames(list *ast.FieldList) []ast.Expr {
	var names []ast.Expr
	if list != nil {
		for _, f := range list.List {
			for _, name := range f.Names {
				names = append(names, name)
			}
		}
	}
	return names
}

// method returns the method that is called and its selector. If the type is an
// instance, it is the method of the generic type. It returns nil if the call is
// not a method call.
func (t *tracer) method(call *ast.CallExpr) (*ast.SelectorExpr, *types.Func) {
	selector, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil, nil
	}
	selection := t.TypesInfo.Selections[selector]
	if selection == nil || selection.Kind() != types.MethodVal {
		return nil, nil
	}
	f, _ := selection.Obj().(*types.Func)
	return selector, f
}

// receiver returns the named type of a method's receiver. It returns nil for
// functions and for methods of unnamed interfaces.
func receiver(f *types.Func) *types.Named {
	recv := f.Signature().Recv()
	if recv == nil {
		return nil
	}
	typ := types.Unalias(recv.Type())
	if p, ok := typ.(*types.Pointer); ok {
		typ = types.Unalias(p.Elem())
	}
	named, _ := typ.(*types.Named)
	return named
}

func isNamed(t *types.Named, path, name string) bool {
	return t.Obj().Pkg() != nil && t.Obj().Pkg().Path() == path && t.Obj().Name() == name
}
