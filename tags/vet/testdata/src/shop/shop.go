// Package shop uses a table that another package declares, and declares one of // want package:"tables"
// a type that another package has.
package shop

import (
	"store"

	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Order struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"sign"`
}

var _ = mapper.TableOf[store.Account]("orders", nil, mapper.WithType[Order]()) // want `table orders: attribute "email" is "sign" in shop.Order.Email and "encrypt" in store.Account.Email`

func requests(db *dynamo.DB) {
	db.Table("accounts").Update("id", 1).Set("email", 1) // want `Set of attribute "email": it is encrypted and signed \(store.Account.Email\)`
}
