package mappertest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// maxConstraints limits how many violations the service reports at once.
const maxConstraints = 10

// constraints collects violations by the parameters of a request alone. The
// service checks these first, in a different order for each operation, and
// reports them together.
type constraints []string

// check adds a violation unless ok.
func (c *constraints) check(ok bool, value, at, rule string) {
	if !ok && len(*c) < maxConstraints {
		*c = append(*c, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, at, rule))
	}
}

// err returns the violations as one error.
func (c constraints) err() error {
	if len(c) == 0 {
		return nil
	}
	plural := ""
	if len(c) > 1 {
		plural = "s"
	}
	return invalid("%d validation error%s detected: %s", len(c), plural, strings.Join(c, "; "))
}

func quoted[T any](v T) string { return fmt.Sprintf("'%v'", v) }

// required checks that a parameter is present.
func (c *constraints) required(there bool, at string) {
	c.check(there, "null", at, "Member must not be null")
}

// oneOf checks that a parameter has one of the allowed values. An empty string
// means that it is missing.
func oneOf[T ~string](c *constraints, at string, v T, allowed ...T) {
	texts := make([]string, len(allowed))
	for i, a := range allowed {
		texts[i] = string(a)
	}
	c.check(v == "" || slices.Contains(allowed, v), quoted(v), at,
		"Member must satisfy enum value set: ["+strings.Join(texts, ", ")+"]")
}

// atLeast checks the minimum of a number.
func (c *constraints) atLeast(at string, v *int32, least int32) {
	if v != nil {
		c.check(*v >= least, quoted(*v), at, fmt.Sprintf("Member must have value greater than or equal to %d", least))
	}
}

// length checks the minimum and maximum length of a parameter. shown is the
// value as the service's message shows it.
func (c *constraints) length(at, shown string, length, least, most int) {
	c.check(length >= least, shown, at, fmt.Sprintf("Member must have length greater than or equal to %d", least))
	c.check(length <= most, shown, at, fmt.Sprintf("Member must have length less than or equal to %d", most))
}

const namePattern = "[a-zA-Z0-9_.-]+"

var nameCharacters = regexp.MustCompile("^" + namePattern + "$")

// name checks the name of a table or index.
func (c *constraints) name(at string, name string) {
	name = arn.TableName(name)
	c.check(nameCharacters.MatchString(name), quoted(name), at,
		"Member must satisfy regular expression pattern: "+namePattern)
	c.length(at, quoted(name), len(name), 3, 255)
}

// tableName checks the name of a request's table.
func (c *constraints) tableName(name *string) {
	if c.required(name != nil, "tableName"); name != nil {
		c.name("tableName", *name)
	}
}

func (c *constraints) capacity(v types.ReturnConsumedCapacity) {
	oneOf(c, "returnConsumedCapacity", v, types.ReturnConsumedCapacityIndexes, types.ReturnConsumedCapacityTotal,
		types.ReturnConsumedCapacityNone)
}

func (c *constraints) metrics(v types.ReturnItemCollectionMetrics) {
	oneOf(c, "returnItemCollectionMetrics", v, types.ReturnItemCollectionMetricsSize,
		types.ReturnItemCollectionMetricsNone)
}

func (c *constraints) returnValues(v types.ReturnValue) {
	oneOf(c, "returnValues", v, types.ReturnValueAllNew, types.ReturnValueUpdatedOld, types.ReturnValueAllOld,
		types.ReturnValueNone, types.ReturnValueUpdatedNew)
}

func (c *constraints) onFailure(v types.ReturnValuesOnConditionCheckFailure) {
	oneOf(c, "returnValuesOnConditionCheckFailure", v, types.ReturnValuesOnConditionCheckFailureAllOld,
		types.ReturnValuesOnConditionCheckFailureNone)
}

func (c *constraints) conditionalOperator(v types.ConditionalOperator) {
	oneOf(c, "conditionalOperator", v, types.ConditionalOperatorOr, types.ConditionalOperatorAnd)
}

func (c *constraints) attributesToGet(at string, names []string) {
	if names != nil {
		c.length(at, "'["+strings.Join(names, ", ")+"]'", len(names), 1, 255)
	}
}

func (c *constraints) selects(v types.Select) {
	oneOf(c, "select", v, types.SelectSpecificAttributes, types.SelectCount, types.SelectAllAttributes,
		types.SelectAllProjectedAttributes)
}

// filter checks the operators of a legacy filter.
func (c *constraints) filter(at string, conditions map[string]types.Condition) {
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		op, at := conditions[name].ComparisonOperator, at+"."+name+".member.comparisonOperator"
		c.required(op != "", at)
		oneOf(c, at, op, expr.LegacyOperators...)
	}
}

func (c *constraints) expected(expected map[string]types.ExpectedAttributeValue) {
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		oneOf(c, "expected."+name+".member.comparisonOperator", expected[name].ComparisonOperator, expr.LegacyOperators...)
	}
}

// requestItems checks the tables of a batch.
func (c *constraints) requestItems(there bool, names []string) {
	const at = "requestItems"
	if c.required(there, at); !there {
		return
	}
	c.check(len(names) >= 1, some(len(names), "{", "}"), at, "Member must have length greater than or equal to 1")
	c.check(!slices.ContainsFunc(names, func(n string) bool { return !validName.MatchString(arn.TableName(n)) }),
		some(len(names), "{", "}"), at,
		"Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length "+
			"greater than or equal to 3, "+
			"Member must satisfy regular expression pattern: "+namePattern+"]")
}

// some represents a list or map. The service's message for one that is not
// empty depends on its implementation.
func some(n int, left, right string) string {
	if n > 0 {
		return "'" + left + "…" + right + "'"
	}
	return "'" + left + right + "'"
}
