package mappertest

import (
	"crypto/sha256"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// fingerprint returns a string that is the same for equal values of a type,
// regardless of pointers.
func fingerprint(v any) string {
	h := sha256.New()
	describe(h, reflect.ValueOf(v))
	return string(h.Sum(nil))
}

// describe writes an unambiguous representation of v.
func describe(w io.Writer, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			fmt.Fprint(w, "nil;")
			return
		}
		fmt.Fprintf(w, "%s:", v.Elem().Type())
		describe(w, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				describe(w, v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(w, "%d[", v.Len())
		for i := range v.Len() {
			describe(w, v.Index(i))
		}
	case reflect.Map:
		fmt.Fprintf(w, "%d{", v.Len())
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			fmt.Fprintf(w, "%q:", k.String())
			describe(w, v.MapIndex(k))
		}
	default:
		fmt.Fprintf(w, "%#v;", v.Interface())
	}
}
