package interop_test

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// newBeaconLive starts the Java client with a key store that has a branch key for
// each tenant and one for single key stores.
func newBeaconLive(t *testing.T) (w *live, java *program, keys keyringSpec) {
	t.Helper()
	env := environment(t, "DDBENC_INTEROP_JAVA3", "DDBENC_KMS_ENDPOINT", "DDBENC_DYNAMODB_ENDPOINT")
	w = newServices(t, env)
	java = start(t, "java", "-cp", env["DDBENC_INTEROP_JAVA3"]+"/*", "ddbenc.interop3.Main")
	keys = keyringSpec{Kind: "hierarchical", KeyARN: w.kmsKeyID, Endpoint: env["DDBENC_KMS_ENDPOINT"],
		Region: region, TTLSeconds: 600,
		KeyStoreTable: "beacon-keys", LogicalName: "beacon keys", DynamoDBEndpoint: env["DDBENC_DYNAMODB_ENDPOINT"]}
	w.dropTable(t, keys.KeyStoreTable)
	check(t, java.createStore(t.Context(), keys))
	for _, id := range []string{beaconBranchKey, tenants["ada"], tenants["bob"]} {
		named := keys
		named.BranchKeyID = id
		_, err := java.createBranchKey(t.Context(), named, map[string]string{"department": "tests"})
		check(t, err)
	}
	return w, java, keys
}

// newRecord returns what is recorded of a case, without items.
func (w *live) newBeaconRecord(t *testing.T, keys keyringSpec, c beaconCase) *beaconRecord {
	t.Helper()
	store, err := (&sdkGo{kms: w.recorder, store: w.db}).keyStore(keys)
	check(t, err)
	r := &beaconRecord{Table: c.table, Actions: c.actions, Config: json.RawMessage(c.config), KeyField: c.keyField,
		BeaconKeys: make(map[string]string)}
	r.Table.Name = "beacons-" + c.name
	ids := []string{tenants["ada"], tenants["bob"]}
	if c.keyField == "" {
		ids, r.BranchKeyID = []string{beaconBranchKey}, beaconBranchKey
	}
	for _, id := range ids {
		key, err := store.BeaconKey(t.Context(), id)
		check(t, err)
		r.BeaconKeys[id] = hex.EncodeToString(key.Key())
	}
	return r
}

func TestEveryone_StoresAndFindsTheSame(t *testing.T) {
	w, java, keys := newBeaconLive(t)
	differences := make(map[string]int)
	for _, c := range beaconCases() {
		t.Run(c.name, func(t *testing.T) {
			m := &beaconMatrix{c: c, record: w.newBeaconRecord(t, keys, c), java: w.newSearcher(t, java, keys, c)}
			m.us = w.newGoSearcher(t, keys, m.record)
			m.store(t)
			m.find(t, differences)
			if os.Getenv("DDBENC_INTEROP_RECORD") != "" {
				m.record.write(t, c.name)
			}
		})
	}
	for _, why := range slices.Sorted(maps.Keys(differences)) {
		t.Logf("%5d queries: %s", differences[why], why)
	}
}

// beaconMatrix is a case's table, which Java and Go write and query.
type beaconMatrix struct {
	c      beaconCase
	record *beaconRecord
	java   *searcher
	us     *goSearcher
	items  []storedItem
}

// storedItem is an item with what queries can compare beside.
type storedItem struct {
	full        crypto.Item
	stored      crypto.Item
	branchKeyID string
	lacksField  bool // the beacon key field of a multi key store is not stored
}

// store lets Java put all items and compares the beacons with Go's. Every second
// item is then put again by Go, and Java reads it.
func (x *beaconMatrix) store(t *testing.T) {
	t.Helper()
	for i, item := range x.c.items {
		stored, err := x.java.put(t, item)
		if err != nil {
			if !strings.Contains(err.Error(), "DynamoDbEncryptionException") {
				t.Errorf("not the client refuses item %d: %v", i, err)
			}
			x.record.Refused = append(x.record.Refused, encodeItem(t, item))
			if _, err := x.us.put(t, item); err == nil {
				t.Errorf("Go stores item %d, which Java refuses: %v", i, render(item))
			}
			continue
		}
		x.record.add(t, item, stored)
		if i%2 == 1 {
			own, err := x.us.put(t, item)
			check(t, err)
			for _, problem := range compareBeacons(beaconsOf(own), beaconsOf(stored)) {
				t.Errorf("item %d: %s", i, problem)
			}
			stored = own
		}
		full := x.us.open(t, stored)
		read, err := x.java.get(t, x.us.table.Key(stored))
		check(t, err)
		if !expr.Equal(m(read), m(full)) {
			t.Errorf("item %d is another one for Java: %v, not %v", i, render(read), render(full))
		}
		lacksField := x.c.keyField != "" && full[x.c.keyField] == nil
		maps.Copy(full, x.us.search.Derive(full, stored))
		if _, ok := x.c.actions[x.c.keyField]; ok && lacksField {
			delete(full, x.c.keyField) // an attribute like others
		}
		x.items = append(x.items, storedItem{full, stored, x.us.search.BranchKeyID(stored), lacksField})
	}
	if got := len(x.record.Refused); got != x.c.refusals {
		t.Errorf("the client refuses %d items, want %d", got, x.c.refusals)
	}
}

// beaconsOf returns the beacons of a stored item.
func beaconsOf(stored crypto.Item) crypto.Item {
	beacons := make(crypto.Item)
	for name, v := range stored {
		if strings.HasPrefix(name, beaconPrefix) {
			beacons[name] = v
		}
	}
	return beacons
}

// render returns an item to be printed.
func render(item crypto.Item) map[string]any {
	all := make(map[string]any)
	for name, v := range item {
		all[name] = plainText(v)
	}
	return all
}
