package mappertest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// parameter is a request parameter that belongs either to the expressions or to
// the legacy parameters.
type parameter struct {
	name  string
	given bool
}

// checkMix returns an error if a request has both expressions and legacy
// parameters. The message lists both in the service's order.
func checkMix(legacy, expressions []parameter) error {
	old, new := given(legacy), given(expressions)
	if old == "" || new == "" {
		return nil
	}
	return invalid("Can not use both expression and non-expression parameters in the same request: "+
		"Non-expression parameters: {%s} Expression parameters: {%s}", old, new)
}

func given(parameters []parameter) string {
	var names []string
	for _, p := range parameters {
		if p.given {
			names = append(names, p.name)
		}
	}
	return strings.Join(names, ", ")
}

// ofLegacy returns the error for a legacy parameter.
func ofLegacy(err error) error { return ofUpdate(err) }

// storeValues copies the values of a legacy parameter.
func storeValues(values []types.AttributeValue) ([]types.AttributeValue, error) {
	if values == nil {
		return nil, nil
	}
	stored := make([]types.AttributeValue, len(values))
	for i, v := range values {
		var err error
		if stored[i], err = storeValue(v); err != nil {
			return nil, err
		}
	}
	return stored, nil
}

func storeConditions(conditions map[string]types.Condition) (map[string]types.Condition, error) {
	stored := make(map[string]types.Condition, len(conditions))
	for name, c := range conditions {
		var err error
		if c.AttributeValueList, err = storeValues(c.AttributeValueList); err != nil {
			return nil, err
		}
		stored[name] = c
	}
	return stored, nil
}

// legacyFilter returns a QueryFilter or ScanFilter as a condition, or nil if
// there is none.
func legacyFilter(conditions map[string]types.Condition, operator types.ConditionalOperator) (*expr.Condition, error) {
	stored, err := storeConditions(conditions)
	if err != nil {
		return nil, err
	}
	c, err := expr.LegacyCondition(stored, operator)
	return c, ofLegacy(err)
}

func legacyExpected(
	expected map[string]types.ExpectedAttributeValue, operator types.ConditionalOperator,
) (*expr.Condition, error) {
	stored := make(map[string]types.ExpectedAttributeValue, len(expected))
	for name, e := range expected {
		var err error
		if e.AttributeValueList, err = storeValues(e.AttributeValueList); err != nil {
			return nil, err
		}
		if !crypto.IsNil(e.Value) {
			if e.Value, err = storeValue(e.Value); err != nil {
				return nil, err
			}
		}
		stored[name] = e
	}
	c, err := expr.LegacyExpected(stored, operator)
	return c, ofLegacy(err)
}

func legacyUpdate(updates map[string]types.AttributeValueUpdate) (*expr.Update, error) {
	stored := make(map[string]types.AttributeValueUpdate, len(updates))
	for name, u := range updates {
		if !crypto.IsNil(u.Value) {
			var err error
			if u.Value, err = storeValue(u.Value); err != nil {
				return nil, err
			}
		}
		stored[name] = u
	}
	u, err := expr.LegacyUpdate(stored)
	return u, ofLegacy(err)
}
