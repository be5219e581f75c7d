package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags/source"
)

// declaration is a call of mapper.TableOf.
type declaration struct {
	name  string // "" if it is not a constant
	call  *ast.CallExpr
	types []namedType // T, then those of mapper.Also
	// undeclared is the action for attributes that no type declares, unless
	// anyAction says that it is not a constant.
	undeclared crypto.Action
	anyAction  bool
	// selects says that the table protects only some items.
	selects bool
	// open says that there are options that cannot be read here.
	open bool
}

// namedType is the type argument of mapper.TableOf or mapper.Also.
type namedType struct {
	typ  types.Type
	node ast.Expr
}

// findNamedTypes returns the type arguments of mapper.TableOf and mapper.Also,
// called or not.
func (c *checker) findNamedTypes() []namedType {
	var all []namedType
	for index := range inspector.All[*ast.IndexExpr](c.syntax) {
		if _, named, ok := c.mapperInstance(index); ok {
			all = append(all, named)
		}
	}
	return all
}

// mapperInstance reads mapper.TableOf[T] and mapper.Also[T].
func (c *checker) mapperInstance(e ast.Expr) (function string, named namedType, ok bool) {
	index, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return "", namedType{}, false
	}
	var name *ast.Ident
	switch x := ast.Unparen(index.X).(type) {
	case *ast.Ident:
		name = x
	case *ast.SelectorExpr:
		name = x.Sel
	default:
		return "", namedType{}, false
	}
	f, ok := c.TypesInfo.Uses[name].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != mapperPath || f.Name() != "TableOf" && f.Name() != "Also" {
		return "", namedType{}, false
	}
	return f.Name(), namedType{c.TypesInfo.TypeOf(index.Index), index.Index}, true
}

// findDeclarations returns the calls of mapper.TableOf.
func (c *checker) findDeclarations() []*declaration {
	var all []*declaration
	for call := range inspector.All[*ast.CallExpr](c.syntax) {
		function, named, ok := c.mapperInstance(call.Fun)
		if !ok || function != "TableOf" || len(call.Args) < 2 {
			continue
		}
		d := &declaration{call: call, types: []namedType{named}, open: call.Ellipsis.IsValid() || hasTypeParam(named.typ)}
		if name, ok := c.constantString(call.Args[0]); ok {
			d.name = tableName(name)
		}
		for _, option := range call.Args[2:] {
			c.readOption(d, option)
		}
		all = append(all, d)
	}
	return all
}

// readOption reads an argument that is a mapper.TableOption.
func (c *checker) readOption(d *declaration, option ast.Expr) {
	call, ok := ast.Unparen(option).(*ast.CallExpr)
	if !ok {
		d.open = true
		return
	}
	f, ok := typeutil.Callee(c.TypesInfo, call).(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != mapperPath {
		d.open = true
		return
	}
	switch f.Name() {
	case "Also":
		_, named, ok := c.mapperInstance(call.Fun)
		if !ok || hasTypeParam(named.typ) {
			d.open = true
			return
		}
		d.types = append(d.types, named)
	case "Undeclared":
		value := c.TypesInfo.Types[call.Args[0]].Value
		if value == nil {
			d.anyAction = true
			return
		}
		action, _ := constant.Uint64Val(constant.ToInt(value))
		d.undeclared = crypto.Action(action)
	case "SelectItems":
		d.selects = true
	case "LogicalName", "ReadWith", "AllowPlaintextReads", "WritePlaintext":
		// They change nothing about what is refused.
	default:
		d.open = true
	}
}

// checkDeclaration reports struct types that do not go together. It returns the
// table, nil if there is no telling what it is like.
func (c *checker) checkDeclaration(d *declaration) *table {
	var policies []*source.Policy
	for i, named := range d.types {
		if hasTypeParam(named.typ) {
			return nil
		}
		policy, err := source.Of(named.typ)
		if err != nil {
			return nil // checkStruct reports it
		}
		policies = append(policies, policy)
		if _, err := source.Merge(policies...); err != nil {
			c.report(categoryTable, spanOf(d.types[i].node), nil, "%s%s", d.title(), err.Reason)
			return nil
		}
	}
	t := &table{Name: d.name, Undeclared: d.undeclared, Open: d.open || d.anyAction, Selects: d.selects || d.open}
	keyed := false
	for _, policy := range policies {
		keyed = keyed || policy.PartitionKey != ""
		t.add(policy)
	}
	if !keyed {
		if !d.open {
			c.report(categoryTable, spanOf(d.types[0].node), nil, "%sno field has the table's partition key (`dynamo:\"…,hash\"`)", d.title())
		}
		return nil
	}
	if t.Name == "" {
		return nil
	}
	return t
}

// checkTwice reports tables that are declared twice for one client.
func (c *checker) checkTwice(declarations []*declaration) {
	byCall := make(map[*ast.CallExpr]*declaration)
	for _, d := range declarations {
		byCall[d.call] = d
	}
	for call := range inspector.All[*ast.CallExpr](c.syntax) {
		f, ok := typeutil.Callee(c.TypesInfo, call).(*types.Func)
		if !ok || f.Pkg() == nil || f.Pkg().Path() != mapperPath || f.Name() != "New" && f.Name() != "NewClient" {
			continue
		}
		seen := make(map[string]bool)
		for _, arg := range call.Args {
			option, _ := ast.Unparen(arg).(*ast.CallExpr)
			d := byCall[option]
			if d == nil || d.name == "" {
				continue
			}
			if seen[d.name] {
				c.report(categoryTable, spanOf(d.call), nil, "%sit is declared twice; use mapper.Also for a second struct type", d.title())
			}
			seen[d.name] = true
		}
	}
}

// title begins what is said about the declaration.
func (d *declaration) title() string {
	if d.name == "" {
		return ""
	}
	return "table " + d.name + ": "
}

// tableName returns the name in s, which may be a table's ARN, as the mapper
// does.
func tableName(s string) string {
	if strings.HasPrefix(s, "arn:") {
		if _, name, ok := strings.Cut(s, ":table/"); ok {
			name, _, _ = strings.Cut(name, "/")
			return name
		}
	}
	return s
}

// constantString returns the value of e if it is a constant string.
func (c *checker) constantString(e ast.Expr) (string, bool) {
	value := c.TypesInfo.Types[e].Value
	if value == nil || value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(value), true
}
