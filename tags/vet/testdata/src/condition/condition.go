// Package condition has conditions, filters and keys. // want package:"tables accounts"
package condition

import (
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID     string `dynamo:"id,hash"`
	Email  string `dynamo:"email"`
	Plan   string `dynamo:"plan" ddbenc:"sign" index:"by-plan,hash"`
	Visits int    `dynamo:"visits" ddbenc:"none"`
	Status string `dynamo:"Status"`
	Nested struct{ A int }
}

var _, _ = mapper.New(nil, mapper.TableOf[Account]("accounts", nil, mapper.WithoutRewrites()))

func conditions(db *dynamo.DB, name string, value any, values []any, literal dynamo.Operator) {
	accounts := db.Table("accounts")
	accounts.Put(Account{}).If("email = ?", "x")                                             // want `the mapper rejects If of attribute "email": it is encrypted and signed \(condition.Account.Email\): DynamoDB sees only the ciphertext of an encrypted attribute, so it cannot compare it or compute with it \(attribute_exists and attribute_not_exists do work\); check the value after reading, or declare the attribute with .ddbenc:"sign".`
	accounts.Delete("id", 1).If("contains(email, ?)", "x")                                   // want `If of attribute "email"`
	accounts.Check("id", 1).If("size(email) > ?", 1)                                         // want `If of attribute "email"`
	accounts.Update("id", 1).If("attribute_exists(id) AND $ BETWEEN ? AND ?", "email", 1, 2) // want `If of attribute "email"`
	accounts.Scan().Filter("'Status' IN (?, ?)", value, value)
	accounts.Get("id", 1).Filter("begins_with('email', ?)", value)
	accounts.Get("id", 1).Filter("attribute_type(email, ?)", "S")
	accounts.Get("id", 1).Filter("NOT (visits > ? OR Nested.A = ?)", 1, 2)
	accounts.Get("id", 1).Filter("email = ? OR undeclared = ?", values...)
	accounts.Scan().Filter("attribute_exists(Nested.A)")
	accounts.Get("email", 1).All(nil)                                        // want `Get of attribute "email"`
	accounts.Get("plan", 1).Index("by-plan").Range("email", dynamo.Equal, 1) // want `Range of attribute "email"`
	accounts.UpdateTTL("email", true)                                        // want `UpdateTTL of attribute "email"`

	accounts.Put(Account{}).If("attribute_not_exists(id) OR attribute_exists(email) AND plan = ? AND visits < ?", "x", 1)
	accounts.Get("plan", 1).Index("by-plan").Range("id", dynamo.Equal, 1).Filter("plan = ?", 1).Project("email", "undeclared")
	accounts.Scan().Filter("$ = ?", name, 1).Project("email")
	accounts.Scan().Filter(name, 1).Filter("email = ?").Filter("email == ?", 1)
	accounts.Scan().Filter("aws_dbe_head = ?", 1)
	accounts.UpdateTTL("visits", true)
	accounts.UpdateTTL("email", false)
}
