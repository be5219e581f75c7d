// Package update updates attributes in place. // want package:"tables accounts"
package update

import (
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID     string          `dynamo:"id,hash"`
	Email  string          `dynamo:"email"`
	Plan   string          `dynamo:"plan" ddbenc:"sign"`
	Visits int             `dynamo:"visits" ddbenc:"none"`
	Count  int             `dynamo:"Count"`
	Tags   []string        `dynamo:"tags" ddbenc:"none"`
	Nested struct{ A int } `dynamo:"nested"`
}

var _, _ = mapper.New(nil, mapper.TableOf[Account]("accounts", nil, mapper.WithoutRewrites()))

func update(db *dynamo.DB, name string, value any) {
	u := db.Table("accounts").Update("id", 1)
	u.Set("email", "x")                                      // want `the mapper rejects Set of attribute "email": it is encrypted and signed \(update.Account.Email\): an update in place would break the item's signature; use Repository.Modify`
	u.Set("plan", "x")                                       // want `the mapper rejects Set of attribute "plan": it is signed \(update.Account.Plan\)`
	u.Set("id", "x")                                         // want `the mapper rejects Set of attribute "id": it is a signed key \(update.Account.ID\)`
	u.Set("unknown", "x")                                    // want `the mapper rejects Set of attribute "unknown": no struct declares it, so it is encrypted and signed`
	u.Set("Count", 1)                                        // want `attribute "Count"`
	u.Set("nested.A", 1)                                     // want `attribute "nested"`
	u.Set("'nested'.'A'", 1)                                 // want `attribute "nested"`
	u.SetNullable("email", nil)                              // want `SetNullable of attribute "email"`
	u.SetSet("email", nil)                                   // want `SetSet of attribute "email"`
	u.SetIfNotExists("email", nil)                           // want `SetIfNotExists of attribute "email"`
	u.SetIgnoringNil("email", nil)                           // want `SetIgnoringNil of attribute "email"`
	u.Append("email", nil)                                   // want `Append of attribute "email"`
	u.Prepend("email", nil)                                  // want `Prepend of attribute "email"`
	u.Add("email", 1)                                        // want `Add of attribute "email"`
	u.AddStringsToSet("email", "")                           // want `AddStringsToSet of attribute "email"`
	u.AddIntsToSet("email", 1)                               // want `AddIntsToSet of attribute "email"`
	u.AddFloatsToSet("email", 1)                             // want `AddFloatsToSet of attribute "email"`
	u.DeleteFromSet("email", 1)                              // want `DeleteFromSet of attribute "email"`
	u.DeleteStringsFromSet("email", "")                      // want `DeleteStringsFromSet of attribute "email"`
	u.DeleteIntsFromSet("email", 1)                          // want `DeleteIntsFromSet of attribute "email"`
	u.DeleteFloatsFromSet("email", 1)                        // want `DeleteFloatsFromSet of attribute "email"`
	u.Remove("visits", "email", "plan")                      // want `Remove of attribute "email"` `Remove of attribute "plan"`
	u.SetExpr("email = ?", value)                            // want `SetExpr of attribute "email"`
	u.SetExpr("$ = ?", "email", value)                       // want `SetExpr of attribute "email"`
	u.SetExpr("'email' = ?", value)                          // want `SetExpr of attribute "email"`
	u.SetExpr("visits = visits + ?, nested.A = ?", 1, value) // want `SetExpr of attribute "nested"`
	u.SetExpr("visits = plan")
	u.SetExpr("visits = email")                            // want `SetExpr of attribute "email": it is encrypted and signed \(update.Account.Email\): DynamoDB sees only the ciphertext`
	u.SetExpr("email = list_append(email, ?)", []string{}) // want `SetExpr of attribute "email": it is encrypted and signed \(update.Account.Email\): an update`
	u.RemoveExpr("email[$]", 1)                            // want `RemoveExpr of attribute "email"`

	u.Set("visits", 1).Add("visits", 1).Append("tags", "x").Remove("tags").SetExpr("visits = visits + ?", 1).RemoveExpr("tags[$]", 0).Run()
	u.Set(name, 1).SetExpr(name, 1).SetExpr("$ = ?", name, 1).RemoveExpr("tags[$]", name)
	u.Set("not a path", 1).SetExpr("'unfinished = ?", 1).SetExpr("visits = ?").Remove(name)

	db.Table("other").Update("id", 1).Set("email", "x")
	db.Table(name).Update("id", 1).Set("email", "x")
	db.WriteTx().Update(
		db.Table("accounts").Update("id", 1).
			Range("at", 1). // want `Range of attribute "at"`
			Set("visits", 1).
			Set("email", "x"), // want `Set of attribute "email"`
	)
	db.Table("arn:aws:dynamodb:eu-west-1:123456789012:table/accounts").Update("id", 1).Set("email", "x") // want `Set of attribute "email"`
}
