package mapper_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
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
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// ids returns the sorted IDs of patients.
func ids(patients []Patient) []string {
	all := make([]string, len(patients))
	for i, p := range patients {
		all[i] = p.ID
	}
	slices.Sort(all)
	return all
}

func TestBeacons_FindItemsByAnIndexOnAnEncryptedAttribute(t *testing.T) {
	c := newClinics(t)
	for i := range 40 {
		c.put(t, clinicPatient(i))
	}
	for _, email := range []string{"0@example.com", "3@example.com", "nobody@example.com"} {
		var found, want []Patient
		check(t, c.db.Table("patients").Get("email", email).Index("by-email").All(t.Context(), &found))
		check(t, c.raw.Table("plain-patients").Get("email", email).Index("by-email").All(t.Context(), &want))
		if !slices.Equal(ids(found), ids(want)) {
			t.Errorf("%s: found %v, want %v", email, ids(found), ids(want))
		}
	}
	var found []Patient
	check(t, c.db.Table("patients").Get("age", 31).Index("by-age").All(t.Context(), &found))
	if len(found) != 10 {
		t.Errorf("%d patients of 31", len(found))
	}
}

func TestBeacons_AreStoredBesideTheCiphertext(t *testing.T) {
	c := newClinics(t, mapper.WithBeaconConfig(patientBeacons))
	c.put(t, clinicPatient(1))
	stored := c.stored(t, "p1")
	for _, name := range []string{"email", "age", "surname", "zip", "initial", "place"} {
		s, ok := stored["aws_dbe_b_"+name].(*types.AttributeValueMemberS)
		if !ok || name != "place" && len(s.Value) != 1 {
			t.Errorf("%s: %v", name, stored["aws_dbe_b_"+name])
		}
	}
	if _, ok := stored["aws_dbe_b_codes"].(*types.AttributeValueMemberSS); !ok {
		t.Errorf("codes: %v", stored["aws_dbe_b_codes"])
	}
	if _, ok := stored["email"].(*types.AttributeValueMemberB); !ok {
		t.Errorf("the email is stored as %T", stored["email"])
	}
	for name, value := range stored {
		if s, ok := value.(*types.AttributeValueMemberS); ok && strings.Contains(s.Value, "example.com") {
			t.Errorf("%s has the email in the clear", name)
		}
	}
}

func TestBeacons_FollowEveryKindOfWrite(t *testing.T) {
	c := newClinics(t)
	table := c.db.Table("patients")
	c.put(t, clinicPatient(1), clinicPatient(2))
	found := func(email string) []string {
		var patients []Patient
		check(t, table.Get("email", email).Index("by-email").All(t.Context(), &patients))
		return ids(patients)
	}
	check(t, table.Update("id", "p1").Set("email", "updated@example.com").Run(t.Context()))
	if got := found("updated@example.com"); !slices.Equal(got, []string{"p1"}) {
		t.Errorf("updated: %v", got)
	}
	if got := found("1@example.com"); len(got) != 0 {
		t.Errorf("the old email finds %v", got)
	}
	check(t, table.Update("id", "p1").Remove("email").Run(t.Context()))
	if got := found("updated@example.com"); len(got) != 0 || c.stored(t, "p1")["aws_dbe_b_email"] != nil {
		t.Errorf("removed: %v", got)
	}
	repo, err := mapper.NewRepository[Patient](c.db, "patients")
	check(t, err)
	_, err = repo.Modify(t.Context(), dynamo.Keys{"p2"}, func(p *Patient) error { p.Email = "modified@example.com"; return nil })
	check(t, err)
	if got := found("modified@example.com"); !slices.Equal(got, []string{"p2"}) {
		t.Errorf("modified: %v", got)
	}
	check(t, c.db.WriteTx().Put(table.Put(Patient{ID: "p3", Email: "tx@example.com"})).
		Update(table.Update("id", "p2").Set("email", "tx@example.com")).Run(t.Context()))
	_, err = table.Batch().Write().Put(Patient{ID: "p4", Email: "tx@example.com"}).Run(t.Context())
	check(t, err)
	if got := found("tx@example.com"); !slices.Equal(got, []string{"p2", "p3", "p4"}) {
		t.Errorf("transaction and batch: %v", got)
	}
}

