package mapper_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// Patient has beacons that are so short that they collide.
type Patient struct {
	ID     string   `dynamo:"id,hash"`
	Clinic string   `dynamo:"clinic" ddbenc:"sign"`
	Email  string   `dynamo:"email,omitempty" ddbenc:"encrypt" beacon:"3" index:"by-email,hash"`
	Since  int      `dynamo:"since" index:"by-email,range"`
	Age    int      `dynamo:"age" ddbenc:"encrypt" beacon:"2" index:"by-age,hash"`
	Codes  []string `dynamo:"codes,set,omitempty" ddbenc:"encrypt" beacon:"3,set"`
	First  string   `dynamo:"given,omitempty"`
	Last   string   `dynamo:"surname,omitempty" beacon:"3"`
	Home   Address  `dynamo:"home" ddbenc:"encrypt"`
	Notes  string   `dynamo:"notes,omitempty"`
	Visits int      `dynamo:"visits,omitempty" ddbenc:"none"`
}

// Address is encrypted as a whole.
type Address struct {
	Zip string `dynamo:"zip,omitempty"`
}

// patientBeacons are beacons that tags cannot express. names gives the values that
// a plain table would need for the same queries.
var patientBeacons = beacon.Config{
	Standard: []beacon.Standard{
		{Name: "zip", Length: 2, Location: "home.zip"},
		{Name: "initial", Length: 3, Location: "initials"},
	},
	Virtual: []beacon.VirtualField{{Name: "initials", Parts: []beacon.VirtualPart{
		{Location: "given", Transforms: []beacon.Transform{beacon.Prefix(1), beacon.Lower()}},
		{Location: "surname", Transforms: []beacon.Transform{beacon.Lower()}},
	}}},
	Compound: []beacon.Compound{{
		Name: "place", Split: ".",
		Signed:    []beacon.SignedPart{{Name: "clinic", Prefix: "C-"}},
		Encrypted: []beacon.EncryptedPart{{Name: "surname", Prefix: "L-"}, {Name: "zip", Prefix: "Z-"}},
		Constructors: [][]beacon.ConstructorPart{
			{{Name: "clinic"}, {Name: "surname"}, {Name: "zip", Optional: true}},
		},
	}},
}

// derive adds to a patient of a plain table what queries by beacon can compare.
func derive(p Patient) crypto.Item {
	derived := make(crypto.Item)
	set := func(name, value string) { derived[name] = &types.AttributeValueMemberS{Value: value} }
	if p.Home.Zip != "" {
		set("zip", p.Home.Zip)
	}
	if p.First != "" && p.Last != "" {
		initials := strings.ToLower(letter(p.First) + p.Last)
		set("initials", initials)
		set("initial", initials)
	}
	if p.Last != "" {
		place := "C-" + p.Clinic + ".L-" + p.Last
		if p.Home.Zip != "" {
			place += ".Z-" + p.Home.Zip
		}
		set("place", place)
	}
	return derived
}

// letter returns the first letter of a name.
func letter(name string) string {
	_, size := utf8.DecodeRuneInString(name)
	return name[:size]
}

const branchKey = "clinics"

// clinics is a table of patients, seen through the mapper and past it, and a plain
// table with the same patients.
type clinics struct {
	*spy
	db    *dynamo.DB
	raw   *dynamo.DB
	store *providertest.KeyStore
}

func newClinics(t testing.TB, options ...mapper.TableOption) *clinics {
	t.Helper()
	return newClinicsOn(t, database(t), options...)
}

func newClinicsOn(t testing.TB, api dynamodbiface.DynamoDBAPI, options ...mapper.TableOption) *clinics {
	t.Helper()
	c := &clinics{spy: &spy{DynamoDBAPI: api}, raw: dynamo.NewFromIface(api), store: providertest.NewKeyStore(branchKey)}
	c.db = c.open(t, options...)
	check(t, c.db.CreateTable("patients", Patient{}).OnDemand(true).Run(t.Context()))
	check(t, c.raw.CreateTable("plain-patients", Patient{}).OnDemand(true).Run(t.Context()))
	return c
}

// open is a second process on the same table.
func (c *clinics) open(t testing.TB, options ...mapper.TableOption) *dynamo.DB {
	t.Helper()
	keys, err := hierarchical.New(c.store, hierarchical.BranchKey(branchKey), time.Hour)
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	beaconKeys, err := beacon.SingleKeyStore(c.store, branchKey, time.Hour)
	check(t, err)
	db, err := mapper.New(c.spy, mapper.TableOf[Patient]("patients", e,
		append([]mapper.TableOption{mapper.WithBeacons(beaconKeys)}, options...)...))
	check(t, err)
	return db
}

func (c *clinics) put(t testing.TB, patients ...Patient) {
	t.Helper()
	for _, p := range patients {
		check(t, c.db.Table("patients").Put(p).Run(t.Context()))
		check(t, c.raw.Table("plain-patients").Put(plainPatient{p, derive(p)}).Run(t.Context()))
	}
}

// plainPatient is a patient with the attributes that only queries have.
type plainPatient struct {
	Patient
	derived crypto.Item
}

// MarshalDynamoItem adds the derived attributes.
func (p plainPatient) MarshalDynamoItem() (dynamo.Item, error) {
	item, err := dynamo.MarshalItem(p.Patient)
	for name, value := range p.derived {
		item[name] = value
	}
	return item, err
}

// stored reads a patient past the mapper.
func (c *clinics) stored(t testing.TB, id string) crypto.Item {
	t.Helper()
	var item crypto.Item
	err := c.raw.Table("patients").Get("id", id).One(t.Context(), &item)
	if !errors.Is(err, dynamo.ErrNotFound) {
		check(t, err)
	}
	return item
}

func clinicPatient(i int) Patient {
	return Patient{
		ID: fmt.Sprint("p", i), Clinic: []string{"north", "south"}[i%2], Email: fmt.Sprintf("%d@example.com", i%5),
		Since: 2000 + i, Age: 30 + i%4, Codes: []string{"E11", fmt.Sprint("I", i%3)}, First: []string{"Ada", "Bob", "Cy"}[i%3],
		Last: []string{"Smith", "Smithson", "Jones", "Lee"}[i%4], Home: Address{Zip: fmt.Sprint(98100 + i%3)},
		Notes: fmt.Sprint("note ", i%2), Visits: i,
	}
}
