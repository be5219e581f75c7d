// Package mapper seals the items that guregu/dynamo stores in DynamoDB, and
// verifies and opens them when they come back. Declare the tables once; every
// builder (Put, Get, Query, Scan, batches, transactions) then works on them.
//
//	type Account struct {
//		ID     string `dynamo:"id,hash"`                     // key: signed
//		Email  string `dynamo:"email" ddbenc:"encrypt"`      // encrypted and signed
//		Plan   string `dynamo:"plan" ddbenc:"sign"`          // readable, signed
//		Visits int    `dynamo:"visits" ddbenc:"none"`        // left alone
//	}
//
//	db, err := mapper.New(dynamodb.NewFromConfig(cfg),
//		mapper.TableOf[Account]("accounts", encryptor),
//		mapper.WithDeclaredTablesOnly())
//	err = db.Table("accounts").Put(account).Run(ctx)
//
// A [Repository] adds typed access to one table, and [Repository.Modify] changes
// an item with a Go function.
//
// # Requests
//
// Updates, conditions and filters work on protected attributes as on others.
// What DynamoDB can evaluate on stored values is one request, as on a plain
// table. An update of a signed attribute, or a condition on an encrypted one,
// takes a read and a conditional write; see [Client.UpdateItem]. A filter on an
// encrypted attribute is evaluated on the opened page.
//
// Requests for which there is no answer, or that would carry a protected value
// in the clear, are refused before they are sent: key conditions on encrypted
// attributes, keys with other attributes than the table's, values that no
// expression uses, updates of what an item format adds, and PartiQL on a
// declared table. Tables that are not declared pass through untouched unless
// [WithDeclaredTablesOnly] is given.
//
// # Replies
//
// A reply may hold only what the request asked for: items with its keys, that
// meet its key condition and filter, each once. Anything else is
// [crypto.ErrTampered], and nothing of the reply is returned.
//
// # Errors
//
// Requests that are refused and items that cannot be opened are reported as a
// [*crypto.ItemError] with the operation, the table's physical name and the
// names of its key attributes. It wraps one of the kinds in package crypto or
// of this package. Other errors are DynamoDB's own.
//
// guregu/dynamo's own errors about values that do not fit a Go type quote the
// value. A [Repository] returns [ErrDecode] instead; the builders do not, so
// do not log their errors.
package mapper

import (
	"context"
	"errors"

	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// New returns a guregu/dynamo database whose declared tables are protected. It
// is dynamo.NewFromIface on a [Client]; see [NewClient] for the errors.
func New(api dynamodbiface.DynamoDBAPI, options ...Option) (*dynamo.DB, error) {
	client, err := NewClient(api, options...)
	if err != nil {
		return nil, err
	}
	return dynamo.NewFromIface(client), nil
}

// Client is a DynamoDB client that protects the items of its declared tables.
// It serves guregu/dynamo, and code that calls the SDK's client directly.
//
// A Client is safe for concurrent use. It never changes the inputs that it is
// given.
type Client struct {
	api    dynamodbiface.DynamoDBAPI
	tables map[string]*table // by physical name
	sent   sentTransactions

	parallelism  int
	declaredOnly bool
	trustFilters bool
	onDamaged    func(context.Context, DamagedItem)
}

var _ dynamodbiface.DynamoDBAPI = (*Client)(nil)

// defaultParallelism suits providers that call a key service for each item,
// and costs those that do not little.
const defaultParallelism = 16

// NewClient returns a Client on api, which is usually a *dynamodb.Client. Every
// mistake in a table's declaration is an error here, not at the first request:
// errors wrap [crypto.ErrPolicy], and are a *tags.Error where a struct tag is
// at fault.
func NewClient(api dynamodbiface.DynamoDBAPI, options ...Option) (*Client, error) {
	if api == nil {
		return nil, errors.New("ddbenc: no DynamoDB client to work on")
	}
	if _, ok := api.(*Client); ok {
		return nil, errors.New("ddbenc: the DynamoDB client is a mapper.Client already; items would be sealed twice")
	}
	c := &Client{api: api, tables: make(map[string]*table), parallelism: defaultParallelism}
	for _, option := range options {
		if err := option(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// given returns in, or an empty input for nil, as the SDK's client takes it.
func given[In any](in *In) *In {
	if in == nil {
		return new(In)
	}
	return in
}
