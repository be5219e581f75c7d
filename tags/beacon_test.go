package tags_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/tags"
)

type Contact struct {
	ID     string   `dynamo:"id,hash"`
	Email  string   `dynamo:"email" ddbenc:"encrypt" beacon:"16" index:"by-email,hash"`
	Backup string   `dynamo:"backup" beacon:"16,shared=email"`
	Codes  []string `dynamo:"codes,set" ddbenc:"encrypt" beacon:"12,set,partitions=3"`
	Name   string   `dynamo:"name" ddbenc:"encrypt"`
}

func ExampleBeacon() {
	policy, err := tags.Of[Contact]()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(policy)
	// Output:
	// tags_test.Contact (attributes not listed: encrypt)
	// ATTRIBUTE  ACTION   BEACON BITS          BECAUSE  KEY        INDEXES             FIELD   GO TYPE
	// id         sign     -                    default  partition  -                   ID      string
	// email      encrypt  16                   tag      -          by-email:partition  Email   string
	// backup     encrypt  16,shared=email      default  -          -                   Backup  string
	// codes      encrypt  12,set,partitions=3  tag      -          -                   Codes   []string
	// name       encrypt  -                    tag      -          -                   Name    string
}

// marshaled writes itself with a method, so its attribute type is unknown.
type marshaled struct{}

func (marshaled) MarshalDynamo() (types.AttributeValue, error) { return nil, nil }

type texts []string

func (*texts) MarshalText() ([]byte, error) { return nil, nil }

var _ encoding.TextMarshaler = (*texts)(nil)

// typed makes a struct type with a single field F.
func typed[T any](tag string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{Name: "F", Type: reflect.TypeFor[T](), Tag: reflect.StructTag(tag)}})
}

func TestBeacon_IsReadFromItsTag(t *testing.T) {
	tests := map[string]struct {
		of   reflect.Type
		want tags.Beacon
	}{
		"shortest":            {typed[string](`beacon:"1"`), tags.Beacon{Length: 1}},
		"longest":             {typed[string](`beacon:"63" ddbenc:"encrypt"`), tags.Beacon{Length: 63}},
		"part only":           {typed[string](`beacon:"8,partonly"`), tags.Beacon{Length: 8, PartOnly: true}},
		"partitions":          {typed[string](`beacon:"8,partitions=253"`), tags.Beacon{Length: 8, Partitions: 253}},
		"shared with another": {typed[string](`beacon:"8,shared=a b"`), tags.Beacon{Length: 8, Shared: "a b"}},
		"any order": {typed[[]string](`dynamo:",set" beacon:"8,partitions=2,shared=x,set"`),
			tags.Beacon{Length: 8, Set: true, Shared: "x", Partitions: 2}},
		"index key":               {typed[string](`beacon:"8" index:"i,hash"`), tags.Beacon{Length: 8}},
		"local index key":         {typed[int](`beacon:"8" localIndex:"i,range" ddbenc:"encrypt"`), tags.Beacon{Length: 8}},
		"set by pointer":          {typed[*[]int](`dynamo:",set" beacon:"8,set"`), tags.Beacon{Length: 8, Set: true}},
		"set of a map":            {typed[map[string]bool](`dynamo:",set" beacon:"8,set"`), tags.Beacon{Length: 8, Set: true}},
		"set of byte slices":      {typed[[][]byte](`dynamo:",set" beacon:"8,set"`), tags.Beacon{Length: 8, Set: true}},
		"attribute value, set":    {typed[*types.AttributeValueMemberNS](`beacon:"8,set"`), tags.Beacon{Length: 8, Set: true}},
		"bytes, never a set":      {typed[[]byte](`dynamo:",set" beacon:"8"`), tags.Beacon{Length: 8}},
		"list":                    {typed[[]string](`beacon:"8"`), tags.Beacon{Length: 8}},
		"text":                    {typed[time.Time](`beacon:"8"`), tags.Beacon{Length: 8}},
		"interface":               {typed[any](`beacon:"8"`), tags.Beacon{Length: 8}},
		"interface, set":          {typed[any](`beacon:"8,set"`), tags.Beacon{Length: 8, Set: true}},
		"attribute value":         {typed[types.AttributeValue](`beacon:"8,set"`), tags.Beacon{Length: 8, Set: true}},
		"method":                  {typed[marshaled](`beacon:"8"`), tags.Beacon{Length: 8}},
		"method, set":             {typed[*marshaled](`beacon:"8,set"`), tags.Beacon{Length: 8, Set: true}},
		"text by pointer, set":    {typed[texts](`dynamo:",set" beacon:"8,set"`), tags.Beacon{Length: 8, Set: true}},
		"text by pointer, no set": {typed[texts](`dynamo:",set" beacon:"8"`), tags.Beacon{Length: 8}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := tags.OfType(test.of)
			if err != nil {
				t.Fatal(err)
			}
			got := p.Attributes()[0]
			if got.Beacon == nil || *got.Beacon != test.want || got.Action != crypto.Encrypt ||
				p.Actions().Of("F") != crypto.Encrypt {
				t.Errorf("got %+v with beacon %+v", got, got.Beacon)
			}
		})
	}
}

