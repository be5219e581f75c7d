package mapper_test

import (
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// letterBeacons declares beacons of encrypted attributes of a Letter.
func letterBeacons(t testing.TB) []mapper.TableOption {
	t.Helper()
	keys, err := beacon.SingleKeyStore(providertest.NewKeyStore("letters"), "letters", time.Hour)
	check(t, err)
	return []mapper.TableOption{mapper.WithBeacons(keys), mapper.WithBeaconConfig(beacon.Config{
		Standard: []beacon.Standard{{Name: "body", Length: 1}, {Name: "weight", Length: 2},
			{Name: "stamps", Length: 2, Set: true}},
		Compound: []beacon.Compound{{Name: "shelf", Split: ".",
			Signed:    []beacon.SignedPart{{Name: "subject", Prefix: "S-"}},
			Encrypted: []beacon.EncryptedPart{{Name: "body", Prefix: "B-"}}}},
	})}
}

// beaconUses search by beacons.
var beaconUses = map[string]func(u *user){
	"query by beacon": func(u *user) {
		text := canary + pick(u.T, []string{" a", " b", " c"}, "text")
		u.pages("letters", "by-body", u.db.Table("letters").Get("body", text).Index("by-body"), func(l Letter) bool {
			return l.Body == text
		})
	},
	"query by beacon, filtered": func(u *user) {
		text, least := canary+pick(u.T, []string{" a", " b"}, "text"), u.drawNumber()
		u.pages("letters", "by-body", u.db.Table("letters").Get("body", text).Index("by-body").Filter("score >= ? AND weight <> ?", least, 1),
			func(l Letter) bool { return l.Body == text && l.Score >= least })
	},
	"scan by beacons": func(u *user) {
		weight, text := 867530900+u.drawNumber(), canary+" a"
		var got []crypto.Item
		err := u.db.Table("letters").Scan().Filter("weight = ? OR contains(stamps, ?) OR shelf = ?", weight, canary+"1",
			"S-engines.B-"+text).All(u.ctx, &got)
		if u.failed(err) {
			return
		}
		for _, item := range got {
			u.item("letters", item, func(l Letter) bool {
				return l.Weight == weight || len(l.Stamps) > 0 || l.Subject == "engines" && l.Body == text
			})
		}
	},
	"scan of an index on beacons": func(u *user) {
		var got []crypto.Item
		if u.failed(u.db.Table("letters").Scan().Index("by-body").All(u.ctx, &got)) {
			return
		}
		for _, item := range got {
			u.item("letters", item, func(Letter) bool { return true })
		}
	},
}
