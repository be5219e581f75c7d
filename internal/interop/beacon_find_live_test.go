package interop_test

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// queriesOfACase is how many random queries are made of each case.
const queriesOfACase = 40

// found is what a party finds with a query: primary keys, or an error.
type found struct {
	keys []string
	err  error
}

// find compares what random queries find with what a plain table has. What Java
// finds may differ in ways that are known. They are counted.
func (x *beaconMatrix) find(t *testing.T, differences map[string]int) {
	t.Helper()
	count := queriesOfACase
	if v := os.Getenv("DDBENC_INTEROP_QUERIES"); v != "" {
		var err error
		count, err = strconv.Atoi(v)
		check(t, err)
	}
	var plain []crypto.Item
	for _, item := range x.items {
		plain = append(plain, item.full)
	}
	g := newGenerator(1, x.c.queries, plain)
	for range count {
		q := g.query(x.c.keyField)
		want := x.inPlain(t, q)
		java := x.inJava(t, q)
		why := "as in a plain table"
		if java.err != nil || !slices.Equal(java.keys, want) {
			why = x.knownDifference(q, want, java)
		}
		if why == "" {
			why = "unknown"
			t.Errorf("Java finds %v, error %v; want %v: %s", java.keys, java.err, want, q)
		}
		differences[why]++
		items, err := x.us.query(t, q)
		if errors.Is(err, errors.ErrUnsupported) {
			continue
		}
		if got := x.found(items, err); got.err != nil || !slices.Equal(got.keys, want) {
			t.Errorf("Go finds %v, error %v; want %v: %s", got.keys, got.err, want, q)
		}
	}
}

// inPlain returns what a plain table has: in a multi key store, only items that the
// tenant's branch key sealed.
func (x *beaconMatrix) inPlain(t *testing.T, q *beaconQuery) []string {
	t.Helper()
	var matching []crypto.Item
	for _, item := range x.items {
		if q.matches(t, item.full) && (x.c.keyField == "" || item.branchKeyID == q.tenant(x.c.keyField)) {
			matching = append(matching, item.full)
		}
	}
	return x.found(matching, nil).keys
}

func (x *beaconMatrix) inJava(t *testing.T, q *beaconQuery) found {
	t.Helper()
	items, sent, err := x.java.query(t, q)
	x.compareSent(t, q, sent)
	return x.found(items, err)
}

// compareSent compares the beacons that Java puts into a query with Go's.
func (x *beaconMatrix) compareSent(t *testing.T, q *beaconQuery, sent crypto.Item) {
	t.Helper()
	if len(sent) == 0 {
		return
	}
	key, err := x.us.search.Key(t.Context(), q.tenant(x.c.keyField))
	check(t, err)
	for _, test := range q.tests {
		b := x.us.search.Beacon(test.name)
		if b == nil || q.misread(test) {
			continue
		}
		var own []types.AttributeValue
		add := func(v types.AttributeValue, ok bool) {
			if ok {
				own = append(own, v)
			}
		}
		switch test.op {
		case "=", "IN":
			for _, v := range test.values {
				add(b.Equal(key, 0, v))
			}
		case "contains":
			add(b.Contains(key, 0, test.values[0]))
		case "begins_with":
			add(b.Begins(key, 0, test.values[0]))
		case "BETWEEN":
			low, high, ok := b.Between(key, 0, test.values[0], test.values[1])
			add(low, ok)
			add(high, ok)
		default:
			if len(test.values) > 0 {
				add(b.Less(key, 0, test.values[0]))
			}
		}
		if len(own) != len(test.placeholders) {
			continue // nothing can be said of it
		}
		for i, placeholder := range test.placeholders {
			theirs := sent[placeholder]
			same := theirs == nil || expr.Equal(own[i], theirs)
			if test.op == "begins_with" && !same {
				// Java hashes an encrypted piece that may go on.
				same = strings.HasPrefix(text(theirs), text(own[i]))
			}
			if !same {
				t.Errorf("%s %s %v: Go queries %v, Java %v", test.name, test.op, plainText(test.values[i]), plainText(own[i]), plainText(theirs))
			}
		}
	}
}

// tenant returns the branch key that a query names.
func (q *beaconQuery) tenant(keyField string) string {
	for _, test := range q.tests {
		if id, ok := test.valueOf(keyField); ok {
			return id
		}
	}
	return ""
}

// valueOf returns the string that a test compares a name with.
func (test *beaconTest) valueOf(name string) (string, bool) {
	if test.name != name || test.op != "=" || len(test.values) != 1 {
		return "", false
	}
	_, ok := test.values[0].(*types.AttributeValueMemberS)
	return text(test.values[0]), ok
}

// text returns a string's text, empty for other types.
func text(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// found returns the primary keys of items, sorted.
func (x *beaconMatrix) found(items []crypto.Item, err error) found {
	var keys []string
	for _, item := range items {
		var key string
		for _, name := range x.c.table.KeyNames() {
			key += "/" + text(item[name])
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return found{keys, err}
}
