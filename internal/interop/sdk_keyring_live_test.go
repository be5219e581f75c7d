package interop_test

import (
	"crypto/rand"
	"os"
	"testing"
)

// rawAES returns a raw AES keyring with a key made for it.
func rawAES(size int, name string) keyringSpec {
	key := make([]byte, size)
	rand.Read(key)
	return keyringSpec{Kind: "raw-aes", Namespace: "ddbenc tests", Name: name, Key: key}
}

func TestEveryone_OpensMultiKeyringItemsWithEachChildAlone(t *testing.T) {
	w, parties := newSDKLive(t)
	c := tamperedCase(t)
	createTable(t, w.items, tableName, c.table(), c.plaintext())
	opened := 0
	for _, writer := range sdkPartyNames {
		for _, spec := range w.keyrings(t, writer, parties[writer]) {
			if spec.Kind != "multi" {
				continue
			}
			for _, ecdsa := range []bool{false, true} {
				sealed, err := parties[writer].sealSDK(t.Context(), sdkWay{spec, ecdsa}, c)
				check(t, err)
				stored := w.store(t, tableName, c.table(), sealed)
				stranger := rawAES(32, "of somebody else")
				namesake := rawAES(32, spec.aesName())
				for _, reader := range sdkPartyNames {
					for i, child := range append([]*keyringSpec{spec.Generator}, spec.Children...) {
						item, err := parties[reader].openSDK(t.Context(), sdkWay{*child, ecdsa}, c, stored)
						if problem := compare(c, item, err); problem != "" {
							t.Errorf("ECDSA %v: %s does not open what %s sealed with child %d, %s, alone: %s", ecdsa, reader, writer, i, child.Kind, problem)
						}
						opened++
					}
					for _, other := range []keyringSpec{stranger, namesake} {
						if _, err := parties[reader].openSDK(t.Context(), sdkWay{other, ecdsa}, c, stored); err == nil {
							t.Errorf("ECDSA %v: %s opens an item of %s with a keyring that did not seal it", ecdsa, reader, writer)
						}
					}
				}
			}
		}
	}
	if want := len(sdkPartyNames) * len(sdkPartyNames) * 2 * (4 + 2); opened != want {
		t.Errorf("%d tries to open, want %d", opened, want)
	}
}

// aesName returns the name of the first raw AES keyring in a multi-keyring.
func (k *keyringSpec) aesName() string {
	for _, child := range append([]*keyringSpec{k.Generator}, k.Children...) {
		if child.Kind == "raw-aes" {
			return child.Name
		}
	}
	return ""
}

func TestEveryone_PicksTheBranchKeyOfEachItem(t *testing.T) {
	w, parties := newSDKLive(t)
	base := tamperedCase(t)
	createTable(t, w.items, tableName, base.table(), base.plaintext())
	of := func(tenant string) testCase {
		c := base
		c.name, c.partition = "item of "+tenant, s(tenant)
		return c
	}
	results := matrix{parties: sdkPartyNames}
	for _, writer := range sdkPartyNames {
		spec := keyringSpec{Kind: "hierarchical", KeyARN: w.kmsKeyID, Endpoint: os.Getenv("DDBENC_KMS_ENDPOINT"), Region: region, TTLSeconds: 600,
			KeyStoreTable: "tenants-" + writer, LogicalName: "branch keys of " + writer, DynamoDBEndpoint: os.Getenv("DDBENC_DYNAMODB_ENDPOINT")}
		w.dropTable(t, spec.KeyStoreTable)
		check(t, parties[writer].createStore(t.Context(), spec))
		branchKeys := make(map[string]string)
		for _, tenant := range []string{"ada", "bob"} {
			id, err := parties[writer].createBranchKey(t.Context(), spec, nil)
			check(t, err)
			branchKeys[tenant] = id
		}
		with := func(tenants map[string]string) sdkWay {
			k := spec
			k.Tenants = tenants
			return sdkWay{k, false}
		}
		exchanged := map[string]string{"ada": branchKeys["bob"], "bob": branchKeys["ada"]}
		for _, tenant := range []string{"ada", "bob"} {
			c := of(tenant)
			sealed, err := parties[writer].sealSDK(t.Context(), with(branchKeys), c)
			check(t, err)
			stored := w.store(t, tableName, c.table(), sealed)
			one := spec
			one.BranchKeyID = branchKeys[tenant]
			for _, reader := range sdkPartyNames {
				for what, way := range map[string]sdkWay{"the supplier": with(branchKeys), "the branch key alone": {one, false}} {
					opened, err := parties[reader].openSDK(t.Context(), way, c, stored)
					problem := compare(c, opened, err)
					if problem != "" {
						t.Errorf("%s does not open the item of %s that %s sealed, with %s: %s", reader, tenant, writer, what, problem)
					}
					results.add(result{"branch key supplier", c.name + ", " + what, writer, reader, problem == "", ""})
				}
				for what, tenants := range map[string]map[string]string{"another tenant's branch key": exchanged, "no branch key": {"eve": branchKeys[tenant]}} {
					if _, err := parties[reader].openSDK(t.Context(), with(tenants), c, stored); err == nil {
						t.Errorf("%s opens the item of %s that %s sealed with %s", reader, tenant, writer, what)
					}
				}
			}
		}
		if _, err := parties[writer].sealSDK(t.Context(), with(branchKeys), of("eve")); err == nil {
			t.Errorf("%s seals an item of a tenant without a branch key", writer)
		}
	}
	results.show(os.Stdout)
	if got, want := len(results.results), len(sdkPartyNames)*len(sdkPartyNames)*2*2; got != want {
		t.Errorf("%d results, want %d", got, want)
	}
}
