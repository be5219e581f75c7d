package interop_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// beaconQueries says what random queries of a case compare.
type beaconQueries struct {
	equal    []string    // with = and IN: standard and compound beacons
	sets     []string    // sets with =
	contains []string    // sets with contains
	begins   []string    // compound beacons with begins_with
	ordered  []string    // compound beacons with <, <=, >, >= and BETWEEN
	plain    []string    // signed attributes, with any operator
	pairs    [][2]string // beacons that share their values, with each other
	keys     []queryKey
}

// queryKey is the key of the table, or of an index, as queries name it. All
// comparisons are made with a sort key that is a compound beacon, and only = with
// another.
type queryKey struct {
	index, partition, sort string
	compound               bool
}

// beaconQuery is a query, or without a key condition a scan.
type beaconQuery struct {
	index, keyCondition, filter string
	names                       map[string]string
	values                      crypto.Item
}

func (q *beaconQuery) encode(t *testing.T) json.RawMessage {
	t.Helper()
	body := map[string]any{"names": q.names, "values": encodeItem(t, q.values)}
	for name, text := range map[string]string{"index": q.index, "keyCondition": q.keyCondition, "filter": q.filter} {
		if text != "" {
			body[name] = text
		}
	}
	encoded, err := json.Marshal(body)
	check(t, err)
	return encoded
}

var _ types.AttributeValue
