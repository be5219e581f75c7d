package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The parameters that expressions replaced (KeyConditions, QueryFilter,
// ScanFilter, Expected, AttributeUpdates) are translated into expressions, so
// that everything else knows one language. Errors are *[Error].

// LegacyCondition translates a QueryFilter or ScanFilter; nil if there is none.
func LegacyCondition(conditions map[string]types.Condition, operator types.ConditionalOperator) (*Condition, error) {
	l := newLegacy()
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		c := conditions[name]
		if err := l.add(name, c.ComparisonOperator, c.AttributeValueList); err != nil {
			return nil, err
		}
	}
	return l.condition(operator)
}

// LegacyExpected translates Expected; nil if there is none.
func LegacyExpected(expected map[string]types.ExpectedAttributeValue, operator types.ConditionalOperator) (*Condition, error) {
	l := newLegacy()
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		e := expected[name]
		op, values := e.ComparisonOperator, e.AttributeValueList
		exists := e.Exists == nil || *e.Exists
		switch {
		case op != "" && (e.Value != nil || e.Exists != nil):
			return nil, &Error{"One or more parameter values were invalid: Value or Exists cannot be used with ComparisonOperator for Attribute: " + name}
		case op != "":
		case e.AttributeValueList != nil:
			return nil, &Error{"One or more parameter values were invalid: AttributeValueList can only be used with a ComparisonOperator for Attribute: " + name}
		case exists && e.Value != nil:
			op, values = types.ComparisonOperatorEq, []types.AttributeValue{e.Value}
		case !exists && e.Value == nil:
			op = types.ComparisonOperatorNull
		case !exists:
			return nil, &Error{"One or more parameter values were invalid: Value cannot be used when Exists is false for Attribute: " + name}
		default:
			return nil, &Error{"One or more parameter values were invalid: Value must be provided when Exists is true for Attribute: " + name}
		}
		if err := l.add(name, op, values); err != nil {
			return nil, err
		}
	}
	return l.condition(operator)
}

// LegacyKeyCondition translates KeyConditions; nil if there is none.
func LegacyKeyCondition(conditions map[string]types.Condition) (*KeyCondition, error) {
	if len(conditions) == 0 {
		return nil, nil
	}
	l := newLegacy()
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		c := conditions[name]
		switch c.ComparisonOperator {
		case types.ComparisonOperatorEq, types.ComparisonOperatorLe, types.ComparisonOperatorLt, types.ComparisonOperatorGe,
			types.ComparisonOperatorGt, types.ComparisonOperatorBetween, types.ComparisonOperatorBeginsWith:
		default:
			return nil, &Error{"Attempted conditional constraint is not an indexable operation"}
		}
		if err := l.add(name, c.ComparisonOperator, c.AttributeValueList); err != nil {
			return nil, err
		}
	}
	return ParseKeyCondition(strings.Join(l.terms, " AND "), l.params)
}

// legacy collects the terms of a translation.
type legacy struct {
	terms  []string
	params Params
}

func newLegacy() *legacy {
	return &legacy{params: Params{Names: make(map[string]string), Values: make(map[string]types.AttributeValue)}}
}

// legacyTerms are the operators' expressions, of the attribute and its values.
var legacyTerms = map[types.ComparisonOperator]struct {
	values int // -1: one or more
	format string
}{
	types.ComparisonOperatorEq:          {1, "%[1]s = %[2]s"},
	types.ComparisonOperatorNe:          {1, "%[1]s <> %[2]s"},
	types.ComparisonOperatorLe:          {1, "%[1]s <= %[2]s"},
	types.ComparisonOperatorLt:          {1, "%[1]s < %[2]s"},
	types.ComparisonOperatorGe:          {1, "%[1]s >= %[2]s"},
	types.ComparisonOperatorGt:          {1, "%[1]s > %[2]s"},
	types.ComparisonOperatorNotNull:     {0, "attribute_exists(%[1]s)"},
	types.ComparisonOperatorNull:        {0, "attribute_not_exists(%[1]s)"},
	types.ComparisonOperatorContains:    {1, "contains(%[1]s, %[2]s)"},
	types.ComparisonOperatorNotContains: {1, "NOT contains(%[1]s, %[2]s)"},
	types.ComparisonOperatorBeginsWith:  {1, "begins_with(%[1]s, %[2]s)"},
	types.ComparisonOperatorIn:          {-1, "%[1]s IN (%[2]s)"},
	types.ComparisonOperatorBetween:     {2, "%[1]s BETWEEN %[2]s AND %[3]s"},
}

func (l *legacy) add(name string, op types.ComparisonOperator, values []types.AttributeValue) error {
	term, ok := legacyTerms[op]
	if !ok {
		return &Error{fmt.Sprintf("Unsupported operator on attribute %s: %s", name, op)}
	}
	if term.values >= 0 && len(values) != term.values || term.values < 0 && len(values) == 0 {
		return &Error{fmt.Sprintf("One or more parameter values were invalid: Invalid number of argument(s) for the %s ComparisonOperator", op)}
	}
	placeholder := fmt.Sprintf("#n%d", len(l.params.Names))
	l.params.Names[placeholder] = name
	var list []string
	for _, v := range values {
		list = append(list, fmt.Sprintf(":v%d", len(l.params.Values)))
		l.params.Values[list[len(list)-1]] = v
	}
	args := []any{placeholder}
	switch {
	case term.values < 0:
		args = append(args, strings.Join(list, ", "))
	default:
		for _, v := range list {
			args = append(args, v)
		}
	}
	l.terms = append(l.terms, fmt.Sprintf(term.format, args...))
	return nil
}

func (l *legacy) condition(operator types.ConditionalOperator) (*Condition, error) {
	if len(l.terms) == 0 {
		return nil, nil
	}
	word := " AND "
	if operator == types.ConditionalOperatorOr {
		word = " OR "
	}
	return ParseCondition(strings.Join(l.terms, word), l.params)
}
