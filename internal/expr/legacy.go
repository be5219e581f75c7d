package expr

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// The legacy parameters are older than expressions: Expected, QueryFilter,
// ScanFilter, KeyConditions and AttributeUpdates. They are translated into the
// same conditions and updates that expressions are parsed into. They name
// top-level attributes only, and have no placeholders.

// LegacyCondition translates a QueryFilter or ScanFilter. It returns nil if the
// filter has no conditions. The error is an *[Error] with the server's complete
// message.
func LegacyCondition(filter map[string]types.Condition, operator types.ConditionalOperator) (*Condition, error) {
	var b legacyBuilder
	for _, name := range slices.Sorted(maps.Keys(filter)) {
		c := filter[name]
		if err := b.add(name, c.ComparisonOperator, c.AttributeValueList); err != nil {
			return nil, err
		}
	}
	return b.condition(operator)
}

// LegacyExpected translates Expected in the same way as [LegacyCondition]
// translates a filter.
func LegacyExpected(
	expected map[string]types.ExpectedAttributeValue, operator types.ConditionalOperator,
) (*Condition, error) {
	var b legacyBuilder
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		op, values, err := expectation(name, expected[name])
		if err != nil {
			return nil, err
		}
		if err := b.add(name, op, values); err != nil {
			return nil, err
		}
	}
	return b.condition(operator)
}

// expectation normalizes the two ways to specify an expected value. It
// translates Value with Exists to a ComparisonOperator with an
// AttributeValueList.
func expectation(
	name string, e types.ExpectedAttributeValue,
) (types.ComparisonOperator, []types.AttributeValue, error) {
	hasValue := !crypto.IsNil(e.Value)
	switch {
	case hasValue && e.AttributeValueList != nil:
		return "", nil, legacyError("Value and AttributeValueList cannot be used together for Attribute: %s", name)
	case e.ComparisonOperator != "" && e.Exists != nil:
		return "", nil, legacyError("Exists and ComparisonOperator cannot be used together for Attribute: %s", name)
	case e.ComparisonOperator != "":
		values := e.AttributeValueList
		if hasValue {
			values = []types.AttributeValue{e.Value}
		}
		if values == nil && legacyOperators[e.ComparisonOperator].least > 0 {
			return "", nil, legacyError("Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: %s",
				e.ComparisonOperator, name)
		}
		return e.ComparisonOperator, values, nil
	case e.AttributeValueList != nil:
		return "", nil, legacyError("AttributeValueList can only be used with a ComparisonOperator for Attribute: %s", name)
	case e.Exists != nil && !*e.Exists && hasValue:
		return "", nil, legacyError("Value cannot be used when Exists is false for Attribute: %s", name)
	case e.Exists != nil && !*e.Exists:
		return types.ComparisonOperatorNull, nil, nil
	case !hasValue && e.Exists == nil:
		return "", nil, legacyError("Value must be provided when Exists is null for Attribute: %s", name)
	case !hasValue:
		return "", nil, legacyError("Value must be provided when Exists is true for Attribute: %s", name)
	}
	return types.ComparisonOperatorEq, []types.AttributeValue{e.Value}, nil
}

// LegacyKeyCondition translates KeyConditions.
func LegacyKeyCondition(conditions map[string]types.Condition) (*KeyCondition, error) {
	k := &KeyCondition{}
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		c := conditions[name]
		if err := checkLegacy(c.ComparisonOperator, c.AttributeValueList); err != nil {
			return nil, err
		}
		op, ok := legacyKeyOps[c.ComparisonOperator]
		if !ok {
			return nil, &Error{"Attempted conditional constraint is not an indexable operation"}
		}
		k.terms = append(k.terms, KeyTerm{name, op, slices.Clone(c.AttributeValueList)})
		k.uses = append(k.uses, Use{Path{{Name: name}}, Read})
	}
	return k, nil
}

var legacyKeyOps = map[types.ComparisonOperator]Op{
	types.ComparisonOperatorEq: OpEqual, types.ComparisonOperatorLt: OpLess, types.ComparisonOperatorLe: OpLessOrEqual,
	types.ComparisonOperatorGt: OpGreater, types.ComparisonOperatorGe: OpGreaterOrEqual,
	types.ComparisonOperatorBetween: OpBetween, types.ComparisonOperatorBeginsWith: OpBeginsWith,
}

// legacyBuilder collects conditions.
type legacyBuilder struct {
	nodes []node
	uses  []Use
}

func (b *legacyBuilder) add(name string, op types.ComparisonOperator, values []types.AttributeValue) error {
	if err := checkLegacy(op, values); err != nil {
		return err
	}
	path := Path{{Name: name}}
	use := Use{path, Read}
	if op == types.ComparisonOperatorNull || op == types.ComparisonOperatorNotNull {
		use.Kind = Exists
	}
	b.nodes, b.uses = append(b.nodes, legacyNode(path, op, values)), append(b.uses, use)
	return nil
}

