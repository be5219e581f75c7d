package corpus

import (
	"reflect"
	"time"

	"github.com/ddbenc/ddbenc/internal/source/internal/corpus/odd.v2"
)

func embeddings() []reflect.Type {
	type local struct {
		Point
		Text
	}
	return []reflect.Type{
		reflect.TypeFor[Box[local]](),
		reflect.TypeFor[level1](),
		reflect.TypeFor[level2](),
		reflect.TypeFor[byPointer](),
		reflect.TypeFor[foreign](),
		reflect.TypeFor[foreignUnexported](),
		reflect.TypeFor[nonStructs](),
		reflect.TypeFor[instances](),
		reflect.TypeFor[aliases](),
		reflect.TypeFor[renamed](),
		reflect.TypeFor[unexported](),
		reflect.TypeFor[alsoAField](),
		reflect.TypeFor[alsoAnAliasField](),
		reflect.TypeFor[otherOptions](),
		reflect.TypeFor[hiddenLeftOut](),
		reflect.TypeFor[twoOfAName](),
		reflect.TypeFor[timed](),
		reflect.TypeFor[deepMarshaler](),
		reflect.TypeFor[recursive](),
		reflect.TypeFor[holder](),
	}
}

type (
	Level0 struct {
		X string `ddbenc:"none"`
		Y string
		z string
	}
	level1 struct {
		Level0
		One string
	}
	Level1 = level1
	level2 struct {
		Two string
		Level1
	}
	byPointer struct {
		*Level0
		*Account
	}
	foreign struct {
		oddly.Base
		Total int `dynamo:"total" ddbenc:"none"`
		*oddly.Of[int]
	}
	foreignUnexported struct{ oddly.Shown }
	nonStructs        struct {
		Text
		*Number
		Method
		error
	}
	instances struct {
		Box[Text]
		*Pair[string, oddly.Point]
	}
	aliases struct {
		Time
		GenericAlias[int]
	}
	Time    = time.Time
	renamed struct {
		Level0 `dynamo:"level"`
		Audit  `dynamo:"-"`
	}
	unexported struct {
		plain
		F string `dynamo:"plain"`
	}
	alsoAField struct {
		Audit
		Other Audit2 `ddbenc:"none"`
		Again struct{ Lat int }
		struct1
	}
	Audit2   = struct{ Lat int }
	struct1  = struct0
	struct0  struct{ Moved Point }
	Point    = oddly.Point
	Position struct {
		Point
		Other oddly.Point `ddbenc:"sign"`
	}
	alsoAnAliasField struct {
		Position
		N string
	}
	otherOptions struct {
		Point
		Other Point `dynamo:",omitempty"`
	}
	hiddenLeftOut struct {
		ID string `ddbenc:"sign"`
		leftOut
	}
	leftOut struct {
		ID string `dynamo:"-"`
	}
	left struct {
		Marker
		L string
	}
	right struct {
		Marker
		R string
	}
	Marker     struct{}
	twoOfAName struct {
		left
		right
	}
	timed struct {
		Time
		Created time.Time `ddbenc:"sign"`
	}
	// marshals itself, however deep its fields are
	deepMarshaler struct{ A []marshaler }
	marshaler     struct{ Lone3 }
	Lone3         struct{ Lone2 }
	Lone2         struct{ Lone1 }
	Lone1         struct{ Only string }
	recursive     struct {
		Name     string `dynamo:"name,hash"`
		Children map[string][]*recursive2
	}
	recursive2 struct{ Up, Down *recursive2 }
	holder     struct {
		Account int `dynamo:"n,hash"`
		A       any
	}
)

func (*marshaler) MarshalText() ([]byte, error) { return nil, nil }

var _ = Level0{}.z
