// Package source determines from source code alone how ddbenc protects the
// attributes of a program's tables. It does not run or link anything. Commands,
// linters and reviews are based on it.
//
// [Load] finds the struct types of whole packages, and [Of] examines one type.
// Both agree with [tags.OfType], including its errors, because they share the
// implementation of the rules.
//
// Neither of them knows what exists only at run time: types that are created by
// reflection, and the type arguments that a generic function passes on to
// mapper.TableOf.
package source

import (
	"go/token"

	"github.com/ddbenc/ddbenc/tags"
)

// Struct is a struct type that a program stores with ddbenc: it has ddbenc
// tags, or mapper.TableOf or mapper.WithType names it.
type Struct struct {
	// Package is the import path of the package that declares the type, such as
	// "example.com/shop/store". For a type without a name, it is the package
	// that uses it.
	Package string
	// Name is the type's name in its package, such as "Account". The name of an
	// instance of a generic type includes the type arguments, like
	// reflect.Type.Name. It is empty for a type without a name.
	Name string
	// Type is the type as reflect.Type.String formats it, such as
	// "store.Account". [tags.Attribute] and [tags.Error] use the same name.
	Type string
	// Tables are the tables that mapper.TableOf declares the type for, if their
	// names are constants. They are sorted and without duplicates. They can be
	// ARNs if the source has ARNs. A mapper.WithType belongs to the
	// mapper.TableOf that it is an argument of.
	Tables []string
	// Options are the options of its tables that weaken the default protection or
	// reveal more than the tags say. They are sorted and without duplicates. If a
	// table is declared for several types, its options belong to the first.
	Options []TableOption
	// Declared is true if mapper.TableOf or mapper.WithType names the type.
	Declared bool
	// Pos is the position of the type's name in its declaration, with an
	// absolute path. For a type without a name, it is the call of
	// mapper.TableOf or mapper.WithType.
	Pos token.Position
	// PartitionKey and SortKey are the names of the attributes of the table's
	// key. They are empty if the type does not have them.
	PartitionKey, SortKey string
	// Attributes are in the same order as [tags.Policy.Attributes].
	Attributes []Attribute
	// Err is the error in the type's tags, if there is one. Attributes is empty
	// then.
	Err *Error
}

// Attribute is one attribute of a [Struct].
type Attribute struct {
	tags.Attribute
	// Pos is the position of the field's name in its declaration.
	Pos token.Position
}

// Mistake is an alias of [tags.Error] that lets [Error] and [TypeError] embed
// it and have an Error method.
type Mistake = tags.Error

// Error is the error that [tags.Of] returns for a type, with its position.
type Error struct {
	Mistake
	// Pos is the position of the field's name in its declaration, or
	// [Struct.Pos] if the error is about the type as a whole.
	Pos token.Position
}

// Error returns the message of the [tags.Error]. It does not include the
// position.
func (e *Error) Error() string { return e.Mistake.Error() }

// Unwrap returns the [*tags.Error].
func (e *Error) Unwrap() error { return &e.Mistake }
