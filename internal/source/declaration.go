package source

import (
	"go/ast"
	"go/constant"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/ddbenc/ddbenc/crypto"
)

// MapperPath is the import path of the package that declares tables.
const MapperPath = "github.com/ddbenc/ddbenc/mapper"

// function is a function of package mapper that is relevant to the declaration
// of a table.
type function uint8

const (
	functionOther           function = iota
	functionTableOf                  // declares a table
	functionType                     // adds another struct type to it
	functionUndeclared               // sets the action of attributes that no struct declares
	functionSelection                // protects only some items
	functionPlaintextReads           // reads items that are not sealed
	functionPlaintextWrites          // does not seal items
	functionNoRewrites               // rejects requests that take a read and a write
	functionBeacons                  // adds beacons that no tag has
	functionHarmless                 // neither weakens protection nor rejects more requests
)

// functions holds the functions of package mapper by name.
var functions = map[string]function{
	"TableOf":             functionTableOf,
	"WithType":            functionType,
	"WithUndeclared":      functionUndeclared,
	"WithSelection":       functionSelection,
	"WithPlaintextReads":  functionPlaintextReads,
	"WithPlaintextWrites": functionPlaintextWrites,
	"WithLogicalName":     functionHarmless,
	"WithReaders":         functionHarmless,
	"WithBeacons":         functionHarmless,
	"WithBeaconConfig":    functionBeacons,
	"WithoutBeacons":      functionHarmless,
	"WithDiscriminator":   functionHarmless,
	"WithoutRewrites":     functionNoRewrites,
	"WithoutIndexFetches": functionHarmless,
	"WithIndexProjection": functionHarmless,
}

// Declarations holds the tables that source code declares.
type Declarations struct {
	// Types holds the type arguments of mapper.TableOf and mapper.WithType,
	// called or not, in source order.
	Types []NamedType
	// Tables holds the calls of mapper.TableOf.
	Tables []*Declaration
}

// NamedType is a type argument of mapper.TableOf or mapper.WithType.
type NamedType struct {
	Type types.Type
	// Function is the name of the function, and Argument the type argument.
	Function *ast.Ident
	Argument ast.Expr
}

// Declaration is a call of mapper.TableOf.
type Declaration struct {
	Call *ast.CallExpr
	// Name is the table's name or ARN. It is empty if it is not a constant.
	Name string
	// Types holds T, followed by the types of mapper.WithType.
	Types []NamedType
	// Undeclared is the action for attributes that no type declares. It is
	// invalid if AnyAction is true because it is not a constant.
	Undeclared crypto.Action
	AnyAction  bool
	// Selection is true if the table protects only some items.
	Selection bool
	// NoRewrites is true if the table rejects requests that take a read and a
	// write.
	NoRewrites bool
	// PlaintextReads and PlaintextWrites are true if items may be in plaintext.
	PlaintextReads, PlaintextWrites bool
	// Beacons is true if the table has beacons that its declaration configures in
	// Go, besides those in tags.
	Beacons bool
	// Open is true if there are options that cannot be determined from the
	// source.
	Open bool
}

// FindDeclarations returns the declarations in type-checked files.
func FindDeclarations(info *types.Info, files []*ast.File) *Declarations {
	d := &Declarations{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IndexExpr:
				if named, _, ok := namedType(info, n); ok {
					d.Types = append(d.Types, named)
				}
			case *ast.CallExpr:
				if table := declaration(info, n); table != nil {
					d.Tables = append(d.Tables, table)
				}
			}
			return true
		})
	}
	return d
}

// namedType parses mapper.TableOf[T] and mapper.WithType[T].
func namedType(info *types.Info, e ast.Expr) (named NamedType, of function, ok bool) {
	index, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return NamedType{}, functionOther, false
	}
	switch x := ast.Unparen(index.X).(type) {
	case *ast.Ident:
		named.Function = x
	case *ast.SelectorExpr:
		named.Function = x.Sel
	default:
		return NamedType{}, functionOther, false
	}
	of = functionOf(info.Uses[named.Function])
	if of != functionTableOf && of != functionType {
		return NamedType{}, functionOther, false
	}
	named.Type, named.Argument = info.TypeOf(index.Index), index.Index
	return named, of, named.Type != nil
}

// functionOf returns which function of package mapper an object is.
func functionOf(object types.Object) function {
	f, ok := object.(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != MapperPath || f.Signature().Recv() != nil {
		return functionOther
	}
	return functions[f.Name()]
}

// declaration parses a call of mapper.TableOf. It returns nil for other calls.
func declaration(info *types.Info, call *ast.CallExpr) *Declaration {
	named, of, ok := namedType(info, call.Fun)
	if !ok || of != functionTableOf || len(call.Args) < 2 {
		return nil
	}
	d := &Declaration{Call: call, Types: []NamedType{named}, Open: call.Ellipsis.IsValid()}
	if value := info.Types[call.Args[0]].Value; value != nil && value.Kind() == constant.String {
		d.Name = constant.StringVal(value)
	}
	for _, option := range call.Args[2:] {
		d.readOption(info, option)
	}
	return d
}

// readOption parses an argument that is a mapper.TableOption.
func (d *Declaration) readOption(info *types.Info, option ast.Expr) {
	call, ok := ast.Unparen(option).(*ast.CallExpr)
	if !ok {
		d.Open = true
		return
	}
	switch functionOf(typeutil.Callee(info, call)) {
	case functionType:
		named, _, ok := namedType(info, call.Fun)
		if !ok {
			d.Open = true
			return
		}
		d.Types = append(d.Types, named)
	case functionUndeclared:
		value := info.Types[call.Args[0]].Value
		if value == nil {
			d.AnyAction = true
			return
		}
		action, _ := constant.Uint64Val(constant.ToInt(value))
		d.Undeclared = crypto.Action(action)
	case functionSelection:
		d.Selection = true
	case functionPlaintextReads:
		d.PlaintextReads = true
	case functionPlaintextWrites:
		d.PlaintextWrites = true
	case functionNoRewrites:
		d.NoRewrites = true
	case functionBeacons:
		d.Beacons = true
	case functionHarmless:
	default:
		d.Open = true
	}
}

// options returns the options that weaken the table's protection, or reveal more
// than the tags say.
func (d *Declaration) options() []TableOption {
	var all []TableOption
	for _, o := range []struct {
		set  bool
		kind OptionKind
	}{
		{d.PlaintextReads, PlaintextReads}, {d.PlaintextWrites, PlaintextWrites}, {d.Selection, Selection},
		{d.Open || d.AnyAction, Unreadable}, {d.Beacons, Beacons},
	} {
		if o.set {
			all = append(all, TableOption{Table: d.Name, Kind: o.kind})
		}
	}
	if d.Undeclared != crypto.Encrypt {
		all = append(all, TableOption{Table: d.Name, Kind: Undeclared, Action: d.Undeclared})
	}
	return all
}