func TestBeacons_FiltersAreExactWithAndWithoutBeacons(t *testing.T) {
	notOnMoto(t, "it accepts filters on the key that is queried")
	c := newClinics(t, mapper.WithBeaconConfig(patientBeacons))
	for i := range 24 {
		c.put(t, clinicPatient(i))
	}
	old := clinicPatient(30) // stored before there were beacons
	check(t, c.raw.Table("plain-patients").Put(plainPatient{old, derive(old)}).Run(t.Context()))
	check(t, c.open(t).Table("patients").Put(old).Run(t.Context()))
	item := c.stored(t, "p30")
	for name := range item {
		if strings.HasPrefix(name, "aws_dbe_b_") {
			delete(item, name)
		}
	}
	check(t, c.raw.Table("patients").Put(item).Run(t.Context()))

	for _, f := range []struct {
		filter string
		values []any
	}{
		{"email = ?", []any{"0@example.com"}},
		{"email <> ?", []any{"0@example.com"}},
		{"email IN (?, ?)", []any{"0@example.com", "1@example.com"}},
		{"NOT email = ?", []any{"0@example.com"}},
		{"begins_with(email, ?)", []any{"1@"}},
		{"contains(codes, ?)", []any{"I1"}},
		{"contains(email, ?)", []any{"@ex"}},
		{"age = ? AND (surname = ? OR clinic = ?)", []any{31, "Smith", "north"}},
		{"age = ? OR visits > ?", []any{31, 20}},
		{"age = ? OR notes = ?", []any{31, "note 1"}},
		{"zip = ?", []any{"98101"}},
		{"$.$ = ?", []any{"home", "zip", "98101"}},
		{"initials = ? OR initial = ?", []any{"asmith", "bjones"}},
		{"place = ?", []any{"C-north.L-Smith.Z-98100"}},
		{"begins_with(place, ?)", []any{"C-north.L-Smith"}},
		{"begins_with(place, ?)", []any{"C-north.L-Smith."}},
		{"begins_with(place, ?)", []any{"C-nor"}},
		{"place < ?", []any{"C-south"}},
		{"place BETWEEN ? AND ?", []any{"C-n", "C-south.L-Lee"}},
		{"contains(place, ?)", []any{"mith"}},
		{"attribute_exists(place) AND attribute_not_exists(email)", nil},
		{"surname = given", nil},
	} {
		var found, want []Patient
		check(t, c.db.Table("patients").Scan().Filter(f.filter, f.values...).All(t.Context(), &found))
		check(t, c.raw.Table("plain-patients").Scan().Filter(f.filter, f.values...).All(t.Context(), &want))
		if !slices.Equal(ids(found), ids(want)) {
			t.Errorf("%s %v: found %v, want %v", f.filter, f.values, ids(found), ids(want))
		}
		found, want = nil, nil
		for db, name := range map[*dynamo.DB]string{c.db: "patients", c.raw: "plain-patients"} {
			into := &found
			if db == c.raw {
				into = &want
			}
			query := db.Table(name).Get("age", 31).Index("by-age").Filter(f.filter, f.values...)
			if err := query.All(t.Context(), into); strings.Contains(f.filter, "age") == (err == nil) {
				t.Errorf("%s: query of %s: %v", f.filter, name, err)
			}
		}
		if !slices.Equal(ids(found), ids(want)) {
			t.Errorf("query %s %v: found %v, want %v", f.filter, f.values, ids(found), ids(want))
		}
	}
}

func TestBeacons_NarrowWhatDynamoDBReturns(t *testing.T) {
	c := newClinics(t, mapper.WithBeaconConfig(patientBeacons))
	for i := range 64 {
		p := clinicPatient(i)
		p.Last = string(rune('A' + i))
		c.put(t, p)
	}
	var returned int32
	c.lie = func(_ string, _, out any, err error) (any, error) {
		if scan, ok := out.(*dynamodb.ScanOutput); ok {
			returned += scan.Count
		}
		return out, err
	}
	var found []Patient
	check(t, c.db.Table("patients").Scan().Filter("surname = ?", "A").All(t.Context(), &found))
	if len(found) != 1 || returned == 0 || returned > 24 { // 8 are expected with 3 bits
		t.Errorf("found %d of %d that DynamoDB returned", len(found), returned)
	}
}

