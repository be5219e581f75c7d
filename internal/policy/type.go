// Package policy implements the rules for deriving a policy from struct tags.
// Package tags applies them to running programs by reflection, and package
// internal/source to source code by static analysis. The documentation of
// package tags describes them.
package policy

import "reflect"

// Type is a Go type. The same type must have the same interface value (==) each
// time, at least while a policy is derived.
type Type interface {
	// String returns the same as reflect.Type.String, such as "store.Account".
	String() string
	Kind() reflect.Kind
	// Elem returns the element type of a pointer, slice, array or map type.
	Elem() Type
	// Key returns the key type of a map type.
	Key() Type
	// NumField returns the number of fields of a struct type.
	NumField() int
	// Field returns a field of a struct type.
	Field(i int) Field
	// Has reports whether a pointer to a value of the type has the method.
	Has(Method) bool
}

// Field is a field of a struct type. Its members have the same meaning as in
// reflect.StructField.
type Field struct {
	Name      string
	Type      Type
	Tag       reflect.StructTag
	Anonymous bool
	Exported  bool
}

// Method is a method that guregu/dynamo treats specially. Methods are looked up
// by constant name only: a linker keeps all methods of a program that looks
// methods up by variable name.
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
