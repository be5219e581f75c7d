package interop_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// beaconQueries says what random queries of a case compare.
type beaconQueries struct {
	equal    []string    // with = and IN: standard and compound beacons
	sets     []string    // sets with =
	contains []string    // sets with contains
	begins   []string    // compound beacons with begins_with
	ordered  []string    // compound beacons with <, <=, >, >= and BETWEEN
	plain    []string    // signed attributes with = and <>
	pairs    [][2]string // beacons that share their values, with each other
	keys     []queryKey
}

// queryKey is the key of the table, or of an index, as queries name it.
type queryKey struct {
	index, partition, sort string
	ordered                bool // the sort key is a compound beacon
}

// beaconTest is a comparison in a query.
type beaconTest struct {
	op     string
	name   string
	other  string // a beacon to compare with, in place of a value
	values []types.AttributeValue

	placeholders []string // of the values
}

// beaconQuery is a query, or without a key condition a scan.
type beaconQuery struct {
	key                  queryKey
	keyCondition, filter string
	ungrouped            string // the filter without parentheses around AND and OR
	names                map[string]string
	values               crypto.Item
	tests                []beaconTest
	negated              bool // there is a NOT
}

func (q *beaconQuery) String() string {
	text := fmt.Sprintf("%s %q where %q", q.key.index, q.keyCondition, q.filter)
	for i := range len(q.values) {
		v := fmt.Sprintf(":v%d", i)
		text += fmt.Sprintf(" %s=%v", v, plainText(q.values[v]))
	}
	for placeholder, name := range q.names {
		text += " " + placeholder + "=" + name
	}
	return text
}

func plainText(v types.AttributeValue) any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("%q", v.Value)
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberSS:
		return v.Value
	case *types.AttributeValueMemberNS:
		return v.Value
	}
	return expr.TypeName(v)
}

// encode returns the query as the Java program wants it.
func (q *beaconQuery) encode(t *testing.T) json.RawMessage {
	t.Helper()
	body := map[string]any{"names": q.names, "values": encodeItem(t, q.values)}
	for name, text := range map[string]string{"index": q.key.index, "keyCondition": q.keyCondition,
		"filter": q.filter} {
		if text != "" {
			body[name] = text
		}
	}
	encoded, err := json.Marshal(body)
	check(t, err)
	return encoded
}

// matches reports whether a plain table with the item finds it.
func (q *beaconQuery) matches(t *testing.T, item crypto.Item) bool {
	t.Helper()
	params := expr.Params{Names: q.names, Values: q.values}
	if q.keyCondition != "" {
		condition, err := expr.ParseKeyCondition(q.keyCondition, params)
		check(t, err)
		for _, term := range condition.Terms() {
			if item[term.Name] == nil || !term.Match(item[term.Name]) {
				return false
			}
		}
		if q.key.sort != "" && item[q.key.sort] == nil {
			return false // the index lacks it
		}
	}
	if q.filter == "" {
		return true
	}
	condition, err := expr.ParseCondition(q.filter, params)
	check(t, err)
	ok, err := condition.Eval(item)
	check(t, err)
	return ok
}

// generator makes random queries whose values are like those of items.
type generator struct {
	*rand.Rand
	queries beaconQueries
	pool    map[string][]types.AttributeValue // by attribute or beacon
}

func newGenerator(seed uint64, queries beaconQueries, items []crypto.Item) *generator {
	g := &generator{rand.New(rand.NewPCG(seed, 1)), queries, make(map[string][]types.AttributeValue)}
	for _, item := range items {
		for name, v := range item {
			g.pool[name] = append(g.pool[name], v)
		}
	}
	return g
}

// query returns a query by a key, or a scan. In a multi key store, it names the
// tenant.
func (g *generator) query(keyField string) *beaconQuery {
	q := &beaconQuery{names: make(map[string]string), values: make(crypto.Item)}
	var avoid []string
	if keys := g.queries.keys; len(keys) > 0 && g.IntN(2) == 0 {
		q.key = keys[g.IntN(len(keys))]
		avoid = []string{q.key.partition, q.key.sort}
		q.keyCondition = q.add(beaconTest{op: "=", name: q.key.partition, values: g.values(q.key.partition, 1)})
		if q.key.sort != "" && g.IntN(2) == 0 {
			q.keyCondition += " AND " + q.add(g.sortTest(q.key))
		}
	}
	if q.keyCondition == "" || g.IntN(3) > 0 {
		q.filter = g.condition(q, 2, avoid)
	}
	if keyField != "" && q.key.partition != keyField {
		id := tenants[g.one([]string{"ada", "bob"})]
		if g.IntN(16) == 0 {
			id = "nobody"
		}
		tenant := q.add(beaconTest{op: "=", name: keyField, values: []types.AttributeValue{s(id)}})
		if q.filter == "" {
			q.filter = tenant
		} else {
			q.filter = tenant + " AND " + q.filter
		}
	}
	q.filter, q.ungrouped = grouped.Replace(q.filter), ungrouped.Replace(q.filter)
	return q
}

// Parentheses around AND and OR are written as angle brackets first.
var (
	grouped   = strings.NewReplacer("⟨", "(", "⟩", ")")
	ungrouped = strings.NewReplacer("⟨", "", "⟩", "")
)

func (g *generator) sortTest(key queryKey) beaconTest {
	if key.ordered {
		return g.ordered(key.sort, append(orderings, "=", "begins_with", "BETWEEN"))
	}
	return beaconTest{op: "=", name: key.sort, values: g.values(key.sort, 1)}
}

// condition returns a filter of up to 2^depth comparisons.
func (g *generator) condition(q *beaconQuery, depth int, avoid []string) string {
	if depth > 0 && g.IntN(3) > 0 {
		left := g.condition(q, depth-1, avoid)
		switch g.IntN(5) {
		case 0:
			q.negated = true
			return "NOT " + strings.TrimPrefix(left, "NOT ")
		case 1, 2:
			return "⟨" + left + " OR " + g.condition(q, depth-1, avoid) + "⟩"
		default:
			return "⟨" + left + " AND " + g.condition(q, depth-1, avoid) + "⟩"
		}
	}
	for {
		test := g.test()
		avoided := slices.Contains(avoid, test.name) || test.other != "" && slices.Contains(avoid, test.other)
		if test.name != "" && !avoided {
			return q.add(test)
		}
	}
}
