package interop_test

import (
	"context"
	"maps"
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
	missing := slices.DeleteFunc(slices.Clone(want), func(key string) bool { return slices.Contains(java.keys, key) })
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
		return ""
	case failure != "":
		return ""
	case x.any(q, x.existsElsewhere):
		return "attribute_exists on a compound beacon, or one with a location, finds nothing"
	case x.any(q, comparesSets):
		return "sets are compared in order"
	case x.explainedByGroups(q, want, java.keys):
		return "parentheses around AND and OR are ignored in opened items"
	case len(missing) > 0 && slices.ContainsFunc(x.items, func(item storedItem) bool { return item.lacksField }):
		return "items that lack the beacon key field are not found by it"
	case q.negated && x.allCollide(q, missing):
		return "NOT with a beacon drops items whose beacon is equal by chance"
	case len(missing) > 0 && x.any(q, x.cut):
		return "a compound beacon is compared with a value that ends within an encrypted part"
	case x.any(q, x.lacking) && x.any(q, comparesNull):
		return "NULL equals an attribute that an item lacks"
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

// comparesSets reports whether a test compares sets, or lists or maps with sets.
func comparesSets(test beaconTest) bool {
	return slices.ContainsFunc(test.values, hasSet)
}

func comparesNull(test beaconTest) bool {
	return slices.ContainsFunc(test.values, func(v types.AttributeValue) bool { return expr.TypeName(v) == "NULL" })
}

func hasSet(v types.AttributeValue) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
		return true
	case *types.AttributeValueMemberL:
		return slices.ContainsFunc(v.Value, hasSet)
	case *types.AttributeValueMemberM:
		return slices.ContainsFunc(slices.Collect(maps.Values(v.Value)), hasSet)
	}
	return false
}

// explainedByGroups reports whether the filter without its parentheses finds none
// of the missing items and all that are found in excess.
func (x *beaconMatrix) explainedByGroups(q *beaconQuery, want, got []string) bool {
	if q.filter == q.ungrouped {
		return false
	}
	condition, err := expr.ParseCondition(q.ungrouped, expr.Params{Names: q.names, Values: q.values})
	if err != nil {
		return false
	}
	for _, item := range x.items {
		key := x.key(item.full)
		if wanted, gotten := slices.Contains(want, key), slices.Contains(got, key); wanted != gotten {
			if holds, err := condition.Eval(item.full); err != nil || holds != gotten {
				return false
			}
		}
	}
	return true
}

// allCollide reports whether each of the items, which are given by their keys, has
// a beacon that a test compares with although its plaintext is another.
func (x *beaconMatrix) allCollide(q *beaconQuery, keys []string) bool {
	for _, item := range x.items {
		if slices.Contains(keys, x.key(item.full)) && !x.any(q,
			func(test beaconTest) bool { return x.collides(test, item) }) {
			return false
		}
	}
	return len(keys) > 0
}

func (x *beaconMatrix) collides(test beaconTest, item storedItem) bool {
	key, err := x.us.search.Key(context.Background(), item.branchKeyID)
	if err != nil {
		return false
	}
	for i, v := range queriedBeacons(x.us.search, key, test) {
		attribute := item.stored[beaconPrefix+test.name]
		if attribute != nil && expr.Equal(attribute, v) && !expr.Equal(item.full[test.name], test.values[i]) {
			return true
		}
		set, ok := attribute.(*types.AttributeValueMemberSS)
		if ok && test.op == "contains" && slices.Contains(set.Value, text(v)) {
			return true
		}
	}
	return false
}

// lacking reports whether an item lacks what a test compares.
func (x *beaconMatrix) lacking(test beaconTest) bool {
	return !strings.HasPrefix(test.op, "attribute_") && slices.ContainsFunc(x.items, func(item storedItem) bool {
		return item.full[test.name] == nil || test.other != "" && item.full[test.other] == nil
	})
}

// existsElsewhere reports whether a test asks for the existence of a beacon that
// has not the name of an attribute.
func (x *beaconMatrix) existsElsewhere(test beaconTest) bool {
	_, attribute := x.c.actions[test.name]
	return strings.HasPrefix(test.op, "attribute_") && !attribute
}

// cut reports whether a test compares a compound beacon with a value that may end
// within a part: the client hashes the beginning of an encrypted part, and takes a
// prefix alone for less than the hash of an empty part.
func (x *beaconMatrix) cut(test beaconTest) bool {
	b := x.us.search.Beacon(test.name)
	return b != nil && b.IsCompound() && !slices.Contains([]string{"=", "IN"}, test.op)
}
