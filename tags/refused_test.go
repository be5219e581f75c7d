package tags_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/tags"
)

// oneField makes a struct type with a single field F, for tags that go vet
// would not let stand in source.
func oneField(tag string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{Name: "F", Type: reflect.TypeFor[string](),
		Tag: reflect.StructTag(tag)}})
}

type (
	plainBase  struct{ ID string }
	taggedBase struct {
		Secret string
		Open   string `ddbenc:"none"`
	}
	Base  struct{ ID string }
	Keyed struct {
		PK string `dynamo:"pk,hash"`
	}
	Tree struct {
		Open     string `ddbenc:"none"`
		Children []*Tree
	}
	deepTree  struct{ Kids map[string][]deepTree2 }
	deepTree2 struct {
		Up *deepTree
		X  struct {
			Card string `ddbenc:"encrypt"`
		}
	}
	Loop              struct{ *Loop }
	LoopA             struct{ *LoopB }
	LoopB             struct{ *LoopA }
	itemMarshaler     struct{ A string }
	itemUnmarshaler   struct{ A string }
	promotesMarshaler struct{ itemMarshaler }
)

func (itemMarshaler) MarshalDynamoItem() (crypto.Item, error)  { return nil, nil }
func (*itemUnmarshaler) UnmarshalDynamoItem(crypto.Item) error { return nil }

