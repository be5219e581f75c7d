// Package rewrite has requests that take a read and a write. // want package:"tables accounts strict"
package rewrite

import (
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID     string `dynamo:"id,hash"`
	Email  string `dynamo:"email"`
	Plan   string `dynamo:"plan" ddbenc:"sign"`
	Visits int    `dynamo:"visits" ddbenc:"none"`
}

var _, _ = mapper.New(nil, mapper.TableOf[Account]("accounts", nil), mapper.TableOf[Account]("strict", nil, mapper.WithoutRewrites()))

func requests(db *dynamo.DB) {
	accounts := db.Table("accounts")
	accounts.Update("id", 1).Set("plan", "x")           // want `Set of attribute "plan" takes a read and a conditional write: it is signed \(rewrite.Account.Plan\): an update in place`
	accounts.Put(Account{}).If("email = ?", "x")        // want `If of attribute "email" takes a read and a conditional write: it is encrypted`
	accounts.Update("id", 1).Set("id", "x")             // want `the mapper rejects Set of attribute "id"`
	db.Table("strict").Update("id", 1).Set("plan", "x") // want `the mapper rejects Set of attribute "plan"`

	accounts.Update("id", 1).Add("visits", 1).If("plan = ?", "x")
	accounts.Scan().Filter("email = ?", "x")
}
