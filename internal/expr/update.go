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

// action is one change. It reads the item as it was, and changes the new one.
type action struct {
	path  Path
	apply func(old, item crypto.Item, path Path) error
	// removes tells REMOVE apart, which must work on list elements from the
	// end.
	removes bool
}

// ParseUpdate parses an UpdateExpression. Its errors are *[Error].
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
	return u, checkOverlap(written)
}

// Written returns the paths that the update writes to.
func (u *Update) Written() []Path {
	paths := make([]Path, len(u.actions))
	for i, a := range u.actions {
		paths[i] = slices.Clone(a.path)
	}
	return paths
}

// Apply returns item, which may be nil, updated. The item itself is left as it
// is. Its errors are *[Error].
func (u *Update) Apply(item crypto.Item) (crypto.Item, error) {
	updated := make(crypto.Item, len(item))
	for k, v := range item {
		updated[k] = Clone(v)
	}
	removals := make([]action, 0, len(u.actions))
	for _, a := range u.actions {
		if a.removes {
			removals = append(removals, a)
			continue
		}
		if err := a.apply(item, updated, a.path); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(removals, func(a, b action) int { return b.path[len(b.path)-1].Index - a.path[len(a.path)-1].Index })
	for _, a := range removals {
		if err := a.apply(item, updated, a.path); err != nil {
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
	value, err := p.sum()
	if err != nil {
		return action{}, err
	}
	return action{path: path, apply: func(old, item crypto.Item, path Path) error {
		v, err := value(old)
		if err != nil {
			return err
		}
		return put(item, path, Clone(v))
	}}, nil
}

func (p *parser) remove() (action, error) {
	path, err := p.path(Write)
	return action{path: path, removes: true, apply: func(_, item crypto.Item, path Path) error { return remove(item, path) }}, err
}

// add is ADD: to a number, or members to a set.
func (p *parser) add() (action, error) {
	path, err := p.path(Write)
	if err != nil {
		return action{}, err
	}
	operand, _, err := p.value()
	if err != nil {
		return action{}, err
	}
	number, isNumber := operand.(*types.AttributeValueMemberN)
	if !isNumber && !isSet(operand) {
		return action{}, &Error{"Incorrect operand type for operator or function; operator: ADD, operand type: " + TypeName(operand)}
	}
	return action{path: path, apply: func(old, item crypto.Item, path Path) error {
		there := lookup(old, path)
		switch {
		case there == nil:
			return put(item, path, Clone(operand))
		case TypeName(there) != TypeName(operand):
			return errType
		case isNumber:
			sum, err := add(there.(*types.AttributeValueMemberN).Value, number.Value, false)
			if err != nil {
				return err
			}
			return put(item, path, &types.AttributeValueMemberN{Value: sum})
		}
		all := members(there)
		for _, m := range members(operand) {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
		return put(item, path, setOf(operand, all))
	}}, nil
}

// delete is DELETE: members from a set. An empty set does not exist.
func (p *parser) delete() (action, error) {
	path, err := p.path(Write)
	if err != nil {
		return action{}, err
	}
	operand, _, err := p.value()
	if err != nil {
		return action{}, err
	}
	if !isSet(operand) {
		return action{}, &Error{"Incorrect operand type for operator or function; operator: DELETE, operand type: " + TypeName(operand)}
	}
	return action{path: path, apply: func(old, item crypto.Item, path Path) error {
		there := lookup(old, path)
		if there == nil {
			return nil
		}
		if TypeName(there) != TypeName(operand) {
			return errType
		}
		gone := members(operand)
		left := slices.DeleteFunc(members(there), func(m string) bool { return slices.Contains(gone, m) })
		if len(left) == 0 {
			return remove(item, path)
		}
		return put(item, path, setOf(operand, left))
	}}, nil
}
