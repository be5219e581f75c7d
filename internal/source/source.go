// Package source tells what ddbenc will do with each attribute of the tables of
// a program, from its source code alone: nothing of it is run or linked. It is
// what command lines, linters and reviews are made of.
//
// [Load] finds the struct types of whole packages, [Of] looks at one type.
// Both agree with [tags.OfType], errors included: the rules are the same code.
//
// Neither sees what only a running program knows: types that reflection makes,
// and the type arguments that a generic function of the program passes on to
// mapper.TableOf.
package source

import (
	"go/token"

	"github.com/ddbenc/ddbenc/tags"
)

// Struct is a struct type of a program that is stored with ddbenc: it has
// ddbenc tags, or mapper.TableOf or mapper.WithType names it.
type Struct struct {
	// Package is the import path of the package that declares the type:
	// "example.com/shop/store". Of a type without a name it is the package
	// that uses it.
	Package string
	// Name is the type's name in its package: "Account". An instance of a
	// generic type has its type arguments, as reflect's Type.Name does. A type
	// without a name has none.
	Name string
	// Type is what reflect's Type.String writes, and [tags.Attribute] and
	// [tags.Error] call the type: "store.Account".
	Type string
	// Tables are the tables that mapper.TableOf declares it for, as far as
	// their names are constants: sorted, without duplicates, and as they are
	// written there, which may be as an ARN. mapper.WithType belongs to the
	// mapper.TableOf in whose arguments it stands.
	Tables []string
	// Options are those of its tables that protect less than the default:
	// sorted, and without duplicates. If a table is declared for several types,
	// the first has them.
	Options []TableOption
	// Declared says that mapper.TableOf or mapper.WithType names it.
	Declared bool
	// Pos is where its declaration names it. The file's path is absolute. Of a
	// type without a name it is where mapper.TableOf or mapper.WithType is called.
	Pos token.Position
	// PartitionKey and SortKey are the names of the attributes of the table's
	// key, empty if the type does not tell.
	PartitionKey, SortKey string
	// Attributes are in the order of [tags.Policy.Attributes].
	Attributes []Attribute
	// Err is what is wrong with the type's tags, if anything is. There are no
	// attributes then.
	Err *Error
}

// Attribute is one attribute of a [Struct].
type Attribute struct {
	tags.Attribute
	// Pos is where the field's declaration names it.
	Pos token.Position
}

// Mistake is another name of [tags.Error], under which [Error] and [TypeError]
// can embed it and have an Error method.
type Mistake = tags.Error

// Error is what [tags.Of] finds wrong with a type, and where that is.
type Error struct {
	Mistake
	// Pos is where the field's declaration names it, or [Struct.Pos] if the
	// type as a whole is at fault.
	Pos token.Position
}

// Error returns the message of the [tags.Error]. It does not have the position
// in it.
func (e *Error) Error() string { return e.Mistake.Error() }

// Unwrap returns the [*tags.Error].
func (e *Error) Unwrap() error { return &e.Mistake }