func TestBeacons_PagesHaveTokensWithoutPlaintext(t *testing.T) {
	c := newClinics(t)
	var want []string
	for i := range 40 {
		p := clinicPatient(i)
		p.Email = []string{"one@example.com", "two@example.com"}[i%2]
		c.put(t, p)
		if i%2 == 0 {
			want = append(want, p.ID)
		}
	}
	slices.Sort(want)
	for _, limit := range []int{1, 3, 7} {
		for _, searchLimit := range []bool{false, true} {
			var found []string
			var token dynamo.PagingKey
			for pages := 0; pages < 100; pages++ {
				query := c.db.Table("patients").Get("email", "one@example.com").Index("by-email").StartFrom(token)
				if query.Limit(limit); searchLimit {
					query.Limit(0).SearchLimit(limit)
				}
				var page []Patient
				next, err := query.AllWithLastEvaluatedKey(t.Context(), &page)
				check(t, err)
				found = append(found, ids(page)...)
				if token = next; token == nil {
					break
				}
				for name, value := range token {
					if s, ok := value.(*types.AttributeValueMemberS); name == "email" || ok && strings.Contains(s.Value, "example") {
						t.Fatalf("the token has %s: %v", name, value)
					}
				}
			}
			slices.Sort(found)
			if !slices.Equal(found, want) {
				t.Errorf("limit %d, search limit %v: found %v", limit, searchLimit, found)
			}
		}
	}
}

func TestBeacons_ItemsOfAnIndexCanBePutBack(t *testing.T) {
	c := newClinics(t)
	c.put(t, clinicPatient(1))
	var item map[string]types.AttributeValue
	check(t, c.db.Table("patients").Get("email", "1@example.com").Index("by-email").One(t.Context(), &item))
	check(t, c.db.Table("patients").Put(item).Run(t.Context()))
	var again Patient
	check(t, c.db.Table("patients").Get("email", "1@example.com").Index("by-email").One(t.Context(), &again))
}

func TestBeacons_CountsAreExact(t *testing.T) {
	c := newClinics(t)
	for i := range 40 {
		c.put(t, clinicPatient(i))
	}
	n, err := c.db.Table("patients").Get("email", "2@example.com").Index("by-email").Count(t.Context())
	check(t, err)
	if n != 8 {
		t.Errorf("counted %d", n)
	}
}

func TestBeacons_AnIndexCanBeAddedToATable(t *testing.T) {
	c := newClinics(t, mapper.WithBeaconConfig(patientBeacons))
	c.put(t, clinicPatient(1), clinicPatient(2))
	_, err := c.db.Table("patients").UpdateTable().CreateIndex(dynamo.Index{Name: "by-place", HashKey: "place",
		HashKeyType: dynamo.StringType, ProjectionType: dynamo.AllProjection}).Run(t.Context())
	check(t, err)
	var found []Patient
	check(t, c.db.Table("patients").Get("place", "C-south.L-Smithson.Z-98101").Index("by-place").All(t.Context(), &found))
	if len(found) != 1 || found[0].ID != "p1" {
		t.Errorf("found %v", ids(found))
	}
}

func TestBeacons_AreNotConfusedByNamesWithDots(t *testing.T) {
	c := newClinics(t, mapper.WithBeaconConfig(patientBeacons))
	p := clinicPatient(1)
	c.put(t, p)
	item, err := dynamo.MarshalItem(p)
	check(t, err)
	item["home.zip"] = &types.AttributeValueMemberS{Value: "elsewhere"}
	check(t, c.db.Table("patients").Put(item).Run(t.Context()))
	client := c.db.Client().(*mapper.Client)
	out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("patients"),
		FilterExpression: aws.String("#n = :v"), ExpressionAttributeNames: map[string]string{"#n": "home.zip"},
		ExpressionAttributeValues: crypto.Item{":v": &types.AttributeValueMemberS{Value: "elsewhere"}}})
	check(t, err)
	if out.Count != 1 {
		t.Errorf("found %d", out.Count)
	}
}

