// Package unnamed declares a table whose name is not a constant. // want package:"tables orders"
package unnamed

import (
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"encrypt"`
}

func open(name string) (*dynamo.DB, error) {
	return mapper.New(nil, mapper.TableOf[Account](name, nil), mapper.TableOf[Account]("orders", nil))
}

func put(db *dynamo.DB) { db.Table("accounts").Put(Account{}) }
