package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/packages"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/policy"
	"github.com/ddbenc/ddbenc/tags"
)

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
	options  map[TableOption]bool
	survey   policy.Survey
}

func newFinder(loaded []*packages.Package) *finder {
	return &finder{positions: newPositions(loaded), found: make(map[string]*candidate)}
}

// add adds t, or the type that it points to. Package p names it at pos.
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
	c := &candidate{of: of, tables: make(map[string]bool), options: make(map[TableOption]bool)}
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

// addNamed adds the type arguments of a package's calls of mapper.TableOf and
// mapper.WithType.
func (f *finder) addNamed(p *packages.Package) {
	found := FindDeclarations(p.TypesInfo, p.Syntax)
	named := make(map[*ast.Ident]*candidate)
	for _, n := range found.Types {
		if !Generic(n.Type) {
			c := f.add(n.Type, p, n.Function.Pos())
			c.declared = true
			named[n.Function] = c
		}
	}
	for _, d := range found.Tables {
		options := d.options()
		for _, n := range d.Types {
			c := named[n.Function]
			if c == nil {
				continue
			}
			if d.Name != "" {
				c.tables[d.Name] = true
			}
			// The first type represents the declaration.
			for _, option := range options {
				c.options[option] = true
			}
			options = nil
		}
	}
}

// Generic reports whether a type depends on type parameters, so that it is
// different for each instance of the generic function or type in which it
// occurs.
func Generic(t types.Type) bool { return depends(t) }

// depends reports whether a type is different for each instance of the generic
// function in which it occurs.
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

// structs returns the structs to be listed.
func (f *finder) structs() []Struct {
	var structs []Struct
	parts := f.parts()
	for id, c := range f.found {
		if c.declared || c.survey.Keyed || !f.isPart(id, parts) {
			structs = append(structs, f.tell(c))
		}
	}
	keysInContext(structs)
	return structs
}

// keysInContext corrects the action of keys. If any attribute of a table is in
// the encryption context, so are the keys, no matter which struct has the
// attribute.
func keysInContext(structs []Struct) {
	tables := make(map[string]bool)
	for _, s := range structs {
		inContext := slices.ContainsFunc(s.Attributes, func(a Attribute) bool { return a.Action == crypto.SignInContext })
		for _, table := range s.Tables {
			tables[table] = tables[table] || inContext
		}
		for _, o := range s.Options {
			if o.Kind == Undeclared && o.Action == crypto.SignInContext {
				tables[o.Table] = true
			}
		}
	}
	for _, s := range structs {
		if !slices.ContainsFunc(s.Tables, func(table string) bool { return tables[table] }) {
			continue
		}
		for i, a := range s.Attributes {
			if a.Key != tags.NoKey && a.Action == crypto.Sign {
				s.Attributes[i].Action = crypto.SignInContext
			}
		}
	}
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

// isPart reports whether a candidate is part of another. If two are part of
// each other, neither counts as a part, so that at least one is listed.
func (f *finder) isPart(id string, parts map[string]map[string]bool) bool {
	for other := range f.found {
		if parts[other][id] && !parts[id][other] {
			return true
		}
	}
	return false
}

// tell returns what is known about a candidate.
func (f *finder) tell(c *candidate) Struct {
	s := Struct{
		Package:  c.pkg,
		Name:     spellName(c.of.t),
		Type:     c.of.String(),
		Tables:   slices.Sorted(maps.Keys(c.tables)),
		Options:  slices.SortedFunc(maps.Keys(c.options), CompareOptions),
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
