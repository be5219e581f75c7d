// Package mapper encrypts and signs the items that guregu/dynamo stores in
// DynamoDB, and verifies and decrypts them when they are read. Declare the
// tables once; every builder (Put, Get, Query, Scan, batches, transactions) then
// works on them. An item is sealed when it is encrypted and signed, and opened
// when it is verified and decrypted.
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
// Anything that DynamoDB can evaluate on stored values takes one request, as on
// a plain table. An update of a signed attribute, or a condition on an encrypted one,
// takes a read and a conditional write; see [Client.UpdateItem]. A filter on an
// encrypted attribute is evaluated on the opened page.
//
// Requests that cannot be answered, or that would send a protected value in the
// clear, are refused before they are sent: key conditions on encrypted
// attributes without a beacon, keys with other attributes than the table's,
// values that no expression uses, updates of attributes that an item format adds,
// and PartiQL on a declared table. [WithBeacons] makes encrypted attributes
// searchable. Tables that are not declared pass through untouched unless
// [WithDeclaredTablesOnly] is given.
//
// # Replies
//
// A reply may contain only what the request asked for: items that have its keys
// and meet its key condition and filter, each once. Otherwise the request fails
// with [crypto.ErrTampered], and no part of the reply is returned.
//
// # Errors
//
// Requests that are refused and items that cannot be opened are reported as a
// [*crypto.ItemError] with the operation, the table's physical name and the
// names of its key attributes. It wraps one of the errors of package crypto or
// of this package. Other errors are DynamoDB's own.
//
// If a value does not fit its Go type, the error of guregu/dynamo quotes the
// value. A [Repository] returns [ErrDecode] instead. The builders return the
// error as it is, so do not log it.
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
// guregu/dynamo can use it, and so can code that calls the SDK's client.
//
// A Client is safe for concurrent use. It never changes its inputs.
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

// defaultParallelism suits providers that call a key service for each item, and
// costs other providers little.
const defaultParallelism = 16

// NewClient returns a Client that sends its requests to api, usually a
// *dynamodb.Client. It checks the declarations of all tables: its errors wrap
// [crypto.ErrPolicy], and are a *tags.Error if a struct tag is at fault.
func NewClient(api dynamodbiface.DynamoDBAPI, options ...Option) (*Client, error) {
	if api == nil {
		return nil, errors.New("ddbenc: the DynamoDB client is nil")
	}
	if _, ok := api.(*Client); ok {
		return nil, errors.New("ddbenc: the DynamoDB client is already a mapper.Client; items would be sealed twice")
	}
	c := &Client{api: api, tables: make(map[string]*table), parallelism: defaultParallelism}
	for _, option := range options {
		if err := option(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// given returns in, or an empty input for nil, which the SDK accepts too.
func given[In any](in *In) *In {
	if in == nil {
		return new(In)
	}
	return in
}
