// Package put puts items into tables that are not declared. // want package:"tables accounts"
package put

import (
	"store"

	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"encrypt"`
}

type Embedding struct {
	Account
}

type Untagged struct {
	ID string `dynamo:"id,hash"`
}

var db, _ = mapper.New(nil, mapper.TableOf[Account]("accounts", nil))

func put(name string, account *Account, all []any, given *dynamo.DB) {
	clinik := db.Table("clinik")
	clinik.Put(Account{})                                                           // want `put.Account has ddbenc tags, but no table "clinik" is declared: the item is stored in plaintext; declare the table with mapper.TableOf`
	clinik.Put(account).If("attribute_not_exists(id)")                              // want `put.Account has ddbenc tags`
	clinik.Put(Embedding{})                                                         // want `put.Embedding has ddbenc tags`
	clinik.Put(store.Account{})                                                     // want `store.Account has ddbenc tags`
	given.Table("clinik").Put(Account{})                                            // want `put.Account has ddbenc tags`
	clinik.Batch("id").Write().Put(Untagged{}, account)                             // want `put.Account has ddbenc tags`
	db.Table("accounts").Batch("id").Write().PutIn(clinik, account)                 // want `put.Account has ddbenc tags`
	db.WriteTx().Put(clinik.Put(Account{}))                                         // want `put.Account has ddbenc tags`
	db.Table("arn:aws:dynamodb:eu-west-1:111122223333:table/clinik").Put(Account{}) // want `no table "clinik" is declared`
	raw := dynamo.New(nil)
	raw.Table("accounts").Put(Account{}) // want `put.Account has ddbenc tags, but is put into table "accounts" through a database of dynamo.New, which protects nothing: the item is stored in plaintext; use that of mapper.New`

	db.Table("accounts").Put(Account{})
	db.Table("arn:aws:dynamodb:eu-west-1:111122223333:table/accounts").Put(Account{})
	db.Table(name).Put(Account{})
	clinik.Put(Untagged{})
	clinik.Put(all)
	clinik.Batch("id").Write().Put(all...)
	clinik.Batch("id").Write().PutIn(db.Table("accounts"), account)
	clinik.Delete("email", 1)
	raw.Table("accounts").Put(Untagged{})
}
