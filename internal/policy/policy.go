package policy

import "github.com/ddbenc/ddbenc/crypto"

// Policy is the content of a tags.Policy. It and its slices and maps must not
// be modified.
type Policy struct {
	Types                 []Type
	Attributes            []Attribute
	PartitionKey, SortKey string // names of attributes, or empty
	Indexes               map[string]Index
}

// Attribute is a tags.Attribute with additional information for errors.
type Attribute struct {
	Name      string
	Action    crypto.Action
	Defaulted bool
	Key       KeyRole
	Indexes   []IndexRole
	Beacon    *Beacon // nil if there is none
	Type      Type    // the struct type
	Field     string  // the path of the field in Type
	GoType    Type    // the field's
	Tag       string  // the field's complete struct tag
	At        Place

	embedding int
}

func newAttribute(root Type, f field, d declaration) Attribute {
	return Attribute{
		Name:      d.name,
		Action:    d.action,
		Defaulted: !d.tagged,
		Key:       d.key,
		Indexes:   d.indexes,
		Beacon:    d.beacon,
		Type:      root,
		Field:     f.path,
		GoType:    f.Type,
		Tag:       string(f.Tag),
		At:        f.place(),
		embedding: f.embedding(),
	}
}

// String returns the full name of the field, such as "main.Account.Base.ID".
func (a Attribute) String() string { return a.Type.String() + "." + a.Field }

func (a Attribute) wrong(format string, args ...any) *Error {
	return wrong(a.Type, a.Field, a.Tag, a.At, format, args...)
}

// Stored returns the action that items are sealed with. It differs from the
// tag's action for the table's keys: they are part of the encryption context if
// any other attribute is.
func (p *Policy) Stored(a Attribute) crypto.Action {
	if a.Key == NoKey || a.Action != crypto.Sign {
		return a.Action
	}
	for _, other := range p.Attributes {
		if other.Action == crypto.SignInContext {
			return crypto.SignInContext
		}
	}
	return a.Action
}

// Of returns the policy of a struct type. Any other type, including nil and
// pointers, is an error.
func Of(t Type) (*Policy, *Error) {
	if t == nil {
		return nil, &Error{Type: "nil", Reason: "not a struct type"}
	}
	return read(t)
}

// newPolicy returns the policy of attributes with distinct names. It checks
// that the keys and the beacons are consistent. whole is false if the
// attributes may be only some of the table's.
func newPolicy(types []Type, attributes []Attribute, whole bool) (*Policy, *Error) {
	p := &Policy{Types: types, Attributes: attributes}
	keys := make(map[KeyRole]Attribute, 2)
	for _, a := range attributes {
		if a.Key == NoKey {
			continue
		}
		if other, ok := keys[a.Key]; ok {
			return nil, a.wrong("the table's %v key is already %v", a.Key, other)
		}
		keys[a.Key] = a
	}
	p.PartitionKey, p.SortKey = keys[Partition].Name, keys[Sort].Name
	if p.SortKey != "" && p.PartitionKey == "" {
		return nil, keys[Sort].wrong("the table has a sort key but no partition key").by(RuleIncomplete)
	}
	var err *Error
	p.Indexes, err = collectIndexes(attributes, p.PartitionKey)
	if err != nil {
		return nil, err
	}
	if err := checkShared(attributes, whole); err != nil {
		return nil, err
	}
	return p, nil
}
