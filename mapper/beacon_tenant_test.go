package mapper_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// Guest is sealed with the branch key of its clinic. The field "tenant", which
// queries name, is not stored.
type Guest struct {
	ID     string `dynamo:"id,hash"`
	Clinic string `dynamo:"clinic" ddbenc:"sign,context"`
	Email  string `dynamo:"email" beacon:"20" index:"by-email,hash"`
}

// guests is a table of guests, seen through the mapper and past it. Its index
// has the projection.
func guests(t testing.TB, projection dynamo.IndexProjection, options ...mapper.TableOption) (db, raw dynamo.Table) {
	t.Helper()
	api, store := database(t), providertest.NewKeyStore("north", "south")
	beaconKeys, err := beacon.MultiKeyStore(store, "tenant", time.Hour)
	check(t, err)
	keys, err := hierarchical.New(store, func(_ context.Context, ec keyring.EncryptionContext) (string, error) {
		attributes, err := dbesdk.Attributes(ec)
		clinic, ok := attributes["clinic"].(*types.AttributeValueMemberS)
		if err != nil || !ok {
			return "", errors.New("no clinic")
		}
		return clinic.Value, nil
	}, time.Hour)
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	all, err := mapper.New(api, mapper.TableOf[Guest]("keys", e, append(options, mapper.WithBeacons(beaconKeys))...))
	check(t, err)
	check(t, all.CreateTable("keys", Guest{}).OnDemand(true).Project("by-email", projection).Run(t.Context()))
	return all.Table("keys"), dynamo.NewFromIface(api).Table("keys")
}

func TestBeacons_OfTenantsFindItemsThroughAnyIndex(t *testing.T) {
	for _, projection := range []dynamo.IndexProjection{dynamo.AllProjection, dynamo.KeysOnlyProjection} {
		t.Run(string(projection), func(t *testing.T) {
			table, _ := guests(t, projection)
			check(t, table.Put(Guest{"g1", "north", "ada@example.com"}).Run(t.Context()))
			check(t, table.Put(Guest{"g2", "south", "ada@example.com"}).Run(t.Context()))
			var found []Guest
			query := table.Get("email", "ada@example.com").Index("by-email").Filter("tenant = ?", "north")
			if err := query.All(t.Context(), &found); err != nil || len(found) != 1 || found[0].ID != "g1" {
				t.Errorf("the query found %v, %v", found, err)
			}
			found = nil
			scan := table.Scan().Index("by-email").Filter("tenant = ? AND email = ?", "south", "ada@example.com")
			if err := scan.All(t.Context(), &found); err != nil || len(found) != 1 || found[0].ID != "g2" {
				t.Errorf("the scan found %v, %v", found, err)
			}
		})
	}
}

func TestBeacons_OfTenantsFiltersFindItemsThatAreNotProtected(t *testing.T) {
	table, raw := guests(t, dynamo.AllProjection, mapper.WithPlaintextReads())
	old, err := dynamo.MarshalItem(Guest{"g1", "north", "ada@example.com"})
	check(t, err)
	old["tenant"] = str("north")
	check(t, raw.Put(old).Run(t.Context()))
	check(t, table.Put(Guest{"g2", "north", "ada@example.com"}).Run(t.Context()))
	check(t, table.Put(Guest{"g3", "south", "ada@example.com"}).Run(t.Context()))
	var found []crypto.Item
	scan := table.Scan().Filter("tenant = ? AND email = ?", "north", "ada@example.com")
	if err := scan.All(t.Context(), &found); err != nil || len(found) != 2 {
		t.Errorf("found %v, %v", found, err)
	}
}

// Claim is sealed with the branch key of its owner, and may name another clinic.
type Claim struct {
	ID     string `dynamo:"id,hash"`
	Owner  string `dynamo:"owner" ddbenc:"sign,context"`
	Clinic string `dynamo:"clinic" ddbenc:"sign"`
	Email  string `dynamo:"email" beacon:"20"`
}

func TestBeacons_QueriesOfATenantLeaveOutItemsOfOtherBranchKeys(t *testing.T) {
	api, store := database(t), providertest.NewKeyStore("north", "south")
	beaconKeys, err := beacon.MultiKeyStore(store, "clinic", time.Hour)
	check(t, err)
	keys, err := hierarchical.New(store, func(_ context.Context, ec keyring.EncryptionContext) (string, error) {
		attributes, err := dbesdk.Attributes(ec)
		owner, ok := attributes["owner"].(*types.AttributeValueMemberS)
		if err != nil || !ok {
			return "", errors.New("no owner")
		}
		return owner.Value, nil
	}, time.Hour)
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	db, err := mapper.New(api, mapper.TableOf[Claim]("keys", e, mapper.WithBeacons(beaconKeys)))
	check(t, err)
	check(t, db.CreateTable("keys", Claim{}).OnDemand(true).Run(t.Context()))
	table := db.Table("keys")
	check(t, table.Put(Claim{"c1", "north", "north", "ada@example.com"}).Run(t.Context()))
	check(t, table.Put(Claim{"c2", "south", "north", "ada@example.com"}).Run(t.Context()))
	for filter, values := range map[string][]any{
		"clinic = ?": {"north"}, "clinic = ? AND email = ?": {"north", "ada@example.com"},
		"clinic = ? AND attribute_exists(email)": {"north"},
	} {
		var found []Claim
		check(t, table.Scan().Filter(filter, values...).All(t.Context(), &found))
		if len(found) != 1 || found[0].ID != "c1" {
			t.Errorf("%s: found %v", filter, found)
		}
	}
}
