package beacon_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
func binary(b string) types.AttributeValue { return &types.AttributeValueMemberB{Value: []byte(b)} }
func set(members ...string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: members}
}

func textOf(t interface{ Fatalf(string, ...any) }, v types.AttributeValue) string {
	s, ok := v.(*types.AttributeValueMemberS)
	if !ok {
		t.Fatalf("got %#v, want a string", v)
	}
	return s.Value
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fixedKey is a key store in which every branch key has the same beacon key.
type fixedKey struct{ key []byte }

func (k *fixedKey) BeaconKey(_ context.Context, id string) (*keystore.BeaconKey, error) {
	return keystore.NewBeaconKey(id, k.key)
}

// secretKey is the beacon key of most tests.
var secretKey = &fixedKey{bytes.Repeat([]byte("secret.."), 4)}

func single(t testing.TB) *beacon.Keys {
	t.Helper()
	keys, err := beacon.SingleKeyStore(secretKey, "tenant-1", time.Minute)
	check(t, err)
	return keys
}

func newSearch(t testing.TB, config beacon.Config, options ...beacon.Option) *beacon.Search {
	t.Helper()
	s, err := beacon.New(single(t), config, options...)
	check(t, err)
	return s
}

func keyOf(t testing.TB, s *beacon.Search) *beacon.Key {
	t.Helper()
	k, err := s.Key(t.Context(), "tenant-1")
	check(t, err)
	return k
}

// stored returns the beacons of an item in a table with a single beacon key.
func stored(t testing.TB, s *beacon.Search, item crypto.Item) crypto.Item {
	t.Helper()
	beacons, err := s.Stored(t.Context(), item, nil)
	check(t, err)
	return beacons
}

// sealedByRawKey returns an item that was not sealed with a branch key.
func sealedByRawKey(t testing.TB, item crypto.Item) crypto.Item {
	t.Helper()
	keys, err := raw.NewAES("tests", "key", make([]byte, 32))
	check(t, err)
	return sealedWith(t, keys, item)
}

// accounts is a table of the tests.
var accounts = crypto.TableInfo{Name: "accounts", PartitionKey: "id"}

// sealedBy returns an item that was sealed with the branch keys.
func sealedBy(t testing.TB, store *providertest.KeyStore, item crypto.Item, branchKeys ...string) crypto.Item {
	t.Helper()
	var keyrings []keyring.Keyring
	for _, id := range branchKeys {
		keys, err := hierarchical.New(store, hierarchical.BranchKey(id), time.Minute)
		check(t, err)
		keyrings = append(keyrings, keys)
	}
	if len(keyrings) == 1 {
		return sealedWith(t, keyrings[0], item)
	}
	all, err := multi.New(keyrings[0], keyrings[1:]...)
	check(t, err)
	return sealedWith(t, all, item)
}

func sealedWith(t testing.TB, keys keyring.Keyring, item crypto.Item) crypto.Item {
	t.Helper()
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	t.Cleanup(func() { check(t, e.Close()) })
	sealed, err := e.EncryptItem(t.Context(), accounts, crypto.Actions{
		Attributes: map[string]crypto.Action{"id": crypto.Sign, "tenant": crypto.Sign}}, item)
	check(t, err)
	return sealed
}

// people is a configuration with beacons of every kind.
func people() beacon.Config {
	return beacon.Config{
		Standard: []beacon.Standard{
			{Name: "email", Length: 16},
			{Name: "zip", Length: 10, Location: "address.zip"},
			{Name: "tags", Length: 12, Set: true},
			{Name: "backup", Length: 16, Location: "backupEmail", Shared: "email"},
			{Name: "phone", Length: 20, PartOnly: true},
			{Name: "initials", Length: 8},
		},
		Virtual: []beacon.VirtualField{{Name: "initials", Parts: []beacon.VirtualPart{
			{Location: "first", Transforms: []beacon.Transform{beacon.Prefix(1), beacon.Upper()}},
			{Location: "last", Transforms: []beacon.Transform{beacon.Prefix(1), beacon.Upper()}},
		}}},
		Compound: []beacon.Compound{{
			Name: "contact", Split: ".",
			Signed:    []beacon.SignedPart{{Name: "day", Prefix: "D-"}},
			Encrypted: []beacon.EncryptedPart{{Name: "phone", Prefix: "P-"}, {Name: "zip", Prefix: "Z-"}},
			Constructors: [][]beacon.ConstructorPart{
				{{Name: "day"}, {Name: "phone"}, {Name: "zip", Optional: true}},
				{{Name: "day"}, {Name: "zip"}},
			},
		}, {
			Name: "period", Split: "#",
			Constructors: [][]beacon.ConstructorPart{{{Name: "year"}, {Name: "status", Optional: true}}},
		}},
		SignedParts: []beacon.SignedPart{{Name: "year", Prefix: "Y-"}, {Name: "status", Prefix: "S-", Location: "state[0]"}},
	}
}

func ada() crypto.Item {
	return crypto.Item{
		"id":          text("a-1"),
		"email":       text("ada@example.com"),
		"backupEmail": text("ada@example.com"),
		"address":     &types.AttributeValueMemberM{Value: crypto.Item{"zip": number("12345")}},
		"tags":        set("vip", "new"),
		"phone":       text("555"),
		"first":       text("ada"),
		"last":        text("lovelace"),
		"day":         text("2026-11-25"),
		"year":        number("2026"),
		"state":       &types.AttributeValueMemberL{Value: []types.AttributeValue{text("open")}},
	}
}

// names returns the names of an item's attributes in order.
func names(item crypto.Item) string {
	var all []string
	for name := range item {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
