package beacon_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// Applications leave this to package mapper.
func Example() {
	ctx := context.Background()
	store := providertest.NewKeyStore("tenant-1") // in production, a keystore.Store
	keyring, err := hierarchical.New(store, hierarchical.BranchKey("tenant-1"), 10*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := dbesdk.New(keyring)
	if err != nil {
		log.Fatal(err)
	}
	defer encryptor.Close()
	keys, err := beacon.SingleKeyStore(store, "tenant-1", 10*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	search, err := beacon.New(keys, beacon.Config{Standard: []beacon.Standard{{Name: "email", Length: 24}}})
	if err != nil {
		log.Fatal(err)
	}

	// To write an item, seal it and add its beacons.
	table := crypto.TableInfo{Name: "patients", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	item := crypto.Item{
		"id":    &types.AttributeValueMemberS{Value: "p-1"},
		"email": &types.AttributeValueMemberS{Value: "ada@example.com"},
	}
	sealed, err := encryptor.EncryptItem(ctx, table, actions, item)
	if err != nil {
		log.Fatal(err)
	}
	beacons, err := search.Stored(ctx, item, sealed)
	if err != nil {
		log.Fatal(err)
	}
	for name, v := range beacons {
		sealed[name] = v
	}

	// To find it, compare the beacon in place of the attribute.
	key, err := search.Key(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	b := search.Beacon("email")
	want, _ := b.Equal(key, 0, &types.AttributeValueMemberS{Value: "ada@example.com"})
	found := sealed[b.Attribute()].(*types.AttributeValueMemberS).Value == want.(*types.AttributeValueMemberS).Value
	fmt.Println(b.Attribute(), "matches:", found)
	// Output:
	// aws_dbe_b_email matches: true
}

// A compound beacon is hashed in part: what is signed remains readable.
func ExampleBeacon_Begins() {
	keys, err := beacon.SingleKeyStore(providertest.NewKeyStore("tenant-1"), "tenant-1", 10*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	search, err := beacon.New(keys, beacon.Config{
		Standard: []beacon.Standard{{Name: "email", Length: 24}},
		Compound: []beacon.Compound{{
			Name: "visit", Split: "|",
			Signed:    []beacon.SignedPart{{Name: "day", Prefix: "D-"}},
			Encrypted: []beacon.EncryptedPart{{Name: "email", Prefix: "E-"}},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	key, err := search.Key(context.Background(), "")
	if err != nil {
		log.Fatal(err)
	}
	for _, value := range []string{"D-2026-11", "D-2026-11-25|E-ada", "D-2026-11-25|E-ada@example.com|"} {
		v, ok := search.Beacon("visit").Begins(key, 0, &types.AttributeValueMemberS{Value: value})
		if !ok {
			log.Fatal("no narrowing")
		}
		stored := v.(*types.AttributeValueMemberS).Value
		hashed := strings.TrimPrefix(strings.TrimSuffix(stored, "|"), "D-2026-11-25|E-")
		if len(hashed) == 6 {
			stored = strings.Replace(stored, hashed, "<hash>", 1) // the key is random
		}
		fmt.Println(stored)
	}
	// Output:
	// D-2026-11
	// D-2026-11-25|E-
	// D-2026-11-25|E-<hash>|
}

func ExampleParseConfig() {
	config, err := beacon.ParseConfig([]byte(`{
		"standard": [
			{"name": "email", "length": 24},
			{"name": "zip", "location": "address.zip", "length": 10},
			{"name": "initials", "length": 8}
		],
		"virtual": [{"name": "initials", "parts": [
			{"location": "first", "transforms": [{"prefix": 1}, {"upper": {}}]},
			{"location": "last", "transforms": [{"prefix": 1}, {"upper": {}}]}
		]}]
	}`))
	if err != nil {
		log.Fatal(err)
	}
	keys, err := beacon.MultiKeyStore(providertest.NewKeyStore(), "tenant", 10*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	search, err := beacon.New(keys, config)
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range []string{"email", "address.zip", "initials"} {
		fmt.Println(path, "is searched as", search.Beacon(path).Attribute())
	}
	// Output:
	// email is searched as aws_dbe_b_email
	// address.zip is searched as aws_dbe_b_zip
	// initials is searched as aws_dbe_b_initials
}