func TestBeacon_MistakesAreRefused(t *testing.T) {
	tests := map[string]struct {
		of            reflect.Type
		field, reason string
	}{
		"empty":                {typed[string](`beacon:""`), "F", "length in bits"},
		"word":                 {typed[string](`beacon:"long"`), "F", "length in bits"},
		"zero":                 {typed[string](`beacon:"0"`), "F", "1 to 63"},
		"too long":             {typed[string](`beacon:"64"`), "F", "1 to 63"},
		"negative":             {typed[string](`beacon:"-1"`), "F", "1 to 63"},
		"sign":                 {typed[string](`beacon:"+8"`), "F", "1 to 63"},
		"leading zero":         {typed[string](`beacon:"08"`), "F", "1 to 63"},
		"option first":         {typed[string](`beacon:"set,8"`), "F", "length in bits"},
		"space":                {typed[string](`beacon:"8, partonly"`), "F", "without spaces"},
		"space in front":       {typed[string](`beacon:" 8"`), "F", "without spaces"},
		"space after equals":   {typed[string](`beacon:"8,shared= x"`), "F", "without spaces"},
		"unknown option":       {typed[string](`beacon:"8,Set"`), "F", `unknown option "Set"`},
		"empty option":         {typed[string](`beacon:"8,"`), "F", `unknown option ""`},
		"set with a value":     {typed[string](`beacon:"8,set=true"`), "F", `unknown option "set=true"`},
		"repeated option":      {typed[string](`beacon:"8,partonly,partonly"`), "F", "partonly occurs twice"},
		"shared twice":         {typed[string](`beacon:"8,shared=a,shared=b"`), "F", "shared occurs twice"},
		"shared without name":  {typed[string](`beacon:"8,shared="`), "F", "name of the other attribute"},
		"shared with itself":   {typed[string](`beacon:"8,shared=F"`), "F", "share its own values"},
		"no partitions":        {typed[string](`beacon:"8,partitions=0"`), "F", "1 to 253"},
		"too many partitions":  {typed[string](`beacon:"8,partitions=254"`), "F", "1 to 253"},
		"part only and set":    {typed[[]string](`dynamo:",set" beacon:"8,partonly,set"`), "F", "neither set nor shared"},
		"part only and shared": {typed[string](`beacon:"8,partonly,shared=a"`), "F", "neither set nor shared"},
		"twice":                {typed[string](`beacon:"8" beacon:"8"`), "F", "beacon occurs twice"},
		"capital key":          {typed[string](`Beacon:"8"`), "F", `write "beacon"`},
		"letter missing":       {typed[string](`becon:"8"`), "F", `write "beacon"`},
		"letters swapped":      {typed[string](`baecon:"8"`), "F", `write "beacon"`},
		"plural":               {typed[string](`beacons:"8"`), "F", `write "beacon"`},

		"signed":             {typed[string](`ddbenc:"sign" beacon:"8"`), "F", `this one is "sign"`},
		"in context":         {typed[string](`ddbenc:"sign,context" beacon:"8"`), "F", "encrypted attribute"},
		"unsigned":           {typed[string](`ddbenc:"none" beacon:"8"`), "F", "encrypted attribute"},
		"table key":          {typed[string](`dynamo:",hash" beacon:"8"`), "F", "key of the table"},
		"encrypted key":      {typed[string](`dynamo:",hash" ddbenc:"encrypt" beacon:"8"`), "F", "key of the table"},
		"index key, set":     {typed[[]string](`dynamo:",set" index:"i,hash" beacon:"8,set"`), "F", "not stored as a string"},
		"index key, partial": {typed[string](`index:"i,hash" beacon:"8,partonly"`), "F", "not stored as a string"},
		"index key, none":    {typed[string](`index:"i,hash" ddbenc:"encrypt"`), "F", `beacon:"16"`},
		"name with a dot":    {typed[string](`dynamo:"a.b" beacon:"8"`), "F", "part of an attribute"},

		"set of a string":     {typed[string](`dynamo:",set" beacon:"8,set"`), "F", "no use"},
		"set of bytes":        {typed[[]byte](`dynamo:",set" beacon:"8,set"`), "F", "no use"},
		"set of a list":       {typed[[]string](`beacon:"8,set"`), "F", "no use"},
		"set of a time":       {typed[time.Time](`dynamo:",set" beacon:"8,set"`), "F", "no use"},
		"no set, slice":       {typed[[]string](`dynamo:",set" beacon:"8,shared=x"`), "F", "`beacon:\"8,set,shared=x\"`"},
		"no set, map":         {typed[*map[int]struct{}](`dynamo:",set" beacon:"8"`), "F", "`beacon:\"8,set\"`"},
		"no set, value":       {typed[*types.AttributeValueMemberSS](`beacon:"8"`), "F", "`beacon:\"8,set\"`"},
		"part only, of a set": {typed[[]string](`dynamo:",set" beacon:"8,partonly"`), "F", "leave out partonly"},

		"left out": {typed[string](`dynamo:"-" beacon:"8"`), "F", "the beacon tag has no effect"},
		"unexported": {reflect.TypeFor[struct {
			f string `beacon:"8"`
		}](), "f", "the beacon tag has no effect"},
		"embedded": {reflect.TypeFor[struct {
			Base `beacon:"8"`
		}](), "Base", "embedded struct: tag its fields"},
		"nested": {reflect.TypeFor[struct {
			A []struct {
				B string `beacon:"8"`
			}
		}](), "A[].B", "a beacon tag in a nested value"},
		"nested, misspelled": {reflect.TypeFor[struct {
			A struct {
				B string `becon:"8"`
			}
		}](), "A.B", "a beacon tag in a nested value"},

		"shared with no beacon": {reflect.TypeFor[struct {
			A string
			B string `beacon:"8,shared=A"`
		}](), "B", `attribute "A" has no beacon`},
		"shared with another length": {reflect.TypeFor[struct {
			A string `beacon:"9"`
			B string `beacon:"8,shared=A"`
		}](), "B", "another length, 9 bits"},
		"shared in a chain": {reflect.TypeFor[struct {
			C string `beacon:"8,shared=B"`
			B string `beacon:"8,shared=A"`
			A string `beacon:"8"`
		}](), "C", "write shared=A"},
	}
	refused := make(map[string]error)
	for name, test := range tests {
		_, refused[name] = tags.OfType(test.of)
		t.Run(name, func(t *testing.T) {
			p, err := tags.OfType(test.of)
			var e *tags.Error
			if p != nil || !errors.As(err, &e) || !errors.Is(err, crypto.ErrPolicy) {
				t.Fatalf("got %v and error %v", p, err)
			}
			if e.Field != test.field || !strings.Contains(e.Reason, test.reason) {
				t.Errorf("field %q, reason %q", e.Field, e.Reason)
			}
		})
	}
	errtest.GoldenFile(t, "beacons.golden", refused)
}

