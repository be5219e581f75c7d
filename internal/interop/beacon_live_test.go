package interop_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
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
			for _, item := range c.items {
				stored, err := client.put(t, item)
				if err != nil {
					if !strings.Contains(err.Error(), "DynamoDbEncryptionException") {
						t.Errorf("not the client refuses an item: %v", err)
					}
					record.Refused = append(record.Refused, encodeItem(t, item))
					continue
				}
				record.add(t, item, stored)
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

var _ crypto.Item
