// Package strictjson decodes JSON strictly, for configurations: a field that is
// misspelled or given twice is an error instead of being ignored.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// Decode parses a JSON value into v strictly: every field must be one of v's,
// with the same case; none may occur twice; and nothing may follow. where is
// the path of the value in the file for errors, which contain only names of
// fields.
func Decode(data []byte, where string, v any) error {
	if err := check(json.NewDecoder(bytes.NewReader(data)), reflect.TypeOf(v), where); err != nil {
		return err
	}
	return At(where, Wordless(Unmarshal(data, v)))
}

// Unmarshal is like json.Unmarshal, but returns io.ErrUnexpectedEOF for
// truncated input.
func Unmarshal(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errFollows
	}
	return nil
}

var errFollows = errors.New("unexpected text after the value")

// check checks one JSON value against the type that it is for.
func check(d *json.Decoder, t reflect.Type, where string) error {
	if err := checkValue(d, t, where); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return At(where, errFollows)
	}
	return nil
}

// decodesItself is implemented by the types of fields that check their own names,
// maybe only later, once their kind is known: json.RawMessage, for example.
var decodesItself = reflect.TypeFor[json.Unmarshaler]()

func checkValue(d *json.Decoder, t reflect.Type, where string) error {
	token, err := d.Token()
	if err != nil {
		return At(where, Wordless(err))
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t != nil && reflect.PointerTo(t).Implements(decodesItself) {
		t = nil
	}
	switch token {
	case json.Delim('{'):
		return checkObject(d, t, where)
	case json.Delim('['):
		var element reflect.Type
		if t != nil && t.Kind() == reflect.Slice {
			element = t.Elem()
		}
		for i := 0; d.More(); i++ {
			if err := checkValue(d, element, fmt.Sprintf("%s[%d]", where, i)); err != nil {
				return err
			}
		}
		_, err = d.Token()
		return At(where, Wordless(err))
	case nil:
		return At(where, errors.New("null: omit the field instead"))
	}
	return nil
}

func checkObject(d *json.Decoder, t reflect.Type, where string) error {
	seen := make(map[string]bool)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return At(where, Wordless(err))
		}
		name, _ := token.(string)
		path := Join(where, name)
		if seen[name] {
			return At(path, errors.New("duplicate field"))
		}
		seen[name] = true
		var of reflect.Type
		if t != nil {
			switch t.Kind() {
			case reflect.Map:
				of = t.Elem()
			case reflect.Struct:
				known := fields(t)
				if of = known[name]; of == nil {
					return At(path, fmt.Errorf("unknown field (known here: %s)", strings.Join(names(known), ", ")))
				}
			}
		}
		if err := checkValue(d, of, path); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return At(where, Wordless(err))
}

// fields returns the types of the fields of a struct by their names in JSON.
func fields(t reflect.Type) map[string]reflect.Type {
	known := make(map[string]reflect.Type)
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			known[name] = f.Type
		}
	}
	return known
}

func names(known map[string]reflect.Type) []string {
	var all []string
	for name := range known {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Wordless returns the error in JSON without any of its text.
func Wordless(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON (at byte %d)", syntax.Offset)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		got, _, _ := strings.Cut(wrong.Value, " ")
		if wrong.Field == "" {
			return fmt.Errorf("a JSON %s cannot be used here", got)
		}
		return fmt.Errorf("%s: a JSON %s cannot be used here", wrong.Field, got)
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("not JSON (it ends too early)")
	case err != nil:
		return err
	}
	return nil
}

// Join returns the path of a field of the value at where.
func Join(where, name string) string {
	if where == "" {
		return name
	}
	return where + "." + name
}

// At adds a path to err. It returns nil if err is nil.
func At(where string, err error) error {
	if err == nil || where == "" {
		return err
	}
	return fmt.Errorf("%s: %w", where, err)
}
