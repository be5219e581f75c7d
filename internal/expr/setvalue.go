package expr

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// term is the right-hand side of a SET action or one of its operands. It is
// evaluated for the item before the update.
type term interface {
	eval(old crypto.Item) (types.AttributeValue, error)
}

// plain is a path or a value.
type plain struct{ operand }

func (t plain) eval(old crypto.Item) (types.AttributeValue, error) {
	if v := t.value(old); v != nil {
		return v, nil
	}
	return nil, errMissing
}

type ifNotExists struct {
	path     Path
	fallback term
}

// eval fails if the fallback is missing, even if it is not needed, like
// DynamoDB Local.
func (t ifNotExists) eval(old crypto.Item) (types.AttributeValue, error) {
	fallback, err := t.fallback.eval(old)
	if err != nil {
		return nil, err
	}
	if v := lookup(old, t.path); v != nil {
		return v, nil
	}
	return fallback, nil
}

type listAppend struct{ first, second term }

func (t listAppend) eval(old crypto.Item) (types.AttributeValue, error) {
	var all []types.AttributeValue
	for _, part := range []term{t.first, t.second} {
		v, err := part.eval(old)
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

type sum struct {
	left, right term
	subtract    bool
}

func (t sum) eval(old crypto.Item) (types.AttributeValue, error) {
	a, err := t.left.eval(old)
	if err != nil {
		return nil, err
	}
	b, err := t.right.eval(old)
	if err != nil {
		return nil, err
	}
	x, ok := a.(*types.AttributeValueMemberN)
	y, ok2 := b.(*types.AttributeValueMemberN)
	if !ok || !ok2 {
		return nil, errType
	}
	n, err := add(x.Value, y.Value, t.subtract)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberN{Value: n}, nil
}

// setValue parses the right-hand side of a SET action: a term, two terms with +
// or - between them, or list_append.
func (p *parser) setValue() (t term, err error) {
	switch {
	case p.atGroup() && !isSign(p.afterGroup()):
		err = p.group(func() error {
			t, err = p.setValue()
			return err
		})
		return t, err
	case p.atFunction() && p.peek().text == "list_append":
		first, second, err := p.arguments(func() (term, error) { return p.termOf("list_append", "L") })
		return listAppend{first, second}, err
	}
	left, err := p.term()
	if err != nil || !isSign(p.peek()) {
		return left, err
	}
	sign, err := p.operator()
	if err != nil {
		return nil, err
	}
	if err := checkTerm(left, sign.text, "N"); err != nil {
		return nil, err
	}
	right, err := p.termOf(sign.text, "N")
	return sum{left, right, sign.text == "-"}, err
}

func isSign(t token) bool { return t.isSymbol("+") || t.isSymbol("-") }

// term parses an operand of SET.
func (p *parser) term() (t term, err error) {
	switch {
	case p.peek().kind == value:
		v, err := p.value()
		return plain{operand{literal: v}}, err
	case p.atGroup():
		err = p.group(func() error {
			t, err = p.term()
			return err
		})
		return t, err
	case p.atFunction():
		return p.ifNotExists()
	}
	path, err := p.path(Read)
	return plain{operand{path: path}}, err
}

// termOf parses an operand that must be of one type.
func (p *parser) termOf(operator, allowed string) (term, error) {
	t, err := p.term()
	if err != nil {
		return nil, err
	}
	return t, checkTerm(t, operator, allowed)
}

func checkTerm(t term, operator, allowed string) error {
	if of, ok := t.(plain); ok {
		return of.checkType(operator, allowed)
	}
	return nil
}

func (p *parser) ifNotExists() (term, error) {
	switch f := p.peek().text; f {
	case "if_not_exists":
	case "list_append":
		return nil, &Error{"The function is not allowed to be used this way in an expression; function: " + f}
	default:
		return nil, unknownFunction(f)
	}
	first, fallback, err := p.arguments(p.term)
	if err != nil {
		return nil, err
	}
	of, ok := first.(plain)
	if !ok || of.path == nil {
		return nil, &Error{"Operator or function requires a document path; operator or function: if_not_exists"}
	}
	if other, ok := fallback.(plain); ok {
		err = of.checkDistinct("if_not_exists", other.operand)
	}
	return ifNotExists{of.path, fallback}, err
}

// arguments parses the two arguments of a function.
func (p *parser) arguments(read func() (term, error)) (first, second term, err error) {
	if err := p.enter(); err != nil {
		return nil, nil, err
	}
	defer p.leave()
	if _, err := p.function(); err != nil {
		return nil, nil, err
	}
	if first, err = read(); err != nil {
		return nil, nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, nil, err
	}
	if second, err = read(); err != nil {
		return nil, nil, err
	}
	return first, second, p.expect(")")
}
