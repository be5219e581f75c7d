package mapper_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/guregu/dynamo/v2"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
)

// The values that random patients and queries have. Some are prefixes of others,
// and some contain what compound beacons use as separators.
var (
	someNames   = []string{"Smith", "Smithson", "smith", "Lee", "L-Lee", "é", "Ada", "Adam"}
	someZips    = []string{"", "98101", "9810", "1"}
	someClinics = []string{"north", "nor", "south"}
	someEmails  = []string{"", "a@x", "b@x", "c@x", "d@x", "e@x"}
	someCodes   = []string{"E11", "E1", "I10", "J45"}
)

func somePatient(t *rapid.T, id int) Patient {
	return Patient{
		ID:     fmt.Sprint("p", id),
		Clinic: rapid.SampledFrom(someClinics).Draw(t, "clinic"),
		Email:  rapid.SampledFrom(someEmails).Draw(t, "email"),
		Since:  rapid.IntRange(0, 5).Draw(t, "since"),
		Age:    rapid.IntRange(0, 4).Draw(t, "age"),
		Codes:  rapid.SliceOfNDistinct(rapid.SampledFrom(someCodes), 0, 3, rapid.ID).Draw(t, "codes"),
		First:  rapid.SampledFrom(someNames).Draw(t, "given"),
		Last:   rapid.SampledFrom(append([]string{""}, someNames...)).Draw(t, "surname"),
		Home:   Address{rapid.SampledFrom(someZips).Draw(t, "zip")},
		Visits: rapid.IntRange(0, 3).Draw(t, "visits"),
	}
}

// somePlace draws a value to compare with the compound beacon: complete, or cut.
func somePlace(t *rapid.T) string {
	place := "C-" + rapid.SampledFrom(someClinics).Draw(t, "clinic") + ".L-" + rapid.SampledFrom(someNames).Draw(t, "surname")
	if zip := rapid.SampledFrom(someZips).Draw(t, "zip"); zip != "" {
		place += ".Z-" + zip
	}
	if rapid.Bool().Draw(t, "cut") {
		place = place[:rapid.IntRange(1, len(place)).Draw(t, "length")]
	}
	return strings.ToValidUTF8(place, "")
}

// someFilter draws a filter and its values.
func someFilter(t *rapid.T, depth int) (string, []any) {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	if depth == 0 || kind > 2 {
		return someTest(t)
	}
	left, values := someFilter(t, depth-1)
	if kind == 0 {
		return "(NOT " + left + ")", values
	}
	right, more := someFilter(t, depth-1)
	return "(" + left + []string{"", " AND ", " OR "}[kind] + right + ")", append(values, more...)
}

func someTest(t *rapid.T) (string, []any) {
	email := rapid.SampledFrom(someEmails[1:])
	name := rapid.SampledFrom(someNames)
	zip := rapid.SampledFrom(someZips[1:])
	place := rapid.Custom(somePlace)
	op := rapid.SampledFrom([]string{"=", "<>", "<", "<=", ">", ">="}).Draw(t, "op")
	switch rapid.IntRange(0, 16).Draw(t, "test") {
	case 0:
		return "email " + op + " ?", []any{email.Draw(t, "value")}
	case 1:
		return "email IN (?, ?)", []any{email.Draw(t, "value"), email.Draw(t, "value")}
	case 2:
		return "age " + op + " ?", []any{rapid.IntRange(0, 4).Draw(t, "value")}
	case 3:
		return "contains(codes, ?)", []any{rapid.SampledFrom(someCodes).Draw(t, "value")}
	case 4:
		return "surname " + op + " ?", []any{name.Draw(t, "value")}
	case 5:
		return "given " + op + " ?", []any{name.Draw(t, "value")}
	case 6:
		return "zip " + op + " ?", []any{zip.Draw(t, "value")}
	case 7:
		return "home.zip = ?", []any{zip.Draw(t, "value")}
	case 8:
		return "initial = ?", []any{strings.ToLower(letter(name.Draw(t, "value")) + name.Draw(t, "value"))}
	case 9:
		return "place " + op + " ?", []any{place.Draw(t, "value")}
	case 10, 11:
		return "begins_with(place, ?)", []any{place.Draw(t, "value")}
	case 12:
		low, high := place.Draw(t, "value"), place.Draw(t, "value")
		return "place BETWEEN ? AND ?", []any{min(low, high), max(low, high)}
	case 13:
		return "place IN (?, ?)", []any{place.Draw(t, "value"), place.Draw(t, "value")}
	case 14:
		return rapid.SampledFrom([]string{"attribute_exists", "attribute_not_exists"}).Draw(t, "function") + "(" +
			rapid.SampledFrom([]string{"email", "codes", "surname", "place", "zip", "initials", "home.zip"}).Draw(t, "path") + ")", nil
	case 15:
		return "clinic " + op + " ?", []any{rapid.SampledFrom(someClinics).Draw(t, "value")}
	}
	return "visits " + op + " ?", []any{rapid.IntRange(0, 3).Draw(t, "value")}
}

