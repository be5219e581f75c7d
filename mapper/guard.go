package mapper

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/internal/guard"
)

// ErrExpression is returned for an expression that cannot be parsed. The request
// is not sent, because the expression could reveal a protected value. The error
// is also the ValidationException that DynamoDB would return.
var ErrExpression = errors.New("invalid expression")

// requestGuard parses the expressions of a request to one table. It fails
// closed: a request with an expression that it cannot parse is not sent.
type requestGuard struct {
	table  *table
	op     string
	params expr.Params
	used   []expr.Placeholders
	uses   []expr.Use
}

func (t *table) guard(op string, names map[string]string, values crypto.Item) *requestGuard {
	return &requestGuard{table: t, op: op, params: expr.Params{Names: names, Values: values}}
}

// parsed is an expression of any kind.
type parsed interface {
	Uses() []expr.Use
	Placeholders() expr.Placeholders
}

func (g *requestGuard) use(p parsed) {
	g.used = append(g.used, p.Placeholders())
	g.uses = append(g.uses, p.Uses()...)
}

// condition parses a condition or filter, which may be nil.
func (g *requestGuard) condition(kind string, source *string) (*expr.Condition, error) {
	if source == nil {
		return nil, nil
	}
	condition, err := expr.ParseCondition(*source, g.params)
	if err != nil {
		return nil, g.bad(kind, err)
	}
	g.use(condition)
	return condition, nil
}

// update parses an update, which may be nil.
func (g *requestGuard) update(source *string) (*expr.Update, error) {
	if source == nil {
		return nil, nil
	}
	update, err := expr.ParseUpdate(*source, g.params)
	if err != nil {
		return nil, g.bad("UpdateExpression", err)
	}
	g.use(update)
	return update, nil
}

// updates parses an update in either spelling.
func (g *requestGuard) updates(source *string, legacy map[string]types.AttributeValueUpdate) (*expr.Update, error) {
	translated, err := expr.LegacyUpdate(legacy)
	switch {
	case err != nil:
		return nil, g.bad("", err)
	case translated == nil:
		return g.update(source)
	}
	g.uses = append(g.uses, translated.Uses()...)
	return translated, nil
}

// keyConditions parses the key condition of a query, in either spelling.
func (g *requestGuard) keyConditions(source *string, legacy map[string]types.Condition) (*expr.KeyCondition, error) {
	if source != nil && len(legacy) > 0 {
		return nil, g.table.fail(g.op, "", fmt.Errorf("%w: both KeyConditions and KeyConditionExpression are set",
			ErrExpression))
	}
	if source == nil {
		condition, err := expr.LegacyKeyCondition(legacy)
		if err != nil {
			return nil, g.bad("", err)
		}
		if condition != nil {
			g.uses = append(g.uses, condition.Uses()...)
		}
		return condition, nil
	}
	condition, err := expr.ParseKeyCondition(*source, g.params)
	if err != nil {
		return nil, g.bad("KeyConditionExpression", err)
	}
	g.use(condition)
	return condition, nil
}

// conditions parses a condition or filter in either spelling. A request can have
// only one of the two.
func (g *requestGuard) conditions(kind string, source *string, translated *expr.Condition,
	err error) (*expr.Condition, error) {
	if err != nil {
		return nil, g.bad("", err)
	}
	if source != nil && translated != nil {
		return nil, g.table.fail(g.op, "", fmt.Errorf("%w: both a %s and its legacy parameter are set", ErrExpression, kind))
	}
	if translated != nil {
		g.uses = append(g.uses, translated.Uses()...)
		return translated, nil
	}
	return g.condition(kind, source)
}

// expectation parses the condition of a write, in either spelling.
func (g *requestGuard) expectation(source *string, expected map[string]types.ExpectedAttributeValue,
	operator types.ConditionalOperator) (*expr.Condition, error) {
	translated, err := expr.LegacyExpected(expected, operator)
	return g.conditions("ConditionExpression", source, translated, err)
}

// projection parses the projection of a request, in either spelling; nil stands
// for whole items. The request is sent without it, since only a whole item can
// be verified. DynamoDB charges the same for both.
func (g *requestGuard) projection(source *string, legacy []string) (*expr.Projection, error) {
	switch {
	case source != nil:
		p, err := expr.ParseProjection(*source, expr.Params{Names: g.params.Names})
		if err != nil {
			return nil, g.bad("ProjectionExpression", err)
		}
		return p, nil
	case len(legacy) > 0:
		return expr.ProjectAttributes(legacy), nil
	}
	return nil, nil
}

// unused refuses values that none of the expressions parsed so far uses.
func (g *requestGuard) unused() error {
	if unused := expr.Unused(expr.Params{Values: g.params.Values}, g.used...).Values; len(unused) > 0 {
		return g.table.unsupported(g.op, "", guard.Reason(fmt.Sprintf("value %s: %s", unused[0], guard.Unused)))
	}
	return nil
}

// names returns the attribute name placeholders of the request without those
// that only the projection uses: DynamoDB refuses unused ones.
func (g *requestGuard) names(p *expr.Projection) map[string]string {
	return namesWithout(p, g.params.Names, g.used...)
}

// alone returns nil if DynamoDB can evaluate the expressions parsed so far, and
// otherwise the reason that it cannot.
func (g *requestGuard) alone() error { return g.table.checkUses(g.op, g.uses) }

// bad returns the error for an expression that cannot be parsed. Parser errors
// contain no item values. kind names the parameter; it is empty for a legacy
// parameter, whose errors name it themselves.
func (g *requestGuard) bad(kind string, err error) error {
	reason := err.Error()
	if kind != "" {
		reason = "Invalid " + kind + ": " + reason
	}
	return g.table.fail(g.op, "", fmt.Errorf("%w: %w", ErrExpression, validation("%s", reason)))
}

// checkUses returns nil if DynamoDB can evaluate an expression with these uses,
// and otherwise the reason that it cannot.
func (t *table) checkUses(op string, uses []expr.Use) error {
	for _, use := range uses {
		if name := use.Path.Root(); t.derived[name] {
			return t.unsupported(op, name, guard.Computed)
		}
	}
	if attribute, why := guard.Alone(t, uses); why != "" {
		return t.unsupported(op, attribute, why)
	}
	return nil
}

// checkWritten refuses updates of attributes that no update may change. For a
// key, the error is also the ValidationException that DynamoDB would return.
func (t *table) checkWritten(op string, u *expr.Update) error {
	if u == nil || t.bare {
		return nil
	}
	for _, path := range u.Written() {
		name := path.Root()
		switch why := guard.Written(t, name); why {
		case "":
		case guard.PrimaryKey:
			return t.fail(op, name, fmt.Errorf("%w: %s: %w", crypto.ErrUnsupported, why,
				validation("One or more parameter values were invalid: "+
					"Cannot update attribute %s. This attribute is part of the key", name)))
		default:
			return t.unsupported(op, name, why)
		}
	}
	return nil
}