func TestBeacons_PagesOfPartitionsLoseNothing(t *testing.T) {
	config := patientBeacons
	config.MaxPartitions = 5
	c := newClinics(t, mapper.WithBeaconConfig(config))
	var want []string
	for i := range 30 {
		p := clinicPatient(i)
		p.Email = []string{"one@example.com", "two@example.com"}[i%2]
		c.put(t, p)
		if i%2 == 0 {
			want = append(want, p.ID)
		}
	}
	slices.Sort(want)
	table := c.db.Table("patients")
	var all []Patient
	check(t, table.Get("email", "one@example.com").Index("by-email").All(t.Context(), &all))
	if !slices.Equal(ids(all), want) {
		t.Errorf("found %v", ids(all))
	}
	for _, limit := range []int{1, 2, 4, 100} {
		var found []string
		var token dynamo.PagingKey
		for pages := 0; pages < 200; pages++ {
			var page []Patient
			next, err := table.Get("email", "one@example.com").Index("by-email").StartFrom(token).SearchLimit(limit).
				AllWithLastEvaluatedKey(t.Context(), &page)
			check(t, err)
			found = append(found, ids(page)...)
			if token = next; token == nil {
				break
			}
		}
		slices.Sort(found)
		if !slices.Equal(found, want) {
			t.Errorf("limit %d: found %v", limit, found)
		}
	}
	token := dynamo.PagingKey{"id": str("p0"), "since": num("1"), "aws_dbe_b_email": str("elsewhere")}
	err := table.Get("email", "one@example.com").Index("by-email").StartFrom(token).All(t.Context(), &all)
	if !errors.Is(err, crypto.ErrInvalidKey) {
		t.Errorf("another query's token: %v", err)
	}
}

func TestBeacons_OfTenantsHaveTheirOwnKeys(t *testing.T) {
	c := &clinics{spy: &spy{DynamoDBAPI: database(t)}, store: providertest.NewKeyStore("north", "south")}
	c.raw = dynamo.NewFromIface(c.spy)
	beaconKeys, err := beacon.MultiKeyStore(c.store, "clinic", time.Hour)
	check(t, err)
	keys, err := hierarchical.New(c.store, func(_ context.Context, ec keyring.EncryptionContext) (string, error) {
		attributes, err := dbesdk.Attributes(ec)
		if err != nil {
			return "", err
		}
		return attributes["clinic"].(*types.AttributeValueMemberS).Value, nil
	}, time.Hour)
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	type Visitor struct {
		ID     string `dynamo:"id,hash"`
		Clinic string `dynamo:"clinic" ddbenc:"sign,context"`
		Email  string `dynamo:"email" beacon:"20" index:"by-email,hash"`
	}
	c.db, err = mapper.New(c.spy, mapper.TableOf[Visitor]("patients", e, mapper.WithBeacons(beaconKeys),
		mapper.WithBeaconConfig(beacon.Config{Compound: []beacon.Compound{{Name: "place", Split: "|",
			Signed:    []beacon.SignedPart{{Name: "clinic", Prefix: "C-"}},
			Encrypted: []beacon.EncryptedPart{{Name: "email", Prefix: "E-"}}}}})))
	check(t, err)
	check(t, c.db.CreateTable("patients", Visitor{}).OnDemand(true).Run(t.Context()))
	table := c.db.Table("patients")
	_, err = table.UpdateTable().CreateIndex(dynamo.Index{Name: "by-place", HashKey: "place",
		HashKeyType: dynamo.StringType, ProjectionType: dynamo.AllProjection}).Run(t.Context())
	check(t, err)
	for id, clinic := range map[string]string{"p1": "north", "p2": "south"} {
		check(t, table.Put(Visitor{id, clinic, "ada@example.com"}).Run(t.Context()))
	}
	if a, b := c.stored(t, "p1")["aws_dbe_b_email"], c.stored(t, "p2")["aws_dbe_b_email"]; a == nil || reflect.DeepEqual(a, b) {
		t.Errorf("two tenants have the beacons %v and %v", a, b)
	}
	var found []Visitor
	err = table.Get("email", "ada@example.com").Index("by-email").All(t.Context(), &found)
	if !errors.Is(err, crypto.ErrUnsupported) || !strings.Contains(err.Error(), `"clinic"`) {
		t.Errorf("without a tenant: %v", err)
	}
	for what, q := range map[string]*dynamo.Query{
		"filter":        table.Get("email", "ada@example.com").Index("by-email").Filter("clinic = ?", "south"),
		"more filters":  table.Get("email", "ada@example.com").Index("by-email").Filter("clinic = ? AND id <> ?", "south", "p9"),
		"compound part": table.Get("place", "C-south|E-ada@example.com").Index("by-place"),
	} {
		found = nil
		if err := q.All(t.Context(), &found); err != nil || len(found) != 1 || found[0].ID != "p2" {
			t.Errorf("%s: found %v, %v", what, found, err)
		}
	}
	found = nil
	check(t, table.Scan().Filter("email = ?", "ada@example.com").All(t.Context(), &found))
	if len(found) != 2 {
		t.Errorf("a scan over all tenants finds %v", found)
	}
	found = nil
	check(t, table.Scan().Filter("email = ? AND (clinic = ? OR clinic = ?)", "ada@example.com", "north", "south").
		All(t.Context(), &found))
	if len(found) != 2 {
		t.Errorf("a scan over two tenants finds %v", found)
	}
}

