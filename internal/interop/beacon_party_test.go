package interop_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// beaconBranchKey is the branch key of single key stores. It seals nothing.
const beaconBranchKey = "beacons"

// searcher is the official Java client with a table of a case.
type searcher struct {
	*program
	settings map[string]any
}

// newSearcher creates the case's table and returns the client for it.
func (w *live) newSearcher(t *testing.T, java *program, keys keyringSpec, c beaconCase) *searcher {
	t.Helper()
	c.table.Name = "beacons-" + c.name
	c.createTable(t, w.db)
	return &searcher{java, map[string]any{
		"keyring": keysFor(keys, c.keyField), "table": c.table.Name, "partitionKey": c.table.PartitionKey,
		"sortKey": c.table.SortKey,
		"actions": c.actions, "search": c.search(beaconBranchKey),
	}}
}

// keysFor returns the keyring that seals the items of a table.
func keysFor(keys keyringSpec, keyField string) keyringSpec {
	if keyField != "" {
		keys.Tenants = tenants
	} else {
		keys.BranchKeyID = tenants["ada"]
	}
	return keys
}

// createTable creates the table with its indexes, in place of any before. All
// keys are strings, as beacons are.
func (c *beaconCase) createTable(t *testing.T, db *dynamodb.Client) {
	t.Helper()
	name := "beacons-" + c.name
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	defined := make(map[string]bool)
	schema := func(names ...string) (all []types.KeySchemaElement) {
		for i, key := range names {
			if key == "" {
				continue
			}
			all = append(all, types.KeySchemaElement{AttributeName: aws.String(key),
				KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
			if !defined[key] {
				defined[key] = true
				in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
					AttributeName: aws.String(key), AttributeType: types.ScalarAttributeTypeS})
			}
		}
		return all
	}
	in.KeySchema = schema(c.table.PartitionKey, c.table.SortKey)
	for _, index := range c.indexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(index.name), KeySchema: schema(index.partitionKey, index.sortKey),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		})
	}
	db.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name}) // there may be none
	_, err := db.CreateTable(t.Context(), in)
	check(t, err)
}

// put stores an item and returns it as it is stored.
func (s *searcher) put(t *testing.T, item crypto.Item) (crypto.Item, error) {
	t.Helper()
	answer, err := s.request("put", "item", encodeItem(t, item))
	if err != nil {
		return nil, err
	}
	return decodeItem(t, answer.Item), nil
}

// get returns an opened item.
func (s *searcher) get(t *testing.T, key crypto.Item) (crypto.Item, error) {
	t.Helper()
	answer, err := s.request("get", "item", encodeItem(t, key))
	if err != nil {
		return nil, err
	}
	return decodeItem(t, answer.Item), nil
}

// query returns the opened items that a query finds, and the query's values as the
// client sends them to the database, if it does.
func (s *searcher) query(t *testing.T, q *beaconQuery) (found []crypto.Item, sent crypto.Item, err error) {
	t.Helper()
	answer, err := s.request("query", "query", q.encode(t))
	if answer.Sent != nil {
		sent = decodeItem(t, answer.Sent)
	}
	for _, encoded := range answer.Items {
		found = append(found, decodeItem(t, encoded))
	}
	return found, sent, err
}

func (s *searcher) request(op, name string, body json.RawMessage) (answer, error) {
	request := map[string]any{"op": op, name: body}
	for name, v := range s.settings {
		request[name] = v
	}
	return s.send(request)
}
