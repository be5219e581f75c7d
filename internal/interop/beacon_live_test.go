package interop_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
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
	keys = keyringSpec{Kind: "hierarchical", KeyARN: w.kmsKeyID, Endpoint: env["DDBENC_KMS_ENDPOINT"], Region: region, TTLSeconds: 600,
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
	r := &beaconRecord{Table: c.table, Actions: c.actions, Config: json.RawMessage(c.config), KeyField: c.keyField, BeaconKeys: make(map[string]string)}
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

func TestEveryone_StoresTheSameBeacons(t *testing.T) {
	w, java, keys := newBeaconLive(t)
	for _, c := range beaconCases() {
		t.Run(c.name, func(t *testing.T) {
			client := w.newSearcher(t, java, keys, c)
			record := w.newBeaconRecord(t, keys, c)
			us := w.newGoSearcher(t, keys, record)
			for i, item := range c.items {
				stored, err := client.put(t, item)
				if err != nil {
					if !strings.Contains(err.Error(), "DynamoDbEncryptionException") {
						t.Errorf("not the client refuses item %d: %v", i, err)
					}
					record.Refused = append(record.Refused, encodeItem(t, item))
					if _, err := us.put(t, item); err == nil {
						t.Errorf("Go stores item %d, which Java refuses", i)
					}
					continue
				}
				record.add(t, item, stored)
				opened, _ := us.open(t, stored)
				own, err := us.put(t, item)
				check(t, err)
				for _, problem := range compareBeacons(beaconsOf(own), beaconsOf(stored)) {
					t.Errorf("item %d: %s", i, problem)
				}
				read, err := client.get(t, us.table.Key(own))
				check(t, err)
				if !expr.Equal(m(read), m(opened)) {
					t.Errorf("item %d of Go is another one for Java: %v, not %v", i, render(read), render(opened))
				}
			}
			if got := len(record.Refused); got != c.refusals {
				t.Errorf("the client refuses %d items, want %d", got, c.refusals)
			}
			if os.Getenv("DDBENC_INTEROP_RECORD") != "" {
				record.write(t, c.name)
			}
		})
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

func render(item crypto.Item) map[string]any {
	all := make(map[string]any)
	for name, v := range item {
		all[name] = plainText(v)
	}
	return all
}
