package mapper

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Why requests are refused. Each says what to do instead.
const (
	whyEncrypted = "DynamoDB sees only the ciphertext of an encrypted attribute, so it can neither compare it nor work with it; " +
		"check the value after reading, or declare the attribute with `ddbenc:\"sign\"` (attribute_exists and attribute_not_exists do work)"
	whyNested = "DynamoDB cannot look inside an encrypted attribute; " +
		"check the value after reading, or declare the attribute with `ddbenc:\"sign\"`"
	whySigned = "an update in place would break the item's signature; use Repository.Modify, " +
		"put the whole item, or declare the attribute with `ddbenc:\"none\"`"
	whyKey      = "an item's key cannot be updated; put a new item and delete this one instead"
	whyReserved = "the attribute belongs to the item format and may only change together with the item"
	whyLegacy   = "the legacy parameters Expected and AttributeUpdates cannot carry the condition that keeps the item whole; " +
		"use UpdateExpression and ConditionExpression"
	whyUnused = "no expression uses the value, so it would reach DynamoDB in the clear for nothing"
	whyTwice  = "only one operation may be set"
)

// guard checks what a request tells DynamoDB by expressions, for one table.
// It fails closed: what cannot be parsed here is not sent.
type guard struct {
	table  *table
	op     string
	params expr.Params
	used   []expr.Placeholders
}

func (t *table) guard(op string, names map[string]string, values crypto.Item) *guard {
	return &guard{table: t, op: op, params: expr.Params{Names: names, Values: values}}
}

// condition checks a condition or filter, which may be nil, and returns it
// parsed.
func (g *guard) condition(what string, source *string) (*expr.Condition, error) {
	if source == nil {
		return nil, nil
	}
	condition, err := expr.ParseCondition(*source, g.params)
	if err != nil {
		return nil, g.bad(what, err)
	}
	g.used = append(g.used, condition.Placeholders())
	return condition, g.table.checkUses(g.op, condition.Uses())
}

// keyCondition is condition for a key condition.
func (g *guard) keyCondition(source *string) (*expr.KeyCondition, error) {
	if source == nil {
		return nil, nil
	}
	condition, err := expr.ParseKeyCondition(*source, g.params)
	if err != nil {
		return nil, g.bad("key condition", err)
	}
	g.used = append(g.used, condition.Placeholders())
	return condition, g.table.checkUses(g.op, condition.Uses())
}

// update is condition for an update.
func (g *guard) update(source *string) (*expr.Update, error) {
	if source == nil {
		return nil, nil
	}
	update, err := expr.ParseUpdate(*source, g.params)
	if err != nil {
		return nil, g.bad("update", err)
	}
	g.used = append(g.used, update.Placeholders())
	return update, g.table.checkUses(g.op, update.Uses())
}

// projection parses what a request asks to have back, in either spelling; nil
// is everything. The request then goes out without it, since only a whole item
// can be verified. DynamoDB charges the same for both.
func (g *guard) projection(source *string, legacy []string) (*expr.Projection, error) {
	switch {
	case source != nil:
		p, err := expr.ParseProjection(*source, expr.Params{Names: g.params.Names})
		if err != nil {
			return nil, g.bad("projection", err)
		}
		return p, nil
	case len(legacy) > 0:
		return expr.ProjectAttributes(legacy), nil
	}
	return nil, nil
}

// legacy checks KeyConditions, QueryFilter, ScanFilter or Expected, already
// translated into an expression.
func (g *guard) legacy(what string, translated *expr.Condition, err error) (*expr.Condition, error) {
	if err != nil {
		return nil, g.bad(what, err)
	}
	if translated == nil {
		return nil, nil
	}
	return translated, g.table.checkUses(g.op, translated.Uses())
}

// unused refuses values that none of the expressions checked so far uses.
func (g *guard) unused() error {
	if unused := expr.Unused(expr.Params{Values: g.params.Values}, g.used...).Values; len(unused) > 0 {
		return g.table.unsupported(g.op, "", fmt.Sprintf("value %s: %s", unused[0], whyUnused))
	}
	return nil
}

// names returns the attribute name placeholders of the request without those
// that only the projection uses: DynamoDB refuses unused ones.
func (g *guard) names(p *expr.Projection) map[string]string {
	return namesWithout(p, g.params.Names, g.used...)
}

// bad is for what the expression parser does not accept. Its errors hold no
// item values.
func (g *guard) bad(what string, err error) error {
	var parse *expr.Error
	if !errors.As(err, &parse) {
		return g.table.fail(g.op, "", err)
	}
	if strings.HasPrefix(parse.Reason, "Syntax error") {
		return g.table.fail(g.op, "", fmt.Errorf("%w: the %s does not parse: %w", crypto.ErrUnsupported, what, err))
	}
	return g.table.fail(g.op, "", fmt.Errorf("%w: the %s is invalid: %w", crypto.ErrUnsupported, what, err))
}

// checkUses refuses what an expression does with protected attributes and
// DynamoDB cannot honour.
func (t *table) checkUses(op string, uses []expr.Use) error {
	for _, use := range uses {
		attribute := use.Path.Root()
		var err error
		switch {
		case use.Kind == expr.Write:
			err = t.checkWrite(op, attribute)
		case use.Kind == expr.Exists && len(use.Path) == 1:
			// A sealed attribute is there exactly when the plain one is.
		case use.Kind == expr.Exists:
			err = t.checkRead(op, attribute, whyNested)
		default:
			err = t.checkRead(op, attribute, whyEncrypted)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkRead refuses what DynamoDB cannot do with ciphertext.
func (t *table) checkRead(op, attribute, why string) error {
	if t.info.IsKey(attribute) || t.reserved(attribute) || t.action(attribute) != crypto.Encrypt {
		return nil
	}
	return t.unsupported(op, attribute, why)
}

// checkWrite refuses what would break the item's signature.
func (t *table) checkWrite(op, attribute string) error {
	switch {
	case t.reserved(attribute):
		return t.unsupported(op, attribute, whyReserved)
	case t.info.IsKey(attribute):
		return t.unsupported(op, attribute, whyKey)
	case t.action(attribute).Signed():
		return t.unsupported(op, attribute, whySigned)
	}
	return nil
}

// expectations checks the two ways in which a write can have a condition.
func (g *guard) expectations(source *string, expected map[string]types.ExpectedAttributeValue, operator types.ConditionalOperator) error {
	if _, err := g.condition("condition", source); err != nil {
		return err
	}
	translated, err := expr.LegacyExpected(expected, operator)
	_, err = g.legacy("legacy parameter Expected", translated, err)
	return err
}
