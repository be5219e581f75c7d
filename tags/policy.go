package tags

import (
	"reflect"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/policy"
)

// Policy describes how each attribute of a table's items is protected, and why.
// [Of], [OfType] and [Merge] return policies. A Policy is immutable and safe
// for concurrent use, and callers may modify the results of its methods.
type Policy struct {
	rules      *policy.Policy
	attributes []Attribute
}

func newPolicy(rules *policy.Policy) *Policy {
	p := &Policy{rules: rules, attributes: make([]Attribute, len(rules.Attributes))}
	for i, a := range rules.Attributes {
		p.attributes[i] = newAttribute(a)
		p.attributes[i].Action = rules.Stored(a)
	}
	return p
}

// Attribute is an attribute of a [Policy]. In a merged policy, it describes the
// field of the first type that has the attribute.
type Attribute struct {
	// Name is the attribute's name.
	Name string `json:"name"`
	// Action is the attribute's action. The action of the table's keys is
	// [crypto.SignInContext] if any other attribute has that action.
	Action crypto.Action `json:"action"`
	// Defaulted is true if the action is the default because there is no ddbenc
	// tag.
	Defaulted bool `json:"defaulted,omitempty"`
	// Key is the attribute's role in the table's primary key.
	Key KeyRole `json:"key,omitempty"`
	// Indexes holds the attribute's roles in the keys of secondary indexes, in
	// the order of the tags.
	Indexes []IndexRole `json:"indexes,omitempty"`
	// Beacon is the attribute's beacon. It is nil if there is none. An
	// attribute with a beacon has the action [crypto.Encrypt].
	Beacon *Beacon `json:"beacon,omitempty"`
	// Type is the struct type, such as "main.Account".
	Type string `json:"type"`
	// Field is the path of the field in Type, such as "Base.ID".
	Field string `json:"field"`
	// GoType is the field's type, such as "time.Time".
	GoType string `json:"goType"`
}

func newAttribute(a policy.Attribute) Attribute {
	attribute := Attribute{
		Name:      a.Name,
		Action:    a.Action,
		Defaulted: a.Defaulted,
		Key:       KeyRole(a.Key),
		Type:      a.Type.String(),
		Field:     a.Field,
		GoType:    a.GoType.String(),
	}
	for _, role := range a.Indexes {
		attribute.Indexes = append(attribute.Indexes, IndexRole{Index: role.Index, Local: role.Local,
			Role: KeyRole(role.Role)})
	}
	if a.Beacon != nil {
		beacon := Beacon(*a.Beacon)
		attribute.Beacon = &beacon
	}
	return attribute
}

// Types returns the struct types of the policy.
func (p *Policy) Types() []reflect.Type {
	types := make([]reflect.Type, len(p.rules.Types))
	for i, t := range p.rules.Types {
		types[i] = t.(reflected).t
	}
	return types
}

// Attributes returns the attributes in the order of the struct fields. Items
// may have other attributes: see [Policy.Actions].
func (p *Policy) Attributes() []Attribute {
	attributes := slices.Clone(p.attributes)
	for i, a := range attributes {
		attributes[i].Indexes = slices.Clone(a.Indexes)
		if a.Beacon != nil {
			beacon := *a.Beacon
			attributes[i].Beacon = &beacon
		}
	}
	return attributes
}

// Actions returns the actions by attribute name. The default, for attributes
// that no struct field has, is [crypto.Encrypt].
func (p *Policy) Actions() crypto.Actions {
	actions := crypto.Actions{
		Attributes: make(map[string]crypto.Action, len(p.attributes)),
		Default:    crypto.Encrypt,
	}
	for _, a := range p.rules.Attributes {
		actions.Attributes[a.Name] = a.Action
	}
	return actions
}

// PartitionKey returns the name of the table's partition key. It is empty if
// none of the types has one.
func (p *Policy) PartitionKey() string { return p.rules.PartitionKey }

// SortKey returns the name of the table's sort key. It is empty if there is
// none.
func (p *Policy) SortKey() string { return p.rules.SortKey }

// Index returns the secondary index called name, if one of the types declares
// it. An attribute of its key that has a beacon is under its own name, although
// DynamoDB's index has the stored beacon as its key.
func (p *Policy) Index(name string) (Index, bool) {
	index, ok := p.rules.Indexes[name]
	return Index{
		Name:      index.Name,
		Local:     index.Local,
		Partition: slices.Clone(index.Partition),
		Sort:      slices.Clone(index.Sort),
	}, ok
}
