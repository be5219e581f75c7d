// Package oddly has a name that differs from its path, and a path that the
// linker escapes.
package oddly

// Base is embedded from another package.
type Base struct {
	PK   string `dynamo:"pk,hash"`
	Kind string `dynamo:"kind" ddbenc:"sign"`
}

// Point is a plain value.
type Point struct{ Lat, Lon int }

// Keeper has a method that no other package can implement.
type Keeper interface {
	Keep() Point
	keep()
}

// Private is an unnamed type with fields of this package.
type Private = struct {
	Open   string
	hidden int
}

type secret struct{ Shown string }

// Shown is an unexported struct with an exported alias.
type Shown = secret

// Of is generic.
type Of[T any] struct {
	Value T
	Extra string
}

var _ = Private{}.hidden
