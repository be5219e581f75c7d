package expr

import (
	"slices"
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
	of   operand
	want string
}

func (n hasType) eval(item crypto.Item) bool {
	v := n.of.value(item)
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

// attributeTypes holds the types that attribute_type accepts.
var attributeTypes = []string{"S", "N", "B", "SS", "NS", "BS", "L", "M", "BOOL", "NULL"}

// predicate parses a function whose result is true or false.
func (p *parser) predicate() (node, error) {
	f, err := p.function()
	if err != nil {
		return nil, err
	}
	var n node
	switch f {
	case "attribute_exists", "attribute_not_exists":
		var path Path
		path, err = p.groupedPath(Exists)
		n = exists{path, f == "attribute_exists"}
	case "attribute_type":
		n, err = p.attributeType()
	case "begins_with":
		var of, prefix operand
		of, prefix, err = p.twoOperands(f, "S", "B")
		n = beginsWith{of, prefix}
	case "contains":
		var of, part operand
		of, part, err = p.twoOperands(f, attributeTypes...)
		n = containsNode{of, part}
	default:
		return nil, unknownFunction(f)
	}
	if err != nil {
		return nil, err
	}
	return n, p.expect(")")
}

func unknownFunction(f string) *Error {
	return &Error{"Invalid function name; function: " + f}
}

func (p *parser) attributeType() (node, error) {
	of, name, err := p.twoOperands("attribute_type", attributeTypes...)
	if err != nil {
		return nil, err
	}
	if name.literal == nil || name.size {
		return nil, &Error{"Operator or function requires a literal; operator or function: attribute_type"}
	}
	if err := name.checkType("attribute_type", "S"); err != nil {
		return nil, err
	}
	want := name.literal.(*types.AttributeValueMemberS).Value
	if !slices.Contains(attributeTypes, want) {
		return nil, &Error{"Invalid attribute type name found; valid types: {" + strings.Join(attributeTypes, ",") + "}"}
	}
	return hasType{of, want}, nil
}

// twoOperands parses the operands of a function, which must have one of the
// allowed types.
func (p *parser) twoOperands(f string, allowed ...string) (first, second operand, err error) {
	if first, err = p.operand(); err != nil {
		return
	}
	if err = p.expect(","); err != nil {
		return
	}
	if second, err = p.operand(); err != nil {
		return
	}
	for _, o := range []operand{first, second} {
		if err = o.checkType(f, allowed...); err != nil {
			return
		}
	}
	return first, second, first.checkDistinct(f, second)
}
