package beacon_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// BenchmarkSeal seals an item of 1 KB with ten attributes, without beacons and
// with five.
func BenchmarkSeal(b *testing.B) {
	store := providertest.NewKeyStore("bench")
	keys, err := hierarchical.New(store, hierarchical.BranchKey("bench"), time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	beaconKeys, err := beacon.SingleKeyStore(store, "bench", time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	item := crypto.Item{"id": &types.AttributeValueMemberS{Value: "1"}}
	var config beacon.Config
	for i := range 10 {
		name := fmt.Sprint("attribute", i)
		item[name] = &types.AttributeValueMemberS{Value: fmt.Sprintf("%0100d", i)}
		if i < 5 {
			config.Standard = append(config.Standard, beacon.Standard{Name: name, Length: 16})
		}
	}
	search, err := beacon.New(beaconKeys, config)
	if err != nil {
		b.Fatal(err)
	}
	table := crypto.TableInfo{Name: "items", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	for name, suite := range map[string]dbesdk.Suite{"hmac": dbesdk.SuiteHMAC, "ecdsa": dbesdk.SuiteECDSA} {
		e, err := dbesdk.New(keys, dbesdk.WithSuite(suite))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { e.Close() })
		for _, beacons := range []int{0, 5} {
			b.Run(fmt.Sprintf("%s/beacons=%d", name, beacons), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					sealed, err := e.EncryptItem(b.Context(), table, actions, item)
					if err != nil {
						b.Fatal(err)
					}
					if beacons > 0 {
						stored, err := search.Stored(b.Context(), item, sealed)
						if err != nil || len(stored) != beacons {
							b.Fatal(len(stored), err)
						}
						maps.Copy(sealed, stored)
					}
				}
			})
		}
	}
}
