package source

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/packages"

	"github.com/ddbenc/ddbenc/internal/policy"
)

// mapperPath is the package whose generic functions name the types of tables.
const mapperPath = "github.com/ddbenc/ddbenc/mapper"

// finder collects the struct types of packages.
type finder struct {
	positions
	universe universe
	found    map[string]*candidate // by identity
}

// candidate is a type that may be listed.
type candidate struct {
	of       *checked
	pkg      string
	pos      token.Position
	declared bool
	tables   map[string]bool
	survey   policy.Survey
}

func newFinder(loaded []*packages.Package) *finder {
	return &finder{positions: newPositions(loaded), found: make(map[string]*candidate)}
}

// add finds t, or the type that it points to, in package p, where p names it at
// pos.
func (f *finder) add(t types.Type, p *packages.Package, pos token.Pos) *candidate {
	of := f.universe.of(pointee(t))
	named, ok := of.t.(*types.Named)
	ok = ok && named.Obj().Pkg() != nil
	id := identity(of.t)
	if !ok {
		id = p.PkgPath + ": " + id
	}
	if known := f.found[id]; known != nil {
		return known
	}
	c := &candidate{of: of, tables: make(map[string]bool)}
	if ok {
		c.pkg, c.pos = named.Obj().Pkg().Path(), f.object(named.Obj())
	} else {
		c.pkg, c.pos = p.PkgPath, f.fset.Position(pos)
	}
	if _, ok := of.t.Underlying().(*types.Struct); ok {
		c.survey = policy.SurveyOf(of)
	}
	f.found[id] = c
	return c
}

// addTagged adds the tagged structs that a package declares.
func (f *finder) addTagged(p *packages.Package) {
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		named, ok := obj.Type().(*types.Named)
		if !ok || named.TypeParams().Len() > 0 {
			continue
		}
		if _, ok := named.Underlying().(*types.Struct); ok && policy.SurveyOf(f.universe.of(named)).Tagged {
			f.add(named, p, obj.Pos())
		}
	}
}

// addNamed adds the types that a package calls mapper.TableOf and mapper.Also
// with.
func (f *finder) addNamed(p *packages.Package) {
	for _, file := range p.Syntax {
		tables := make(map[*ast.Ident]string) // function → table's name
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				tableNames(p.TypesInfo, call, tables)
			}
			return true
		})
		ast.Inspect(file, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || declares(p.TypesInfo, id) == "" {
				return true
			}
			args := p.TypesInfo.Instances[id].TypeArgs
			if args.Len() != 1 || depends(args.At(0)) {
				return true
			}
			c := f.add(args.At(0), p, id.Pos())
			c.declared = true
			if table, ok := tables[id]; ok {
				c.tables[table] = true
			}
			return true
		})
	}
}

// declares returns the name of the function of package mapper that an
// identifier means, if that declares types.
func declares(info *types.Info, id *ast.Ident) string {
	f, ok := info.Uses[id].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != mapperPath || f.Signature().Recv() != nil {
		return ""
	}
	switch f.Name() {
	case "TableOf", "Also":
		return f.Name()
	}
	return ""
}

// tableNames notes the name of the table for a call of mapper.TableOf, and for
// the calls of mapper.Also in its arguments.
func tableNames(info *types.Info, call *ast.CallExpr, tables map[*ast.Ident]string) {
	id := callee(call)
	if id == nil || declares(info, id) != "TableOf" || len(call.Args) == 0 {
		return
	}
	value := info.Types[call.Args[0]].Value
	if value == nil || value.Kind() != constant.String {
		return
	}
	name := constant.StringVal(value)
	tables[id] = name
	for _, arg := range call.Args[1:] {
		if option, ok := ast.Unparen(arg).(*ast.CallExpr); ok {
			if id := callee(option); id != nil && declares(info, id) == "Also" {
				tables[id] = name
			}
		}
	}
}

// callee returns the identifier of the function that is called by its name.
func callee(call *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(call.Fun)
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = ast.Unparen(index.X)
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun
	case *ast.SelectorExpr:
		return fun.Sel
	}
	return nil
}

// depends reports whether a type is another one for each instance of the
// generic function that it occurs in.
func depends(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Named:
		return slices.ContainsFunc(slices.Collect(t.TypeArgs().Types()), depends)
	case *types.Map:
		return depends(t.Key()) || depends(t.Elem())
	case *types.Struct:
		return slices.ContainsFunc(slices.Collect(t.Fields()), func(v *types.Var) bool { return depends(v.Type()) })
	case interface{ Elem() types.Type }:
		return depends(t.Elem())
	}
	return false
}

// structs returns what is to be listed.
func (f *finder) structs() []Struct {
	var structs []Struct
	parts := f.parts()
	for id, c := range f.found {
		if c.declared || c.survey.Keyed || !f.isPart(id, parts) {
			structs = append(structs, f.tell(c))
		}
	}
	return structs
}

// parts returns the identities of the parts of each candidate.
func (f *finder) parts() map[string]map[string]bool {
	parts := make(map[string]map[string]bool, len(f.found))
	for id, c := range f.found {
		parts[id] = make(map[string]bool, len(c.survey.Parts))
		for _, part := range c.survey.Parts {
			parts[id][identity(part.(*checked).t)] = true
		}
	}
	return parts
}

// isPart reports whether a candidate is part of another. Of two that are part
// of each other neither counts, so that of any there is one that is not.
func (f *finder) isPart(id string, parts map[string]map[string]bool) bool {
	for other := range f.found {
		if parts[other][id] && !parts[id][other] {
			return true
		}
	}
	return false
}

// tell is what is known about a candidate.
func (f *finder) tell(c *candidate) Struct {
	s := Struct{
		Package:  c.pkg,
		Name:     spellName(c.of.t),
		Type:     c.of.String(),
		Tables:   slices.Sorted(maps.Keys(c.tables)),
		Declared: c.declared,
		Pos:      c.pos,
	}
	policy, err := of(c.of)
	if err != nil {
		s.Err = &Error{Mistake: err.Mistake, Pos: c.pos}
		if err.Field != nil {
			s.Err.Pos = f.object(err.Field)
		}
		return s
	}
	s.PartitionKey, s.SortKey = policy.PartitionKey, policy.SortKey
	for _, a := range policy.Attributes {
		s.Attributes = append(s.Attributes, Attribute{a.Attribute, f.object(a.Field)})
	}
	return s
}