// condition combines the conditions, with AND unless the operator is OR.
func (b *legacyBuilder) condition(operator types.ConditionalOperator) (*Condition, error) {
	switch {
	case operator == "":
	case operator != types.ConditionalOperatorAnd && operator != types.ConditionalOperatorOr:
		return nil, &Error{fmt.Sprintf("1 validation error detected: Value '%s' at 'conditionalOperator' failed to satisfy "+
			"constraint: Member must satisfy enum value set: [OR, AND]", operator)}
	case len(b.nodes) == 0:
		return nil, &Error{"ConditionalOperator cannot be used without Filter or Expected"}
	case len(b.nodes) == 1:
		return nil, &Error{"ConditionalOperator can only be used when Filter or Expected has two or more elements"}
	}
	if len(b.nodes) == 0 {
		return nil, nil
	}
	root := b.nodes[0]
	for _, n := range b.nodes[1:] {
		if operator == types.ConditionalOperatorOr {
			root = orNode{root, n}
		} else {
			root = andNode{root, n}
		}
	}
	return &Condition{parsed: parsed{uses: b.uses}, root: root}, nil
}

// legacyNode translates a condition that has been checked.
func legacyNode(path Path, op types.ComparisonOperator, values []types.AttributeValue) node {
	of := operand{path: path}
	literals := make([]operand, len(values))
	for i, v := range values {
		literals[i] = operand{literal: v}
	}
	switch op {
	case types.ComparisonOperatorNull:
		return exists{path, false}
	case types.ComparisonOperatorNotNull:
		return exists{path, true}
	case types.ComparisonOperatorIn:
		return in{of, literals}
	case types.ComparisonOperatorBetween:
		return between{of, literals[0], literals[1]}
	case types.ComparisonOperatorBeginsWith:
		return beginsWith{of, literals[0]}
	case types.ComparisonOperatorContains:
		return containsNode{of, literals[0]}
	case types.ComparisonOperatorNotContains:
		return notNode{containsNode{of, literals[0]}}
	}
	return comparison{legacySymbols[op], of, literals[0]}
}

var legacySymbols = map[types.ComparisonOperator]string{
	types.ComparisonOperatorEq: "=", types.ComparisonOperatorNe: "<>", types.ComparisonOperatorLt: "<",
	types.ComparisonOperatorLe: "<=", types.ComparisonOperatorGt: ">", types.ComparisonOperatorGe: ">=",
}

// legacyOperators holds the minimum and maximum number of values of each
// comparison operator, and their types: nil means all.
var legacyOperators = map[types.ComparisonOperator]struct {
	least, most int
	types       []string
}{
	types.ComparisonOperatorEq:          {1, 1, nil},
	types.ComparisonOperatorNe:          {1, 1, nil},
	types.ComparisonOperatorLt:          {1, 1, scalars},
	types.ComparisonOperatorLe:          {1, 1, scalars},
	types.ComparisonOperatorGt:          {1, 1, scalars},
	types.ComparisonOperatorGe:          {1, 1, scalars},
	types.ComparisonOperatorNull:        {0, 0, nil},
	types.ComparisonOperatorNotNull:     {0, 0, nil},
	types.ComparisonOperatorContains:    {1, 1, scalars},
	types.ComparisonOperatorNotContains: {1, 1, scalars},
	types.ComparisonOperatorBeginsWith:  {1, 1, []string{"S", "B"}},
	types.ComparisonOperatorIn:          {1, maxInList, scalars},
	types.ComparisonOperatorBetween:     {2, 2, scalars},
}

var scalars = []string{"S", "N", "B"}

// LegacyOperators holds the comparison operators in the order of the server's
// messages.
var LegacyOperators = []types.ComparisonOperator{
	"IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE", "CONTAINS",
}

// checkLegacy checks the values of a comparison operator.
func checkLegacy(op types.ComparisonOperator, values []types.AttributeValue) error {
	takes, ok := legacyOperators[op]
	if !ok {
		return legacyError("Unknown ComparisonOperator: %s", op)
	}
	if len(values) < takes.least || len(values) > takes.most {
		return legacyError("Invalid number of argument(s) for the %s ComparisonOperator", op)
	}
	for _, v := range values {
		switch kind := TypeName(v); {
		case crypto.IsNil(v):
			return &Error{"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"}
		case kind != TypeName(values[0]):
			return legacyError("AttributeValues inside AttributeValueList must be of same type")
		case takes.types != nil && !slices.Contains(takes.types, kind):
			return legacyError("ComparisonOperator %s is not valid for %s AttributeValue type", op, kind)
		}
	}
	if op == types.ComparisonOperatorBetween {
		if order, ok := Compare(values[0], values[1]); ok && order > 0 {
			return &Error{"The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"}
		}
	}
	return nil
}

func legacyError(format string, args ...any) *Error {
	return &Error{"One or more parameter values were invalid: " + fmt.Sprintf(format, args...)}
}
