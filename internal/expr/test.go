package expr

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Test is a part of a condition that compares one attribute with literal values,
// or tests whether it exists.
type Test struct {
	Path Path
	// Op is a comparator such as "=", or "BETWEEN", "IN", "begins_with",
	// "contains", "attribute_type", "attribute_exists" or
	// "attribute_not_exists".
	Op     string
	Values []types.AttributeValue
}

// flipped holds the comparators for exchanged operands.
var flipped = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// testOf returns the test that a leaf of a condition makes. It reports false for
// leaves of another form, such as comparisons of two attributes or of sizes.
func testOf(n node) (Test, bool) {
	switch n := n.(type) {
	case comparison:
		if n.left.literal != nil {
			return newTest(flipped[n.op], n.right, n.left)
		}
		return newTest(n.op, n.left, n.right)
	case between:
		return newTest("BETWEEN", n.of, n.low, n.high)
	case in:
		return newTest("IN", n.of, n.any...)
	case beginsWith:
		return newTest("begins_with", n.of, n.prefix)
	case containsNode:
		return newTest("contains", n.of, n.part)
	case hasType:
		return newTest("attribute_type", n.of, operand{literal: &types.AttributeValueMemberS{Value: n.want}})
	case exists:
		if n.want {
			return newTest("attribute_exists", operand{path: n.path})
		}
		return newTest("attribute_not_exists", operand{path: n.path})
	}
	return Test{}, false
}

func newTest(op string, of operand, with ...operand) (Test, bool) {
	if of.path == nil || of.size {
		return Test{}, false
	}
	t := Test{Path: of.path, Op: op}
	for _, o := range with {
		if o.literal == nil || o.size {
			return Test{}, false
		}
		t.Values = append(t.Values, o.literal)
	}
	return t, true
}

// Tests returns the tests in the condition, at any depth.
func (c *Condition) Tests() []Test {
	var all []Test
	var walk func(node)
	walk = func(n node) {
		switch n := n.(type) {
		case andNode:
			walk(n.left)
			walk(n.right)
		case orNode:
			walk(n.left)
			walk(n.right)
		case notNode:
			walk(n.of)
		default:
			if t, ok := testOf(n); ok {
				all = append(all, t)
			}
		}
	}
	walk(c.root)
	return all
}

// Tests returns the terms as tests.
func (k *KeyCondition) Tests() []Test {
	tests := make([]Test, len(k.terms))
	for i, t := range k.terms {
		tests[i] = t.Test()
	}
	return tests
}

// Test returns the term as a test.
func (t KeyTerm) Test() Test {
	op := map[Op]string{OpBetween: "BETWEEN", OpBeginsWith: "begins_with"}[t.Op]
	for symbol, o := range keyOps {
		if o == t.Op {
			op = symbol
		}
	}
	return Test{Path{{Name: t.Name}}, op, slices.Clone(t.Values)}
}

// Weaken returns the source of a condition that holds for every item for which
// c holds. leaf returns the same for a test; it reports false if it knows of no
// such condition. Source with an OR must be in parentheses. Weaken reports false
// if only a condition that always holds is left.
func (c *Condition) Weaken(leaf func(Test) (source string, ok bool)) (source string, ok bool) {
	return weaken(c.root, leaf)
}

func weaken(n node, leaf func(Test) (string, bool)) (string, bool) {
	switch n := n.(type) {
	case andNode:
		left, ok1 := weaken(n.left, leaf)
		right, ok2 := weaken(n.right, leaf)
		switch {
		case ok1 && ok2:
			return left + " AND " + right, true
		case ok1:
			return left, true
		}
		return right, ok2
	case orNode:
		left, ok := weaken(n.left, leaf)
		if !ok {
			return "", false
		}
		right, ok := weaken(n.right, leaf)
		return "(" + left + " OR " + right + ")", ok
	case notNode:
		return "", false // a weaker condition, negated, is a stronger one
	}
	if t, ok := testOf(n); ok {
		return leaf(t)
	}
	return "", false
}
