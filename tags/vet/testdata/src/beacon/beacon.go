// Package beacon has beacons and queries by them. // want package:"tables people others more"
package beacon

import (
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Person struct {
	ID    string   `dynamo:"id,hash"`
	Email string   `dynamo:"email" ddbenc:"encrypt" beacon:"16" index:"by-email,hash"`
	Town  string   `dynamo:"town" ddbenc:"encrypt"`
	Codes []string `dynamo:"codes,set" ddbenc:"encrypt" beacon:"12,set"`
	Part  string   `dynamo:"part" ddbenc:"encrypt" beacon:"8,partonly"`
	Other string   `dynamo:"other" ddbenc:"encrypt" beacon:"16,shared=mail"`
}

// Mail has what Person shares.
type Mail struct {
	ID   string `dynamo:"id,hash"`
	Mail string `dynamo:"mail" ddbenc:"encrypt" beacon:"16"`
}

// Zip only has a beacon tag.
type Zip struct {
	Code string `beacon:"70"` // want `beacon.Zip.Code: beacon "70": begin with the length in bits, 1 to 63`
}

type Readable struct {
	ID   string `dynamo:"id,hash"`
	Mail string `dynamo:"mail" ddbenc:"sign" beacon:"16"` // want `beacon.Readable.Mail: a beacon is for an encrypted attribute`
}

type Set struct {
	ID    string   `dynamo:"id,hash"`
	Codes []string `dynamo:"codes,set" beacon:"12"` // want `beacon.Set.Codes: the field is written as a set: write .beacon:"12,set".`
}

func options(more []mapper.TableOption) []mapper.Option {
	return []mapper.Option{
		mapper.TableOf[Person]("people", nil, mapper.WithType[Mail]()),
		mapper.TableOf[Person]("others", nil), // want `table others: beacon "16,shared=mail": no struct of the table has an attribute "mail"`
		mapper.TableOf[Person]("others", nil, more...),
		mapper.TableOf[Person]("more", nil, mapper.WithType[Mail](), mapper.WithBeacons(nil), mapper.WithBeaconConfig(nil)),
	}
}

func queries(db *dynamo.DB, operator dynamo.Operator, out any) {
	people := db.Table("people")
	people.Get("email", "x").Index("by-email").All(out)
	people.Get("town", "x").Index("by-town").Range("email", dynamo.Equal, "x").All(out) // want `Get of attribute "town": it is encrypted and signed`
	people.Get("id", "x").Index("by-email").Range("email", operator, "x").All(out)
	people.Get("id", "x").Index("by-email").Range("email", dynamo.Less, "x").All(out)
	people.Get("id", "x").Index("by-email").Range("email", dynamo.BeginsWith, "x").All(out)
	people.Get("codes", "x").Index("by-code").All(out) // want `Get of attribute "codes": it is encrypted and signed`
	people.Get("part", "x").Index("by-part").All(out)  // want `Get of attribute "part": it is encrypted and signed`
	people.Get("email", "x").All(out)                  // want `Get of attribute "email": keys are sent in the clear`
	people.UpdateTTL("email", true)                    // want `UpdateTTL of attribute "email"`
	people.Get("email", "x").Index("by-email").Filter("email = ? AND contains(codes, ?)", "x", "y").All(out)
}

// configured has beacons that no tag has.
func configured(db *dynamo.DB, out any) {
	more := db.Table("more")
	more.Get("place", "x").Index("by-place").Range("initials", dynamo.Equal, "x").All(out)
	more.Get("place", "x").Index("by-place").Range("when", dynamo.BeginsWith, "x").All(out)
	more.Get("town", "x").Index("by-town").All(out) // want `Get of attribute "town": it is encrypted and signed`
	more.Get("id", "x").Index("by-email").Range("email", dynamo.Less, "x").All(out)
	more.Get("place", "x").All(out)                                 // want `Get of attribute "place": keys are sent in the clear`
	more.UpdateTTL("place", true)                                   // want `UpdateTTL of attribute "place"`
	db.Table("people").Get("place", "x").Index("by-place").All(out) // want `Get of attribute "place"`
}
