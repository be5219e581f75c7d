package expr

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// operand is one side of a comparison: a path, a value, or the size of either.
type operand struct {
	path    Path
	literal types.AttributeValue
	size    bool
}

// value returns the operand's value for item, or nil if it has none.
func (o operand) value(item crypto.Item) types.AttributeValue {
	v := o.literal
	if o.path != nil {
		v = lookup(item, o.path)
	}
	if o.size {
		return sizeOf(v)
	}
	return v
}

// typeName returns the operand's type if it is the same for every item, and an
// empty string otherwise.
func (o operand) typeName() string {
	switch {
	case o.size:
		return "N"
	case o.literal != nil:
		return TypeName(o.literal)
	}
	return ""
}

// checkType returns an error if the operand can never have one of the allowed
// types.
func (o operand) checkType(operator string, allowed ...string) error {
	if t := o.typeName(); t != "" && !slices.Contains(allowed, t) {
		return &Error{fmt.Sprintf("Incorrect operand type for operator or function; operator or function: %s, operand "+
			"type: %s", operator, t)}
	}
	return nil
}

// checkDistinct returns an error if the operand is a path that is also one of
// the others.
func (o operand) checkDistinct(operator string, others ...operand) error {
	for _, other := range others {
		if o.path != nil && !o.size && !other.size && slices.Equal(o.path, other.path) {
			return &Error{fmt.Sprintf("The first operand must be distinct from the remaining operands for this operator or "+
				"function; operator: %s, first operand: %s", operator, o.path.list())}
		}
	}
	return nil
}

func (p *parser) operand() (o operand, err error) {
	switch {
	case p.peek().kind == value:
		o.literal, err = p.value()
		return o, err
	case p.atGroup():
		err = p.group(func() error {
			o, err = p.operand()
			return err
		})
		return o, err
	case p.atFunction():
		if f := p.peek().text; f != "size" {
			return o, unknownFunction(f)
		}
		return p.size()
	}
	o.path, err = p.path(Read)
	return o, err
}

func (p *parser) size() (operand, error) {
	if err := p.enter(); err != nil {
		return operand{}, err
	}
	defer p.leave()
	f, err := p.function()
	if err != nil {
		return operand{}, err
	}
	of, err := p.operand()
	if err != nil {
		return operand{}, err
	}
	if err := of.checkType(f, "S", "B", "SS", "NS", "BS", "L", "M"); err != nil {
		return operand{}, err
	}
	of.size = true
	return of, p.expect(")")
}

type comparison struct {
	op          string
	left, right operand
}

func (n comparison) eval(item crypto.Item) bool {
	return compareWith(n.op, n.left.value(item), n.right.value(item))
}

// compareWith applies a comparison operator. A missing value is not equal to
// anything.
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

// isComparator reports whether the token can follow the first operand of a
// comparison.
func (t token) isComparator() bool {
	if t.kind == symbol {
		switch t.text {
		case "=", "<>", "<", "<=", ">", ">=":
			return true
		}
	}
	return t.is("BETWEEN") || t.is("IN")
}

func (p *parser) comparison() (node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	if !p.peek().isComparator() {
		return nil, p.unexpected()
	}
	op, err := p.operator()
	switch {
	case err != nil:
		return nil, err
	case op.is("BETWEEN"):
		return p.between(left)
	case op.is("IN"):
		return p.in(left)
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	if op.text != "=" && op.text != "<>" {
		for _, o := range []operand{left, right} {
			if err := o.checkType(op.text, "S", "N", "B"); err != nil {
				return nil, err
			}
		}
	}
	return comparison{op.text, left, right}, left.checkDistinct(op.text, right)
}

func (p *parser) between(of operand) (node, error) {
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
	if err := of.checkDistinct("BETWEEN", low, high); err != nil {
		return nil, err
	}
	return between{of, low, high}, checkBetween(of, low, high)
}

func (p *parser) in(of operand) (node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	n := in{of: of}
	for {
		o, err := p.operand()
		if err != nil {
			return nil, err
		}
		n.any = append(n.any, o)
		if !p.accept(",") {
			break
		}
	}
	if len(n.any) > maxInList {
		return nil, &Error{fmt.Sprintf("The IN operator is provided with too many operands; number of operands: %d",
			len(n.any))}
	}
	if err := of.checkDistinct("IN", n.any...); err != nil {
		return nil, err
	}
	return n, p.expect(")")
}

// checkBetween returns an error if the operands have no order or if no value
// can be between the bounds.
func checkBetween(of, low, high operand) error {
	for _, o := range []operand{of, low, high} {
		if err := o.checkType("BETWEEN", "S", "N", "B"); err != nil {
			return err
		}
	}
	if low.literal == nil || high.literal == nil || low.size || high.size {
		return nil
	}
	cmp, ok := Compare(low.literal, high.literal)
	if !ok {
		return &Error{"The BETWEEN operator requires same data type for lower and upper bounds"}
	}
	if cmp > 0 {
		return &Error{"The BETWEEN operator requires upper bound to be greater than or equal to lower bound"}
	}
	return nil
}
