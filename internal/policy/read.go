package policy

import (
	"reflect"

	"github.com/ddbenc/ddbenc/crypto"
)

// encodeKey is the key by which guregu/dynamo caches how to write a field.
type encodeKey struct {
	Type
	encodeFlags
}

// reader collects the attributes of one type.
type reader struct {
	walker
	attributes []Attribute
	fields     map[string]string    // attribute name → path of the field
	embedded   map[string]Attribute // attribute name → embedded struct of that name
	order      []string             // the keys of embedded, in the order of the fields
	plain      map[encodeKey]bool
	ways       map[string]encodeKey // attribute name → how the embedded struct would be written
}

// read returns the policy of a type.
func read(t Type) (*Policy, *Error) {
	if t.Kind() != reflect.Struct {
		return nil, wrongType(t, "not a struct type or a pointer to one")
	}
	if t.Has(MarshalDynamoItem) || t.Has(UnmarshalDynamoItem) {
		return nil, wrongType(t, "it has a MarshalDynamoItem or UnmarshalDynamoItem method: "+
			"its attributes cannot be derived from its fields")
	}
	r := &reader{
		walker:   walker{t},
		fields:   make(map[string]string),
		embedded: make(map[string]Attribute),
		plain:    make(map[encodeKey]bool),
		ways:     make(map[string]encodeKey),
	}
	if err := r.each(t, "", nil, r.visit); err != nil {
		return nil, err
	}
	if err := r.addEmbedded(); err != nil {
		return nil, err
	}
	return newPolicy([]Type{t}, r.attributes, false)
}

// visit adds one field. It reports whether to visit the fields of an embedded
// struct.
func (r *reader) visit(f field) (descend bool, err *Error) {
	if f.skipped() {
		return false, r.unused(f, "guregu/dynamo does not write unexported fields")
	}
	d, reason := declare(f.Field)
	switch {
	case reason != "":
		return false, r.wrong(f, "%s", reason).by(d.rule)
	case d.name == "-":
		return false, r.unused(f, `guregu/dynamo does not write a field named "-"`)
	case f.embedded:
		return true, r.visitEmbedded(f, d)
	}
	return false, r.visitPlain(f, d)
}

// unused returns an error if a field that is not written has a tag that says
// how it is written.
func (r *reader) unused(f field, why string) *Error {
	if key := MentionedKey(string(f.Tag)); key != "" {
		return r.wrong(f, "the %s tag has no effect: %s", key, why).by(RuleUnwritten)
	}
	// Unexported fields of other packages' structs may have any tags.
	if d, reason := declare(f.Field); reason == "" && d.isKey() {
		return r.wrong(f, "the key has no effect: %s", why)
	}
	return nil
}

func (r *reader) visitEmbedded(f field, d declaration) *Error {
	if d.tagged || d.beacon != nil || d.isKey() {
		return r.wrong(f, "a ddbenc, beacon, key or index tag has no effect on an embedded struct: tag its fields")
	}
	if !f.Exported && f.Type.Kind() == reflect.Pointer {
		return r.wrong(f, "reflection cannot set an embedded pointer to an unexported struct, so its fields would be "+
			"written but not read: embed the struct itself")
	}
	if other, ok := r.fields[d.name]; ok {
		return r.wrong(f, "the embedded struct has the attribute name %q of field %s, and would be written but not "+
			"read: rename one", d.name, other)
	}
	if _, ok := r.embedded[d.name]; !ok && f.Exported {
		r.embedded[d.name] = newAttribute(r.root, f, d)
		r.ways[d.name] = encodeKey{f.Type, d.flags}
		r.order = append(r.order, d.name)
	}
	return nil
}

func (r *reader) visitPlain(f field, d declaration) *Error {
	if other, ok := r.fields[d.name]; ok {
		return r.wrong(f, "attribute %q is already field %s: rename one of them, or tag the one that should not be stored "+
			"dynamo:\"-\"", d.name, other)
	}
	if other, ok := r.embedded[d.name]; ok {
		return r.wrong(f, "attribute %q has the name of embedded struct %s and would not be written: rename one of them",
			d.name,
			other.Field)
	}
	if f.embedding() > maxEmbedding {
		return r.wrong(f, "%s", tooDeep)
	}
	if reason := d.decide(f.Type); reason != "" {
		return r.wrong(f, "%s", reason).by(d.rule)
	}
	if err := r.searchBelow(f); err != nil {
		return err
	}
	r.fields[d.name] = f.path
	r.plain[encodeKey{f.Type, d.flags}] = true
	r.attributes = append(r.attributes, newAttribute(r.root, f, d))
	return nil
}

// addEmbedded adds the attributes that guregu/dynamo writes for embedded
// structs themselves. If the type of an embedded struct, with the same options,
// is also the type of a regular field, it writes the embedded struct as a map
// under its own name, in addition to the promoted fields.
func (r *reader) addEmbedded() *Error {
	for _, name := range r.order {
		if !r.plain[r.ways[name]] {
			continue
		}
		a := r.embedded[name]
		if a.embedding > maxEmbedding {
			return a.wrong("%s", tooDeep)
		}
		a.Action = crypto.Encrypt
		r.attributes = append(r.attributes, a)
	}
	return nil
}
