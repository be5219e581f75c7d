// Package given is given a database, and sees no declaration; or sees that there
// are tables whose names are not constants.
package given

import "github.com/guregu/dynamo/v2"

type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"encrypt"`
}

func put(db *dynamo.DB) { db.Table("accounts").Put(Account{}) }
