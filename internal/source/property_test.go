package source_test

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/internal/source/internal/corpus"
	"github.com/ddbenc/ddbenc/tags"
)

// drawing draws struct types, as reflection and as source has them, with tags
// that no source that go vet has seen would have.
type drawing struct {
	t      *rapid.T
	fields int // so far
	corpus *types.Package
}

// parts are types that are not drawn. Of the corpus they are known by name.
var parts = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[[]byte](), reflect.TypeFor[any](),
	reflect.TypeFor[*string](), reflect.TypeFor[[]string](),
	reflect.TypeFor[corpus.Level0](), reflect.TypeFor[corpus.Audit](), reflect.TypeFor[*corpus.Account2](),
	reflect.TypeFor[corpus.Text](),
}

var tagWords = []string{
	`ddbenc:"none"`, `ddbenc:"sign"`, `ddbenc:"sign,context"`, `ddbenc:"encrypt"`, `ddbenc:"x"`, `Ddbenc:"none"`,
	`ddbenc:none`, `ddbenc: "none"`,
	`dynamo:"a"`, `dynamo:"b,omitempty"`, `dynamo:"-"`, `dynamo:",hash"`, `dynamo:"s,range"`, `dynamo:"c, hash"`,
	`Dynamo:"a"`, `json:"x,omitempty"`,
	`beacon:"8"`, `beacon:"8,set"`, `beacon:"8,shared=a"`, `becon:"8"`, `dynamo:"d,set"`,
	`index:"i,hash"`, `index:"i,range"`, `localIndex:"l,range"`, `index:"i"`, `"`, `:`, "\t", "\\", "`",
}

func (d *drawing) structType(depth int) reflect.Type {
	var fields []reflect.StructField
	for range rapid.IntRange(1, 3).Draw(d.t, "fields") {
		d.fields++
		f := reflect.StructField{Name: fmt.Sprintf("F%d", d.fields), Type: d.fieldType(depth)}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && rapid.Bool().Draw(d.t, "embed") {
			f.Anonymous, f.Name = true, fmt.Sprintf("Embedded%d", d.fields)
		}
		for range max(0, rapid.IntRange(-2, 2).Draw(d.t, "words")) {
			f.Tag += reflect.StructTag(rapid.SampledFrom(tagWords).Draw(d.t, "word") + rapid.SampledFrom([]string{" ", " ", " ", "", "  "}).Draw(d.t, "space"))
		}
		fields = append(fields, f)
	}
	return reflect.StructOf(fields)
}

func (d *drawing) fieldType(depth int) reflect.Type {
	if depth > 3 || rapid.IntRange(0, 2).Draw(d.t, "plain") > 0 {
		return rapid.SampledFrom(parts).Draw(d.t, "part")
	}
	inner := d.structType(depth + 1)
	switch rapid.SampledFrom([]string{"", "", "*", "[]", "[2]", "map"}).Draw(d.t, "of") {
	case "*":
		return reflect.PointerTo(inner)
	case "[]":
		return reflect.SliceOf(inner)
	case "[2]":
		return reflect.ArrayOf(2, inner)
	case "map":
		return reflect.MapOf(reflect.TypeFor[string](), inner)
	}
	return inner
}

// checked is a drawn type as the type checker has it.
func (d *drawing) checked(t reflect.Type) types.Type {
	if t.PkgPath() == corpusPath {
		return d.corpus.Scope().Lookup(t.Name()).Type()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return types.NewPointer(d.checked(t.Elem()))
	case reflect.Slice:
		return types.NewSlice(d.checked(t.Elem()))
	case reflect.Array:
		return types.NewArray(d.checked(t.Elem()), int64(t.Len()))
	case reflect.Map:
		return types.NewMap(d.checked(t.Key()), d.checked(t.Elem()))
	case reflect.Interface:
		return types.Universe.Lookup("any").Type()
	case reflect.Struct:
		var fields []*types.Var
		var tags []string
		for f := range t.Fields() {
			fields = append(fields, types.NewField(token.NoPos, d.corpus, f.Name, d.checked(f.Type), f.Anonymous))
			tags = append(tags, string(f.Tag))
		}
		return types.NewStruct(fields, tags)
	}
	return types.Universe.Lookup(t.String()).Type()
}

// embedded is how reflect.StructOf alone names embedded fields in a type's name.
var embedded = regexp.MustCompile(`Embedded\d+ `)

func plain(s string) string { return embedded.ReplaceAllString(s, "") }

func TestSourceAgreesWithReflectionOnAnyStruct(t *testing.T) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, corpusPath)
	if err != nil {
		t.Fatal(err)
	}
	accepted, reasons := 0, make(map[string]bool)
	rapid.Check(t, func(t *rapid.T) {
		d := &drawing{t: t, corpus: loaded[0].Types}
		of := d.structType(0)
		got, wrong := source.Of(d.checked(of))
		want, err := tags.OfType(of)
		if err != nil {
			var e *tags.Error
			if !errors.As(err, &e) || wrong == nil {
				t.Fatalf("%v: source finds nothing wrong, tags %v", of, err)
			}
			a, b := wrong.Mistake, *e
			a.Type, a.Reason, b.Type, b.Reason = plain(a.Type), plain(a.Reason), plain(b.Type), plain(b.Reason)
			if a != b {
				t.Fatalf("%v:\nsource %+v\ntags   %+v", of, a, b)
			}
			reasons[e.Reason[strings.LastIndex(e.Reason, " ")+1:]] = true // told apart well enough
			return
		}
		accepted++
		if wrong != nil {
			t.Fatalf("%v: source says %v, tags finds nothing wrong", of, wrong)
		}
		var a, b []tags.Attribute
		for _, x := range got.Attributes {
			x.Attribute.Type, x.GoType = plain(x.Type), plain(x.GoType)
			a = append(a, x.Attribute)
		}
		for _, x := range want.Attributes() {
			x.Type, x.GoType = plain(x.Type), plain(x.GoType)
			b = append(b, x)
		}
		if !reflect.DeepEqual(a, b) || got.PartitionKey != want.PartitionKey() || got.SortKey != want.SortKey() {
			t.Fatalf("%v:\nsource %+v\ntags   %+v", of, a, b)
		}
	})
	t.Logf("%d types accepted, refused for %d reasons", accepted, len(reasons))
	if accepted < 5 || len(reasons) < 5 {
		t.Error("too few types of a kind: the test says little")
	}
}
