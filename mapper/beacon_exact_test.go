package mapper_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// legacy is a condition in the legacy spelling.
func legacy(op types.ComparisonOperator, values ...types.AttributeValue) types.Condition {
	return types.Condition{ComparisonOperator: op, AttributeValueList: values}
}

func TestBeacons_LegacyFiltersOfAnIndexAreExact(t *testing.T) {
	notOnMoto(t, "it fails at QueryFilter with an internal error")
	c := newClinics(t, mapper.WithBeaconConfig(patientBeacons))
	addPlaceIndex(t, c.db.Table("patients"))
	addPlaceIndex(t, c.raw.Table("plain-patients"))
	for i := range 20 {
		c.put(t, clinicPatient(i))
	}
	notNorth, few := legacy("NOT_CONTAINS", str("nor")), legacy("LT", num("9"))
	for name, filter := range map[string]map[string]types.Condition{
		"DynamoDB can evaluate it": {"clinics": few},
		"it cannot be weakened":    {"clinic": notNorth},
		"both":                     {"clinic": notNorth, "clinics": few},
		"with a beacon":            {"clinic": notNorth, "surname": legacy("EQ", str("Smithson"))},
	} {
		for index, key := range map[string]map[string]types.Condition{
			"by-email": {"email": legacy("EQ", str("1@example.com"))},
			"by-place": {"place": legacy("EQ", str("C-south.L-Smithson.Z-98101"))},
		} {
			for _, operator := range []types.ConditionalOperator{"", "OR"} {
				if operator != "" && len(filter) == 1 {
					continue
				}
				in := dynamodb.QueryInput{IndexName: &index, KeyConditions: key, QueryFilter: filter, ConditionalOperator: operator}
				in.TableName = aws.String("plain-patients")
				want, err := c.DynamoDBAPI.Query(t.Context(), &in)
				check(t, err)
				in.TableName = aws.String("patients")
				got, err := c.db.Client().(*mapper.Client).Query(t.Context(), &in)
				if err != nil || got.Count != want.Count {
					t.Errorf("%s %s %s: found %v, %v; a plain table has %d", name, index, operator, got, err, want.Count)
				}
			}
		}
	}
}

// Admission has keys that are parts of compound beacons.
type Admission struct {
	Clinic string `dynamo:"clinic,hash"`
	Number int    `dynamo:"num,range"`
	Ward   string `dynamo:"ward" ddbenc:"sign" index:"by-ward,hash"`
	Name   string `dynamo:"name" ddbenc:"encrypt" beacon:"3"`
}

// admissionBeacons are beacons of an Admission.
var admissionBeacons = beacon.Config{
	Compound: []beacon.Compound{
		{Name: "in-clinic", Split: ".", Signed: []beacon.SignedPart{{Name: "clinic", Prefix: "C-"}},
			Encrypted: []beacon.EncryptedPart{{Name: "name", Prefix: "N-"}}},
		{Name: "in-ward", Split: ".", Signed: []beacon.SignedPart{{Name: "ward", Prefix: "W-"}},
			Encrypted: []beacon.EncryptedPart{{Name: "name", Prefix: "N-"}}},
	},
}

// newAdmissions is a table of admissions.
func newAdmissions(t testing.TB) *dynamo.DB {
	t.Helper()
	db, err := mapper.New(database(t), mapper.TableOf[Admission]("keys", beaconEncryptor(t),
		mapper.WithBeacons(admissionKeys(t)), mapper.WithBeaconConfig(admissionBeacons)))
	check(t, err)
	check(t, db.CreateTable("keys", Admission{}).OnDemand(true).Run(t.Context()))
	return db
}

func admissionKeys(t testing.TB) *beacon.Keys {
	t.Helper()
	keys, err := beacon.SingleKeyStore(providertest.NewKeyStore("clinics"), "clinics", time.Hour)
	check(t, err)
	return keys
}

func beaconEncryptor(t testing.TB) crypto.ItemEncryptor {
	t.Helper()
	keys, err := hierarchical.New(providertest.NewKeyStore("clinics"), hierarchical.BranchKey("clinics"), time.Hour)
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	return e
}

