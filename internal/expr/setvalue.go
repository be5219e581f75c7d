package expr

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// term is an operand of SET.
type term func(old crypto.Item) (types.AttributeValue, error)

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
