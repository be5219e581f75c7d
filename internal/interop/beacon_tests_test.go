package interop_test

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// splits are the split characters of compound beacons.
const splits = ".~é|/#"

var (
	orderings  = []string{"<", "<=", ">", ">="}
	identifier = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
)

// add returns the text of a comparison, whose placeholders it adds.
func (q *beaconQuery) add(test beaconTest) string {
	name := q.name(test.name)
	var values []string
	for _, v := range test.values {
		placeholder := fmt.Sprintf(":v%d", len(q.values))
		q.values[placeholder] = v
		values = append(values, placeholder)
	}
	test.placeholders = values
	q.tests = append(q.tests, test)
	switch test.op {
	case "IN":
		return name + " IN (" + strings.Join(values, ", ") + ")"
	case "BETWEEN":
		return name + " BETWEEN " + values[0] + " AND " + values[1]
	case "begins_with", "contains":
		return test.op + "(" + name + ", " + values[0] + ")"
	case "attribute_exists", "attribute_not_exists":
		return test.op + "(" + name + ")"
	}
	if test.other != "" {
		return name + " " + test.op + " " + q.name(test.other)
	}
	return name + " " + test.op + " " + values[0]
}

// name returns a name for an expression, which is a placeholder if need be.
func (q *beaconQuery) name(name string) string {
	if identifier.MatchString(name) && !expr.IsReservedWord(name) {
		return name
	}
	placeholder := fmt.Sprintf("#n%d", len(q.names))
	for known, other := range q.names {
		if other == name {
			placeholder = known
		}
	}
	q.names[placeholder] = name
	return placeholder
}

// test returns a comparison, without a name if the case has none of its kind.
func (g *generator) test() beaconTest {
	switch g.IntN(10) {
	case 0, 1, 2:
		if name := g.one(g.queries.equal); g.IntN(3) == 0 {
			return beaconTest{op: "IN", name: name, values: g.values(name, 1+g.IntN(4))}
		} else {
			return beaconTest{op: "=", name: name, values: g.values(name, 1)}
		}
	case 3:
		name := g.one(g.queries.sets)
		return beaconTest{op: "=", name: name, values: g.values(name, 1)}
	case 4:
		return g.containing(g.one(g.queries.contains))
	case 5:
		return g.ordered(g.one(g.queries.begins), []string{"begins_with"})
	case 6:
		return g.ordered(g.one(g.queries.ordered), append(orderings, "BETWEEN"))
	case 7:
		name := g.one(g.queries.plain)
		test := beaconTest{op: g.one([]string{"=", "<>"}), name: name, values: g.values(name, 1)}
		if expr.TypeName(test.values[0]) == "NULL" { // which moto finds equal to what is missing
			test.values[0] = s("no such value")
		}
		return test
	case 8:
		if len(g.queries.pairs) == 0 {
			return beaconTest{}
		}
		pair := g.queries.pairs[g.IntN(len(g.queries.pairs))]
		return beaconTest{op: "=", name: pair[0], other: pair[1]}
	}
	op := "attribute_exists"
	if g.IntN(2) == 0 {
		op = "attribute_not_exists"
	}
	return beaconTest{op: op, name: g.one(append(g.queries.equal, g.queries.plain...))}
}

func (g *generator) one(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[g.IntN(len(names))]
}

// values returns values that items have under a name, or once in a while another.
func (g *generator) values(name string, n int) []types.AttributeValue {
	values := make([]types.AttributeValue, n)
	for i := range values {
		if pool := g.pool[name]; len(pool) == 0 || g.IntN(16) == 0 {
			values[i] = s("no such value")
		} else {
			values[i] = pool[g.IntN(len(pool))]
		}
	}
	return values
}

// containing returns a comparison with a member of a set.
func (g *generator) containing(name string) beaconTest {
	test := beaconTest{op: "contains", name: name, values: []types.AttributeValue{s("no such member")}}
	switch set := g.values(name, 1)[0].(type) {
	case *types.AttributeValueMemberSS:
		test.values[0] = s(g.one(set.Value))
	case *types.AttributeValueMemberNS:
		test.values[0] = n(g.one(set.Value))
	case *types.AttributeValueMemberBS:
		test.values[0] = b(set.Value[g.IntN(len(set.Value))]...)
	}
	return test
}

// ordered returns a comparison with a value, of which strings may be cut short:
// after their first part, or anywhere.
func (g *generator) ordered(name string, ops []string) beaconTest {
	test := beaconTest{op: g.one(ops), name: name}
	count := 1
	if test.op == "BETWEEN" {
		count = 2
	}
	test.values = g.values(name, count)
	for i, v := range test.values {
		whole := text(v)
		if end := strings.IndexAny(whole, splits); end > 0 && g.IntN(2) == 0 {
			test.values[i] = s(whole[:end])
		} else if len(whole) > 3 && g.IntN(3) > 0 {
			runes := []rune(whole)
			test.values[i] = s(string(runes[:1+len(runes)/4+g.IntN(len(runes)-len(runes)/4)]))
		} else if expr.TypeName(v) != "S" && test.op == "begins_with" {
			test.values[i] = s("no such value")
		}
	}
	if count == 2 {
		if c, ok := expr.Compare(test.values[0], test.values[1]); !ok {
			test.values[1] = test.values[0]
		} else if c > 0 {
			test.values[0], test.values[1] = test.values[1], test.values[0]
		}
	}
	return test
}
