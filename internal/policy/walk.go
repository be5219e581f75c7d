package policy

import (
	"reflect"
	"slices"
)

// maxEmbedding limits how many embedded structs may enclose a field.
//
// guregu/dynamo 2.6 builds the index path of each field by appending to a slice
// that all fields of one embedded struct share. From the third level on, that
// slice has spare capacity, so each field overwrites the path of the previous
// one, and all of them are written with the value of the last field of their
// struct, even an unexported one. Whether there is spare capacity depends on
// how append grows a slice: it happens at level 3, not at level 4, again at
// level 5, and only to structs with two or more fields. All of these levels are
// rejected here, rather than relying on that.
const maxEmbedding = 2

const tooDeep = "more than 2 levels of embedding: guregu/dynamo mixes up the values of such fields"

// field is a struct field that the walk through a type visits.
type field struct {
	Field
	path     string // from the outermost struct, such as "Base.ID"
	around   []Type // the enclosing structs, outermost first
	index    int    // in the innermost struct
	embedded bool   // an embedded struct, whose fields are promoted
}

// skipped reports whether guregu/dynamo ignores the field regardless of its
// tag.
func (f *field) skipped() bool { return !f.embedded && !f.Exported }

// embedding returns how many embedded structs enclose the field.
func (f *field) embedding() int { return len(f.around) - 1 }

// place returns where the field is declared.
func (f *field) place() Place { return Place{f.around[len(f.around)-1], f.index} }

// walker visits the fields of one type.
type walker struct {
	root Type
}

func (w walker) wrong(f field, format string, args ...any) *Error {
	return wrong(w.root, f.path, string(f.Tag), f.place(), format, args...)
}

// each calls visit for each field of struct type t. If visit returns true for
// an embedded struct, its fields follow immediately. This is the order of
// guregu/dynamo.
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
			return w.wrong(f, "%v embeds itself", inner)
		}
		if err := w.each(inner, f.path+".", around, visit); err != nil {
			return err
		}
	}
	return nil
}
