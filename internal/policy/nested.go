package policy

import (
	"reflect"
	"strings"
)

// searchBelow returns an error for ddbenc and beacon tags in the types below a field. They
// would have no effect, because an attribute is protected as a whole.
func (w walker) searchBelow(f field) *Error {
	return w.search(f.Type, f.path, make(map[Type]bool))
}

func (w walker) search(t Type, path string, seen map[Type]bool) *Error {
	if seen[t] {
		return nil // a recursive type, or used twice
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer:
		return w.search(t.Elem(), path, seen)
	case reflect.Slice, reflect.Array:
		return w.search(t.Elem(), path+"[]", seen)
	case reflect.Map:
		if err := w.search(t.Key(), path+"[key]", seen); err != nil {
			return err
		}
		return w.search(t.Elem(), path+"[]", seen)
	case reflect.Struct:
	default:
		return nil
	}
	return w.each(t, path+".", nil, func(f field) (bool, *Error) {
		if key := MentionedKey(string(f.Tag)); key != "" {
			return false, w.wrong(f, "a %s tag in a nested value has no effect: tag the field of %v that holds it", key,
				w.root)
		}
		name, _, _ := strings.Cut(f.Tag.Get(keyName), ",")
		if f.skipped() || name == "-" {
			return false, nil
		}
		if f.embedded {
			return true, nil
		}
		if f.embedding() > maxEmbedding && !marshalsItself(t) {
			return false, w.wrong(f, "%s", tooDeep)
		}
		return false, w.search(f.Type, f.path, seen)
	})
}

// marshalsItself reports whether guregu/dynamo writes values of type t with one
// of their methods instead of field by field.
func marshalsItself(t Type) bool {
	return t.Has(MarshalDynamo) || t.Has(MarshalDynamoDBAttributeValue) || t.Has(MarshalText)
}