// DynamoDB refuses filters that use the key that is queried.
func TestBeacons_FiltersCanNameBeaconsThatContainTheQueriedKey(t *testing.T) {
	table := newAdmissions(t).Table("keys")
	for i := range 4 {
		check(t, table.Put(Admission{"north", i, "w1", []string{"Ada", "Bob"}[i%2]}).Run(t.Context()))
	}
	for name, query := range map[string]*dynamo.Query{
		"table": table.Get("clinic", "north").Filter("$ = ?", "in-clinic", "C-north.N-Ada"),
		"index": table.Get("ward", "w1").Index("by-ward").Filter("$ = ?", "in-ward", "W-w1.N-Ada"),
	} {
		var found []Admission
		if err := query.All(t.Context(), &found); err != nil || len(found) != 2 {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
	}
}

// The queries for different partitions have the same signed parts.
func TestBeacons_RangesFindItemsOfAllPartitionsOnce(t *testing.T) {
	config := patientBeacons
	config.MaxPartitions = 5
	config.Compound = slices.Clone(config.Compound)
	config.Compound[0].Constructors = [][]beacon.ConstructorPart{{{Name: "clinic"}, {Name: "surname", Optional: true}}}
	c := newClinics(t, mapper.WithBeaconConfig(config))
	addPlaceIndex(t, c.db.Table("patients"))
	var want []string
	for i := range 9 {
		p := clinicPatient(i)
		p.Clinic, p.Last = "north", ""
		check(t, c.db.Table("patients").Put(p).Run(t.Context()))
		want = append(want, p.ID)
	}
	for name, bounds := range map[string][]any{
		"to a part that is empty": {"C-north", "C-north.L-"},
		"to a signed part":        {"C-nor", "C-north"},
		"all":                     {"C-", "D"},
	} {
		query := c.db.Table("patients").Get("clinic", "north").Index("by-clinic").Range("place", dynamo.Between, bounds...)
		var found []Patient
		if err := query.All(t.Context(), &found); err != nil || !slices.Equal(ids(found), want) {
			t.Errorf("%s: found %v, %v", name, ids(found), err)
		}
	}
}

// noBeaconKeys is a key store that cannot be reached.
type noBeaconKeys struct{}

func (noBeaconKeys) BeaconKey(context.Context, string) (*keystore.BeaconKey, error) {
	return nil, crypto.ErrKeyUnavailable
}

func TestBeacons_FiltersWithoutThemNeedNoBeaconKey(t *testing.T) {
	c := newClinics(t)
	c.put(t, clinicPatient(1), clinicPatient(2))
	keys, err := beacon.SingleKeyStore(noBeaconKeys{}, branchKey, time.Hour)
	check(t, err)
	table := c.open(t, mapper.WithBeacons(keys)).Table("patients")
	for filter, needed := range map[string]bool{"notes = ?": false, "notes = ? AND clinic <> surname": false,
		"notes = ? OR given = email": false, "email = ?": true, "NOT (notes = email) AND surname = ?": true} {
		var found []Patient
		err := table.Scan().Filter(filter, "note 1").All(t.Context(), &found)
		if needed != errors.Is(err, crypto.ErrKeyUnavailable) || !needed && (err != nil || len(found) != 1) {
			t.Errorf("%s: found %v, %v", filter, ids(found), err)
		}
	}
}

func TestBeacons_FiltersOfPartialIndexesUseOnlyWhatTheyProject(t *testing.T) {
	keys := admissionKeys(t)
	db, err := mapper.New(database(t), mapper.TableOf[Patient]("keys", beaconEncryptor(t), mapper.WithBeacons(keys),
		mapper.WithIndexProjection("by-email", "surname")))
	check(t, err)
	check(t, db.CreateTable("keys", Patient{}).OnDemand(true).Project("by-email", dynamo.IncludeProjection, "surname").
		Run(t.Context()))
	table := db.Table("keys")
	check(t, table.Put(clinicPatient(1)).Run(t.Context()))
	for surname, want := range map[string]int{"Smithson": 1, "Lee": 0} {
		var found []Patient
		err := table.Get("email", "1@example.com").Index("by-email").Filter("surname = ?", surname).All(t.Context(), &found)
		if err != nil || len(found) != want {
			t.Errorf("%s: found %v, %v", surname, found, err)
		}
	}
}
