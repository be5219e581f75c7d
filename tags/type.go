package tags

import (
	"reflect"

	"github.com/ddbenc/ddbenc/internal/policy"
)

// reflected adapts a reflect.Type to package policy. It does not embed the
// reflect.Type: that would promote methods that force the linker to keep every
// method of the program.
type reflected struct{ t reflect.Type }

func (r reflected) String() string     { return r.t.String() }
func (r reflected) Kind() reflect.Kind { return r.t.Kind() }
func (r reflected) Elem() policy.Type  { return reflected{r.t.Elem()} }
func (r reflected) Key() policy.Type   { return reflected{r.t.Key()} }
func (r reflected) NumField() int      { return r.t.NumField() }
func (r reflected) Field(i int) policy.Field {
	f := r.t.Field(i)
	return policy.Field{Name: f.Name, Type: reflected{f.Type}, Tag: f.Tag, Anonymous: f.Anonymous,
		Exported: f.IsExported()}
}

// Has looks up methods by constant names, so that the linker can still remove
// unused methods of the program.
func (r reflected) Has(m policy.Method) (ok bool) {
	t := reflect.PointerTo(r.t)
	switch m {
	case policy.MarshalDynamoItem:
		_, ok = t.MethodByName("MarshalDynamoItem")
	case policy.UnmarshalDynamoItem:
		_, ok = t.MethodByName("UnmarshalDynamoItem")
	case policy.MarshalDynamo:
		_, ok = t.MethodByName("MarshalDynamo")
	case policy.MarshalDynamoDBAttributeValue:
		_, ok = t.MethodByName("MarshalDynamoDBAttributeValue")
	case policy.MarshalText:
		_, ok = t.MethodByName("MarshalText")
	}
	return ok
}
