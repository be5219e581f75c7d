package lock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
)

// attributes compares the attributes of a struct.
func (c *comparison) attributes(a *present) {
	var gone, fresh []tags.Attribute
	for _, before := range a.before.Attributes {
		if after, ok := a.attribute(before.Name); ok {
			c.attribute(a, before, after)
		} else {
			gone = append(gone, before)
		}
	}
	for _, after := range a.Attributes {
		if _, ok := a.before.attribute(after.Name); !ok {
			fresh = append(fresh, after)
		}
	}
	for _, before := range gone {
		i := slices.IndexFunc(fresh, func(after tags.Attribute) bool { return after.Field == before.Field })
		if i < 0 {
			c.report(a, Change{
				Kind:      Removed,
				Attribute: before.Name,
				Before:    before.Action.String(),
				Stored:    c.attributeRemoved(a.before, a, before),
				Do:        adviseRemoved(before, successor(before, fresh)),
			})
			c.beaconsLost(a.before, a, before)
			continue
		}
		c.renamed(a, before, fresh[i])
		fresh = slices.Delete(fresh, i, i+1)
	}
	for _, after := range fresh {
		c.report(a, Change{
			Kind:      Added,
			Attribute: after.Name,
			After:     after.Action.String(),
			to:        after.Action,
			Stored:    c.attributeAdded(a, after),
			Do:        adviseAdded(after.Action),
		})
		if after.Beacon != nil {
			c.beaconAdded(a, after)
		}
	}
}

// renamed reports a field whose attribute name changed.
func (c *comparison) renamed(a *present, before, after tags.Attribute) {
	if before.Key == tags.NoKey || before.Key != after.Key { // else keys says so
		c.report(a, Change{
			Kind:      Renamed,
			Attribute: after.Name,
			Before:    quote(before.Name),
			After:     quote(after.Name),
			Stored:    worse(c.attributeRemoved(a.before, a, before), c.attributeAdded(a, after)),
			Do:        adviseRenamed(before),
		})
	}
	from := len(c.changes)
	c.attribute(a, before, after)
	for i := range c.changes[from:] {
		c.changes[from+i].Stored = same("Stored items have the attribute under its old name.")
	}
}

// attribute compares one attribute of a struct, except for its role in the
// table's key, which the method keys compares.
func (c *comparison) attribute(a *present, before, after tags.Attribute) {
	if before.Action != after.Action {
		c.report(a, Change{
			Kind:      kindOf(before.Action, after.Action),
			from:      before.Action,
			to:        after.Action,
			Attribute: after.Name,
			Before:    before.Action.String(),
			After:     after.Action.String(),
			Stored:    acted(before.Action, after.Action),
			Do:        adviseAction(before.Action, after.Action),
		})
	}
	c.beacon(a, before, after)
	if !slices.Equal(before.Indexes, after.Indexes) {
		c.report(a, indexChanged(before, after))
	}
	if change, ok := detailChanged(before, after); ok {
		c.report(a, change)
	}
}

// kindOf returns whether a change of action weakens or strengthens protection.
// Adding the value to the encryption context weakens it, because the key
// service logs the context.
func kindOf(from, to crypto.Action) Kind {
	order := []crypto.Action{crypto.None, crypto.Sign, crypto.SignInContext, crypto.Encrypt}
	if to == crypto.SignInContext || slices.Index(order, to) < slices.Index(order, from) {
		return Weakened
	}
	return Strengthened
}

func indexChanged(before, after tags.Attribute) Change {
	change := Change{
		Kind:      IndexChanged,
		Attribute: after.Name,
		Before:    indexWords(before.Indexes),
		After:     indexWords(after.Indexes),
		Stored:    same("Indexes do not affect how items are sealed."),
		Do:        "Change the table's indexes accordingly.",
	}
	if after.Beacon != nil {
		change.Do += indexKey(after)
	}
	if before.Action == crypto.Encrypt && after.Action != crypto.Encrypt {
		change.Do += " Items in which the attribute is encrypted are not found by it until they are rewritten."
	}
	return change
}

