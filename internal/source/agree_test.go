package source_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/internal/source/internal/corpus"
	"github.com/ddbenc/ddbenc/tags"
)

const corpusPath = "github.com/ddbenc/ddbenc/internal/source/internal/corpus"

// compare reports where source and tags do not say the same of a type, which
// they are given as each knows it.
func compare(t reporter, fromSource types.Type, fromReflect reflect.Type) {
	t.Helper()
	policy, wrong := source.Of(fromSource)
	want, err := tags.OfType(fromReflect)
	if err != nil {
		var e *tags.Error
		switch {
		case !errors.As(err, &e):
			t.Errorf("%v: tags says %v", fromReflect, err)
		case wrong == nil:
			t.Errorf("%v: source finds nothing wrong, tags %v", fromReflect, err)
		case wrong.Mistake != *e:
			t.Errorf("%v:\nsource %+v\ntags   %+v", fromReflect, wrong.Mistake, *e)
		case !errors.Is(wrong, crypto.ErrPolicy) || wrong.Error() != err.Error():
			t.Errorf("%v: source says %v", fromReflect, wrong)
		case (wrong.Field == nil) != (e.Field == "") || wrong.Field != nil && !lastStep(e.Field, wrong.Field.Name()):
			t.Errorf("%v: %s is %v", fromReflect, e.Field, wrong.Field)
		}
		return
	}
	if wrong != nil {
		t.Errorf("%v: source says %v, tags finds nothing wrong", fromReflect, wrong)
		return
	}
	if policy.PartitionKey != want.PartitionKey() || policy.SortKey != want.SortKey() ||
		policy.Type != want.Types()[0].String() {
		t.Errorf("%v: type %s, keys %q and %q", fromReflect, policy.Type, policy.PartitionKey, policy.SortKey)
	}
	attributes := want.Attributes()
	for i := range max(len(policy.Attributes), len(attributes)) {
		if i >= len(policy.Attributes) || i >= len(attributes) {
			t.Errorf("%v: %d attributes, tags has %d", fromReflect, len(policy.Attributes), len(attributes))
			return
		}
		a := policy.Attributes[i]
		if !reflect.DeepEqual(a.Attribute, attributes[i]) {
			t.Errorf("%v:\nsource %+v\ntags   %+v", fromReflect, a.Attribute, attributes[i])
		}
		if !lastStep(a.Attribute.Field, a.Field.Name()) {
			t.Errorf("%v: %s is %v", fromReflect, a.Attribute.Field, a.Field)
		}
	}
}

// reporter is what testing.TB and rapid.TB share.
type reporter interface {
	Helper()
	Errorf(string, ...any)
}

// lastStep reports whether a path of fields ends at the field.
func lastStep(path, field string) bool {
	return path == field || len(path) > len(field) && path[len(path)-len(field)-1:] == "."+field
}

// listed returns the type arguments of the calls of reflect.TypeFor in package
// corpus, in the order of corpus.Types.
func listed(t *testing.T) []types.Type {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, corpusPath)
	if err != nil || len(loaded) != 1 || len(loaded[0].Errors) > 0 {
		t.Fatalf("corpus: %v, %v", loaded, err)
	}
	info := loaded[0].TypesInfo
	byFunc := make(map[string][]types.Type)
	for _, file := range loaded[0].Syntax {
		for _, declared := range file.Decls {
			name := ""
			switch d := declared.(type) {
			case *ast.FuncDecl:
				name = d.Name.Name
				if d.Recv != nil {
					name = "method." + name
				}
			case *ast.GenDecl:
				if spec, ok := d.Specs[0].(*ast.ValueSpec); ok {
					name = spec.Names[0].Name
				}
			}
			ast.Inspect(declared, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if !ok || id.Name != "TypeFor" {
					return true
				}
				byFunc[name] = append(byFunc[name], info.Instances[id].TypeArgs.At(0))
				return true
			})
		}
	}
	var all []types.Type
	for _, name := range []string{"Types", "embeddings", "mistakes", "beacons", "local", "aside", "method.local"} {
		all = append(all, byFunc[name]...)
	}
	return all
}

