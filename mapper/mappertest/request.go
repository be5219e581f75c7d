package mappertest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// request parses the expressions of one request, and then checks that each of
// its placeholders was used.
type request struct {
	params expr.Params
	used   []expr.Placeholders
	any    bool // there is an expression
}

func newRequest(names map[string]string, values map[string]types.AttributeValue) (*request, error) {
	if names != nil && len(names) == 0 {
		return nil, invalid("ExpressionAttributeNames must not be empty")
	}
	if values != nil && len(values) == 0 {
		return nil, invalid("ExpressionAttributeValues must not be empty")
	}
	stored, err := store(values)
	if err != nil {
		return nil, err
	}
	return &request{params: expr.Params{Names: names, Values: stored}}, nil
}

func (r *request) condition(kind string, src *string) (*expr.Condition, error) {
	if src == nil {
		return nil, nil
	}
	c, err := expr.ParseCondition(*src, r.params)
	if err != nil {
		return nil, inExpression(kind, err)
	}
	r.use(c.Placeholders())
	return c, nil
}

func (r *request) keyCondition(src *string) (*expr.KeyCondition, error) {
	if src == nil {
		return nil, nil
	}
	k, err := expr.ParseKeyCondition(*src, r.params)
	if err != nil {
		return nil, inExpression("KeyConditionExpression", err)
	}
	r.use(k.Placeholders())
	return k, nil
}

func (r *request) projection(src *string, legacy []string) (*expr.Projection, error) {
	switch {
	case src != nil && len(legacy) > 0:
		return nil, invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}")
	case len(legacy) > 0:
		return expr.ProjectAttributes(legacy), nil
	case src == nil:
		return nil, nil
	}
	p, err := expr.ParseProjection(*src, r.params)
	if err != nil {
		return nil, inExpression("ProjectionExpression", err)
	}
	r.use(p.Placeholders())
	return p, nil
}

func (r *request) update(src *string) (*expr.Update, error) {
	if src == nil {
		return nil, nil
	}
	u, err := expr.ParseUpdate(*src, r.params)
	if err != nil {
		return nil, inExpression("UpdateExpression", err)
	}
	r.use(u.Placeholders())
	return u, nil
}

func (r *request) use(p expr.Placeholders) {
	r.used = append(r.used, p)
	r.any = true
}

// finish refuses placeholders that no expression uses.
func (r *request) finish() error {
	if !r.any {
		if r.params.Names != nil {
			return invalid("ExpressionAttributeNames can only be specified when using expressions")
		}
		if len(r.params.Values) > 0 {
			return invalid("ExpressionAttributeValues can only be specified when using expressions")
		}
	}
	unused := expr.Unused(r.params, r.used...)
	if len(unused.Names) > 0 {
		return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", unused.Names[0])
	}
	if len(unused.Values) > 0 {
		return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", unused.Values[0])
	}
	return nil
}

// holds reports whether a condition, which may be nil, holds for an item,
// which may be nil too.
func holds(c *expr.Condition, item crypto.Item) (bool, error) {
	if c == nil {
		return true, nil
	}
	return c.Eval(item)
}

// oneOf refuses values that a parameter cannot have.
func oneOf[T ~string](parameter string, v T, allowed ...T) error {
	if v == "" || slices.Contains(allowed, v) {
		return nil
	}
	return invalid("%s can only be %v, not %q", parameter, allowed, string(v))
}

// capacity returns what a request is said to have consumed, if it asks.
func capacity(asked types.ReturnConsumedCapacity, name string, units float64) *types.ConsumedCapacity {
	if asked == "" || asked == types.ReturnConsumedCapacityNone {
		return nil
	}
	c := &types.ConsumedCapacity{TableName: aws.String(name), CapacityUnits: aws.Float64(units)}
	if asked == types.ReturnConsumedCapacityIndexes {
		c.Table = &types.Capacity{CapacityUnits: aws.Float64(units)}
	}
	return c
}

// readUnits is half a unit for each 4 KB begun, writeUnits one for each KB.
func readUnits(size int) float64 { return float64(max(1, (size+4095)/4096)) / 2 }

func writeUnits(size int) float64 { return float64(max(1, (size+1023)/1024)) }