func TestMerge_TypesAgreeOnBeacons(t *testing.T) {
	type (
		same struct {
			ID    string `dynamo:"id,hash"`
			Mail  string `dynamo:"email" beacon:"16" index:"by-email,hash"`
			Other string `dynamo:"other" beacon:"16,shared=backup2"`
		}
		source struct {
			ID     string `dynamo:"id,hash"`
			Backup string `dynamo:"backup2" beacon:"16"`
		}
		short struct {
			ID     string `dynamo:"id,hash"`
			Backup string `dynamo:"backup2" beacon:"15"`
		}
		none struct {
			ID   string `dynamo:"id,hash"`
			Mail string `dynamo:"name" beacon:"16"`
		}
	)
	for name, test := range map[string]struct {
		of     []*tags.Policy
		reason string
	}{
		"agree": {[]*tags.Policy{mustOf[Contact](t), mustOf[same](t), mustOf[source](t)}, ""},
		"shared with nothing": {[]*tags.Policy{mustOf[same](t)},
			`no struct of the table has an attribute "backup2"`},
		"shared, other length": {[]*tags.Policy{mustOf[same](t), mustOf[short](t)}, "another length"},
		"only one has a beacon": {[]*tags.Policy{mustOf[Contact](t), mustOf[none](t)},
			`has beacon "16" in tags_test.none.Mail and no beacon in tags_test.Contact.Name`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := tags.Merge(test.of...)
			switch {
			case test.reason == "" && err != nil:
				t.Fatal(err)
			case test.reason == "":
				if index, ok := p.Index("by-email"); !ok || index.Partition[0] != "email" {
					t.Errorf("index %+v", index)
				}
			case !errors.Is(err, crypto.ErrPolicy) || !strings.Contains(err.Error(), test.reason):
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestBeacon_CannotBeChangedThroughThePolicy(t *testing.T) {
	p := mustOf[Contact](t)
	p.Attributes()[1].Beacon.Length = 1
	if got := p.Attributes()[1].Beacon.Length; got != 16 {
		t.Errorf("the policy changed: %d", got)
	}
}

func TestBeacon_AsJSON(t *testing.T) {
	got, err := json.Marshal(mustOf[Contact](t).Attributes()[2:4])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"beacon":{"length":16,"shared":"email"}`,
		`"beacon":{"length":12,"set":true,"partitions":3}`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}

func TestBeacon_StringIsTheTagThatDeclaresIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := tags.Beacon{
			Length:     rapid.IntRange(1, 63).Draw(t, "length"),
			Partitions: rapid.IntRange(0, 253).Draw(t, "partitions"),
		}
		if rapid.Bool().Draw(t, "part only") {
			want.PartOnly = true
		} else {
			want.Shared = rapid.SampledFrom([]string{"", "other", "the other", "ä"}).Draw(t, "shared")
		}
		p, err := tags.OfType(typed[string](`beacon:"` + want.String() + `"`))
		if err != nil {
			t.Fatal(err)
		}
		if got := *p.Attributes()[0].Beacon; got != want {
			t.Errorf("%v read as %v", want, got)
		}
	})
}
