package tags

import (
	"reflect"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
)

// Policy says what is to be done with each attribute of a table's items, and
// why. It comes from [Of], [OfType] or [Merge], never changes, and is safe for
// concurrent use; what its methods return is the caller's to change.
type Policy struct {
	types           []reflect.Type
	entries         []entry
	partition, sort string
	indexes         map[string]Index
}

// Attribute is one attribute of a [Policy]. In a merged policy it describes
// the field of the first type that has the attribute.
type Attribute struct {
	// Name is the attribute's name in the table.
	Name string `json:"name"`
	// Action is what to do with it.
	Action crypto.Action `json:"action"`
	// Defaulted is true if no ddbenc tag says so.
	Defaulted bool `json:"defaulted,omitempty"`
	// Key is its role in the table's primary key.
	Key KeyRole `json:"key,omitempty"`
	// Indexes are its roles in the keys of secondary indexes, in the order of
	// the tags.
	Indexes []IndexRole `json:"indexes,omitempty"`
	// Type is the struct type, such as "main.Account".
	Type string `json:"type"`
	// Field is the path of the field in Type, such as "Base.ID".
	Field string `json:"field"`
	// GoType is the field's type, such as "time.Time".
	GoType string `json:"goType"`
}

// entry is an attribute with what errors tell about it.
type entry struct {
	Attribute
	root      reflect.Type
	tag       reflect.StructTag
	embedding int
}

func newEntry(root reflect.Type, f field, d declaration) entry {
	return entry{
		Attribute: Attribute{
			Name:      d.name,
			Action:    d.action,
			Defaulted: !d.tagged,
			Key:       d.key,
			Indexes:   d.indexes,
			Type:      root.String(),
			Field:     f.path,
			GoType:    f.Type.String(),
		},
		root:      root,
		tag:       f.Tag,
		embedding: f.embedding(),
	}
}

// String names the field in full: "main.Account.Base.ID".
func (e entry) String() string { return e.Type + "." + e.Field }

func (e entry) wrong(format string, args ...any) *Error {
	return wrong(e.root, e.Field, e.tag, format, args...)
}

// newPolicy puts entries of distinct names together, and checks that the keys
// they declare make sense together.
func newPolicy(types []reflect.Type, entries []entry) (*Policy, *Error) {
	p := &Policy{types: types, entries: entries}
	keys := make(map[KeyRole]entry, 2)
	for _, e := range entries {
		if e.Key == NoKey {
			continue
		}
		if other, ok := keys[e.Key]; ok {
			return nil, e.wrong("the table's %v key is %v already", e.Key, other)
		}
		keys[e.Key] = e
	}
	p.partition, p.sort = keys[Partition].Name, keys[Sort].Name
	if p.sort != "" && p.partition == "" {
		return nil, keys[Sort].wrong("the table has a sort key but no partition key")
	}
	var err *Error
	p.indexes, err = collectIndexes(entries, p.partition)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Types returns the struct types that the policy was made of.
func (p *Policy) Types() []reflect.Type { return slices.Clone(p.types) }

// Attributes returns the attributes in the order in which the types declare
// their fields. Items may have others: see [Policy.Actions].
func (p *Policy) Attributes() []Attribute {
	attributes := make([]Attribute, len(p.entries))
	for i, e := range p.entries {
		attributes[i] = e.Attribute
		attributes[i].Indexes = slices.Clone(e.Indexes)
	}
	return attributes
}

// Actions returns the actions by attribute name. The default, for attributes
// that no field of the types has, is [crypto.Encrypt].
func (p *Policy) Actions() crypto.Actions {
	actions := crypto.Actions{
		Attributes: make(map[string]crypto.Action, len(p.entries)),
		Default:    crypto.Encrypt,
	}
	for _, e := range p.entries {
		actions.Attributes[e.Name] = e.Action
	}
	return actions
}

// PartitionKey returns the name of the table's partition key, or "" if the
// types do not tell it.
func (p *Policy) PartitionKey() string { return p.partition }

// SortKey returns the name of the table's sort key, or "" if it has none.
func (p *Policy) SortKey() string { return p.sort }

// Index returns the secondary index called name, if the types declare one.
func (p *Policy) Index(name string) (Index, bool) {
	index, ok := p.indexes[name]
	index.Partition, index.Sort = slices.Clone(index.Partition), slices.Clone(index.Sort)
	return index, ok
}
