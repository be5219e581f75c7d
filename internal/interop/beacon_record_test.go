package interop_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// beaconRecord is a file in testdata/beacons: what the official Java client
// stored in a table with beacons. The keys were made for that run alone.
type beaconRecord struct {
	Table   crypto.TableInfo         `json:"table"`
	Actions map[string]crypto.Action `json:"actions"`
	Config  json.RawMessage          `json:"config"` // a beacon.Config
	// BranchKeyID is of a single key store, KeyField of a multi key store.
	BranchKeyID string            `json:"branchKeyID,omitempty"`
	KeyField    string            `json:"keyField,omitempty"`
	BeaconKeys  map[string]string `json:"beaconKeys"` // hexadecimal, by branch key ID
	Items       []recordedBeacons `json:"items"`
	Refused     []json.RawMessage `json:"refused,omitempty"` // items that the client does not store
	Queries     []recordedQuery   `json:"queries,omitempty"`
}

// recordedQuery has a comparison and the values that the client sends for its
// values, by their positions.
type recordedQuery struct {
	Op          string          `json:"op"`
	Name        string          `json:"name"`
	BranchKeyID string          `json:"branchKeyID,omitempty"`
	Values      json.RawMessage `json:"values"`
	Sent        json.RawMessage `json:"sent"`
}

// recordedBeacons has an item, and those attributes of the stored item that the
// client added: stored and signed beacons, and in a multi key store the header and
// footer, which say what branch key the item is sealed with.
type recordedBeacons struct {
	Item   json.RawMessage `json:"item"`
	Stored json.RawMessage `json:"stored"`
}

const (
	beaconFolder = "testdata/beacons"
	beaconPrefix = "aws_dbe_b_"
)

func (r *beaconRecord) add(t *testing.T, item, stored crypto.Item) {
	t.Helper()
	kept := make(crypto.Item)
	for name, v := range stored {
		_, signed := r.Actions[name]
		if strings.HasPrefix(name, "aws_dbe_") {
			signed = r.KeyField == "" && !strings.HasPrefix(name, beaconPrefix)
		}
		if !signed {
			kept[name] = v
		}
	}
	r.Items = append(r.Items, recordedBeacons{encodeItem(t, item), encodeItem(t, kept)})
}

// addQuery records a comparison, once. sent has the values of its query.
func (r *beaconRecord) addQuery(t *testing.T, test beaconTest, branchKeyID string, sent crypto.Item) {
	t.Helper()
	q := recordedQuery{Op: test.op, Name: test.name, BranchKeyID: branchKeyID}
	values, theirs := make(crypto.Item), make(crypto.Item)
	for i, placeholder := range test.placeholders {
		position := strconv.Itoa(i)
		values[position], theirs[position] = test.values[i], sent[placeholder]
	}
	q.Values, q.Sent = encodeItem(t, values), encodeItem(t, theirs)
	known := func(other recordedQuery) bool {
		return other.Op == q.Op && other.Name == q.Name && other.BranchKeyID == q.BranchKeyID &&
			expr.Equal(m(decodeItem(t, other.Values)), m(values))
	}
	if !slices.ContainsFunc(r.Queries, known) {
		r.Queries = append(r.Queries, q)
	}
}

func (r *beaconRecord) write(t *testing.T, name string) {
	t.Helper()
	encoded, err := json.MarshalIndent(r, "", "\t")
	check(t, err)
	check(t, os.MkdirAll(beaconFolder, 0o755))
	check(t, os.WriteFile(filepath.Join(beaconFolder, name+".json"), append(encoded, '\n'), 0o644))
}

func readBeaconRecord(t *testing.T, file string) *beaconRecord {
	t.Helper()
	encoded, err := os.ReadFile(file)
	check(t, err)
	var r beaconRecord
	check(t, json.Unmarshal(encoded, &r))
	return &r
}

func encodeItem(t *testing.T, item crypto.Item) json.RawMessage {
	t.Helper()
	encoded, err := attributevalue.MarshalMapJSON(item)
	check(t, err)
	return encoded
}

func decodeItem(t *testing.T, encoded json.RawMessage) crypto.Item {
	t.Helper()
	item, err := attributevalue.UnmarshalMapJSON(encoded)
	check(t, err)
	return item
}