func TestMistakesAreRefused(t *testing.T) {
	tests := map[string]struct {
		of     reflect.Type
		field  string
		reason string // part of it
	}{
		// the words
		"unknown action":         {oneField(`ddbenc:"secret"`), "F", `unknown action "secret"`},
		"empty action":           {oneField(`ddbenc:""`), "F", `unknown action ""`},
		"capital action":         {oneField(`ddbenc:"None"`), "F", "unknown action"},
		"space in action":        {oneField(`ddbenc:"sign, context"`), "F", "unknown action"},
		"space around action":    {oneField(`ddbenc:" none"`), "F", "unknown action"},
		"two actions":            {oneField(`ddbenc:"sign,none"`), "F", "unknown action"},
		"action twice":           {oneField(`ddbenc:"sign" ddbenc:"sign"`), "F", "ddbenc occurs twice"},
		"name twice":             {oneField(`dynamo:"a" dynamo:"b"`), "F", "dynamo occurs twice"},
		"space after colon":      {oneField(`ddbenc: "none"`), "F", "malformed"},
		"no quotes":              {oneField(`ddbenc:none`), "F", "malformed"},
		"word alone":             {oneField(`dynamo:"a" ddbenc`), "F", "malformed"},
		"comma between pairs":    {oneField(`dynamo:"a",ddbenc:"none"`), "F", ""},
		"tab between pairs":      {oneField("dynamo:\"a\"\tddbenc:\"none\""), "F", "malformed"},
		"bad escape":             {oneField(`dynamo:"\q" ddbenc:"none"`), "F", "malformed"},
		"unclosed quote":         {oneField(`ddbenc:"none`), "F", "malformed"},
		"capital key":            {oneField(`DDBENC:"none"`), "F", `"DDBENC" has no effect: write "ddbenc"`},
		"camel key":              {oneField(`ddbEnc:"none"`), "F", "has no effect"},
		"letter missing":         {oneField(`dbenc:"none"`), "F", "has no effect"},
		"letters swapped":        {oneField(`ddbecn:"none"`), "F", "has no effect"},
		"letter wrong":           {oneField(`ddbemc:"none"`), "F", "has no effect"},
		"longer key":             {oneField(`ddbencrypt:"none"`), "F", "has no effect"},
		"dashed key":             {oneField(`ddb-enc:"none"`), "F", "has no effect"},
		"capital dynamo":         {oneField(`Dynamo:"a,hash"`), "F", `write "dynamo"`},
		"lower case local index": {oneField(`localindex:"a,range"`), "F", `write "localIndex"`},
		"capital index":          {oneField(`Index:"a,hash"`), "F", `write "index"`},

		// keys
		"encrypted hash key":  {oneField(`dynamo:",hash" ddbenc:"encrypt"`), "F", "cannot be encrypted"},
		"encrypted index key": {oneField(`index:"i,hash" ddbenc:"encrypt"`), "F", "cannot be encrypted"},
		"unsigned hash key":   {oneField(`dynamo:",partition" ddbenc:"none"`), "F", "must be signed"},
		"unsigned sort key":   {oneField(`dynamo:",range" ddbenc:"none"`), "F", "must be signed"},
		"unsigned key, index": {oneField(`dynamo:",hash" index:"i,hash" ddbenc:"none"`), "F", "must be signed"},
		"two roles":           {oneField(`dynamo:"f,hash,range"`), "F", "more than one key role"},
		"spaced role":         {oneField(`dynamo:"f, hash"`), "F", `option " hash" has no effect`},
		"capital role":        {oneField(`dynamo:"f,HASH"`), "F", `option "HASH" has no effect`},
		"sort key alone":      {oneField(`dynamo:"f,range"`), "F", "no partition key"},
		"two hash keys": {reflect.TypeFor[struct {
			A string `dynamo:"a,hash"`
			Keyed
		}](), "Keyed.PK", "partition key is already struct { A string"},
		"two sort keys": {reflect.TypeFor[struct {
			Keyed
			A string `dynamo:"a,range"`
			B string `dynamo:"b,sort"`
		}](), "B", "sort key is"},
		"key on an unexported field": {reflect.TypeFor[struct {
			id string `dynamo:"id,hash"`
		}](), "id", "the key has no effect"},
		"key on a field left out":   {oneField(`dynamo:"-,hash"`), "F", "the key has no effect"},
		"index on a field left out": {oneField(`dynamo:"-" index:"i,hash"`), "F", "the key has no effect"},

		// indexes
		"index without role":           {oneField(`index:"i"`), "F", "comma and hash or range"},
		"index without name":           {oneField(`index:",hash"`), "F", "comma and hash or range"},
		"empty index":                  {oneField(`index:""`), "F", "comma and hash or range"},
		"index, unknown role":          {oneField(`index:"i,key"`), "F", "comma and hash or range"},
		"index, spaced role":           {oneField(`index:"i, hash"`), "F", "comma and hash or range"},
		"index, more options":          {oneField(`index:"i,hash,all"`), "F", "comma and hash or range"},
		"index twice on a field":       {oneField(`index:"i,hash" index:"i,range"`), "F", "twice on one field"},
		"index sort key alone":         {oneField(`index:"i,range"`), "F", "no partition key"},
		"local index without sort key": {oneField(`dynamo:",hash" localIndex:"i,hash"`), "F", "no sort key"},
		"local index on the hash key": {oneField(`dynamo:",hash" localIndex:"i,range"`), "F",
			"sort key is the table's partition key"},
		"local index, other hash key": {reflect.TypeFor[struct {
			Keyed
			A string `localIndex:"i,hash"`
			B string `localIndex:"i,range"`
		}](), "A", "not the table's"},
		"local index, two sort keys": {reflect.TypeFor[struct {
			Keyed
			A string `localIndex:"i,range"`
			B string `localIndex:"i,range"`
		}](), "B", "more than one sort key"},
		"index local and global": {reflect.TypeFor[struct {
			Keyed
			A string `localIndex:"i,range"`
			B string `index:"i,hash"`
		}](), "B", "local in one tag and global in another"},

		// tags without effect
		"tag on a field left out": {oneField(`dynamo:"-" ddbenc:"none"`), "F", "not write"},
		"tag on an unexported field": {reflect.TypeFor[struct {
			f string `ddbenc:"none"`
		}](), "f", "unexported"},
		"near tag on an unexported field": {reflect.TypeFor[struct {
			f string `Ddbenc:"none"`
		}](), "f", "unexported"},
		"tag on an embedded struct": {reflect.TypeFor[struct {
			Base `ddbenc:"none"`
		}](), "Base", "embedded struct: tag its fields"},
		"key on an embedded struct": {reflect.TypeFor[struct {
			*Base `dynamo:",hash"`
		}](), "Base", "embedded struct: tag its fields"},
		"tag in a struct":  {reflect.TypeFor[struct{ A taggedBase }](), "A.Open", "nested value"},
		"tag in a pointer": {reflect.TypeFor[struct{ A **taggedBase }](), "A.Open", "nested value"},
		"tag in a slice":   {reflect.TypeFor[struct{ A [][2]taggedBase }](), "A[][].Open", "nested value"},
		"tag in a map":     {reflect.TypeFor[struct{ A map[string]*taggedBase }](), "A[].Open", "nested value"},
		"tag in a map key": {reflect.TypeFor[struct{ A map[taggedBase]bool }](), "A[key].Open", "nested value"},
		"tag in an embedded struct of a nested one": {reflect.TypeFor[struct{ A struct{ taggedBase } }](),
			"A.taggedBase.Open", "nested value"},
		"tag on a nested field left out": {reflect.TypeFor[struct {
			A struct {
				B string `dynamo:"-" ddbenc:"none"`
			}
		}](), "A.B", "nested value"},
		"malformed tag in a nested value": {reflect.StructOf([]reflect.StructField{{Name: "A",
			Type: oneField(`ddbenc:none`)}}), "A.F", "nested value"},
		"tag in a recursive type":    {reflect.TypeFor[Tree](), "Children[].Open", "nested value"},
		"tag below a recursive type": {reflect.TypeFor[deepTree](), "Kids[][].X.Card", "nested value"},

		// names
		"one name twice": {reflect.TypeFor[struct {
			A string `dynamo:"x"`
			B string `dynamo:"x"`
		}](), "B", `attribute "x" is already field A`},
		"one name twice, by default": {reflect.TypeFor[struct {
			A string `dynamo:"B"`
			B string
		}](), "B", "already field A"},
		"outer field before the embedded one": {reflect.TypeFor[struct {
			ID string
			Base
		}](), "Base.ID", "already field ID"},
		"outer field after the embedded one": {reflect.TypeFor[struct {
			Base
			ID string
		}](), "ID", "already field Base.ID"},
		"two embedded structs with one name": {reflect.TypeFor[struct {
			Base
			plainBase
		}](), "plainBase.ID", "already field Base.ID"},
		"field named as an earlier embedded struct": {reflect.TypeFor[struct {
			Base
			F string `dynamo:"Base"`
		}](), "F", "would not be written"},
		"field named as a later embedded struct": {reflect.TypeFor[struct {
			F string `dynamo:"Base"`
			Base
		}](), "Base", "written but not read"},
		"field named as a later unexported embedded struct": {reflect.TypeFor[struct {
			F string `dynamo:"plainBase"`
			plainBase
		}](), "plainBase", "written but not read"},

		// shapes
		"embedded pointer to an unexported struct": {reflect.TypeFor[struct{ *hidden }](), "hidden", "written but not read"},
		"embedded in itself":                       {reflect.TypeFor[Loop](), "Loop", "embeds itself"},
		"embedded in itself by another":            {reflect.TypeFor[LoopA](), "LoopB.LoopA", "embeds itself"},
		"embedded in itself, nested":               {reflect.TypeFor[struct{ A LoopA }](), "A.LoopB.LoopA", "embeds itself"},
		"three levels": {reflect.TypeFor[deepOf3](), "Deep2.Deep1.Deep0.X",
			"2 levels of embedding"},
		"three levels, nested": {reflect.TypeFor[struct{ A []loneOf3 }](), "A[].Lone2.Lone1.Lone0.Only",
			"2 levels of embedding"},
		"three levels, and a field of the type": {reflect.TypeFor[struct {
			DeepTime3
			Created time.Time
		}](), "DeepTime3.DeepTime2.DeepTime1.Time", "2 levels of embedding"},
		"MarshalDynamoItem":           {reflect.TypeFor[itemMarshaler](), "", "MarshalDynamoItem"},
		"UnmarshalDynamoItem":         {reflect.TypeFor[itemUnmarshaler](), "", "UnmarshalDynamoItem"},
		"MarshalDynamoItem, promoted": {reflect.TypeFor[promotesMarshaler](), "", "MarshalDynamoItem"},
		"not a struct":                {reflect.TypeFor[map[string]string](), "", "not a struct"},
		"pointer to pointer":          {reflect.TypeFor[**Base](), "", "not a struct"},
		"interface":                   {reflect.TypeFor[error](), "", "not a struct"},
		"no type":                     {nil, "", "not a struct"},
	}
	texts := make(map[string]error)
	for name, test := range tests {
		_, texts[name] = tags.OfType(test.of)
		t.Run(name, func(t *testing.T) {
			policy, err := tags.OfType(test.of)
			var e *tags.Error
			if policy != nil || !errors.As(err, &e) || !errors.Is(err, crypto.ErrPolicy) {
				t.Fatalf("got %v and error %v", policy, err)
			}
			if e.Field != test.field || !strings.Contains(e.Reason, test.reason) {
				t.Errorf("field %q, reason %q", e.Field, e.Reason)
			}
			if !strings.Contains(err.Error(), e.Type) || !strings.Contains(err.Error(), e.Field) ||
				!strings.Contains(err.Error(), e.Tag) {
				t.Errorf("the message lacks type, field or tag: %v", err)
			}
			if _, again := tags.OfType(test.of); again == nil || again.Error() != err.Error() {
				t.Errorf("another error the second time: %v", again)
			}
		})
	}
	type other struct {
		PK string `dynamo:"pk,hash" ddbenc:"sign,context"`
		SK string `dynamo:"at,range"`
	}
	_, texts["Merge: nothing"] = tags.Merge()
	_, texts["Merge: different actions"] = tags.Merge(mustOf[Customer](t), mustOf[other](t))
	errtest.Golden(t, texts)
}

