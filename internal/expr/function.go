package expr

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

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
	return v != nil && TypeName(v) == n.want
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
			return nil, &Error{"Invalid attribute type name found; type: " + TypeName(v)}
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
	return &Error{"Incorrect operand type for operator or function; operator or function: begins_with, operand type: " + TypeName(literal)}
}
