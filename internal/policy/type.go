// Package policy has the rules that tell what a struct type's tags say is to be
// done with each attribute of a table's items. Package tags has them for
// programs that run, by reflection; package internal/source for programs that are
// only read, by static analysis. The rules are written once, here, and what
// they mean is documented there.
package policy

import "reflect"

// Type is a Go type as the rules see it. The same type has to give the same
// interface value every time (==), at least while one policy is made.
type Type interface {
	// String is what reflect's Type.String says: "store.Account".
	String() string
	Kind() reflect.Kind
	// Elem is that of a pointer, slice, array or map type.
	Elem() Type
	// Key is that of a map type.
	Key() Type
	// NumField is that of a struct type.
	NumField() int
	// Field is that of a struct type.
	Field(i int) Field
	// Has reports whether a pointer to a value of the type has the method.
	Has(Method) bool
}

// Field is a field of a struct type, with the meaning of reflect.StructField.
type Field struct {
	Name      string
	Type      Type
	Tag       reflect.StructTag
	Anonymous bool
	Exported  bool
}

// Method is a method that makes a difference to guregu/dynamo. Only these are
// ever asked for: a linker keeps every method of a program that looks methods
// up by names it does not know beforehand.
type Method uint8

// The methods, by name.
const (
	MarshalDynamoItem Method = iota
	UnmarshalDynamoItem
	MarshalDynamo
	MarshalDynamoDBAttributeValue
	MarshalText
)

var methodNames = [...]string{"MarshalDynamoItem", "UnmarshalDynamoItem", "MarshalDynamo",
	"MarshalDynamoDBAttributeValue", "MarshalText"}

// String returns the method's name.
func (m Method) String() string { return methodNames[m] }
