package keyconfig_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

const (
	rawAES  = `{"kind": "rawaes", "namespace": "acme", "name": "2026-11", "key": {"file": "base64.key", "encoding": "base64"}}`
	rawRSA  = `{"kind": "rawrsa", "namespace": "acme", "name": "recovery", "padding": "OAEP_SHA256_MGF1", "publicKey": {"file": "public.pem"}, "privateKey": {"file": "private.pem"}}`
	kmsKey  = `{"kind": "kms", "keyARN": "` + keyARN + `", "grantTokens": ["token"]}`
	hmac    = `{"algorithm": "HmacSHA256", "key": {"file": "hex.key", "encoding": "hex"}}`
	aesWrap = `{"kind": "wrapped-aes", "wrappingKey": {"file": "raw.key", "encoding": "raw"}, "signing": ` + hmac + `}`
)

func TestEachKindOfKeyringSealsAndOpens(t *testing.T) {
	for name, keys := range map[string]string{
		"raw AES":     rawAES,
		"raw RSA":     rawRSA,
		"RSA, base64": `{"kind": "rawrsa", "namespace": "acme", "name": "r", "padding": "OAEP_SHA1_MGF1", "publicKey": {"file": "public.pem"}, "privateKey": {"file": "private.b64", "encoding": "base64"}}`,
		"KMS":         kmsKey,
		"KMS MRK":     `{"kind": "kmsmrk", "keyARN": "` + mrkARN + `"}`,
		"multi":       `{"kind": "multi", "generator": ` + rawAES + `, "children": [` + rawRSA + `, ` + kmsKey + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			table, err := newWorld(t).table(t, keyring(keys))
			check(t, err)
			roundTrip(t, table, table)
		})
	}
}

