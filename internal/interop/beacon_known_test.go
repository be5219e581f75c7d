package interop_test

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// keyword matches names that the client's parser takes for keywords and the rest
// of a name.
var keyword = regexp.MustCompile(`(?i)^(in|not|or|and|between|size|contains|begins_with|attribute_)`)

// knownDifference says why Java does not find what a plain table has, empty if
// nothing is known.
func (x *beaconMatrix) knownDifference(q *beaconQuery, want []string, java found) string {
	missing := slices.ContainsFunc(want, func(key string) bool { return !slices.Contains(java.keys, key) })
	failure := ""
	if java.err != nil {
		failure = java.err.Error()
	}
	switch {
	case x.any(q, q.misread):
		return "a keyword is taken out of a name"
	case strings.Contains(failure, "DynamoDbEncryptionException"):
		switch {
		case strings.Contains(failure, "LessThanComparable"):
			return "refused: not comparable"
		case strings.Contains(failure, "does not match the prefix"):
			return "refused: no value of a compound beacon"
		case strings.Contains(failure, "Multiple values found for "+x.c.keyField):
			return "refused: two tenants"
		}
		return ""
	case strings.Contains(failure, "No item found for corresponding branch key identifier") && len(want) == 0:
		return "refused: no such tenant"
	case regexp.MustCompile("(?i)wrong types|bad stack").MatchString(failure):
		if x.any(q, x.lacking) {
			return "a filter over an attribute that an item lacks fails"
		}
		if x.any(q, x.otherType) {
			return "a filter over an attribute that has another type in an item fails"
		}
		return ""
	case failure != "":
		return ""
	case x.any(q, x.existsElsewhere):
		return "attribute_exists on a compound beacon, or one with a location, finds nothing"
	case x.any(q, func(test beaconTest) bool { return test.op == "=" && slices.Contains(x.c.queries.sets, test.name) }):
		return "sets are compared in order"
	case missing && slices.ContainsFunc(x.items, func(item storedItem) bool { return item.lacksField }):
		return "items that lack the beacon key field are not found by it"
	case missing && q.negated:
		return "NOT with a beacon drops items whose beacon is equal by chance"
	case missing && x.any(q, x.cut):
		return "begins_with and comparisons hash an encrypted piece that is cut"
	}
	return ""
}

// misread reports whether the client takes a keyword out of a test's name.
func (q *beaconQuery) misread(test beaconTest) bool {
	return keyword.MatchString(test.name) && q.name(test.name) == test.name
}

func (x *beaconMatrix) any(q *beaconQuery, of func(beaconTest) bool) bool {
	return slices.ContainsFunc(q.tests, of)
}

// lacking reports whether an item lacks what a test compares.
func (x *beaconMatrix) lacking(test beaconTest) bool {
	return !strings.HasPrefix(test.op, "attribute_") && slices.ContainsFunc(x.items, func(item storedItem) bool {
		return item.full[test.name] == nil || test.other != "" && item.full[test.other] == nil
	})
}

// otherType reports whether what a test compares has other types than its values.
func (x *beaconMatrix) otherType(test beaconTest) bool {
	return slices.ContainsFunc(x.items, func(item storedItem) bool {
		return slices.ContainsFunc(test.values, func(v types.AttributeValue) bool {
			return expr.TypeName(v) != expr.TypeName(item.full[test.name])
		})
	})
}

// existsElsewhere reports whether a test asks for the existence of a beacon that
// has not the name of an attribute.
func (x *beaconMatrix) existsElsewhere(test beaconTest) bool {
	_, attribute := x.c.actions[test.name]
	return strings.HasPrefix(test.op, "attribute_") && !attribute
}

// cut reports whether a test compares a compound beacon with a value that is cut.
func (x *beaconMatrix) cut(test beaconTest) bool {
	b := x.us.search.Beacon(test.name)
	return b != nil && b.IsCompound() && !slices.Contains([]string{"=", "IN"}, test.op)
}
