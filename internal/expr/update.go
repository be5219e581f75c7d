package expr

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Update is an update expression.
type Update struct {
	parsed
	actions []action
}

// action is one change.
type action struct {
	path Path
	// value returns the new value at the path for the item before the update.
	// It returns nil to remove it.
	value func(old crypto.Item) (types.AttributeValue, error)
	// removes is true if the action can only remove something.
	removes bool
}

// nothing is the value function of an action that removes.
func nothing(crypto.Item) (types.AttributeValue, error) { return nil, nil }

// ParseUpdate parses an UpdateExpression. The error is an *[Error].
func ParseUpdate(src string, params Params) (*Update, error) {
	p, err := newParser(src, params)
	if err != nil {
		return nil, err
	}
	u := &Update{}
	seen := make(map[string]bool)
	for p.peek().kind != end {
		section, read := "", (func() (action, error))(nil)
		switch {
		case p.acceptWord("SET"):
			section, read = "SET", p.set
		case p.acceptWord("REMOVE"):
			section, read = "REMOVE", p.remove
		case p.acceptWord("ADD"):
			section, read = "ADD", p.add
		case p.acceptWord("DELETE"):
			section, read = "DELETE", p.delete
		default:
			return nil, p.unexpected()
		}
		if seen[section] {
			return nil, &Error{fmt.Sprintf("The %q section can only be used once in an update expression;", section)}
		}
		seen[section] = true
		for {
			a, err := read()
			if err != nil {
				return nil, err
			}
			u.actions = append(u.actions, a)
			if !p.accept(",") {
				break
			}
		}
	}
	u.parsed = p.parsed()
	var written []Use
	for _, use := range u.uses {
		if use.Kind == Write {
			written = append(written, use)
		}
	}
	if err := checkOverlap(written); err != nil {
		return nil, err
	}
	return u, nil
}

// Written returns the paths that the update writes to.
func (u *Update) Written() []Path {
	paths := make([]Path, len(u.actions))
	for i, a := range u.actions {
		paths[i] = slices.Clone(a.path)
	}
	return paths
}

// OnlyRemoves reports whether the update consists of REMOVE and DELETE actions.
// Such an update does not create an item that does not exist.
func (u *Update) OnlyRemoves() bool {
	return len(u.actions) > 0 && !slices.ContainsFunc(u.actions, func(a action) bool { return !a.removes })
}

// Apply returns the updated item. It does not modify item, which may be nil.
// The error is an *[Error].
func (u *Update) Apply(item crypto.Item) (crypto.Item, error) {
	updated := make(crypto.Item, len(item))
	for k, v := range item {
		updated[k] = Clone(v)
	}
	// All paths refer to the item before the update. Actions that extend a list
	// are therefore applied in the order of the indices, and those that shrink
	// one are applied last and from its end.
	actions := slices.SortedFunc(slices.Values(u.actions), func(a, b action) int { return comparePaths(a.path, b.path) })
	var removals []Path
	for _, a := range actions {
		v, err := a.value(item)
		if err != nil {
			return nil, err
		}
		if v == nil {
			removals = append(removals, a.path)
			continue
		}
		if err := put(updated, a.path, Clone(v)); err != nil {
			return nil, err
		}
	}
	for _, path := range slices.Backward(removals) {
		if len(path) > 1 && lookup(item, path) == nil {
			// There is nothing to remove, unless a SET just created it. The
			// path must still be possible.
			if err := checkParent(item, path); err != nil {
				return nil, err
			}
			continue
		}
		if err := remove(updated, path); err != nil {
			return nil, err
		}
	}
	return updated, nil
}

var (
	errType    = &Error{"An operand in the update expression has an incorrect data type"}
	errMissing = &Error{"The provided expression refers to an attribute that does not exist in the item"}
	errPath    = &Error{"The document path provided in the update expression is invalid for update"}
)

func (p *parser) set() (action, error) {
	path, err := p.path(Write)
	if err != nil {
		return action{}, err
	}
	if err := p.expect("="); err != nil {
		return action{}, err
	}
	value, err := p.setValue()
	if err != nil {
		return action{}, err
	}
	return action{path: path, value: value.eval}, nil
}

func (p *parser) remove() (action, error) {
	path, err := p.path(Write)
	return action{path: path, value: nothing, removes: true}, err
}

// add parses an ADD action: it adds to a number, or adds members to a set.
func (p *parser) add() (action, error) {
	path, value, err := p.pathAndValue("ADD", "N", "SS", "NS", "BS")
	return action{path: path, value: added(path, value)}, err
}

func added(path Path, value types.AttributeValue) func(crypto.Item) (types.AttributeValue, error) {
	return func(old crypto.Item) (types.AttributeValue, error) {
		there := lookup(old, path)
		switch {
		case there == nil:
			return value, nil
		case TypeName(there) != TypeName(value):
			return nil, errType
		case isSet(value):
			all := members(there)
			for _, m := range members(value) {
				if !slices.Contains(all, m) {
					all = append(all, m)
				}
			}
			return setOf(value, all), nil
		}
		return sum{plain{operand{literal: there}}, plain{operand{literal: value}}, false}.eval(old)
	}
}

// delete parses a DELETE action: it removes members from a set. An attribute
// whose set becomes empty is removed.
func (p *parser) delete() (action, error) {
	path, value, err := p.pathAndValue("DELETE", "SS", "NS", "BS")
	return action{path: path, value: deleted(path, value), removes: true}, err
}

func deleted(path Path, value types.AttributeValue) func(crypto.Item) (types.AttributeValue, error) {
	return func(old crypto.Item) (types.AttributeValue, error) {
		there := lookup(old, path)
		switch {
		case there == nil:
			return nil, nil
		case TypeName(there) != TypeName(value):
			return nil, errType
		}
		gone := members(value)
		left := slices.DeleteFunc(members(there), func(m string) bool { return slices.Contains(gone, m) })
		if len(left) == 0 {
			return nil, nil
		}
		return setOf(value, left), nil
	}
}

// pathAndValue parses the operands of ADD and DELETE.
func (p *parser) pathAndValue(section string, allowed ...string) (Path, types.AttributeValue, error) {
	path, err := p.path(Write)
	if err != nil {
		return nil, nil, err
	}
	v, err := p.value()
	if err != nil {
		return nil, nil, err
	}
	if !slices.Contains(allowed, TypeName(v)) {
		return nil, nil, &Error{fmt.Sprintf("Incorrect operand type for operator or function; operator: %s, operand type: "+
			"%s", section, TypeName(v))}
	}
	return path, v, nil
}
