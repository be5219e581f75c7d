package interop_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
)

// goSearcher is this project with a table of a case.
type goSearcher struct {
	db     *dynamodb.Client
	mapper *mapper.Client
	search *beacon.Search
	table  crypto.TableInfo
}

func (w *live) newGoSearcher(t *testing.T, keys keyringSpec, record *beaconRecord) *goSearcher {
	t.Helper()
	keys = keysFor(keys, record.KeyField)
	keyring, err := (&sdkGo{kms: w.recorder, store: w.db}).keyring(&keys)
	check(t, err)
	sealing, err := dbesdk.New(keyring)
	check(t, err)
	beaconKeys, config := record.searching(t)
	schema := mapper.Schema{PartitionKey: record.Table.PartitionKey, SortKey: record.Table.SortKey,
		Actions: crypto.Actions{Default: crypto.None, Attributes: maps.Clone(record.Actions)}}
	client, err := mapper.NewClient(w.db, mapper.TableOfSchema(record.Table.Name, schema, sealing,
		mapper.WithBeacons(beaconKeys), mapper.WithBeaconConfig(config)))
	check(t, err)
	return &goSearcher{w.db, client, record.search(t), record.Table}
}

// put stores an item and returns it as it is stored.
func (g *goSearcher) put(t *testing.T, item crypto.Item) (crypto.Item, error) {
	t.Helper()
	if _, err := g.mapper.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(g.table.Name),
		Item: item}); err != nil {
		return nil, err
	}
	key := g.table.Key(item)
	for _, name := range g.table.KeyNames() {
		if key[name] == nil { // a signed beacon
			completed, err := g.search.Prepare(item, func(string) bool { return true })
			check(t, err)
			key = g.table.Key(completed)
		}
	}
	out, err := g.db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(g.table.Name), Key: key})
	check(t, err)
	return out.Item, nil
}

// open opens a stored item and checks its beacons.
func (g *goSearcher) open(t *testing.T, stored crypto.Item) crypto.Item {
	t.Helper()
	opened, err := g.mapper.Open(t.Context(), g.table.Name, stored)
	check(t, err)
	same, err := g.search.SameBeacons(t.Context(), opened, stored)
	check(t, err)
	if !same {
		t.Errorf("Go finds wrong beacons in the item with the key %v", render(g.table.Key(stored)))
	}
	return opened
}

// query returns the opened items that a query or scan finds. A key condition that
// no value of a beacon can meet, or of a tenant that does not exist, is refused, and
// finds nothing here.
func (g *goSearcher) query(t *testing.T, q *beaconQuery) ([]crypto.Item, error) {
	t.Helper()
	table, filter := aws.String(g.table.Name), given(q.filter)
	var names map[string]string
	var values crypto.Item
	if len(q.names) > 0 {
		names = q.names
	}
	if len(q.values) > 0 {
		values = q.values
	}
	var found []crypto.Item
	var start crypto.Item
	for {
		var page []crypto.Item
		if q.keyCondition == "" {
			out, err := g.mapper.Scan(t.Context(), &dynamodb.ScanInput{TableName: table, FilterExpression: filter,
				ExpressionAttributeNames: names, ExpressionAttributeValues: values, ExclusiveStartKey: start})
			if err != nil {
				return nil, err
			}
			page, start = out.Items, out.LastEvaluatedKey
		} else {
			out, err := g.mapper.Query(t.Context(), &dynamodb.QueryInput{TableName: table, IndexName: given(q.key.index),
				KeyConditionExpression: &q.keyCondition, FilterExpression: filter, ExpressionAttributeNames: names,
				ExpressionAttributeValues: values, ExclusiveStartKey: start})
			if errors.Is(err, crypto.ErrUnsupported) || errors.Is(err, crypto.ErrNoUsableKey) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			page, start = out.Items, out.LastEvaluatedKey
		}
		found = append(found, page...)
		if start == nil {
			return found, nil
		}
	}
}

// given returns a pointer to text, or nil if there is none.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
