package vet

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/policy"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// subject is a struct type that ddbenc stores.
type subject struct {
	typ      types.Type
	declared bool // named by mapper.TableOf or mapper.WithType
	at       span // location for diagnostics without a field in this package
	policy   *source.Policy
	err      *source.TypeError
}

// isTable reports whether items of the type can stand on their own. Other
// structs may exist only to be embedded.
func (s *subject) isTable() bool {
	return s.policy != nil && (s.declared || s.policy.PartitionKey != "")
}

// findSubjects returns the package's struct types with ddbenc tags and the
// struct types of any package that its declarations name.
func (c *checker) findSubjects() []*subject {
	var all []*subject
	byType := make(map[string]*subject)
	add := func(t types.Type, at span, declared bool) {
		if source.Generic(t) {
			return
		}
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		name := types.TypeString(t, nil)
		if known := byType[name]; known != nil && types.Identical(known.typ, t) {
			known.declared = known.declared || declared
			return
		}
		s := &subject{typ: t, declared: declared, at: at}
		s.policy, s.err = source.Of(t)
		byType[name] = s
		all = append(all, s)
	}
	instantiated := make(map[*types.TypeName]bool)
	for _, n := range c.declarations.Types {
		if t, ok := types.Unalias(n.Type).(*types.Named); ok && t.TypeArgs() != nil {
			instantiated[t.Obj()] = true // its instances have more information
		}
	}
	for spec := range inspector.All[*ast.TypeSpec](c.syntax) {
		object, ok := c.TypesInfo.Defs[spec.Name].(*types.TypeName)
		if !ok || instantiated[object] || spec.Assign.IsValid() {
			continue
		}
		if s, ok := object.Type().Underlying().(*types.Struct); ok && hasActionTag(s) {
			add(object.Type(), spanOf(spec.Name), false)
		}
	}
	for _, n := range c.declarations.Types {
		add(n.Type, spanOf(n.Argument), true)
	}
	return all
}

// hasActionTag reports whether a field of the struct itself has a ddbenc or
// beacon tag, correctly spelled or not.
func hasActionTag(s *types.Struct) bool {
	for i := range s.NumFields() {
		if policy.MentionedKey(s.Tag(i)) != "" {
			return true
		}
	}
	return false
}

// checkStruct reports errors in the tags of a struct.
func (c *checker) checkStruct(s *subject) {
	// A struct that is meant to be embedded may hold a part of a key.
	if s.err == nil || !s.declared && s.err.Rule == policy.RuleIncomplete {
		return
	}
	name := s.err.Type
	if s.err.Mistake.Field != "" {
		name += "." + s.err.Mistake.Field
	}
	c.report(categoryTag, c.at(s.err.Field, s.at), c.fix(s.err), "%s: %s", name, s.err.Reason)
}

// checkUntagged reports fields without a tag that sets the action.
func (c *checker) checkUntagged(s *subject) {
	if !s.isTable() {
		return
	}
	for _, a := range s.policy.Attributes {
		if !a.Defaulted || isKey(a.Attribute) || a.Beacon != nil {
			continue
		}
		c.report(categoryUntagged, c.at(a.Field, s.at), c.addTag(a.Field), "%s.%s: no ddbenc tag sets the action of "+
			"attribute %q; it is encrypted by default",
			s.policy.Type, a.Attribute.Field, a.Name)
	}
}

// checkPersonal reports attributes that remain readable but perhaps should not.
func (c *checker) checkPersonal(s *subject) {
	if !s.isTable() {
		return
	}
	for _, a := range s.policy.Attributes {
		word := personalWord(a.Name)
		if word == "" {
			_, last := cutLast(a.Attribute.Field)
			word = personalWord(last)
		}
		if word == "" || a.Action == crypto.Encrypt {
			continue
		}
		why := "its ddbenc tag is " + a.Action.String()
		if a.Defaulted {
			why = "it is a key"
		}
		c.report(categoryPersonal, c.at(a.Field, s.at), nil,
			"%s.%s: attribute %q looks personal (%s) and remains readable: %s",
			s.policy.Type, a.Attribute.Field, a.Name, word, why)
	}
}

func isKey(a tags.Attribute) bool { return a.Key != tags.NoKey || len(a.Indexes) > 0 }

// cutLast splits off the last name of a field's path.
func cutLast(path string) (before, last string) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}
