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

// Clone copies a value, so that nothing of it is shared.
func Clone(v types.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}
	case *types.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}
	case *types.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: slices.Clone(v.Value)}
	case *types.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}
	case *types.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: v.Value}
	case *types.AttributeValueMemberL:
		all := make([]types.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			all[i] = Clone(e)
		}
		return &types.AttributeValueMemberL{Value: all}
	case *types.AttributeValueMemberM:
		all := make(crypto.Item, len(v.Value))
		for k, e := range v.Value {
			all[k] = Clone(e)
		}
		return &types.AttributeValueMemberM{Value: all}
	}
	if isSet(v) {
		return setOf(v, members(v))
	}
	return v
}

var (
	errType    = &Error{"An operand in the update expression has an incorrect data type"}
	errMissing = &Error{"The provided expression refers to an attribute that does not exist in the item"}
	errPath    = &Error{"The document path provided in the update expression is invalid for update"}
)

// term is an operand of SET.
type term func(old crypto.Item) (types.AttributeValue, error)

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

// sum reads an operand, or two with + or - between them.
func (p *parser) sum() (term, error) {
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	subtract := p.peek().isSymbol("-")
	if !p.accept("+") && !p.accept("-") {
		return left, nil
	}
	right, err := p.term()
	if err != nil {
		return nil, err
	}
	return func(old crypto.Item) (types.AttributeValue, error) {
		a, err := left(old)
		if err != nil {
			return nil, err
		}
		b, err := right(old)
		if err != nil {
			return nil, err
		}
		x, ok := a.(*types.AttributeValueMemberN)
		y, ok2 := b.(*types.AttributeValueMemberN)
		if !ok || !ok2 {
			return nil, errType
		}
		sum, err := add(x.Value, y.Value, subtract)
		return &types.AttributeValueMemberN{Value: sum}, err
	}, nil
}

func (p *parser) term() (term, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	switch {
	case p.peek().kind == value:
		v, _, err := p.value()
		return func(crypto.Item) (types.AttributeValue, error) { return v, nil }, err
	case p.accept("("):
		inner, err := p.sum()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case p.atFunction():
		return p.updateFunction()
	}
	path, err := p.path(Read)
	return func(old crypto.Item) (types.AttributeValue, error) {
		if v := lookup(old, path); v != nil {
			return v, nil
		}
		return nil, errMissing
	}, err
}

func (p *parser) updateFunction() (term, error) {
	f := p.next().text
	p.next() // the parenthesis
	switch f {
	case "if_not_exists":
		path, err := p.path(Read)
		if err != nil {
			return nil, err
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
		fallback, err := p.term()
		if err != nil {
			return nil, err
		}
		return func(old crypto.Item) (types.AttributeValue, error) {
			if v := lookup(old, path); v != nil {
				return v, nil
			}
			return fallback(old)
		}, p.expect(")")
	case "list_append":
		first, err := p.term()
		if err != nil {
			return nil, err
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
		second, err := p.term()
		if err != nil {
			return nil, err
		}
		return func(old crypto.Item) (types.AttributeValue, error) { return appendLists(old, first, second) }, p.expect(")")
	}
	return nil, &Error{"Invalid function name; function: " + f}
}

func appendLists(old crypto.Item, first, second term) (types.AttributeValue, error) {
	var all []types.AttributeValue
	for _, t := range []term{first, second} {
		v, err := t(old)
		if err != nil {
			return nil, err
		}
		list, ok := v.(*types.AttributeValueMemberL)
		if !ok {
			return nil, errType
		}
		all = append(all, list.Value...)
	}
	return &types.AttributeValueMemberL{Value: all}, nil
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
		return action{}, &Error{"Incorrect operand type for operator or function; operator: ADD, operand type: " + typeName(operand)}
	}
	return action{path: path, apply: func(old, item crypto.Item, path Path) error {
		there := lookup(old, path)
		switch {
		case there == nil:
			return put(item, path, Clone(operand))
		case typeName(there) != typeName(operand):
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
		return action{}, &Error{"Incorrect operand type for operator or function; operator: DELETE, operand type: " + typeName(operand)}
	}
	return action{path: path, apply: func(old, item crypto.Item, path Path) error {
		there := lookup(old, path)
		if there == nil {
			return nil
		}
		if typeName(there) != typeName(operand) {
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

// put sets what is at a path. What the path goes through must be there; a list
// grows by one for any index beyond its end.
func put(item crypto.Item, path Path, v types.AttributeValue) error {
	if len(path) == 1 {
		item[path.Root()] = v
		return nil
	}
	last := path[len(path)-1]
	switch container := lookup(item, path[:len(path)-1]).(type) {
	case *types.AttributeValueMemberM:
		if last.Name == "" {
			return errPath
		}
		container.Value[last.Name] = v
	case *types.AttributeValueMemberL:
		switch {
		case last.Name != "":
			return errPath
		case last.Index < len(container.Value):
			container.Value[last.Index] = v
		default:
			container.Value = append(container.Value, v)
		}
	default:
		return errPath
	}
	return nil
}

// remove removes what is at a path, if there is something.
func remove(item crypto.Item, path Path) error {
	if len(path) == 1 {
		delete(item, path.Root())
		return nil
	}
	last := path[len(path)-1]
	switch container := lookup(item, path[:len(path)-1]).(type) {
	case *types.AttributeValueMemberM:
		if last.Name == "" {
			return errPath
		}
		delete(container.Value, last.Name)
	case *types.AttributeValueMemberL:
		if last.Name != "" {
			return errPath
		}
		if last.Index < len(container.Value) {
			container.Value = slices.Delete(container.Value, last.Index, last.Index+1)
		}
	default:
		return errPath
	}
	return nil
}