func TestTagsThatAreFine(t *testing.T) {
	tests := map[string]struct {
		of     reflect.Type
		action crypto.Action
	}{
		"no tag":               {oneField(``), crypto.Encrypt},
		"other tags":           {oneField(`json:"x" bson:"y"`), crypto.Encrypt},
		"no space between":     {oneField(`json:"x"ddbenc:"none"`), crypto.None},
		"spaces around":        {oneField(`  ddbenc:"none"   json:"x" `), crypto.None},
		"escaped value":        {oneField(`dynamo:"F" ddbenc:"n\u006fne"`), crypto.None},
		"key":                  {oneField(`dynamo:",unixtime,partition"`), crypto.Sign},
		"key, in context":      {oneField(`dynamo:",hash" ddbenc:"sign,context"`), crypto.SignInContext},
		"index key":            {oneField(`index:"i,hash"`), crypto.Sign},
		"index key, unsigned":  {oneField(`index:"i,hash" ddbenc:"none"`), crypto.None},
		"local index alone":    {oneField(`localIndex:"i,range"`), crypto.Sign},
		"role as a name":       {oneField(`dynamo:"hash" ddbenc:"encrypt"`), crypto.Encrypt},
		"name of ours in JSON": {oneField(`json:"ddbenc"`), crypto.Encrypt},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := tags.OfType(test.of)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Attributes()[0]; got.Action != test.action || got.Field != "F" {
				t.Errorf("got %+v, want %v", got, test.action)
			}
		})
	}
}

func TestGlobalIndexesMayHaveKeysOfSeveralAttributes(t *testing.T) {
	type match struct {
		ID     string `dynamo:"id,hash"`
		Sport  string `index:"by-event,hash"`
		Season int    `index:"by-event,hash" ddbenc:"none"`
		Round  int    `index:"by-event,range"`
		Court  int    `index:"by-event,range"`
	}
	index, ok := mustOf[match](t).Index("by-event")
	want := tags.Index{Name: "by-event", Partition: []string{"Sport", "Season"}, Sort: []string{"Round", "Court"}}
	if !ok || !reflect.DeepEqual(index, want) {
		t.Errorf("got %+v", index)
	}
}
