package expr

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Condition is a condition or filter expression.
type Condition struct {
	parsed
	root node
}

// ParseCondition parses a ConditionExpression or FilterExpression. Its errors
// are *[Error].
func ParseCondition(src string, params Params) (*Condition, error) {
	p, err := newParser(src, params)
	if err != nil {
		return nil, err
	}
	root, err := p.or()
	if err == nil {
		err = p.finish()
	}
	if err != nil {
		return nil, err
	}
	return &Condition{p.parsed(), root}, nil
}

// Eval reports whether the condition holds for item, which may be nil.
func (c *Condition) Eval(item crypto.Item) (bool, error) { return c.root.eval(item), nil }

// node is a part of a condition that is true or false.
type node interface {
	eval(item crypto.Item) bool
}

type (
	orNode  struct{ left, right node }
	andNode struct{ left, right node }
	notNode struct{ of node }
)

func (n orNode) eval(item crypto.Item) bool  { return n.left.eval(item) || n.right.eval(item) }
func (n andNode) eval(item crypto.Item) bool { return n.left.eval(item) && n.right.eval(item) }
func (n notNode) eval(item crypto.Item) bool { return !n.of.eval(item) }

func (p *parser) or() (node, error) {
	left, err := p.and()
	for err == nil && p.acceptWord("OR") {
		var right node
		right, err = p.and()
		left = orNode{left, right}
	}
	return left, err
}

func (p *parser) and() (node, error) {
	left, err := p.not()
	for err == nil && p.acceptWord("AND") {
		var right node
		right, err = p.not()
		left = andNode{left, right}
	}
	return left, err
}

func (p *parser) not() (node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if p.acceptWord("NOT") {
		of, err := p.not()
		return notNode{of}, err
	}
	if p.accept("(") {
		of, err := p.or()
		if err != nil {
			return nil, err
		}
		return of, p.expect(")")
	}
	if p.atFunction() && p.peek().text != "size" {
		return p.function()
	}
	return p.comparison()
}

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
	return &Error{fmt.Sprintf("Incorrect operand type for operator or function; operator: %s, operand type: %s", op, typeName(literal))}
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

type exists struct {
	path Path
	want bool
}

func (n exists) eval(item crypto.Item) bool { return (lookup(item, n.path) != nil) == n.want }

type hasType struct {
	path Path
	want string
}

func (n hasType) eval(item crypto.Item) bool {
	v := lookup(item, n.path)
	return v != nil && typeName(v) == n.want
}

type beginsWith struct{ of, prefix operand }

func (n beginsWith) eval(item crypto.Item) bool {
	return hasPrefix(n.of.value(item), n.prefix.value(item))
}

type containsNode struct{ of, part operand }

func (n containsNode) eval(item crypto.Item) bool {
	return contains(n.of.value(item), n.part.value(item))
}

// function reads a function that is true or false.
func (p *parser) function() (node, error) {
	f := p.next().text
	p.next() // the parenthesis
	var n node
	switch f {
	case "attribute_exists", "attribute_not_exists":
		path, err := p.path(Exists)
		if err != nil {
			return nil, err
		}
		n = exists{path, f == "attribute_exists"}
	case "attribute_type":
		path, err := p.path(Read)
		if err != nil {
			return nil, err
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
		v, _, err := p.value()
		if err != nil {
			return nil, err
		}
		want, ok := v.(*types.AttributeValueMemberS)
		if !ok || !strings.Contains(" S N B SS NS BS M L BOOL NULL ", " "+want.Value+" ") {
			return nil, &Error{"Invalid attribute type name found; type: " + typeName(v)}
		}
		n = hasType{path, want.Value}
	case "begins_with", "contains":
		of, part, err := p.twoOperands()
		if err != nil {
			return nil, err
		}
		n = containsNode{of, part}
		if f == "begins_with" {
			if err := checkPrefix(part.literal); err != nil {
				return nil, err
			}
			n = beginsWith{of, part}
		}
	default:
		return nil, &Error{"Invalid function name; function: " + f}
	}
	return n, p.expect(")")
}

func (p *parser) twoOperands() (first, second operand, err error) {
	if first, err = p.operand(); err != nil {
		return
	}
	if err = p.expect(","); err != nil {
		return
	}
	if second, err = p.operand(); err == nil && first.same(second) {
		err = &Error{"The first operand must be distinct from the remaining operands for this operator or function; first operand: " + first.path.list()}
	}
	return
}

func checkPrefix(literal types.AttributeValue) error {
	switch literal.(type) {
	case nil, *types.AttributeValueMemberS, *types.AttributeValueMemberB:
		return nil
	}
	return &Error{"Incorrect operand type for operator or function; operator or function: begins_with, operand type: " + typeName(literal)}
}