func TestBeacons_ResealingAddsThemOnce(t *testing.T) {
	c := newClinics(t)
	c.put(t, clinicPatient(1))
	client := c.open(t, mapper.WithBeaconConfig(patientBeacons)).Client().(*mapper.Client)
	for i, want := range []bool{true, false, false} {
		result, err := client.ResealStored(t.Context(), "patients", c.stored(t, "p1"))
		check(t, err)
		if result.Written != want {
			t.Errorf("run %d: written %v", i, result.Written)
		}
	}
	stored := c.stored(t, "p1")
	if stored["aws_dbe_b_place"] == nil {
		t.Fatal("the item has no new beacon")
	}
	for what, change := range map[string]func(crypto.Item){
		"another value": func(item crypto.Item) { item["aws_dbe_b_email"] = str("7f") },
		"missing":       func(item crypto.Item) { delete(item, "aws_dbe_b_place") },
		"one too many":  func(item crypto.Item) { item["aws_dbe_b_old"] = str("7") },
	} {
		changed := maps.Clone(stored)
		change(changed)
		needs, err := client.NeedsReseal(t.Context(), "patients", changed)
		if err != nil || !needs {
			t.Errorf("%s: needs resealing: %v, %v", what, needs, err)
		}
		opened, err := client.Open(t.Context(), "patients", changed)
		if err != nil || opened["aws_dbe_b_email"] != nil {
			t.Errorf("%s: opened as %v, %v", what, opened, err)
		}
	}
}

func TestBeacons_WithoutKeysAreRefused(t *testing.T) {
	_, err := mapper.New(mappertest.New(), mapper.TableOf[Patient]("patients", dbesdkFormat.encryptor(t, 1)))
	if !errors.Is(err, crypto.ErrPolicy) || !strings.Contains(err.Error(), "mapper.WithBeacons") {
		t.Errorf("without keys: %v", err)
	}
	keys, err := beacon.SingleKeyStore(providertest.NewKeyStore("k"), "k", time.Hour)
	check(t, err)
	_, err = mapper.New(mappertest.New(), mapper.TableOf[Patient]("patients", ddbecFormat.encryptor(t, 1), mapper.WithBeacons(keys)))
	if !errors.Is(err, crypto.ErrPolicy) || !strings.Contains(err.Error(), "dbesdk") {
		t.Errorf("in the format ddbec: %v", err)
	}
}

func TestBeacons_NeedTheirKeyToBeAvailable(t *testing.T) {
	c := newClinics(t)
	c.put(t, clinicPatient(1))
	db := c.open(t)
	c.store.Fail(errors.New("KMS is down"))
	var found []Patient
	err := db.Table("patients").Get("email", "1@example.com").Index("by-email").All(t.Context(), &found)
	if !errors.Is(err, crypto.ErrKeyUnavailable) {
		t.Errorf("query: %v", err)
	}
}

func TestBeacons_AnItemIsNotReturnedTwiceUnderForgedBeacons(t *testing.T) {
	c := newClinics(t)
	c.put(t, clinicPatient(1))
	c.lie = func(_ string, _, out any, err error) (any, error) {
		forge := func(items []crypto.Item) []crypto.Item {
			again := maps.Clone(items[0])
			again["aws_dbe_b_email"] = str("f")
			return []crypto.Item{items[0], again}
		}
		switch out := out.(type) {
		case *dynamodb.QueryOutput:
			out.Items, out.Count, out.ScannedCount = forge(out.Items), 2, 2
		case *dynamodb.ScanOutput:
			out.Items, out.Count, out.ScannedCount = forge(out.Items), 2, 2
		}
		return out, err
	}
	var found []Patient
	table := c.db.Table("patients")
	if err := table.Get("email", "1@example.com").Index("by-email").All(t.Context(), &found); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("a query found %v, %v", found, err)
	}
	if err := table.Scan().Index("by-email").All(t.Context(), &found); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("a scan found %v, %v", found, err)
	}
}

