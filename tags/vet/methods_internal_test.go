package vet

import (
	"reflect"
	"testing"

	"github.com/guregu/dynamo/v2"
)

// The other tests have stand-ins for guregu/dynamo.
func TestMethods_AreThoseOfGureguDynamo(t *testing.T) {
	table := reflect.TypeFor[dynamo.Table]()
	types := map[string]reflect.Type{
		"Update": reflect.TypeFor[*dynamo.Update](), "Put": reflect.TypeFor[*dynamo.Put](),
		"Delete":         reflect.TypeFor[*dynamo.Delete](),
		"ConditionCheck": reflect.TypeFor[*dynamo.ConditionCheck](), "Query": reflect.TypeFor[*dynamo.Query](),
		"Scan":  reflect.TypeFor[*dynamo.Scan](),
		"Table": table, "BatchGet": reflect.TypeFor[*dynamo.BatchGet](), "BatchWrite": reflect.TypeFor[*dynamo.BatchWrite](),
	}
	text, texts, anything := reflect.TypeFor[string](), reflect.TypeFor[[]string](), reflect.TypeFor[any]()
	for typ, all := range methods {
		of := types[typ]
		if of == nil {
			t.Errorf("type %s is not in this test", typ)
			continue
		}
		for name, how := range all {
			method, ok := of.MethodByName(name)
			if !ok {
				t.Errorf("there is no method %s of %s", name, typ)
				continue
			}
			var want []reflect.Type // of the first parameters
			switch how {
			case writtenPaths, keyNames:
				want = []reflect.Type{texts}
			case keyNameIn:
				want = []reflect.Type{table, text}
			case keyNamesIn:
				want = []reflect.Type{table, text, text}
			case timeToLive:
				want = []reflect.Type{text, reflect.TypeFor[bool]()}
			case item:
				want = []reflect.Type{anything}
			case items:
				want = []reflect.Type{reflect.SliceOf(anything)}
			case itemsIn:
				want = []reflect.Type{table, reflect.SliceOf(anything)}
			default:
				want = []reflect.Type{text}
			}
			for i, w := range want {
				if got := method.Type.In(1 + i); got != w {
					t.Errorf("parameter %d of %s.%s is %v, want %v", i, typ, name, got, w)
				}
			}
		}
	}
	for _, name := range []string{"Index", "One"} {
		if _, ok := types["Query"].MethodByName(name); !ok {
			t.Errorf("there is no method %s of Query", name)
		}
	}
}
