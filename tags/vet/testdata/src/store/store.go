// Package store declares a table that others use. // want package:"tables accounts"
package store

import (
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"encrypt"`
}

func Open() (*dynamo.DB, error) {
	return mapper.New(nil, mapper.TableOf[Account]("accounts", nil, mapper.WithoutRewrites()))
}