// Visit is stored under a key that is a signed beacon.
type Visit struct {
	Key    string `dynamo:"pk,hash"`
	Clinic string `dynamo:"clinic" ddbenc:"sign"`
	Day    string `dynamo:"day" ddbenc:"sign"`
	Reason string `dynamo:"reason" ddbenc:"encrypt" beacon:"4"`
}

// signedKeys is a table of visits.
func signedKeys(t testing.TB) *dynamo.DB {
	t.Helper()
	c := &clinics{spy: &spy{DynamoDBAPI: database(t)}, store: providertest.NewKeyStore(branchKey)}
	keys, err := beacon.SingleKeyStore(c.store, branchKey, time.Hour)
	check(t, err)
	db, err := mapper.New(c.spy, mapper.TableOf[Visit]("patients", dbesdkFormat.encryptor(t, 1), mapper.WithBeacons(keys),
		mapper.WithBeaconConfig(beacon.Config{Compound: []beacon.Compound{{Name: "pk", Split: ".",
			Signed: []beacon.SignedPart{{Name: "clinic", Prefix: "C-"}, {Name: "day", Prefix: "D-"}}}}})))
	check(t, err)
	check(t, db.CreateTable("patients", Visit{}).OnDemand(true).Run(t.Context()))
	return db
}

func TestBeacons_SignedOnesCanBeTheKeyOfTheTable(t *testing.T) {
	db := signedKeys(t)
	table := db.Table("patients")
	check(t, table.Put(Visit{Clinic: "north", Day: "1", Reason: "cough"}).If("attribute_not_exists(pk)").Run(t.Context()))
	check(t, table.Put(Visit{Clinic: "north", Day: "2", Reason: "cough"}).If("reason <> ?", "flu").Run(t.Context()))
	_, err := table.Batch().Write().Put(Visit{Clinic: "north", Day: "3", Reason: "cough"}).Run(t.Context())
	check(t, err)
	check(t, db.WriteTx().Put(table.Put(Visit{Clinic: "north", Day: "4", Reason: "flu"})).Run(t.Context()))
	for day, reason := range map[string]string{"1": "cough", "2": "cough", "3": "cough", "4": "flu"} {
		var v Visit
		key := "C-north.D-" + day
		if err := table.Get("pk", key).One(t.Context(), &v); err != nil || v != (Visit{key, "north", day, reason}) {
			t.Errorf("day %s: %+v, %v", day, v, err)
		}
	}
	err = table.Put(Visit{Key: "C-south.D-1", Clinic: "north", Day: "1"}).Run(t.Context())
	if !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("a key that differs from the beacon: %v", err)
	}
}

func TestBeacons_CanBeNamedLikeAPath(t *testing.T) {
	c := newClinics(t, mapper.WithUndeclared(crypto.None), mapper.WithBeaconConfig(beacon.Config{
		Standard: []beacon.Standard{{Name: "home.zip", Length: 4}}}))
	c.put(t, clinicPatient(1))
	_, err := c.db.Table("patients").UpdateTable().CreateIndex(dynamo.Index{Name: "by-zip", HashKey: "home.zip",
		HashKeyType: dynamo.StringType, ProjectionType: dynamo.AllProjection}).Run(t.Context())
	check(t, err)
	c.lie = func(_ string, _, out any, err error) (any, error) { return out, err }
	client := c.db.Client().(*mapper.Client)
	out, err := client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String("patients"),
		IndexName: aws.String("by-zip"), KeyConditionExpression: aws.String("#z = :z"),
		ExpressionAttributeNames:  map[string]string{"#z": "home.zip"},
		ExpressionAttributeValues: crypto.Item{":z": str(clinicPatient(1).Home.Zip)}})
	check(t, err)
	if out.Count != 1 {
		t.Errorf("found %d", out.Count)
	}
	if len(c.sent) == 0 {
		t.Fatal("no request was recorded")
	}
	for _, in := range c.sent {
		if query, ok := in.(*dynamodb.QueryInput); ok {
			for placeholder, value := range query.ExpressionAttributeValues {
				if reflect.DeepEqual(value, str(clinicPatient(1).Home.Zip)) {
					t.Errorf("the postal code is sent as %s", placeholder)
				}
			}
		}
	}
}
