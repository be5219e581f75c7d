package source

import (
	"go/types"
	"reflect"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/ddbenc/ddbenc/internal/policy"
)

// universe returns the same *checked for identical types, since go/types can
// have many a types.Type for one type of the program. Its zero value is ready
// to use.
type universe struct {
	known typeutil.Map // types.Type → *checked
}

func (u *universe) of(t types.Type) *checked {
	if known, ok := u.known.At(t).(*checked); ok {
		return known
	}
	c := &checked{u, types.Unalias(t)}
	u.known.Set(t, c)
	return c
}

// checked adapts a type-checked type to package policy.
type checked struct {
	universe *universe
	t        types.Type // not an alias
}

func (c *checked) String() string { return spell(c.t) }

func (c *checked) Kind() reflect.Kind {
	switch t := c.t.Underlying().(type) {
	case *types.Basic:
		return basicKinds[t.Kind()]
	case *types.Array:
		return reflect.Array
	case *types.Chan:
		return reflect.Chan
	case *types.Signature:
		return reflect.Func
	case *types.Interface:
		return reflect.Interface
	case *types.Map:
		return reflect.Map
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Struct:
		return reflect.Struct
	}
	return reflect.Invalid
}

// basicKinds maps the basic types that a field can have to their kinds.
var basicKinds = map[types.BasicKind]reflect.Kind{
	types.Bool: reflect.Bool, types.String: reflect.String, types.UnsafePointer: reflect.UnsafePointer,
	types.Int: reflect.Int, types.Int8: reflect.Int8, types.Int16: reflect.Int16,
	types.Int32: reflect.Int32, types.Int64: reflect.Int64,
	types.Uint: reflect.Uint, types.Uint8: reflect.Uint8, types.Uint16: reflect.Uint16,
	types.Uint32: reflect.Uint32, types.Uint64: reflect.Uint64,
	types.Uintptr: reflect.Uintptr, types.Float32: reflect.Float32, types.Float64: reflect.Float64,
	types.Complex64: reflect.Complex64, types.Complex128: reflect.Complex128,
}

func (c *checked) Elem() policy.Type {
	return c.universe.of(c.t.Underlying().(interface{ Elem() types.Type }).Elem())
}

func (c *checked) Key() policy.Type {
	return c.universe.of(c.t.Underlying().(*types.Map).Key())
}

// fields returns the underlying struct type.
func (c *checked) fields() *types.Struct { return c.t.Underlying().(*types.Struct) }

func (c *checked) NumField() int { return c.fields().NumFields() }

func (c *checked) Field(i int) policy.Field {
	v := c.fields().Field(i)
	return policy.Field{
		Name:      v.Name(),
		Type:      c.universe.of(v.Type()),
		Tag:       reflect.StructTag(c.fields().Tag(i)),
		Anonymous: v.Embedded(),
		Exported:  v.Exported(),
	}
}

func (c *checked) Has(m policy.Method) bool {
	return types.NewMethodSet(types.NewPointer(c.t)).Lookup(nil, m.String()) != nil
}
