package vet

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/tags/source"
)

// argument says how the arguments of a method of guregu/dynamo name attributes.
type argument int

const (
	writtenPath  argument = iota + 1 // the first is a path that is updated
	writtenPaths                     // all are
	setTerms                         // an expression for SET, and its arguments
	removeTerms                      // an expression for REMOVE, and its arguments
	condition                        // a condition or filter, and its arguments
	comparedName                     // the first is the name of an attribute that is compared
	timeToLive                       // comparedName, if the second is true
)

// methods are the methods that name attributes, by type and name.
var methods = map[string]map[string]argument{
	"Update": {
		"Set": writtenPath, "SetNullable": writtenPath, "SetSet": writtenPath, "SetIfNotExists": writtenPath,
		"SetIgnoringNil": writtenPath, "Append": writtenPath, "Prepend": writtenPath,
		"Add": writtenPath, "AddStringsToSet": writtenPath, "AddIntsToSet": writtenPath, "AddFloatsToSet": writtenPath,
		"DeleteFromSet": writtenPath, "DeleteStringsFromSet": writtenPath, "DeleteIntsFromSet": writtenPath,
		"DeleteFloatsFromSet": writtenPath, "Remove": writtenPaths,
		"SetExpr": setTerms, "RemoveExpr": removeTerms, "If": condition,
	},
	"Put":            {"If": condition},
	"Delete":         {"If": condition},
	"ConditionCheck": {"If": condition},
	"Query":          {"Filter": condition, "Range": comparedName},
	"Scan":           {"Filter": condition},
	"Table":          {"Get": comparedName, "UpdateTTL": timeToLive},
}

// checkRequests reports requests that the mapper refuses, to tables that this
// package declares or, where it does not, one that it imports.
func (c *checker) checkRequests(own []table) {
	tables := make(map[string][]*table)
	for i := range own {
		tables[own[i].Name] = append(tables[own[i].Name], &own[i])
	}
	for name, all := range c.importedTables() {
		if tables[name] == nil {
			tables[name] = all
		}
	}
	if len(tables) == 0 && !c.imports(dynamoPath) {
		return // without tables, only functions for repositories are left
	}
	t := c.newTracer(tables)
	for call := range inspector.All[*ast.CallExpr](c.syntax) {
		t.checkCall(call)
	}
}

// importedTables returns the tables that imported packages declare, by name.
func (c *checker) importedTables() map[string][]*table {
	tables := make(map[string][]*table)
	facts := c.AllPackageFacts()
	slices.SortFunc(facts, func(a, b analysis.PackageFact) int { return cmp.Compare(a.Package.Path(), b.Package.Path()) })
	for _, fact := range facts {
		declared, ok := fact.Fact.(*declaredTables)
		if !ok || fact.Package == c.Pkg {
			continue
		}
		for i := range declared.Tables {
			name := declared.Tables[i].Name
			tables[name] = append(tables[name], &declared.Tables[i])
		}
	}
	return tables
}

func (c *checker) imports(path string) bool {
	for _, p := range c.Pkg.Imports() {
		if p.Path() == path {
			return true
		}
	}
	return false
}

// tableOf returns what is known about the tables of a repository for items of
// type t; nil if that is nothing.
func tableOf(t types.Type) *table {
	if hasTypeParam(t) {
		return nil
	}
	policy, err := source.Of(t)
	if err != nil {
		return nil
	}
	only := &table{Open: true}
	only.add(policy)
	return only
}

// checkCall reports a call that names an attribute in a way that the mapper
// refuses.
func (t *tracer) checkCall(call *ast.CallExpr) {
	selector, f := t.method(call)
	if f == nil {
		return
	}
	named := receiver(f)
	if named == nil || !isNamed(named, dynamoPath, named.Obj().Name()) {
		return
	}
	how := methods[named.Obj().Name()][f.Name()]
	if how == 0 {
		return
	}
	uses := t.usesOf(how, call)
	if len(uses) == 0 {
		return
	}
	var tables []*table
	if !t.traceReceiver(selector, make(map[types.Object]bool), &tables) {
		return
	}
	// What is written is not reported as read, too.
	slices.SortStableFunc(uses, func(a, b expr.Use) int { return cmp.Compare(b.Kind, a.Kind) })
	told := make(map[string]bool)
	for _, use := range uses {
		if name := use.Path.Root(); !told[name] {
			told[name] = t.checkUse(use, tables, span{selector.Sel.Pos(), call.End()}, named.Obj().Name(), f.Name())
		}
	}
}

// usesOf returns the attributes that a call names.
func (t *tracer) usesOf(how argument, call *ast.CallExpr) []expr.Use {
	if len(call.Args) == 0 {
		return nil
	}
	first, ok := t.constantString(call.Args[0])
	switch how {
	case writtenPaths:
		var uses []expr.Use
		for _, arg := range call.Args {
			if path, ok := t.constantString(arg); ok {
				uses = append(uses, t.path(path)...)
			}
		}
		return uses
	case timeToLive:
		if len(call.Args) < 2 {
			return nil // both come from one function
		}
		if on := t.TypesInfo.Types[call.Args[1]].Value; on != nil && !constant.BoolVal(on) {
			return nil
		}
	}
	if !ok {
		return nil
	}
	switch how {
	case writtenPath:
		return t.path(first)
	case comparedName, timeToLive:
		return []expr.Use{{Path: expr.Path{{Name: first}}, Kind: expr.Read}}
	}
	e, ok := t.expand(first, call.Args[1:], call.Ellipsis.IsValid())
	if !ok {
		return nil
	}
	switch how {
	case setTerms:
		return e.uses(parseUpdate("SET"))
	case removeTerms:
		return e.uses(parseUpdate("REMOVE"))
	}
	return e.uses(parseCondition)
}

// path returns the use of a path that is updated.
func (t *tracer) path(path string) []expr.Use {
	root := t.pathRoot(path)
	if root == "" {
		return nil
	}
	return []expr.Use{{Path: expr.Path{{Name: root}}, Kind: expr.Write}}
}

// checkUse reports a use that all of the tables refuse, if they do.
func (t *tracer) checkUse(use expr.Use, tables []*table, at span, request, method string) bool {
	name := use.Path.Root()
	if name == unknownName || use.Kind == expr.Exists && len(use.Path) == 1 {
		return false
	}
	var reason string
	for _, table := range tables {
		// A query or scan is refused whatever items it finds.
		if table.Selects && request != "Query" && request != "Scan" && request != "Table" {
			return false
		}
		why := table.refusesRead(name)
		if use.Kind == expr.Write {
			why = table.refusesWrite(name)
		}
		if why == "" {
			return false
		}
		if reason == "" {
			reason = why
		}
	}
	t.report(categoryRequest, at, nil, "the mapper refuses %s of attribute %q: %s", method, name, reason)
	return true
}
