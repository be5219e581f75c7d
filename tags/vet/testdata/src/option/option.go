// Package option declares tables with options that matter. // want package:"tables lax signed some two open open too any twice twice"
package option

import (
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"encrypt"`
}

type Order struct {
	ID     string `dynamo:"id,hash"`
	Amount int    `dynamo:"amount" ddbenc:"none"`
}

func declare(more []mapper.TableOption, action crypto.Action, plan mapper.TableOption) {
	mapper.New(nil,
		mapper.TableOf[Account]("lax", nil, mapper.WithoutRewrites(), mapper.WithUndeclared(crypto.None)),
		mapper.TableOf[Account]("signed", nil, mapper.WithoutRewrites(), mapper.WithUndeclared(crypto.Sign)),
		mapper.TableOf[Account]("some", nil, mapper.WithoutRewrites(), mapper.WithSelection(func(any) bool { return false })),
		mapper.TableOf[Account]("two", nil, mapper.WithoutRewrites(), mapper.WithType[Order]()),
		mapper.TableOf[Account]("open", nil, more...),
		mapper.TableOf[Account]("open too", nil, plan),
		mapper.TableOf[Account]("any", nil, mapper.WithoutRewrites(), mapper.WithUndeclared(action)),
		mapper.TableOf[Account]("twice", nil, mapper.WithoutRewrites()),
	)
	mapper.New(nil, mapper.TableOf[Order]("twice", nil, mapper.WithoutRewrites()))
}

func requests(db *dynamo.DB) {
	lax := db.Table("lax")
	lax.Update("id", 1).Set("email", 1) // want `Set of attribute "email"`
	lax.Update("id", 1).Set("amount", 1).If("amount = ?", 1)

	signed := db.Table("signed")
	signed.Update("id", 1).Set("amount", 1) // want `Set of attribute "amount": no struct declares it, so it is signed`
	signed.Put(Account{}).If("amount = ?", 1)

	some := db.Table("some")
	some.Update("id", 1).Set("email", 1).If("email = ?", 1)
	some.Get("email", 1).Index("by-email").All(nil) // want `Get of attribute "email"`

	two := db.Table("two")
	two.Update("id", 1).Set("amount", 1)
	two.Update("id", 1).Set("email", 1) // want `Set of attribute "email"`
	two.Update("id", 1).Set("other", 1) // want `Set of attribute "other"`

	db.Table("open").Get("email", 1).Index("by").Range("amount", dynamo.Equal, 1).All(nil) // want `Get of attribute "email"`
	db.Table("open").Update("id", 1).Set("email", 1)
	db.Table("open too").Get("email", 1).Index("by").Range("amount", dynamo.Equal, 1).All(nil) // want `Get of attribute "email"`
	db.Table("any").Put(Account{}).If("email = ? AND amount = ?", 1, 1)                        // want `If of attribute "email"`

	db.Table("any").Update("id", 1).Set("email", 1).Set("amount", 1) // want `Set of attribute "email"`

	db.Table("twice").Put(Account{}).If("amount = ?", 1)
	db.Table("twice").Put(Account{}).If("email = ? AND amount = ?", 1, 1) // want `If of attribute "email"`
}