func TestSourceAgreesWithReflection(t *testing.T) {
	reflected, loaded := corpus.Types(), listed(t)
	if len(reflected) != len(loaded) {
		t.Fatalf("%d types in the corpus, %d found in its source", len(reflected), len(loaded))
	}
	accepted, refused := 0, 0
	for i, of := range reflected {
		t.Run(fmt.Sprintf("%d %v", i, of), func(t *testing.T) { compare(t, loaded[i], of) })
		if _, err := tags.OfType(of); err != nil {
			refused++
		} else {
			accepted++
		}
	}
	if accepted < 30 || refused < 30 {
		t.Errorf("%d types accepted, %d refused: the corpus says little", accepted, refused)
	}
}

func TestMergeAgreesWithReflection(t *testing.T) {
	reflected, loaded := corpus.Types(), listed(t)
	merged, refused := 0, 0
	for i := range reflected {
		for j := range reflected {
			a, errA := tags.OfType(reflected[i])
			b, errB := tags.OfType(reflected[j])
			if errA != nil || errB != nil {
				continue
			}
			ofA, _ := source.Of(loaded[i])
			ofB, _ := source.Of(loaded[j])
			want, err := tags.Merge(a, b)
			got, wrong := source.Merge(ofA, ofB)
			if err != nil {
				refused++
				if wrong == nil || wrong.Error() != err.Error() {
					t.Errorf("%v and %v: %v, tags says %v", reflected[i], reflected[j], wrong, err)
				}
				continue
			}
			merged++
			if wrong != nil || len(got.Attributes) != len(want.Attributes()) || got.PartitionKey != want.PartitionKey() ||
				got.Type != a.Types()[0].String() {
				t.Errorf("%v and %v: %+v, %v", reflected[i], reflected[j], got, wrong)
			}
		}
	}
	if merged < 30 || refused < 30 {
		t.Errorf("%d merged, %d refused: the test says little", merged, refused)
	}
	_, err := tags.Merge(nil)
	if _, wrong := source.Merge(nil); wrong == nil || wrong.Error() != err.Error() {
		t.Errorf("nothing to merge: %v, want %v", wrong, err)
	}
}

func TestLoadAgreesWithReflection(t *testing.T) {
	structs, err := source.Load(t.Context(), source.Config{}, corpusPath)
	if err != nil {
		t.Fatal(err)
	}
	type names struct{ pkg, name, typ string }
	byName := make(map[names]reflect.Type)
	for _, of := range corpus.Types() {
		id := names{of.PkgPath(), of.Name(), of.String()}
		if byName[id] == nil { // else it is a local type, which hides the first
			byName[id] = of
		}
	}
	compared := 0
	for _, s := range structs {
		of := byName[names{s.Package, s.Name, s.Type}]
		if of == nil {
			continue // one that the corpus has only as a part of others
		}
		compared++
		policy, err := tags.OfType(of)
		if err != nil {
			var e *tags.Error
			if s.Err == nil || !errors.As(s.Err, &e) || e.Error() != err.Error() || s.Err.Error() != err.Error() ||
				len(s.Attributes) > 0 {
				t.Errorf("%v: %v, tags says %v", of, s.Err, err)
			}
			continue
		}
		var attributes []tags.Attribute
		for _, a := range s.Attributes {
			attributes = append(attributes, a.Attribute)
		}
		if s.Err != nil || s.PartitionKey != policy.PartitionKey() || s.SortKey != policy.SortKey() ||
			!reflect.DeepEqual(attributes, policy.Attributes()) {
			t.Errorf("%v:\nload %+v\ntags %+v", of, s, policy.Attributes())
		}
	}
	if compared < 15 {
		t.Errorf("%d types compared: the test says little", compared)
	}
}

func TestNoTypeIsRefusedAsByReflection(t *testing.T) {
	_, err := tags.OfType(nil)
	if _, wrong := source.Of(nil); wrong == nil || wrong.Error() != err.Error() || wrong.Field != nil {
		t.Errorf("got %v, want %v", wrong, err)
	}
}
