package mapper

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// maxExpression is DynamoDB's limit for an expression, in bytes.
const maxExpression = 4096

// filter returns the filter to send, nil for none.
func (n *narrowing) filter() *string {
	own := expr.JoinConjuncts(n.plan.sent)
	if filter := n.narrowed(n.plan.sent, n.plan.rest); filter != "" {
		own = filter
	}
	if own == "" {
		return nil
	}
	return &own
}

// narrowed returns the filter with conditions on beacons. It is empty if there
// are none, or if they would not fit into a request.
func (n *narrowing) narrowed(sent, rest []*expr.Condition) string {
	if !n.canFilter() {
		return ""
	}
	var terms []string
	for _, conjunct := range sent {
		terms = append(terms, conjunct.Grouped())
	}
	for _, conjunct := range rest {
		if term, ok := conjunct.Weaken(n.leaf); ok {
			terms = append(terms, term)
		}
	}
	filter := strings.Join(terms, " AND ")
	if len(terms) == len(sent) || len(filter) > maxExpression {
		return ""
	}
	if _, err := expr.ParseCondition(filter, n.writer.Params()); err != nil {
		return "" // too many operators
	}
	return filter
}

// canFilter reports whether a filter can use beacons. A filter of a Query cannot
// use the attributes of the key that is queried, which are not known for an index
// that no tag declares.
func (n *narrowing) canFilter() bool {
	p := n.plan
	if n.key == nil {
		return false
	}
	if p.index == nil || len(p.exact)+len(p.hashed) == 0 {
		return true
	}
	_, declared := n.table.policy.Index(*p.index)
	return declared
}

// leaf returns the source of a condition on stored values that every item meets
// that meets test.
func (n *narrowing) leaf(test expr.Test) (string, bool) {
	t := n.table
	b := t.beaconOf(test.Path)
	if b == nil {
		kind := expr.Read
		if test.Op == "attribute_exists" || test.Op == "attribute_not_exists" {
			kind = expr.Exists
		}
		if t.checkUses(n.plan.op, []expr.Use{{Path: test.Path, Kind: kind}}) != nil {
			return "", false
		}
		return n.writer.Test(test), true
	}
	tests, ok := n.stored(b, test)
	if !ok || !n.projects(b.Attribute()) {
		return "", false
	}
	texts := make([]string, 0, len(tests)+1)
	for _, stored := range tests {
		stored.Path = expr.Path{{Name: b.Attribute()}}
		texts = append(texts, n.writer.Test(stored))
	}
	// Items that were stored before the beacon was configured lack it.
	missing := []string{"attribute_not_exists(" + n.writer.Name(b.Attribute()) + ")"}
	key := n.queriedKey()
	for _, root := range b.Roots() {
		if !slices.Contains(key, root) {
			missing = append(missing, "attribute_exists("+n.writer.Name(root)+")")
		}
	}
	texts = append(texts, strings.Join(missing, " AND "))
	return "(" + strings.Join(texts, " OR ") + ")", true
}

// projects reports whether the index that is read, if any, has a beacon. DynamoDB
// refuses filters on attributes that an index does not project.
func (n *narrowing) projects(attribute string) bool {
	index := n.plan.index
	if index == nil {
		return true
	}
	projected, partial := n.table.projections[*index]
	return !partial || slices.Contains(slices.Concat(projected, n.table.storedKeyNamesOf(index)), attribute)
}

// queriedKey returns the names of the attributes that a filter cannot use, since
// they are the key that is queried. All entries have them.
func (n *narrowing) queriedKey() []string {
	p := n.plan
	if len(p.exact)+len(p.hashed) == 0 {
		return nil
	}
	return n.table.keyNamesOf(p.index)
}

// maxInList is how many values DynamoDB's IN can have.
const maxInList = 100

// stored returns tests of a stored beacon, one of which every item meets that
// meets test.
func (n *narrowing) stored(b *beacon.Beacon, test expr.Test) ([]expr.Test, bool) {
	if len(test.Values)*b.Partitions()*len(":ddbenc0, ") > maxExpression {
		return nil, false // not worth computing: it would not fit, nor would the rest
	}
	var tests []expr.Test
	var equal []types.AttributeValue
	for partition := range b.Partitions() {
		one := func(op string, value types.AttributeValue, ok bool) bool {
			if ok {
				tests = append(tests, expr.Test{Op: op, Values: []types.AttributeValue{value}})
			}
			return ok
		}
		ok := false
		switch test.Op {
		case "=", "IN":
			for _, v := range test.Values {
				var value types.AttributeValue
				if value, ok = b.Equal(n.key, partition, v); !ok {
					break
				}
				equal = append(equal, value)
			}
		case "contains":
			value, known := b.Contains(n.key, partition, test.Values[0])
			ok = one(test.Op, value, known)
		case "begins_with":
			value, known := b.Begins(n.key, partition, test.Values[0])
			ok = one(test.Op, value, known)
		case "<", "<=", ">", ">=":
			value, known := b.Compare(n.key, test.Op, test.Values[0])
			ok = one(test.Op, value, known)
		case "BETWEEN":
			low, high, known := b.Between(n.key, partition, test.Values[0], test.Values[1])
			if ok = known; ok {
				tests = append(tests, expr.Test{Op: test.Op, Values: []types.AttributeValue{low, high}})
			}
		}
		if !ok {
			return nil, false
		}
	}
	for values := range slices.Chunk(equal, maxInList) {
		if len(values) == 1 {
			tests = append(tests, expr.Test{Op: "=", Values: values})
		} else {
			tests = append(tests, expr.Test{Op: "IN", Values: values})
		}
	}
	return tests, true
}
