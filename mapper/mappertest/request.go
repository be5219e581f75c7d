package mappertest

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// request parses the expressions of one request and checks that every
// placeholder is used.
type request struct {
	params expr.Params
	used   []expr.Placeholders
	any    bool // the request has an expression
}

func newRequest(names map[string]string, values map[string]types.AttributeValue) (*request, error) {
	if names != nil && len(names) == 0 {
		return nil, invalid("ExpressionAttributeNames must not be empty")
	}
	if values != nil && len(values) == 0 {
		return nil, invalid("ExpressionAttributeValues must not be empty")
	}
	for key := range names {
		if !isPlaceholder(key, '#') {
			return nil, invalid("ExpressionAttributeNames contains invalid key: Syntax error; key: %q", key)
		}
	}
	stored := make(crypto.Item, len(values))
	for key, v := range values {
		if !isPlaceholder(key, ':') {
			return nil, invalid("ExpressionAttributeValues contains invalid key: Syntax error; key: %q", key)
		}
		var err error
		if stored[key], err = storeValue(v); err != nil {
			return nil, invalid("ExpressionAttributeValues contains invalid value: %s for key %s", message(err), key)
		}
	}
	return &request{params: expr.Params{Names: names, Values: stored}}, nil
}

var word = regexp.MustCompile(`^[a-zA-Z0-9_]+$`)

func isPlaceholder(key string, sign byte) bool {
	return key != "" && key[0] == sign && word.MatchString(key[1:])
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
	if legacy != nil {
		return attributesToGet(legacy)
	}
	if src == nil {
		return nil, nil
	}
	p, err := expr.ParseProjection(*src, r.params)
	if err != nil {
		return nil, inExpression("ProjectionExpression", err)
	}
	r.use(p.Placeholders())
	return p, nil
}

func attributesToGet(names []string) (*expr.Projection, error) {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, parameters("Duplicate value in attribute name: %s", name)
		}
	}
	return expr.ProjectAttributes(names), nil
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

// finish returns an error if a placeholder is not used.
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
		return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}",
			strings.Join(unused.Names, ", "))
	}
	if len(unused.Values) > 0 {
		return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}",
			strings.Join(unused.Values, ", "))
	}
	return nil
}

// holds reports whether a condition holds for an item. Both may be nil.
func holds(c *expr.Condition, item crypto.Item) (bool, error) {
	if c == nil {
		return true, nil
	}
	return c.Eval(item)
}

// capacities returns the consumed capacity of a request for several tables by
// table name.
func capacities(asked types.ReturnConsumedCapacity, units map[string]float64) []types.ConsumedCapacity {
	var all []types.ConsumedCapacity
	for _, name := range slices.Sorted(maps.Keys(units)) {
		if c := capacity(asked, name, units[name]); c != nil {
			all = append(all, *c)
		}
	}
	return all
}

// readCapacities is like capacities for reads in a transaction, which the
// service also reports as read capacity.
func readCapacities(asked types.ReturnConsumedCapacity, units map[string]float64) []types.ConsumedCapacity {
	all := capacities(asked, units)
	for i := range all {
		all[i].ReadCapacityUnits = all[i].CapacityUnits
		if all[i].Table != nil {
			all[i].Table.ReadCapacityUnits = all[i].Table.CapacityUnits
		}
	}
	return all
}

// writeCapacities is like readCapacities for writes.
func writeCapacities(asked types.ReturnConsumedCapacity, units map[string]float64) []types.ConsumedCapacity {
	all := capacities(asked, units)
	for i := range all {
		all[i].WriteCapacityUnits = all[i].CapacityUnits
		if all[i].Table != nil {
			all[i].Table.WriteCapacityUnits = all[i].Table.CapacityUnits
		}
	}
	return all
}

// capacity returns the consumed capacity of a request, if it asks for it.
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

// readUnits returns the read units for a size: one for each 4 KB or part of it,
// and half of that if the read is not consistent.
func readUnits(size int, consistent *bool) float64 {
	units := float64(max(1, (size+4095)/4096))
	if !aws.ToBool(consistent) {
		units /= 2
	}
	return units
}

func writeUnits(before, after crypto.Item) float64 {
	return float64(max(1, (max(itemSize(before), itemSize(after))+1023)/1024))
}
