package vet

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/ddbenc/ddbenc/internal/policy"
	"github.com/ddbenc/ddbenc/tags"
	"github.com/ddbenc/ddbenc/tags/source"
)

// disagree says why types cannot be in one table: what tags.Merge says.
func disagree(policies []*source.Policy) (reason string) {
	rules := make([]*policy.Policy, len(policies))
	for i, p := range policies {
		var err *policy.Error
		if rules[i], err = policy.Of(flatten(p)); err != nil {
			return err.Reason
		}
	}
	if _, err := policy.Merge(rules...); err != nil {
		return err.Reason
	}
	return ""
}

// mentionsAction reports whether a struct tag has a ddbenc pair, or one that
// was probably meant to be.
func mentionsAction(tag string) bool {
	return tag != "" && policy.SurveyOf(&flat{fields: []policy.Field{flatField("X", tag)}}).Tagged
}

// flat is a struct type of fields that hold strings. A type has the same policy
// as the flat one with its attributes for fields.
type flat struct {
	name   string
	fields []policy.Field
}

func flatten(p *source.Policy) *flat {
	f := &flat{name: p.Type}
	for _, a := range p.Attributes {
		f.fields = append(f.fields, flatField(a.Attribute.Field, tagOf(a.Attribute)))
	}
	return f
}

func flatField(name, tag string) policy.Field {
	return policy.Field{Name: name, Type: text{}, Tag: reflect.StructTag(tag), Exported: true}
}

// tagOf is a struct tag that says all there is to say about an attribute.
func tagOf(a tags.Attribute) string {
	words := map[tags.KeyRole]string{tags.Partition: ",hash", tags.Sort: ",range"}
	pairs := []string{
		"dynamo:" + strconv.Quote(a.Name+words[a.Key]),
		"ddbenc:" + strconv.Quote(a.Action.String()),
	}
	for _, role := range a.Indexes {
		key := "index:"
		if role.Local {
			key = "localIndex:"
		}
		pairs = append(pairs, key+strconv.Quote(role.Index+words[role.Role]))
	}
	return strings.Join(pairs, " ")
}

func (f *flat) String() string           { return f.name }
func (*flat) Kind() reflect.Kind         { return reflect.Struct }
func (*flat) Elem() policy.Type          { return nil }
func (*flat) Key() policy.Type           { return nil }
func (f *flat) NumField() int            { return len(f.fields) }
func (f *flat) Field(i int) policy.Field { return f.fields[i] }
func (*flat) Has(policy.Method) bool     { return false }

// text is the type string.
type text struct{}

func (text) String() string         { return "string" }
func (text) Kind() reflect.Kind     { return reflect.String }
func (text) Elem() policy.Type      { return nil }
func (text) Key() policy.Type       { return nil }
func (text) NumField() int          { return 0 }
func (text) Field(int) policy.Field { return policy.Field{} }
func (text) Has(policy.Method) bool { return false }
