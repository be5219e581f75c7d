package source

import (
	"go/types"

	"github.com/ddbenc/ddbenc/internal/policy"
	"github.com/ddbenc/ddbenc/tags"
)

// Policy is what [tags.Policy] tells about a type. It comes from [Of] or [Merge].
type Policy struct {
	// Type is what reflect's Type.String writes: "store.Account".
	Type string
	// PartitionKey and SortKey are the names of the attributes of the table's
	// key, empty if the type does not tell.
	PartitionKey, SortKey string
	// Attributes are in the order of [tags.Policy.Attributes].
	Attributes []FieldAttribute

	rules *policy.Policy
}

// FieldAttribute is one attribute of a [Policy].
type FieldAttribute struct {
	tags.Attribute
	// Field is the field. Its path, which it hides, is Attribute.Field.
	Field *types.Var
}

// TypeError is what [tags.OfType] finds wrong with a type.
type TypeError struct {
	Mistake
	// Field is the field at fault; nil if the type as a whole is. Its path,
	// which it hides, is Mistake.Field.
	Field *types.Var
	// Rule is which rule the mistake is against.
	Rule policy.Rule
}

// Error returns the message of the [tags.Error].
func (e *TypeError) Error() string { return e.Mistake.Error() }

// Unwrap returns the [*tags.Error].
func (e *TypeError) Unwrap() error { return &e.Mistake }

// Of returns the policy of a struct type, or of the struct type that a pointer
// type points to: what [tags.OfType] says of the same type in a program.
//
// A generic type without type arguments is in no program. Its type parameters
// are taken for interfaces, whose values are not looked into. Nor does source
// tell for which type arguments a generic function declares a type: its name
// lacks them.
func Of(t types.Type) (*Policy, *TypeError) {
	if t == nil {
		_, err := policy.Of(nil)
		return nil, newTypeError(err)
	}
	return of(new(universe).of(pointee(t)))
}

// Tagged reports whether items of a type, or of the type that a pointer type
// points to, are meant to be protected: whether it is a struct type with ddbenc
// tags, in itself or in structs that it embeds.
func Tagged(t types.Type) bool {
	t = pointee(t)
	_, ok := t.Underlying().(*types.Struct)
	return ok && policy.SurveyOf(new(universe).of(t)).Tagged
}

// pointee is the type that a pointer type points to, and any other type itself.
func pointee(t types.Type) types.Type {
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		return pointer.Elem()
	}
	return t
}

func of(t *checked) (*Policy, *TypeError) {
	rules, err := policy.Of(t)
	if err != nil {
		return nil, newTypeError(err)
	}
	return newPolicy(rules), nil
}

// Merge returns the policy of a table that holds items of several types, or how
// they contradict each other: what [tags.Merge] says. Type is that of the first.
func Merge(policies ...*Policy) (*Policy, *TypeError) {
	rules := make([]*policy.Policy, len(policies))
	for i, p := range policies {
		if p != nil {
			rules[i] = p.rules
		}
	}
	merged, err := policy.Merge(rules...)
	if err != nil {
		return nil, newTypeError(err)
	}
	return newPolicy(merged), nil
}

func newPolicy(rules *policy.Policy) *Policy {
	p := &Policy{
		Type:         rules.Types[0].String(),
		PartitionKey: rules.PartitionKey,
		SortKey:      rules.SortKey,
		Attributes:   make([]FieldAttribute, len(rules.Attributes)),
		rules:        rules,
	}
	for i, a := range rules.Attributes {
		p.Attributes[i] = FieldAttribute{newAttribute(a), variable(a.At)}
		p.Attributes[i].Action = rules.Stored(a)
	}
	return p
}

func newTypeError(err *policy.Error) *TypeError {
	return &TypeError{
		Mistake: Mistake{Type: err.Type, Field: err.Field, Tag: err.Tag, Reason: err.Reason},
		Field:   variable(err.At),
		Rule:    err.Rule,
	}
}

// variable is the field at a place, nil if that is none.
func variable(at policy.Place) *types.Var {
	if at.Struct == nil {
		return nil
	}
	return at.Struct.(*checked).fields().Field(at.Index)
}

func newAttribute(a policy.Attribute) tags.Attribute {
	attribute := tags.Attribute{
		Name:      a.Name,
		Action:    a.Action,
		Defaulted: a.Defaulted,
		Key:       tags.KeyRole(a.Key),
		Type:      a.Type.String(),
		Field:     a.Field,
		GoType:    a.GoType.String(),
	}
	for _, role := range a.Indexes {
		attribute.Indexes = append(attribute.Indexes, tags.IndexRole{Index: role.Index, Local: role.Local,
			Role: tags.KeyRole(role.Role)})
	}
	return attribute
}
