package policy

import "reflect"

// Survey describes the intention behind a struct type whose tags may be
// invalid.
type Survey struct {
	// Tagged is true if a field, or one of an embedded struct, has a ddbenc or
	// beacon tag or was probably intended to have one.
	Tagged bool
	// Keyed is true if a field, or one of an embedded struct, is the table's
	// partition key.
	Keyed bool
	// Parts holds the struct types that values of the type consist of, embedded
	// and nested at any depth, without duplicates.
	Parts []Type
}

// SurveyOf surveys a struct type.
func SurveyOf(t Type) Survey {
	var s Survey
	// Of reports infinite embedding.
	_ = walker{t}.each(t, "", nil, func(f field) (descend bool, err *Error) {
		s.Tagged = s.Tagged || MentionedKey(string(f.Tag)) != ""
		if f.skipped() {
			return false, nil
		}
		d, _ := declare(f.Field)
		if d.name == "-" {
			return false, nil
		}
		s.Keyed = s.Keyed || d.key == Partition
		return true, nil
	})
	seen := map[Type]bool{t: true}
	s.addPartsIn(t, seen)
	return s
}

// addParts adds t and its parts if t is a struct type.
func (s *Survey) addParts(t Type, seen map[Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Map:
		s.addParts(t.Key(), seen)
		s.addParts(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		s.addParts(t.Elem(), seen)
	case reflect.Struct:
		s.Parts = append(s.Parts, t)
		s.addPartsIn(t, seen)
	}
}

func (s *Survey) addPartsIn(t Type, seen map[Type]bool) {
	_ = walker{t}.each(t, "", nil, func(f field) (descend bool, err *Error) {
		if d, _ := declare(f.Field); !f.skipped() && d.name != "-" {
			s.addParts(f.Type, seen)
		}
		return false, nil
	})
}