func indexWords(roles []tags.IndexRole) string {
	if len(roles) == 0 {
		return "no index key"
	}
	words := make([]string, len(roles))
	for i, r := range roles {
		kind := "index"
		if r.Local {
			kind = "local index"
		}
		words[i] = fmt.Sprintf("%v key of %s %s", r.Role, kind, quote(r.Index))
	}
	return strings.Join(words, ", ")
}

// detailChanged returns the differences that do not affect protection. If the
// action changed, it does not matter whether a tag or the default determines
// it.
func detailChanged(before, after tags.Attribute) (Change, bool) {
	var was, is, do []string
	differ := func(b, a, advice string) {
		was, is, do = append(was, b), append(is, a), append(do, advice)
	}
	if before.Defaulted != after.Defaulted && before.Action == after.Action {
		differ(because(before), because(after), "Nothing: the action is the same.")
	}
	if before.Field != after.Field {
		differ("field "+before.Field, "field "+after.Field,
			"Check that the new field should have the stored values of the old one.")
	}
	if before.GoType != after.GoType {
		differ("type "+before.GoType, "type "+after.GoType, "Check that stored values can be read into the new type.")
	}
	return Change{
		Kind:      DetailChanged,
		Attribute: after.Name,
		Before:    strings.Join(was, ", "),
		After:     strings.Join(is, ", "),
		Stored:    same("The attribute is protected as before."),
		Do:        strings.Join(do, " "),
	}, len(was) > 0
}

func because(a tags.Attribute) string {
	if a.Defaulted {
		return a.Action.String() + " by default"
	}
	return a.Action.String() + " by tag"
}

// successor guesses the new name of a Go field that is gone and whose attribute
// had the field's name: the only new field that is like it.
func successor(gone tags.Attribute, fresh []tags.Attribute) string {
	ownName := func(a tags.Attribute) bool { return a.Name == a.Field[strings.LastIndex(a.Field, ".")+1:] }
	var like []string
	for _, a := range fresh {
		if ownName(a) && a.GoType == gone.GoType && a.Action == gone.Action {
			like = append(like, a.Field)
		}
	}
	if !ownName(gone) || len(like) != 1 {
		return ""
	}
	return like[0]
}

// attributeRemoved returns the consequences for stored items that have an
// attribute that struct b declared. a is the struct in the program, if it still
// exists.
func (c *comparison) attributeRemoved(b *Struct, a *present, attribute tags.Attribute) Stored {
	others := make([]*Struct, 0, len(c.after))
	for _, other := range c.after {
		if other != a {
			others = append(others, &other.Struct)
		}
	}
	if action, ok := inForce(others, b.Tables, attribute.Name, actionOf); ok {
		if action == attribute.Action {
			return same("Another struct of the table declares the attribute with the same action.")
		}
		return acted(attribute.Action, action)
	}
	return removed(attribute.Action)
}

// attributeAdded returns the consequences for stored items if a declares a new
// attribute.
func (c *comparison) attributeAdded(a *present, attribute tags.Attribute) Stored {
	others := make([]*Struct, 0, len(c.before))
	for _, other := range c.before {
		if other != a.before {
			others = append(others, other)
		}
	}
	if action, ok := inForce(others, a.Tables, attribute.Name, actionOf); ok {
		if action == attribute.Action {
			return same("Another struct of the table declared the attribute before with the same action.")
		}
		return acted(action, attribute.Action)
	}
	return added(attribute.Action)
}

// inForce returns what structs declare for an attribute, such as its action: what of
// returns. ok is true if structs declare it in each of the tables and all agree.
func inForce[T comparable](
	structs []*Struct, tables []string, name string, of func(tags.Attribute) (T, bool),
) (value T, ok bool) {
	var none T
	for i, table := range tables {
		found := false
		for _, s := range structs {
			a, declares := s.attribute(name)
			if !declares || !slices.Contains(s.Tables, table) {
				continue
			}
			v, declared := of(a)
			if !declared || (i > 0 || found) && v != value {
				return none, false
			}
			value, found = v, true
		}
		if !found {
			return none, false
		}
	}
	return value, len(tables) > 0
}

func actionOf(a tags.Attribute) (crypto.Action, bool) { return a.Action, true }
