package tags_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
)

// Types that are embedded 1, 2, 3, … deep.
type (
	Deep0 struct {
		X string `ddbenc:"none"`
		Y string
		z string
	}
	Deep1 struct {
		Deep0
		One string
	}
	Deep2 struct {
		Two string
		Deep1
	}
	deepOf3 struct {
		Three string `ddbenc:"none"`
		Deep2
	}
	Pointed1 struct {
		One string
		*Deep0
	}
	Pointed2 struct {
		*Pointed1
		Two string
	}
	pointedOf3 struct{ *Pointed2 }

	Lone0   struct{ Only string }
	Lone1   struct{ Lone0 }
	Lone2   struct{ Lone1 }
	loneOf3 struct{ Lone2 }

	DeepTime1 struct {
		time.Time
		x string
	}
	DeepTime2 struct{ DeepTime1 }
	DeepTime3 struct{ DeepTime2 }
)

type (
	Box[T any] struct {
		Content T
		Label   string `dynamo:"label" ddbenc:"sign"`
	}
	Alias     = plainBase
	Text      string
	hidden    struct{ Shown string }
	Point     struct{ Lat, Lon int }
	Marker    struct{}
	Timestamp = time.Time
)

// text returns the text of a string or number attribute.
func text(av types.AttributeValue) string {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return av.Value
	case *types.AttributeValueMemberN:
		return av.Value
	}
	return fmt.Sprintf("%T", av)
}

func marshal(t testing.TB, v any) map[string]string {
	t.Helper()
	item, err := dynamo.MarshalItem(v)
	if err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]string, len(item))
	for name, av := range item {
		texts[name] = text(av)
	}
	return texts
}

// Every value is written with other fields' values, or lost, by guregu/dynamo:
// the reason for refusing its type. A case that fails here may be allowed.
func TestRefusedShapesAreWrittenWrongly(t *testing.T) {
	x := Deep0{"public", "secret", "unexported"}
	moment := time.Unix(5, 0).UTC()
	tests := map[string]struct {
		value any
		wrote map[string]string
	}{
		"three levels": {
			deepOf3{"3", Deep2{"2", Deep1{x, "1"}}},
			map[string]string{"Three": "3", "Two": "2", "One": "1", "X": "unexported", "Y": "unexported"},
		},
		"three levels by pointer": {
			pointedOf3{&Pointed2{&Pointed1{"1", &x}, "2"}},
			map[string]string{"One": "1", "Two": "2", "X": "unexported", "Y": "unexported"},
		},
		"five levels": {
			struct{ Levels4 }{Levels4{Levels3{Levels2{Levels1{Levels0{"public", "secret"}}}}}},
			map[string]string{"A": "secret", "B": "secret"},
		},
		"outer field before the embedded struct": {
			struct {
				ID string
				Base
			}{"outer", Base{"inner"}},
			map[string]string{"ID": "outer"},
		},
		"field named as an earlier embedded struct": {
			struct {
				Base
				F string `dynamo:"Base"`
			}{Base{"inner"}, "lost"},
			map[string]string{"ID": "inner"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := marshal(t, test.value); !maps.Equal(got, test.wrote) {
				t.Errorf("wrote %v", got)
			}
			if p, err := tags.OfType(reflect.TypeOf(test.value)); err == nil {
				t.Errorf("allowed:\n%v", p)
			}
		})
	}

	t.Run("embedded struct at three levels with an attribute of its own", func(t *testing.T) {
		value := struct {
			DeepTime3
			Created time.Time
		}{DeepTime3{DeepTime2{DeepTime1{moment, "unexported"}}}, moment}
		if got := marshal(t, value); got["Created"] == "" || got["Time"] != "" {
			t.Errorf("wrote %v", got)
		}
	})
	t.Run("embedded pointer to an unexported struct", func(t *testing.T) {
		type shape struct{ *hidden }
		item, err := dynamo.MarshalItem(shape{&hidden{"s"}})
		if err != nil {
			t.Fatal(err)
		}
		var back shape
		if err := dynamo.UnmarshalItem(item, &back); err != nil || back.hidden != nil || text(item["Shown"]) != "s" {
			t.Errorf("read %+v from %v, %v", back, item, err)
		}
	})
	t.Run("field named as a later embedded struct", func(t *testing.T) {
		type shape struct {
			F string `dynamo:"Base"`
			Base
		}
		item, err := dynamo.MarshalItem(shape{"F", Base{"inner"}})
		if err != nil {
			t.Fatal(err)
		}
		var back shape
		if err := dynamo.UnmarshalItem(item, &back); err != nil || back.ID != "" || text(item["ID"]) != "inner" {
			t.Errorf("read %+v from %v, %v", back, item, err)
		}
	})
}

