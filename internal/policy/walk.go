package policy

import (
	"reflect"
	"slices"
)

// maxEmbedding is how many embedded structs may be around a field.
//
// guregu/dynamo 2.6 builds the index path of each field by appending to a
// slice that it shares among the fields of one embedded struct. From the third
// level on that slice has spare capacity, so every field overwrites the path
// of the one before it and all of them are written with the value of the last
// field of their struct, even an unexported one. Whether there is spare
// capacity depends on how append grows a slice: it happens at level 3, not at
// level 4, again at 5, and only to structs of two or more fields. We refuse
// all of these levels rather than rely on that.
const maxEmbedding = 2

const tooDeep = "more than 2 levels of embedding: guregu/dynamo mixes up the values of such fields"

// field is a struct field as the walk through a type comes by it.
type field struct {
	Field
	path     string // from the outermost struct: "Base.ID"
	around   []Type // the structs it is in, outermost first
	index    int    // in the innermost of them
	embedded bool   // an embedded struct: its fields are promoted
}

// skipped reports whether guregu/dynamo passes over the field because of what
// it is, whatever its tag.
func (f *field) skipped() bool { return !f.embedded && !f.Exported }

// embedding is how many embedded structs are around the field.
func (f *field) embedding() int { return len(f.around) - 1 }

// place is where the field is declared.
func (f *field) place() Place { return Place{f.around[len(f.around)-1], f.index} }

// walker goes through the fields of one type.
type walker struct {
	root Type
}

func (w walker) wrong(f field, format string, args ...any) *Error {
	return wrong(w.root, f.path, string(f.Tag), f.place(), format, args...)
}

// each calls visit for every field of struct type t, and for those of an
// embedded struct right after it if visit says so: the order in which
// guregu/dynamo does.
func (w walker) each(t Type, prefix string, around []Type, visit func(field) (bool, *Error)) *Error {
	around = append(slices.Clip(around), t)
	for i := range t.NumField() {
		sf := t.Field(i)
		f := field{Field: sf, path: prefix + sf.Name, around: around, index: i}
		inner := sf.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		f.embedded = sf.Anonymous && inner.Kind() == reflect.Struct

		descend, err := visit(f)
		if err != nil {
			return err
		}
		if !f.embedded || !descend {
			continue
		}
		if slices.Contains(around, inner) {
			return w.wrong(f, "%v is embedded in itself", inner)
		}
		if err := w.each(inner, f.path+".", around, visit); err != nil {
			return err
		}
	}
	return nil
}
