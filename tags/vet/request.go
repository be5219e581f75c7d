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
	"github.com/ddbenc/ddbenc/internal/source"
)

// argument describes the arguments of a method of guregu/dynamo.
type argument int

const (
	writtenPath  argument = iota + 1 // the first is an updated path
	writtenPaths                     // all are
	setTerms                         // an expression for SET, and its arguments
	removeTerms                      // an expression for REMOVE, and its arguments
	condition                        // a condition, and its arguments
	timeToLive                       // the first is the name of an attribute, if the second is true
	keyName                          // the first is the name of a key attribute
	keyNames                         // all are
	queryKey                         // the first is the name of a key attribute of the table or of an index
	queryRange                       // the same, and the second is an operator
	keyNameIn                        // the first is a table, the second the name of a key attribute of it
	keyNamesIn                       // the same, with two names
	item                             // the first is an item that is put
	items                            // all are
	itemsIn                          // the first is a table, and all others are items that are put there
)

// methods holds the methods that are checked, by type and name.
var methods = map[string]map[string]argument{
	"Update": {
		"Set": writtenPath, "SetNullable": writtenPath, "SetSet": writtenPath, "SetIfNotExists": writtenPath,
		"SetIgnoringNil": writtenPath, "Append": writtenPath, "Prepend": writtenPath,
		"Add": writtenPath, "AddStringsToSet": writtenPath, "AddIntsToSet": writtenPath, "AddFloatsToSet": writtenPath,
		"DeleteFromSet": writtenPath, "DeleteStringsFromSet": writtenPath, "DeleteIntsFromSet": writtenPath,
		"DeleteFloatsFromSet": writtenPath, "Remove": writtenPaths,
		"SetExpr": setTerms, "RemoveExpr": removeTerms, "If": condition, "Range": keyName,
	},
	"Put":            {"If": condition},
	"Delete":         {"If": condition, "Range": keyName},
	"ConditionCheck": {"If": condition, "Range": keyName},
	"Query":          {"Range": queryRange},
	"Table": {
		"Get": queryKey, "UpdateTTL": timeToLive, "Delete": keyName, "Update": keyName, "Check": keyName,
		"Batch": keyNames, "Put": item,
	},
	"BatchGet":   {"From": keyNameIn, "FromRange": keyNamesIn},
	"BatchWrite": {"DeleteIn": keyNameIn, "DeleteInRange": keyNamesIn, "Put": items, "PutIn": itemsIn},
}

// checkRequests reports requests that the mapper rejects. They are for tables
// that this package or one of its imports declares.
func (c *checker) checkRequests(own *declaredTables) {
	tables := make(map[string][]*table)
	for i := range own.Tables {
		tables[own.Tables[i].Name] = append(tables[own.Tables[i].Name], &own.Tables[i])
	}
	imported := c.importedTables()
	for _, declared := range imported {
		for i := range declared.Tables {
			if t := &declared.Tables[i]; !slices.Contains(own.Names, t.Name) {
				tables[t.Name] = append(tables[t.Name], t)
			}
		}
	}
	if len(tables) == 0 && !c.imports(dynamoPath) {
		return // without tables, only functions for repositories matter
	}
	t := c.newTracer(tables, append(imported, own))
	for cursor := range c.syntax.Root().Preorder((*ast.CallExpr)(nil)) {
		t.checkCall(cursor)
	}
}

// importedTables returns the declarations in imported packages.
func (c *checker) importedTables() []*declaredTables {
	var all []*declaredTables
	facts := c.AllPackageFacts()
	slices.SortFunc(facts, func(a, b analysis.PackageFact) int { return cmp.Compare(a.Package.Path(), b.Package.Path()) })
	for _, fact := range facts {
		if declared, ok := fact.Fact.(*declaredTables); ok && fact.Package != c.Pkg {
			all = append(all, declared)
		}
	}
	return all
}

func (c *checker) imports(path string) bool {
	for _, p := range c.Pkg.Imports() {
		if p.Path() == path {
			return true
		}
	}
	return false
}

