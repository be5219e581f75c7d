package interop_test

import (
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// queriesOfACase is how many random queries are made of each case, unless
// DDBENC_INTEROP_QUERIES says otherwise.
const queriesOfACase = 30

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
	if len(x.items) > 40 {
		count = (count + 2) / 3 // a scan takes its time
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
		if got := x.keys(items); err != nil || !slices.Equal(got, want) {
			t.Errorf("Go finds %v, error %v; want %v: %s", got, err, want, q)
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
	return x.keys(matching)
}

func (x *beaconMatrix) inJava(t *testing.T, q *beaconQuery) found {
	t.Helper()
	items, sent, err := x.java.query(t, q)
	x.compareSent(t, q, sent)
	return found{x.keys(items), err}
}

// compareSent compares the beacons that Java puts into a query with Go's, and
// records them.
func (x *beaconMatrix) compareSent(t *testing.T, q *beaconQuery, sent crypto.Item) {
	t.Helper()
	if len(sent) == 0 {
		return
	}
	branchKeyID := q.tenant(x.c.keyField)
	for _, test := range q.tests {
		if q.misread(test) || len(test.values) == 0 || x.us.search.Beacon(test.name) == nil {
			continue
		}
		var theirs []types.AttributeValue
		for _, placeholder := range test.placeholders {
			theirs = append(theirs, sent[placeholder])
		}
		if problem := compareQueried(t, x.us.search, branchKeyID, test, theirs); problem != "" {
			t.Errorf("%s: %s", q, problem)
		}
		x.record.addQuery(t, test, branchKeyID, sent)
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

// keys returns the primary keys of items, sorted.
func (x *beaconMatrix) keys(items []crypto.Item) []string {
	keys := make([]string, len(items))
	for i, item := range items {
		keys[i] = x.key(item)
	}
	slices.Sort(keys)
	return keys
}

func (x *beaconMatrix) key(item crypto.Item) string {
	key := ""
	for _, name := range x.c.table.KeyNames() {
		key += "/" + text(item[name])
	}
	return key
}
