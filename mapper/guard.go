package mapper

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Why requests are refused. Each says what to do instead.
const (
	whyEncrypted = "DynamoDB sees only the ciphertext of an encrypted attribute, so it can neither compare it nor work with it; " +
		"check the value after reading, or declare the attribute with `ddbenc:\"sign\"` (attribute_exists and attribute_not_exists do work)"
	whySigned = "an update in place would break the item's signature; use Repository.Modify, " +
		"put the whole item, or declare the attribute with `ddbenc:\"none\"`"
	whyReserved = "the attribute belongs to the item format and may only change together with the item"
	whyLegacy   = "the legacy parameters Expected and AttributeUpdates cannot carry the condition that keeps the item whole; " +
		"use UpdateExpression and ConditionExpression"
)

// guardRead refuses what DynamoDB cannot do with ciphertext.
func (t *table) guardRead(op, attribute string) error {
	if t.info.IsKey(attribute) || t.reserved(attribute) || t.action(attribute) != crypto.Encrypt {
		return nil
	}
	return t.unsupported(op, attribute, whyEncrypted)
}

// guardWrite refuses what would break the item's signature.
func (t *table) guardWrite(op, attribute string) error {
	switch {
	case t.reserved(attribute):
		return t.unsupported(op, attribute, whyReserved)
	case t.info.IsKey(attribute) || t.action(attribute).Signed():
		return t.unsupported(op, attribute, whySigned)
	}
	return nil
}

// guard checks everything that an expression touches.
func (t *table) guard(op string, uses []expr.Use) error {
	for _, use := range uses {
		attribute := use.Path.Root()
		var err error
		switch {
		case use.Kind == expr.Write:
			err = t.guardWrite(op, attribute)
		case use.Kind == expr.Exists && len(use.Path) == 1:
			// A sealed attribute is there exactly when the plain one is.
		default:
			err = t.guardRead(op, attribute)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// guardCondition checks a condition or filter, which may be nil, and returns
// it parsed. It fails closed: what cannot be parsed here is not sent.
func (t *table) guardCondition(op string, source *string, params expr.Params) (*expr.Condition, error) {
	if source == nil {
		return nil, nil
	}
	condition, err := expr.ParseCondition(*source, params)
	if err != nil {
		return nil, t.badExpression(op, "condition", err)
	}
	return condition, t.guard(op, condition.Uses())
}

// guardKeyCondition is guardCondition for a key condition.
func (t *table) guardKeyCondition(op string, source *string, params expr.Params) (*expr.KeyCondition, error) {
	if source == nil {
		return nil, nil
	}
	condition, err := expr.ParseKeyCondition(*source, params)
	if err != nil {
		return nil, t.badExpression(op, "key condition", err)
	}
	return condition, t.guard(op, condition.Uses())
}

// guardLegacy checks the attribute names of a legacy condition: KeyConditions,
// QueryFilter, ScanFilter.
func (t *table) guardLegacy(op string, conditions map[string]types.Condition) error {
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		switch conditions[name].ComparisonOperator {
		case types.ComparisonOperatorNull, types.ComparisonOperatorNotNull:
			continue // whether it is there, whatever its value
		}
		if err := t.guardRead(op, name); err != nil {
			return err
		}
	}
	return nil
}

// guardExpected is guardLegacy for Expected.
func (t *table) guardExpected(op string, expected map[string]types.ExpectedAttributeValue) error {
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		e := expected[name]
		onlyExistence := e.Value == nil && len(e.AttributeValueList) == 0
		if onlyExistence {
			continue
		}
		if err := t.guardRead(op, name); err != nil {
			return err
		}
	}
	return nil
}

// badExpression is for what the expression parser does not accept. Its errors
// hold no item values.
func (t *table) badExpression(op, what string, err error) error {
	var parse *expr.Error
	if !errors.As(err, &parse) {
		return t.fail(op, "", err)
	}
	return t.fail(op, "", fmt.Errorf("%w: the %s expression cannot be checked: %w", crypto.ErrUnsupported, what, err))
}
