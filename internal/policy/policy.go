package policy

import "github.com/ddbenc/ddbenc/crypto"

// Policy is what tags.Policy is made of. It never changes; its slices and maps
// are not to be changed either.
type Policy struct {
	Types                 []Type
	Attributes            []Attribute
	PartitionKey, SortKey string // names of attributes, or empty
	Indexes               map[string]Index
}

// Attribute is a tags.Attribute with what errors tell about it.
type Attribute struct {
	Name      string
	Action    crypto.Action
	Defaulted bool
	Key       KeyRole
	Indexes   []IndexRole
	Type      Type   // the struct type
	Field     string // the path of the field in Type
	GoType    Type   // the field's
	Tag       string // the field's whole struct tag
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
		Type:      root,
		Field:     f.path,
		GoType:    f.Type,
		Tag:       string(f.Tag),
		At:        f.place(),
		embedding: f.embedding(),
	}
}

// String names the field in full: "main.Account.Base.ID".
func (a Attribute) String() string { return a.Type.String() + "." + a.Field }

func (a Attribute) wrong(format string, args ...any) *Error {
	return wrong(a.Type, a.Field, a.Tag, a.At, format, args...)
}

// Stored returns what is done with an attribute of the policy. It is the action
// that the tags say, but if anything is in the encryption context, the table's
// key is there, too.
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

// Of returns the policy of a struct type. Any other type, and nil, is a mistake:
// of a pointer that the caller is given, it passes the Elem.
func Of(t Type) (*Policy, *Error) {
	if t == nil {
		return nil, &Error{Type: "nil", Reason: "not a struct type"}
	}
	return read(t)
}

// newPolicy puts attributes of distinct names together, and checks that the
// keys they declare make sense together.
func newPolicy(types []Type, attributes []Attribute) (*Policy, *Error) {
	p := &Policy{Types: types, Attributes: attributes}
	keys := make(map[KeyRole]Attribute, 2)
	for _, a := range attributes {
		if a.Key == NoKey {
			continue
		}
		if other, ok := keys[a.Key]; ok {
			return nil, a.wrong("the table's %v key is %v already", a.Key, other)
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
	return p, nil
}