// tableOf returns what is known about the tables of a repository with items of
// type t, or nil if nothing is known.
func tableOf(t types.Type) *table {
	if source.Generic(t) {
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

// checkCall reports a call that uses an attribute in a way that the mapper
// rejects, or that puts an item where it is not protected.
func (t *tracer) checkCall(at inspector.Cursor) {
	call := at.Node().(*ast.CallExpr)
	selector, f := t.method(call)
	if f == nil || len(call.Args) == 0 {
		return
	}
	named := receiver(f)
	if named == nil || !isNamed(named, dynamoPath, named.Obj().Name()) {
		return
	}
	how := methods[named.Obj().Name()][f.Name()]
	if how == item || how == items || how == itemsIn {
		t.checkPut(call, selector, how)
		return
	}
	uses := t.usesOf(how, at)
	if len(uses) == 0 {
		return
	}
	found, ok := t.targets(call, selector, how)
	if !ok || len(found.others) > 0 {
		return
	}
	told := make(map[string]bool)
	for _, use := range uses {
		if !told[use.name] {
			told[use.name] = t.checkUse(use, found.tables, span{selector.Sel.Pos(), call.End()}, named.Obj().Name(), f.Name())
		}
	}
}

// targets returns the tables that a call is for. ok is false if they are not
// known.
func (t *tracer) targets(call *ast.CallExpr, selector *ast.SelectorExpr, how argument) (found targets, ok bool) {
	seen := make(map[types.Object]bool)
	switch how {
	case keyNameIn, keyNamesIn, itemsIn:
		ok = t.trace(call.Args[0], seen, &found)
	default:
		ok = t.traceReceiver(selector, seen, &found)
	}
	return found, ok
}

// nameUse is a use of an attribute.
type nameUse struct {
	name string
	use  use
}

// usesOf returns the attributes that a call names. Written attributes come
// first and are not also reported as read.
func (t *tracer) usesOf(how argument, at inspector.Cursor) []nameUse {
	call := at.Node().(*ast.CallExpr)
	first, ok := t.constantString(call.Args[0])
	switch how {
	case writtenPaths:
		return t.constants(call.Args, t.path)
	case keyNames:
		return t.constants(call.Args, asKey)
	case keyNameIn:
		return t.constants(call.Args[1:min(2, len(call.Args))], asKey)
	case keyNamesIn:
		return t.constants(call.Args[1:min(3, len(call.Args))], asKey)
	case timeToLive:
		if len(call.Args) < 2 {
			return nil // a function returns both
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
	case keyName:
		return asKey(first)
	case timeToLive:
		return []nameUse{{first, useExpires}}
	case queryKey, queryRange:
		if t.readsTable(at) {
			return asKey(first)
		}
		return []nameUse{{first, useQueried}}
	}
	e, ok := t.expand(first, call.Args[1:], call.Ellipsis.IsValid())
	if !ok {
		return nil
	}
	switch how {
	case setTerms:
		return nameUses(e.uses(parseUpdate("SET")))
	case removeTerms:
		return nameUses(e.uses(parseUpdate("REMOVE")))
	case condition:
		return nameUses(e.uses(parseCondition))
	}
	return nil
}

// constants returns the uses in the arguments that are constants.
func (t *tracer) constants(args []ast.Expr, of func(string) []nameUse) []nameUse {
	var uses []nameUse
	for _, arg := range args {
		if s, ok := t.constantString(arg); ok {
			uses = append(uses, of(s)...)
		}
	}
	return uses
}

func asKey(name string) []nameUse { return []nameUse{{name, useKey}} }

// path returns the use of an updated path.
func (t *tracer) path(path string) []nameUse {
	root := t.pathRoot(path)
	if root == "" {
		return nil
	}
	return []nameUse{{root, useWritten}}
}

// nameUses returns the uses of an expression that may be rejected.
func nameUses(uses []expr.Use) []nameUse {
	var all []nameUse
	for _, u := range uses {
		name := u.Path.Root()
		switch {
		case name == unknownName:
		case u.Kind == expr.Write:
			all = append(all, nameUse{name, useWritten})
		case u.Kind != expr.Exists:
			all = append(all, nameUse{name, useCompared})
		case len(u.Path) > 1:
			all = append(all, nameUse{name, useNested})
		}
	}
	slices.SortStableFunc(all, func(a, b nameUse) int { return cmp.Compare(b.use, a.use) })
	return all
}

// checkUse reports a use that all of the tables reject, or that takes a read
// and a write in all of them.
func (t *tracer) checkUse(u nameUse, tables []*table, at span, request, method string) bool {
	var reason string
	refused, keyed := true, true
	for _, table := range tables {
		// A query is rejected whatever items it finds, and so is a key whatever
		// item has it.
		if table.Selects && u.use != useKey && request != "Query" && request != "Table" {
			return false
		}
		why := table.why(u.use, u.name)
		if why == "" {
			return false
		}
		if reason == "" {
			reason = why
		}
		refused = refused && table.NoRewrites
		keyed = keyed && u.use == useWritten && table.IsKey(u.name)
	}
	switch {
	case reason == "":
		return false
	case refused || keyed || !u.use.rewritten():
		t.report(categoryRequest, at, nil, "the mapper rejects %s of attribute %q: %s", method, u.name, reason)
	case t.rewrites:
		t.report(categoryCost, at, nil, "%s of attribute %q takes a read and a conditional write: %s", method, u.name, reason)
	default:
		return false
	}
	return true
}