type (
	Levels0 struct{ A, B string }
	Levels1 struct{ Levels0 }
	Levels2 struct{ Levels1 }
	Levels3 struct{ Levels2 }
	Levels4 struct{ Levels3 }
)

// Refused for want of a promise, though written rightly today.
func TestThreeLevelsAroundALoneFieldAreRefusedToo(t *testing.T) {
	if got := marshal(t, loneOf3{Lone2{Lone1{Lone0{"value"}}}}); got["Only"] != "value" {
		t.Errorf("wrote %v", got)
	}
	if p, err := tags.Of[loneOf3](); err == nil {
		t.Errorf("allowed:\n%v", p)
	}
}

func TestPolicyHasTheAttributesThatAreWritten(t *testing.T) {
	at := func(n int64) time.Time { return time.Unix(n, 0).UTC() }
	x := Deep0{X: "x", Y: "y", z: "z"}
	tests := map[string]struct {
		value any
		want  string // attribute, path and action, in order
	}{
		"plain": {struct{ A, B string }{"a", "b"}, "A=A:encrypt B=B:encrypt"},
		"renamed and left out": {struct {
			A string `dynamo:"a,omitempty"`
			B string `dynamo:"-"`
			C string `dynamo:"-,omitempty"`
			D string `dynamo:",omitempty"`
			e string
			F string `json:"f"`
		}{"a", "b", "c", "d", "e", "f"}, "a=A:encrypt D=D:encrypt F=F:encrypt"},
		"one level": {struct {
			Deep0
			A string
		}{x, "a"}, "X=Deep0.X:none Y=Deep0.Y:encrypt A=A:encrypt"},
		"two levels": {struct {
			Deep1
			A string
		}{Deep1{x, "1"}, "a"}, "X=Deep1.Deep0.X:none Y=Deep1.Deep0.Y:encrypt One=Deep1.One:encrypt A=A:encrypt"},
		"two levels by pointer": {&struct {
			A string
			*Pointed1
		}{"a", &Pointed1{"1", &x}},
			"A=A:encrypt One=Pointed1.One:encrypt X=Pointed1.Deep0.X:none Y=Pointed1.Deep0.Y:encrypt"},
		"pointer that is nil": {struct {
			A string
			*Marker
		}{"a", nil}, "A=A:encrypt"},
		"embedded and renamed": {struct {
			Base `dynamo:"base"`
		}{Base{"id"}}, "ID=Base.ID:encrypt"},
		"embedded and left out": {struct {
			A     string
			Deep0 `dynamo:"-"`
		}{"a", x}, "A=A:encrypt"},
		"embedded, unexported":  {struct{ hidden }{hidden{"s"}}, "Shown=hidden.Shown:encrypt"},
		"embedded alias":        {struct{ Alias }{Alias{"id"}}, "ID=Alias.ID:encrypt"},
		"embedded generic type": {struct{ Box[int] }{Box[int]{5, "l"}}, "Content=Box.Content:encrypt label=Box.Label:sign"},
		"embedded non-struct":   {struct{ Text }{"t"}, "Text=Text:encrypt"},
		"generic type":          {Box[[]string]{[]string{"a"}, "l"}, "Content=Content:encrypt label=Label:sign"},
		"embedded, and a field of the type": {struct {
			Point
			Other Point `ddbenc:"none"`
		}{Point{1, 2}, Point{3, 4}}, "Lat=Point.Lat:encrypt Lon=Point.Lon:encrypt Other=Other:none Point=Point:encrypt"},
		"embedded, and a later field of the type in another embedded struct": {struct {
			Point `dynamo:"here"`
			Holder
		}{Point{1, 2}, Holder{Point{3, 4}}},
			"Lat=Point.Lat:encrypt Lon=Point.Lon:encrypt There=Holder.There:encrypt here=Point:encrypt"},
		"embedded, and a field of the type with other options": {struct {
			Point
			Other Point `dynamo:",omitempty"`
		}{Point{1, 2}, Point{3, 4}}, "Lat=Point.Lat:encrypt Lon=Point.Lon:encrypt Other=Other:encrypt"},
		"embedded, and a field of a pointer to the type": {struct {
			Point
			Other *Point
		}{Point{1, 2}, &Point{3, 4}}, "Lat=Point.Lat:encrypt Lon=Point.Lon:encrypt Other=Other:encrypt"},
		"embedded pointer, and a field of the pointer type": {struct {
			*Point
			Other *Point
		}{&Point{1, 2}, &Point{3, 4}}, "Lat=Point.Lat:encrypt Lon=Point.Lon:encrypt Other=Other:encrypt Point=Point:encrypt"},
		"embedded, unexported, and a field of the type": {struct {
			hidden
			Other hidden
		}{hidden{"s"}, hidden{"o"}}, "Shown=hidden.Shown:encrypt Other=Other:encrypt"},
		"embedded time, and a field of the type": {struct {
			Timestamp
			Created time.Time `ddbenc:"sign"`
		}{at(1), at(2)}, "Created=Created:sign Timestamp=Timestamp:encrypt"},
		"unexported embedded struct before a field of its name": {struct {
			hidden
			F string `dynamo:"hidden"`
		}{hidden{"s"}, "f"}, "Shown=hidden.Shown:encrypt hidden=F:encrypt"},
		"embedded structs of one name": {struct {
			Left
			Right
		}{Left{Marker{}, "l"}, Right{Marker{}, "r"}}, "L=Left.L:encrypt R=Right.R:encrypt"},
		"shadowed field left out": {struct {
			ID string `ddbenc:"sign"`
			LeftOut
		}{"outer", LeftOut{"inner"}}, "ID=ID:sign"},
		"own type left out": {Node{"n", &Node{}}, "Name=Name:none"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			policy, err := tags.OfType(reflect.TypeOf(test.value))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range policy.Attributes() {
				got = append(got, fmt.Sprintf("%s=%s:%v", a.Name, a.Field, a.Action))
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("policy %s", s)
			}
			names := slices.Sorted(maps.Keys(policy.Actions().Attributes))
			if wrote := slices.Sorted(maps.Keys(marshal(t, test.value))); !slices.Equal(wrote, names) {
				t.Errorf("wrote %q, policy has %q", wrote, names)
			}
			checkValues(t, policy, test.value)
		})
	}
}

