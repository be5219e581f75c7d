// Package untagged leaves to the default what happens to some fields. // want package:"tables orders"
package untagged

import "github.com/ddbenc/ddbenc/mapper"

type Account struct {
	ID     string `dynamo:"id,hash"`
	Plan   string `index:"by-plan,hash"`
	Email  string `dynamo:"email"` // want `untagged.Account.Email: no ddbenc tag sets the action of attribute "email"; it is encrypted by default`
	Phone  string // want `untagged.Account.Phone: no ddbenc tag`
	Quoted string "dynamo:\"quoted\"" // want `untagged.Account.Quoted: no ddbenc tag`
	Empty  string ``                  // want `untagged.Account.Empty: no ddbenc tag`
	A, B   string // want `untagged.Account.A: no ddbenc tag` `untagged.Account.B: no ddbenc tag`
	Tagged string `ddbenc:"none"`
	Found  string `beacon:"16"`
	Left   string `dynamo:"-"`
	left   string
	Base
}

type Base struct {
	Created string `dynamo:"created"` // want `untagged.Account.Base.Created: no ddbenc tag` `untagged.Order.Base.Created: no ddbenc tag`
}

// Order is declared, and Account has a key.
type Order struct {
	ID string `dynamo:"id,hash"`
	Base
}

var _ = mapper.TableOf[Order]("orders", nil)

// Mixin is there to be embedded.
type Mixin struct {
	A string `ddbenc:"sign"`
	B string
}

// Plain has nothing to do with ddbenc.
type Plain struct {
	ID   string `dynamo:"id,hash"`
	Name string
}
