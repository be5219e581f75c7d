package source

import (
	"go/types"

	"github.com/ddbenc/ddbenc/internal/policy"
	"github.com/ddbenc/ddbenc/tags"
)

// Policy is the equivalent of a [tags.Policy] for a type in source code. [Of]
// and [Merge] return policies.
type Policy struct {
	// Type is the type as reflect.Type.String formats it, such as
	// "store.Account".
	Type string
	// PartitionKey and SortKey are the names of the attributes of the table's
	// key. They are empty if the type does not have them.
	PartitionKey, SortKey string
	// Attributes are in the same order as [tags.Policy.Attributes].
	Attributes []FieldAttribute

	rules *policy.Policy
}

// FieldAttribute is an attribute of a [Policy].
type FieldAttribute struct {
	tags.Attribute
	// Field is the field. It hides Attribute.Field, which is its path.
	Field *types.Var
}

// TypeError is the error that [tags.OfType] returns for a type.
type TypeError struct {
	Mistake
	// Field is the field that the error is about. It is nil if the error is
	// about the type as a whole. It hides Mistake.Field, which is its path.
	Field *types.Var
	// Rule is the rule that the type violates.
	Rule policy.Rule
}

// Error returns the message of the [tags.Error].
func (e *TypeError) Error() string { return e.Mistake.Error() }

// Unwrap returns the [*tags.Error].
func (e *TypeError) Unwrap() error { return &e.Mistake }

// Of returns the policy of a struct type, or of the struct type that a pointer
// type points to. It is the policy that [tags.OfType] returns for the same type
// in a program.
//
// A generic type without type arguments does not exist in a program. Its type
// parameters are treated like interfaces, whose values are not checked. The
// name of a type that a generic function declares lacks the type arguments,
// because the source does not determine them.
func Of(t types.Type) (*Policy, *TypeError) {
	if t == nil {
		_, err := policy.Of(nil)
		return nil, newTypeError(err)
	}
	return of(new(universe).of(pointee(t)))
}

// Tagged reports whether a type, or the type that a pointer type points to, is
// a struct type with ddbenc tags, either its own or those of embedded structs.
func Tagged(t types.Type) bool {
	t = pointee(t)
	_, ok := t.Underlying().(*types.Struct)
	return ok && policy.SurveyOf(new(universe).of(t)).Tagged
}

// pointee returns the type that a pointer type points to. It returns any other
// type unchanged.
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

// Merge returns the policy of a table that holds items of several types, or the
// error for a contradiction, like [tags.Merge]. Policy.Type is the first type.
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

// variable returns the field at a place, or nil if there is none.
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
	if a.Beacon != nil {
		beacon := tags.Beacon(*a.Beacon)
		attribute.Beacon = &beacon
	}
	return attribute
}
