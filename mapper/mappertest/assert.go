package mappertest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/mapper"
)

// AssertSealed reports an error for each item of a table that does not verify or
// is not sealed, and for each of the named attributes that is stored readably. db
// comes from mapper.New and declares the table. The items are read as they are
// stored, in memory or in a real DynamoDB.
//
// A table without items is an error, and so is an attribute that no item has, since
// nothing was asserted about it. Errors contain no values.
//
//	mappertest.AssertSealed(t, db, "accounts", "email", "phone")
func AssertSealed(t testing.TB, db *dynamo.DB, table string, attributes ...string) {
	t.Helper()
	client, ok := db.Client().(*mapper.Client)
	if !ok {
		t.Errorf("table %q: the database was not made with mapper.New", table)
		return
	}
	items := 0
	unseen := make(map[string]bool, len(attributes))
	for _, name := range attributes {
		unseen[name] = true
	}
	in := &dynamodb.ScanInput{TableName: &table}
	for {
		page, err := client.ScanStored(t.Context(), in)
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		for _, stored := range page.Items {
			items++
			if err := client.VerifyStored(t.Context(), table, stored); err != nil {
				t.Errorf("item %d: %v", items, err)
				continue
			}
			opened, err := client.Open(t.Context(), table, stored)
			if err != nil {
				t.Errorf("item %d: %v", items, err)
				continue
			}
			for _, name := range readable(stored, opened, attributes, unseen) {
				t.Errorf("table %q, item %d: attribute %q is stored readably", table, items, name)
			}
		}
		if in.ExclusiveStartKey = page.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			break
		}
	}
	if items == 0 {
		t.Errorf("table %q has no items, so nothing was checked", table)
		return
	}
	for _, name := range attributes {
		if unseen[name] {
			t.Errorf("table %q: no item has attribute %q, so nothing was checked", table, name)
		}
	}
}

// readable returns the attributes whose stored value is the opened one. It removes
// those that the item has from unseen.
func readable(stored, opened crypto.Item, attributes []string, unseen map[string]bool) []string {
	var found []string
	for _, name := range attributes {
		if opened[name] == nil {
			continue
		}
		delete(unseen, name)
		if expr.Equal(stored[name], opened[name]) {
			found = append(found, name)
		}
	}
	return found
}