type (
	Holder struct{ There Point }
	Left   struct {
		Marker
		L string
	}
	Right struct {
		Marker
		R string
	}
	LeftOut struct {
		ID string `dynamo:"-"`
	}
	Node struct {
		Name   string `ddbenc:"none"`
		Parent *Node  `dynamo:"-"`
	}
)

// reporter is what testing.TB and rapid.TB share.
type reporter interface {
	Helper()
	Fatal(...any)
	Errorf(string, ...any)
}

// checkValues checks that under each name that is written there is the value
// of the field that the policy says, and that the action is the one that the
// field's own tag says.
func checkValues(t reporter, policy *tags.Policy, value any) {
	t.Helper()
	item, err := dynamo.MarshalItem(value)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range policy.Attributes() {
		rv := reflect.Indirect(reflect.ValueOf(value))
		var sf reflect.StructField
		for step := range strings.SplitSeq(a.Field, ".") {
			rv = reflect.Indirect(rv)
			sf, _ = rv.Type().FieldByName(step)
			rv = rv.FieldByIndex(sf.Index)
		}
		if a.GoType != sf.Type.String() {
			t.Errorf("%s: Go type %s, want %v", a.Name, a.GoType, sf.Type)
		}
		word, tagged := sf.Tag.Lookup("ddbenc")
		declared := policy.Actions().Attributes[a.Name] // before keys go into the context with others
		if tagged == a.Defaulted || tagged && declared.String() != word {
			t.Errorf("%s: action %v (defaulted: %v), tag %q", a.Name, a.Action, a.Defaulted, sf.Tag)
		}
		if !tagged {
			want := crypto.Encrypt
			if a.Beacon == nil && isKey(a) {
				want = crypto.Sign
			}
			if declared != want {
				t.Errorf("%s: action %v, want %v by default", a.Name, declared, want)
			}
		}
		stored := declared
		if a.Key != tags.NoKey && declared == crypto.Sign &&
			slices.Contains(slices.Collect(maps.Values(policy.Actions().Attributes)), crypto.SignInContext) {
			stored = crypto.SignInContext
		}
		if a.Action != stored {
			t.Errorf("%s: action %v, and it is stored as %v", a.Name, a.Action, stored)
		}
		// A struct of this one field, so that no other can get into its way.
		// An embedded one is a plain field there.
		lone := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "F", Type: sf.Type, Tag: sf.Tag}})).Elem()
		lone.Field(0).Set(rv)
		want, err := dynamo.MarshalItem(lone.Interface())
		if err != nil {
			t.Fatal(err)
		}
		for _, av := range want {
			if !reflect.DeepEqual(item[a.Name], av) {
				t.Errorf("under %s there is not the value of %s", a.Name, a.Field)
			}
			if a.Beacon != nil && a.Beacon.Set != isSet(av) {
				t.Errorf("%s is written as %T, and has beacon %v", a.Name, av, a.Beacon)
			}
		}
	}
}

func isKey(a tags.Attribute) bool { return a.Key != tags.NoKey || len(a.Indexes) > 0 }

func isSet(av types.AttributeValue) bool {
	switch av.(type) {
	case *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
		return true
	}
	return false
}
