package mapper_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
)

// schema declares the table of patients without their type.
func (c *clinics) schema(t testing.TB, options ...mapper.TableOption) (*mapper.Client, error) {
	t.Helper()
	keys, err := hierarchical.New(c.store, hierarchical.BranchKey(branchKey), time.Hour)
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	return mapper.NewClient(c.spy, mapper.TableOfSchema("patients", mapper.Schema{PartitionKey: "id",
		Actions: crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "clinic": crypto.Sign,
			"since": crypto.Sign, "visits": crypto.None}}}, e, options...))
}

func (c *clinics) beacons(t testing.TB) mapper.TableOption {
	t.Helper()
	keys, err := beacon.SingleKeyStore(c.store, branchKey, time.Hour)
	check(t, err)
	return mapper.WithBeacons(keys)
}

// patientSchema are patientBeacons with those of Patient's tags.
func patientSchema() beacon.Config {
	config := patientBeacons
	config.Standard = append([]beacon.Standard{{Name: "email", Length: 3}, {Name: "age", Length: 2},
		{Name: "codes", Length: 3, Set: true}, {Name: "surname", Length: 3}}, config.Standard...)
	return config
}

func TestTableOfSchema_HasTheBeaconsOfTableOf(t *testing.T) {
	c := newClinics(t, mapper.WithBeaconConfig(patientBeacons))
	client, err := c.schema(t, c.beacons(t), mapper.WithBeaconConfig(patientSchema()))
	check(t, err)
	c.put(t, clinicPatient(1))
	stored := c.stored(t, "p1")
	if needs, err := client.NeedsReseal(t.Context(), "patients", stored); err != nil || needs {
		t.Errorf("an item of TableOf needs resealing: %v, %v", needs, err)
	}
	opened, err := client.Open(t.Context(), "patients", stored)
	check(t, err)
	sealed, err := client.Seal(t.Context(), "patients", opened)
	check(t, err)
	for name, value := range stored {
		if strings.HasPrefix(name, "aws_dbe_b_") && !reflect.DeepEqual(sealed[name], value) {
			t.Errorf("%s: got %v, want %v", name, sealed[name], value)
		}
	}
	var found []Patient
	check(t, dynamo.NewFromIface(client).Table("patients").Get("email", clinicPatient(1).Email).Index("by-email").
		All(t.Context(), &found))
	if len(found) != 1 {
		t.Errorf("found %v", found)
	}
}

func TestTableOfSchema_RefusesBeaconsWithoutKeys(t *testing.T) {
	c := newClinics(t)
	_, err := c.schema(t, mapper.WithBeaconConfig(patientSchema()))
	if !errors.Is(err, crypto.ErrPolicy) || !strings.Contains(err.Error(), "mapper.WithBeacons") {
		t.Errorf("got %v", err)
	}
	_, err = c.schema(t, mapper.WithoutBeacons(), c.beacons(t), mapper.WithBeaconConfig(patientSchema()))
	if !errors.Is(err, crypto.ErrPolicy) || !strings.Contains(err.Error(), "mapper.WithoutBeacons") {
		t.Errorf("with beacons and without: %v", err)
	}
}

func TestReseal_DoesNotRemoveBeaconsThatAreNotDeclared(t *testing.T) {
	c := newClinics(t)
	c.put(t, clinicPatient(1))
	stored := c.stored(t, "p1")
	client, err := c.schema(t)
	check(t, err)
	for op, reseal := range map[string]func() error{
		"ResealStored": func() error { _, err := client.ResealStored(t.Context(), "patients", stored); return err },
		"NeedsReseal":  func() error { _, err := client.NeedsReseal(t.Context(), "patients", stored); return err },
		"Reseal":       func() error { return client.Reseal(t.Context(), "patients", stored) },
	} {
		err := reseal()
		var about *crypto.ItemError
		if !errors.As(err, &about) || about.Op != op || !errors.Is(err, crypto.ErrPolicy) ||
			!strings.Contains(err.Error(), "mapper.WithoutBeacons") {
			t.Errorf("%s: %v", op, err)
		}
	}
	if !reflect.DeepEqual(c.stored(t, "p1"), stored) {
		t.Error("the item was changed")
	}
	// Other writes work.
	check(t, dynamo.NewFromIface(client).Table("patients").Update("id", "p1").Set("notes", "x").Run(t.Context()))
}

func TestReseal_RemovesBeaconsOnPurpose(t *testing.T) {
	c := newClinics(t)
	c.put(t, clinicPatient(1), clinicPatient(2))
	client, err := c.schema(t, mapper.WithoutBeacons())
	check(t, err)
	opened, err := client.Open(t.Context(), "patients", c.stored(t, "p1"))
	check(t, err)
	if needs, err := client.NeedsReseal(t.Context(), "patients", c.stored(t, "p1")); err != nil || !needs {
		t.Errorf("needs resealing: %v, %v", needs, err)
	}
	for i, want := range []bool{true, false} {
		result, err := client.ResealStored(t.Context(), "patients", c.stored(t, "p1"))
		if err != nil || result.Written != want {
			t.Errorf("run %d: %+v, %v", i, result, err)
		}
	}
	check(t, client.Reseal(t.Context(), "patients", c.stored(t, "p2")))
	for _, id := range []string{"p1", "p2"} {
		for name := range c.stored(t, id) {
			if strings.HasPrefix(name, "aws_dbe_b_") {
				t.Errorf("%s still has %s", id, name)
			}
		}
	}
	if again, err := client.Open(t.Context(), "patients", c.stored(t, "p1")); err != nil || !reflect.DeepEqual(again, opened) {
		t.Errorf("got %v, %v", again, err)
	}
}
