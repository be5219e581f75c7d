package expr

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// operand is one side of a comparison: a path, a value, or a size.
type operand struct {
	path    Path
	literal types.AttributeValue
	size    bool
}

// value returns the operand's value for item, nil if there is none.
func (o operand) value(item crypto.Item) types.AttributeValue {
	if o.literal != nil {
		return o.literal
	}
	v := lookup(item, o.path)
	if o.size {
		return sizeOf(v)
	}
	return v
}

func (o operand) same(other operand) bool {
	return o.path != nil && other.path != nil && o.size == other.size && len(o.path) == len(other.path) && o.path.startsWith(other.path)
}

func (p *parser) operand() (operand, error) {
	switch {
	case p.peek().kind == value:
		v, _, err := p.value()
		return operand{literal: v}, err
	case p.atFunction() && p.peek().text == "size":
		p.next()
		p.next()
		path, err := p.path(Read)
		if err != nil {
			return operand{}, err
		}
		return operand{path: path, size: true}, p.expect(")")
	}
	path, err := p.path(Read)
	return operand{path: path}, err
}

// atFunction reports whether a word and an opening parenthesis follow.
func (p *parser) atFunction() bool {
	return p.peek().kind == word && len(p.tokens) > 1 && p.tokens[1].isSymbol("(") && !p.peek().is("NOT")
}

type comparison struct {
	op          string
	left, right operand
}

func (n comparison) eval(item crypto.Item) bool {
	return compareWith(n.op, n.left.value(item), n.right.value(item))
}

// compareWith applies a comparison operator. What is missing equals nothing.
func compareWith(op string, a, b types.AttributeValue) bool {
	switch op {
	case "=":
		return a != nil && b != nil && Equal(a, b)
	case "<>":
		return a == nil || b == nil || !Equal(a, b)
	}
	cmp, ok := Compare(a, b)
	if !ok {
		return false
	}
	switch op {
	case "<":
		return cmp < 0
	case "<=":
		return cmp <= 0
	case ">":
		return cmp > 0
	}
	return cmp >= 0
}

type between struct{ of, low, high operand }

func (n between) eval(item crypto.Item) bool {
	v := n.of.value(item)
	return compareWith(">=", v, n.low.value(item)) && compareWith("<=", v, n.high.value(item))
}

type in struct {
	of  operand
	any []operand
}

func (n in) eval(item crypto.Item) bool {
	v := n.of.value(item)
	for _, o := range n.any {
		if compareWith("=", v, o.value(item)) {
			return true
		}
	}
	return false
}

func (p *parser) comparison() (node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	switch {
	case p.acceptWord("BETWEEN"):
		low, err := p.operand()
		if err != nil {
			return nil, err
		}
		if !p.acceptWord("AND") {
			return nil, p.unexpected()
		}
		high, err := p.operand()
		if err != nil {
			return nil, err
		}
		return between{left, low, high}, checkBounds("BETWEEN", low.literal, high.literal)
	case p.acceptWord("IN"):
		return p.in(left)
	}
	t := p.peek()
	switch t.text {
	case "=", "<>", "<", "<=", ">", ">=":
		p.next()
	default:
		return nil, p.unexpected()
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	if left.same(right) {
		return nil, &Error{fmt.Sprintf("The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %s", t.text, left.path.list())}
	}
	if t.text != "=" && t.text != "<>" {
		for _, o := range []operand{left, right} {
			if err := checkOrdered(t.text, o.literal); err != nil {
				return nil, err
			}
		}
	}
	return comparison{t.text, left, right}, nil
}

func (p *parser) in(left operand) (node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	n := in{of: left}
	for {
		o, err := p.operand()
		if err != nil {
			return nil, err
		}
		if n.any = append(n.any, o); len(n.any) > maxInList {
			return nil, &Error{fmt.Sprintf("Invalid number of operands for operator or function; operator or function: IN, number of operands: %d", len(n.any))}
		}
		if !p.accept(",") {
			return n, p.expect(")")
		}
	}
}

// checkOrdered refuses a literal that has no order.
func checkOrdered(op string, literal types.AttributeValue) error {
	switch literal.(type) {
	case nil, *types.AttributeValueMemberS, *types.AttributeValueMemberN, *types.AttributeValueMemberB:
		return nil
	}
	return &Error{fmt.Sprintf("Incorrect operand type for operator or function; operator: %s, operand type: %s", op, TypeName(literal))}
}

// checkBounds refuses literal bounds that no value can be between.
func checkBounds(op string, low, high types.AttributeValue) error {
	for _, bound := range []types.AttributeValue{low, high} {
		if err := checkOrdered(op, bound); err != nil {
			return err
		}
	}
	if low == nil || high == nil {
		return nil
	}
	cmp, ok := Compare(low, high)
	if !ok {
		return &Error{"The BETWEEN operator requires same data type for lower and upper bounds"}
	}
	if cmp > 0 {
		return &Error{"The BETWEEN operator requires upper bound to be greater than or equal to lower bound"}
	}
	return nil
}
