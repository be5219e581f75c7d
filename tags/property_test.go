package tags_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
)

// shape draws struct types: mostly ones with a policy, some with mistakes.
type shape struct {
	t        *rapid.T
	fields   int  // so far, so that each has a name of its own
	pointers bool // something is embedded by pointer
	hash     bool // there is a partition key
}

var (
	scalars = []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[uint32](), reflect.TypeFor[[]byte](),
		reflect.TypeFor[float64](), reflect.TypeFor[*string](), reflect.TypeFor[Text](),
	}
	others = []reflect.Type{
		reflect.TypeFor[time.Time](), reflect.TypeFor[[]string](), reflect.TypeFor[map[string]int](),
		reflect.TypeFor[Point](),
		reflect.TypeFor[*Point](), reflect.TypeFor[[]Base](), reflect.TypeFor[Box2](), reflect.TypeFor[any](),
		reflect.TypeFor[bool](),
	}
)

type Box2 struct {
	Point
	Size *int64
	Kept string `dynamo:"-"`
}

// chance is true about once in n times.
func (s *shape) chance(n int, label string) bool { return rapid.IntRange(1, n).Draw(s.t, label) == n }

func (s *shape) structType(depth int) reflect.Type {
	var fields []reflect.StructField
	for range rapid.IntRange(1, 4).Draw(s.t, "fields") {
		s.fields++
		name := fmt.Sprintf("F%d", s.fields)
		if depth < 3 && s.chance(3, "embed") {
			inner := s.structType(depth + 1)
			if s.chance(3, "by pointer") {
				inner, s.pointers = reflect.PointerTo(inner), true
			}
			embedded := reflect.StructField{Name: name, Type: inner, Anonymous: true}
			if s.chance(4, "rename") {
				embedded.Tag = reflect.StructTag(fmt.Sprintf(`dynamo:"e%d"`, s.fields))
			}
			fields = append(fields, embedded)
			if s.chance(4, "a field of the type, too") {
				fields = append(fields, reflect.StructField{Name: name + "Too", Type: inner})
			}
			continue
		}
		fields = append(fields, s.plain(name))
	}
	return reflect.StructOf(fields)
}

func (s *shape) plain(name string) reflect.StructField {
	f := reflect.StructField{Name: name}
	attribute := rapid.SampledFrom([]string{"", "", "r" + name, "r" + name, "-",
		fmt.Sprintf("F%d", rapid.IntRange(1, 30).Draw(s.t, "other"))}).Draw(s.t, "name")
	options := rapid.SampledFrom([]string{"", "", ",omitempty", ",null,allowempty"}).Draw(s.t, "options")
	var pairs []string
	if key := s.chance(4, "key"); key && attribute != "-" {
		f.Type = rapid.SampledFrom(scalars).Draw(s.t, "key type")
		switch {
		case !s.hash || s.chance(9, "second"):
			options, s.hash = options+rapid.SampledFrom([]string{",hash", ",partition"}).Draw(s.t, "word"), true
		case s.chance(3, "sort"):
			options += rapid.SampledFrom([]string{",range", ",sort"}).Draw(s.t, "word")
		case s.chance(2, "local"):
			pairs = append(pairs, fmt.Sprintf(`localIndex:"l%d,range"`, rapid.IntRange(1, 9).Draw(s.t, "index")))
		default:
			pairs = append(pairs, fmt.Sprintf(`index:"g%s,hash"`, name))
			if s.chance(3, "several") {
				pairs = append(pairs, fmt.Sprintf(`index:"h%s,hash"`, name))
			}
		}
		if s.chance(4, "signed") {
			pairs = append(pairs, `ddbenc:"`+rapid.SampledFrom([]string{"sign", "sign,context", "none"}).Draw(s.t, "action")+`"`)
		}
	} else {
		f.Type = rapid.SampledFrom(append(scalars, others...)).Draw(s.t, "type")
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.String {
			options += ",set"
		}
		if f.Type.Kind() != reflect.Interface && attribute != "-" && s.chance(3, "beacon") {
			beacon := `beacon:"8"`
			if strings.HasSuffix(options, ",set") != s.chance(5, "the wrong beacon") {
				beacon = `beacon:"8,set"`
			}
			pairs = append(pairs, beacon)
			if slices.Contains(scalars, f.Type) && s.chance(5, "index") {
				pairs = append(pairs, fmt.Sprintf(`index:"b%s,hash"`, name))
			}
		} else if s.chance(2, "tag") && attribute != "-" {
			pairs = append(pairs, `ddbenc:"`+rapid.SampledFrom([]string{"encrypt", "sign", "sign,context", "none"}).Draw(s.t,
				"action")+`"`)
		}
	}
	if attribute+options != "" {
		pairs = append(pairs, fmt.Sprintf(`dynamo:"%s%s"`, attribute, options))
	}
	f.Tag = reflect.StructTag(strings.Join(rapid.Permutation(pairs).Draw(s.t, "pairs"), " "))
	return f
}

// fill sets every field to a value that is not zero and that no other has.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("v%d", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint32:
		v.SetUint(uint64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Bool:
		v.SetBool(true) // true is all a bool has to tell it apart
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Interface:
		v.Set(reflect.ValueOf(fmt.Sprintf("v%d", *n)))
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(fmt.Appendf(nil, "v%d", *n))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		elem := reflect.New(v.Type().Elem()).Elem()
		fill(elem, n)
		v.SetMapIndex(reflect.ValueOf("k"), elem)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(int64(*n), 0).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("fill: " + v.Kind().String())
	}
}

func TestPoliciesAgreeWithWhatIsWritten(t *testing.T) {
	accepted, tables, refused := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := &shape{t: t}
		of := s.structType(0)
		policy, err := tags.OfType(of)
		if err != nil {
			var e *tags.Error
			if !errors.As(err, &e) || !errors.Is(err, crypto.ErrPolicy) {
				t.Fatalf("%v: %v", of, err)
			}
			refused++
			return
		}
		accepted++

		value, n := reflect.New(of).Elem(), 0
		fill(value, &n)
		item, err := dynamo.MarshalItem(value.Interface())
		if err != nil {
			t.Fatal(err)
		}
		names := slices.Sorted(maps.Keys(policy.Actions().Attributes))
		if wrote := slices.Sorted(maps.Keys(item)); !slices.Equal(wrote, names) {
			t.Fatalf("%v\nwrote %q\npolicy has %q", of, wrote, names)
		}
		checkValues(t, policy, value.Interface())

		back := reflect.New(of)
		if err := dynamo.UnmarshalItem(item, back.Interface()); err != nil {
			t.Fatal(err)
		}
		if again, err := dynamo.MarshalItem(back.Interface()); err != nil || !reflect.DeepEqual(again, item) {
			t.Fatalf("%v\nread back and written again: %v, %v\nfirst: %v", of, again, err, item)
		}

		if policy.PartitionKey() != "" && !s.pointers {
			tables++
			if want, got := requested(t, of), declared(policy); !slices.Equal(got, want) {
				t.Fatalf("%v\nrequested %q\npolicy has %q", of, want, got)
			}
		}
	})
	t.Logf("%d types accepted, %d refused, %d compared with CreateTable", accepted, refused, tables)
	if accepted < 10 || refused < 10 || tables < 5 {
		t.Error("too few types of a kind: the test says little")
	}
}
