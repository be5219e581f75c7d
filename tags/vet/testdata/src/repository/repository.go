// Package repository refines the requests of repositories, to tables that
// another package declares.
package repository

import (
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"encrypt"`
	Plan  string `dynamo:"plan" ddbenc:"sign"`
}

func find(accounts *mapper.Repository[Account], plan string) {
	accounts.Query("id", func(q *dynamo.Query) {
		q.Filter("plan = ?", plan)
		q = q.Range("email", dynamo.Equal, plan).Filter("email = ?", plan) // want `Range of attribute "email": it is encrypted and signed \(repository.Account.Email\)`
		q.Filter("undeclared = ?", plan)
	})
	accounts.Scan(func(s *dynamo.Scan) { s.Filter("email = ?", plan) })
}

func generic[T any](all *mapper.Repository[T]) {
	all.Scan(func(s *dynamo.Scan) { s.Filter("email = ?", 1) })
}