func TestEachKindOfProviderSealsAndOpens(t *testing.T) {
	for name, keys := range map[string]string{
		"static": `{"kind": "static", "encryptionKey": {"file": "raw.key", "encoding": "raw"}, "signing": ` + hmac +
			`, "description": {"team": "billing"}}`,
		"wrapped AES": aesWrap,
		"wrapped RSA": `{"kind": "wrapped-rsa", "publicKey": {"file": "public.pem"}, "privateKey": {"file": "private.pem"}, "allowPKCS1v15": true,
			"signing": {"algorithm": "SHA256withRSA", "privateKey": {"file": "private.pem"}, "publicKey": {"file": "public.pem"}}}`,
		"direct KMS": `{"kind": "directkms", "keyID": "` + keyARN + `", "grantTokens": ["token"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			table, err := newWorld(t).table(t, provider(keys))
			check(t, err)
			roundTrip(t, table, table)
		})
	}
}

func TestAHierarchicalKeyringTakesTheBranchKeyThatTheFileSays(t *testing.T) {
	w := newWorld(t)
	store, err := keystore.New(w.db, "branch-keys", w.kms, keyARN, keystore.WithLogicalName("keys"))
	check(t, err)
	check(t, store.CreateTable(t.Context()))
	id, err := store.Create(t.Context(), "", nil)
	check(t, err)
	_, err = store.Create(t.Context(), "a-1", map[string]string{"tenant": "a-1"})
	check(t, err)
	const at = `"keyStore": {"table": "branch-keys", "logicalName": "keys", "keyARN": "` + keyARN + `"}`
	for name, of := range map[string]string{
		"one":            `"branchKey": "` + id + `"`,
		"by its value":   `"branchKeys": {"attribute": "id"}`,
		"by a list":      `"branchKeys": {"attribute": "id", "ids": {"a-1": "` + id + `"}}, "ttl": "90s"`,
		"multi-Region":   `"branchKey": "` + id + `"`,
		"KMS discovered": `"branchKey": "` + id + `"`,
	} {
		keys := `{"kind": "hierarchical", ` + of + `, ` + at + `}`
		switch name {
		case "KMS discovered":
			keys = `{"kind": "hierarchical", ` + of +
				`, "keyStore": {"table": "branch-keys", "logicalName": "keys", "discovery": true, "multiRegion": true}}`
		case "multi-Region":
			keys = `{"kind": "hierarchical", ` + of +
				`, "keyStore": {"table": "branch-keys", "logicalName": "keys", "multiRegion": true, "keyARN": "` + keyARN + `"}}`
		}
		t.Run(name, func(t *testing.T) {
			table, err := w.table(t, keyring(keys))
			check(t, err)
			opens := table
			if name == "KMS discovered" { // opens only
				table, err = w.table(t, keyring(`{"kind": "hierarchical", `+of+`, `+at+`}`))
				check(t, err)
			}
			roundTrip(t, table, opens)
		})
	}
	for name, of := range map[string]string{
		"no such attribute": `"branchKeys": {"attribute": "tenant"}`,
		"not in the list":   `"branchKeys": {"attribute": "id", "ids": {"b-2": "x"}}`,
	} {
		table, err := w.table(t, keyring(`{"kind": "hierarchical", `+of+`, `+at+`}`))
		check(t, err)
		if _, err := table.Seal(t.Context(), account()); err == nil {
			t.Errorf("%s: sealed", name)
		} else if contains(err, "a-1") {
			t.Errorf("%s: the error shows a key value: %v", name, err)
		}
	}
}

func TestTheMostRecentProviderReadsItsMetaStore(t *testing.T) {
	w := newWorld(t)
	raw, err := os.ReadFile(filepath.Join(w.dir, "raw.key"))
	check(t, err)
	signing, err := providers.NewHMAC("HmacSHA256", raw)
	check(t, err)
	inner, err := wrapped.NewAES(raw, signing, signing)
	check(t, err)
	store, err := metastore.New(w.db, "keys", inner, metastore.WithLogicalName("meta"))
	check(t, err)
	check(t, store.CreateTable(t.Context()))
	_, err = store.NewVersion(t.Context(), "accounts")
	check(t, err)
	table, err := w.table(t, provider(`{"kind": "mostrecent", "material": "accounts", "ttl": "5m", "store": {"table": "keys", "logicalName": "meta", "signedAttributes": ["maker"],
		"provider": {"kind": "wrapped-aes", "wrappingKey": {"file": "raw.key", "encoding": "raw"}, "signing": {"algorithm": "HmacSHA256", "key": {"file": "raw.key", "encoding": "raw"}}}}}`))
	check(t, err)
	roundTrip(t, table, table)
}

func TestDiscoveryOpensWhatAKMSKeySealed(t *testing.T) {
	w := newWorld(t)
	seals, err := w.table(t, keyring(kmsKey))
	check(t, err)
	for name, keys := range map[string]string{
		"accounts": `{"kind": "kmsdiscovery", "partition": "aws", "accounts": ["111122223333"]}`,
		"any":      `{"kind": "kmsdiscovery", "anyAccount": true, "grantTokens": ["token"]}`,
		"regions":  `{"kind": "kmsdiscovery", "partition": "aws", "accounts": ["111122223333"], "regions": ["us-east-1", "eu-west-1"]}`,
	} {
		opens, err := w.table(t, keyring(keys))
		if err != nil {
			t.Fatal(name, err)
		}
		roundTrip(t, seals, opens)
	}
	opens, err := w.table(t, keyring(`{"kind": "kmsdiscovery", "partition": "aws", "accounts": ["444455556666"]}`))
	check(t, err)
	sealed, err := seals.Seal(t.Context(), account())
	check(t, err)
	if _, err := opens.Open(t.Context(), sealed); err == nil {
		t.Error("a key of another account opened the item")
	}
}

func TestAnRSAKeyInKMSSealsWithThePublicKeyOfTheFile(t *testing.T) {
	w := newWorld(t)
	table, err := w.table(t,
		config(`{"format": "dbesdk", "suite": "hmac", "keyring": {"kind": "kmsrsa", "keyARN": "`+rsaARN+`", "padding": "OAEP_SHA256_MGF1", "publicKey": {"file": "public.pem"}}}`))
	check(t, err)
	roundTrip(t, table, table)
}

func TestAKeyIsAskedInItsOwnRegion(t *testing.T) {
	w := newWorld(t)
	_, err := w.table(t,
		keyring(`{"kind": "multi", "generator": `+kmsKey+`, "children": [{"kind": "kmsmrk", "keyARN": "`+replica+`"}]}`))
	check(t, err)
	_, err = w.table(t, provider(`{"kind": "directkms", "keyID": "1234abcd-12ab-34cd-56ef-1234567890ab"}`))
	check(t, err)
	if want := []string{"eu-west-1", "us-east-1", ""}; !slices.Equal(w.regions, want) {
		t.Errorf("asked for %q, want %q", w.regions, want)
	}
}

func TestHalvesOfKeyPairsAreEnoughForTheirSide(t *testing.T) {
	w := newWorld(t)
	seals, err := w.table(t,
		provider(`{"kind": "wrapped-rsa", "publicKey": {"file": "public.pem"}, "signing": {"algorithm": "SHA256withECDSA", "privateKey": {"file": "ec.pem"}}}`))
	check(t, err)
	if _, err := seals.Seal(t.Context(), account()); err != nil {
		t.Error(err)
	}
	opens, err := w.table(t,
		keyring(`{"kind": "rawrsa", "namespace": "acme", "name": "recovery", "padding": "OAEP_SHA256_MGF1", "privateKey": {"file": "private.pem"}}`))
	check(t, err)
	both, err := w.table(t, keyring(rawRSA))
	check(t, err)
	roundTrip(t, both, opens)
	if _, err := opens.Seal(t.Context(), account()); err == nil {
		t.Error("sealed without a public key")
	}
}
