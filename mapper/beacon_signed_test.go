package mapper_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
)

// regionBeacons are patientBeacons with a signed beacon whose value begins with a
// prefix.
func regionBeacons(prefix string) mapper.TableOption {
	config := patientBeacons
	config.Compound = append(slices.Clone(config.Compound), beacon.Compound{Name: "region", Split: ".",
		Signed: []beacon.SignedPart{{Name: "clinic", Prefix: prefix}}})
	return mapper.WithBeaconConfig(config)
}

func TestBeacons_SignedOnesFollowChangesOfTheirParts(t *testing.T) {
	c := newClinics(t, regionBeacons("C-"))
	table, client := c.db.Table("patients"), c.db.Client().(*mapper.Client)
	repo, err := mapper.NewRepository[Patient](c.db, "patients")
	check(t, err)
	c.put(t, clinicPatient(1))
	for _, step := range []struct {
		want   string
		change func() error
	}{
		{"C-south", func() error { return nil }},
		{"C-west", func() error { return table.Update("id", "p1").Set("clinic", "west").Run(t.Context()) }},
		{"C-east", func() error {
			_, err := repo.Modify(t.Context(), dynamo.Keys{"p1"}, func(p *Patient) error { p.Clinic = "east"; return nil })
			return err
		}},
		{"C-down", func() error {
			return c.db.WriteTx().Update(table.Update("id", "p1").Set("clinic", "down")).Run(t.Context())
		}},
		{"K-down", func() error {
			client = c.open(t, regionBeacons("K-")).Client().(*mapper.Client)
			result, err := client.ResealStored(t.Context(), "patients", c.stored(t, "p1"))
			if err == nil && !result.Written {
				t.Error("an item with another signed beacon counts as current")
			}
			return err
		}},
		{"S-down", func() error {
			client = c.open(t, regionBeacons("S-")).Client().(*mapper.Client)
			return client.Reseal(t.Context(), "patients", crypto.Item{"id": str("p1")})
		}},
	} {
		if err := step.change(); err != nil {
			t.Errorf("%s: %v", step.want, err)
		}
		equal(t, c.stored(t, "p1")["region"], str(step.want))
		if again, err := client.NeedsReseal(t.Context(), "patients", c.stored(t, "p1")); again || err != nil {
			t.Errorf("%s: needs resealing: %v, %v", step.want, again, err)
		}
	}
	table = c.open(t, regionBeacons("S-")).Table("patients")
	check(t, table.Update("id", "p1").Remove("clinic").Run(t.Context()))
	if got := c.stored(t, "p1")["region"]; got != nil {
		t.Errorf("without its part, the item has %v", got)
	}
	err = table.Update("id", "p1").Set("clinic", "west").Set("region", "S-east").Run(t.Context())
	if !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("a change that sets another value: %v", err)
	}
}

func TestBeacons_SignedOnesThatAreTheKeyDoNotMoveItems(t *testing.T) {
	table := signedKeys(t).Table("patients")
	check(t, table.Put(Visit{Clinic: "north", Day: "1", Reason: "cough"}).Run(t.Context()))
	err := table.Update("pk", "C-north.D-1").Set("day", "2").Run(t.Context())
	if !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("a change of the key: %v", err)
	}
	var all []Visit
	if err := table.Scan().All(t.Context(), &all); err != nil || len(all) != 1 || all[0].Day != "1" {
		t.Errorf("the table has %v, %v", all, err)
	}
}
