// Package mapper puts item encryption under guregu/dynamo: declare your tables
// once, and every builder you already use (Put, Get, Query, Scan, batches,
// transactions) seals items on their way to DynamoDB and opens them on their
// way back.
//
//	type Account struct {
//		ID     string `dynamo:"id,hash"`                     // key: signed
//		Email  string `dynamo:"email" ddbenc:"encrypt"`      // encrypted and signed
//		Plan   string `dynamo:"plan" ddbenc:"sign"`          // readable, signed
//		Visits int    `dynamo:"visits" ddbenc:"none"`        // left alone
//	}
//
//	db, err := mapper.New(dynamodb.NewFromConfig(cfg), mapper.TableOf[Account]("accounts", encryptor))
//	err = db.Table("accounts").Put(account).Run(ctx)
//
// A [Repository] adds typed access to one table, and [Repository.Modify], which
// is the way to change a protected item: DynamoDB cannot update attributes that
// are signed, since it cannot sign.
//
// Requests that would leave an item half-protected, or that DynamoDB could not
// honour on encrypted values, are refused before they are sent: updates of
// signed attributes, conditions and filters on encrypted ones, PartiQL on a
// declared table. Tables that are not declared pass through untouched, so mind
// the spelling of names.
//
// What is refused or does not verify comes back as a [crypto.ItemError] that
// wraps one of the kinds in package crypto.
package mapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
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
	api         dynamodbiface.DynamoDBAPI
	tables      map[string]*table // by physical name
	parallelism int
	onDamaged   func(context.Context, DamagedItem)
	sent        sentTransactions
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

// Option configures a [Client]. [TableOf] is the one that every client needs.
type Option func(*Client) error

// Parallelism bounds how many items of one page, batch or transaction are
// sealed or opened at once. The default is 16. It matters for providers that
// call a key service for each item.
func Parallelism(n int) Option {
	return func(c *Client) error {
		if n < 1 {
			return fmt.Errorf("ddbenc: parallelism of %d: must be at least 1", n)
		}
		c.parallelism = n
		return nil
	}
}

// DamagedItem is an item of a page that was left out because it does not
// verify or was never protected.
type DamagedItem struct {
	// Table and Index say what was read. Index is empty for the table itself.
	Table, Index string
	// Key holds the item's key attributes, as far as it has them. They are not
	// verified.
	Key crypto.Item
	// Err is what failed; it wraps [crypto.ErrTampered] or
	// [crypto.ErrNotProtected].
	Err error
}

// OnDamaged makes reads of several items (Query, Scan, BatchGetItem) leave out
// items that do not verify or are not protected, and report each to the
// function instead of failing the page. It is called after the page has been
// opened, in the page's order, before the page is returned. Requests for one
// item still fail, and so does a page for any other reason, such as a key
// service that cannot be reached.
//
// Mind that whoever can damage an item can then make it disappear from
// results; do something with the report.
func OnDamaged(report func(context.Context, DamagedItem)) Option {
	return func(c *Client) error {
		c.onDamaged = report
		return nil
	}
}

// given returns in, or an empty input for nil, as the SDK's client takes it.
func given[In any](in *In) *In {
	if in == nil {
		return new(In)
	}
	return in
}