// agree runs a query on both tables and compares what they find.
func (c *clinics) agree(t *rapid.T, what string, find func(dynamo.Table, *[]Patient) error) {
	var found, want []Patient
	refused := find(c.raw.Table("plain-patients"), &want)
	if err := find(c.db.Table("patients"), &found); (err == nil) != (refused == nil) {
		t.Fatalf("%s: %v, but a plain table: %v", what, err, refused)
	}
	if !slices.Equal(ids(found), ids(want)) {
		t.Fatalf("%s: found %v, a plain table has %v", what, ids(found), ids(want))
	}
}

func TestBeacons_AnswersEqualThoseOfAPlainTable(t *testing.T) {
	notOnMoto(t, "it accepts filters on the key that is queried")
	partitioned := patientBeacons
	partitioned.MaxPartitions = 3
	for name, config := range map[string]beacon.Config{"": patientBeacons, "partitions": partitioned} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { answersEqual(t, rt, config) })
		})
	}
}

func answersEqual(t *testing.T, rt *rapid.T, config beacon.Config) {
	c := newClinics(t, mapper.WithBeaconConfig(config))
	defer c.drop(t)
	addPlaceIndex(t, c.db.Table("patients"))
	addPlaceIndex(t, c.raw.Table("plain-patients"))
	for i := range rapid.IntRange(1, 8).Draw(rt, "patients") {
		c.put(t, somePatient(rt, i))
	}
	for range rapid.IntRange(0, 3).Draw(rt, "changes") {
		c.change(t, rt)
	}
	for range rapid.IntRange(1, 6).Draw(rt, "queries") {
		filter, values := someFilter(rt, 2)
		c.agree(rt, fmt.Sprint("scan ", filter, values), func(table dynamo.Table, found *[]Patient) error {
			return table.Scan().Filter(filter, values...).All(t.Context(), found)
		})
		email := rapid.SampledFrom(someEmails[1:]).Draw(rt, "queried email")
		since := rapid.IntRange(0, 5).Draw(rt, "queried since")
		filtered := rapid.Bool().Draw(rt, "filtered")
		c.agree(rt, fmt.Sprint("by email ", email, since, filter, values), func(table dynamo.Table, found *[]Patient) error {
			q := table.Get("email", email).Index("by-email").Range("since", dynamo.GreaterOrEqual, since)
			if filtered {
				q = q.Filter(filter, values...)
			}
			return q.All(t.Context(), found)
		})
		place := somePlace(rt)
		c.agree(rt, "by place "+place, func(table dynamo.Table, found *[]Patient) error {
			err := table.Get("place", place).Index("by-place").All(t.Context(), found)
			if err != nil && strings.Contains(err.Error(), "its parts do not have") {
				return nil // refused, since no item can have it
			}
			return err
		})
		clinic := rapid.SampledFrom(someClinics).Draw(rt, "queried clinic")
		c.agree(rt, "by clinic and place "+clinic+" "+place, func(table dynamo.Table, found *[]Patient) error {
			return table.Get("clinic", clinic).Range("place", dynamo.BeginsWith, place).Index("by-clinic").All(t.Context(), found)
		})
	}
}

func addPlaceIndex(t testing.TB, table dynamo.Table) {
	t.Helper()
	for _, index := range []dynamo.Index{
		{Name: "by-place", HashKey: "place", HashKeyType: dynamo.StringType, ProjectionType: dynamo.AllProjection},
		{Name: "by-clinic", HashKey: "clinic", HashKeyType: dynamo.StringType, RangeKey: "place",
			RangeKeyType: dynamo.StringType, ProjectionType: dynamo.AllProjection},
	} {
		_, err := table.UpdateTable().CreateIndex(index).Run(t.Context())
		check(t, err)
	}
}

// change makes a random change in both tables.
func (c *clinics) change(t *testing.T, rt *rapid.T) {
	id := fmt.Sprint("p", rapid.IntRange(0, 7).Draw(rt, "id"))
	var before Patient
	if err := c.db.Table("patients").Get("id", id).One(t.Context(), &before); err != nil {
		return
	}
	after, update := before, c.db.Table("patients").Update("id", id)
	switch rapid.IntRange(0, 4).Draw(rt, "change") {
	case 0:
		after.Email = rapid.SampledFrom(someEmails[1:]).Draw(rt, "new email")
		update.Set("email", after.Email)
	case 1:
		after.Last = ""
		update.Remove("surname")
	case 2:
		after.Home.Zip = rapid.SampledFrom(someZips[1:]).Draw(rt, "new zip")
		update.Set("home.zip", after.Home.Zip)
	case 3:
		after.Visits++
		update.Add("visits", 1)
	default:
		check(t, c.db.Table("patients").Delete("id", id).Run(t.Context()))
		check(t, c.raw.Table("plain-patients").Delete("id", id).Run(t.Context()))
		return
	}
	check(t, update.Run(t.Context()))
	check(t, c.raw.Table("plain-patients").Put(plainPatient{after, derive(after)}).Run(t.Context()))
}

// drop deletes the tables, so that the next check of a property can create them.
func (c *clinics) drop(t testing.TB) {
	t.Helper()
	check(t, c.raw.Table("patients").DeleteTable().Run(t.Context()))
	check(t, c.raw.Table("plain-patients").DeleteTable().Run(t.Context()))
}
