// Package mappertest is a DynamoDB in memory, for unit tests of code that uses
// package mapper or guregu/dynamo, as net/http/httptest is for HTTP.
//
//	db, err := mapper.New(mappertest.New(), mapper.TableOf[Account]("accounts", encryptor))
//	err = db.CreateTable("accounts", Account{}).Run(ctx)
//
// It does what DynamoDB does for the requests that guregu/dynamo makes:
// expressions, secondary indexes, paging, batches, transactions with
// idempotency tokens, and the validation errors that one meets. Tables are
// ready as soon as they are created, and everything is gone with the [DB].
//
// It is no measure of speed, and of limits it knows those of keys, items, pages,
// batches and transactions only. What it does not know is an error that
// says so, never a quiet success. PartiQL and streams are among that.
package mappertest

import (
	"context"
	"sync"
	"time"

	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// DB is a DynamoDB in memory. It is safe for concurrent use: each request is
// carried out as one.
type DB struct {
	fault       func(ctx context.Context, operation string, input any) error
	unprocessed int

	mu     sync.Mutex
	tables map[string]*table
	tokens map[string]token
	calls  map[string]int
}

var _ dynamodbiface.DynamoDBAPI = (*DB)(nil)

// New returns an empty database.
func New(options ...Option) *DB {
	db := &DB{tables: make(map[string]*table), tokens: make(map[string]token), calls: make(map[string]int)}
	for _, option := range options {
		option(db)
	}
	return db
}

// Option configures a [DB].
type Option func(*DB)

// WithFault lets a function see each request before it is carried out, by the
// operation's name, such as "PutItem", and its input. If it returns an error,
// that is the answer, and nothing else happens. It may be called from several
// goroutines at once.
func WithFault(fault func(ctx context.Context, operation string, input any) error) Option {
	return func(db *DB) { db.fault = fault }
}

// WithUnprocessed makes each BatchGetItem and BatchWriteItem do at most n of
// the requests that it is given, and return the rest unprocessed, as DynamoDB
// does under load. n must be at least 1.
func WithUnprocessed(n int) Option {
	return func(db *DB) { db.unprocessed = max(n, 1) }
}

// Calls returns how many requests for the operation, such as "PutItem", have
// come in, refused ones included.
func (db *DB) Calls(operation string) int {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.calls[operation]
}

// token is what is remembered of a transaction with a client request token.
type token struct {
	fingerprint string
	at          time.Time
}

// do carries out one request.
func do[In, Out any](ctx context.Context, db *DB, operation string, in *In, carryOut func(*In) (*Out, error)) (*Out, error) {
	if in == nil {
		in = new(In)
	}
	out, err := func() (*Out, error) {
		db.count(operation)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if db.fault != nil {
			if err := db.fault(ctx, operation, in); err != nil {
				return nil, err
			}
		}
		db.mu.Lock()
		defer db.mu.Unlock()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return carryOut(in)
	}()
	if err != nil {
		return nil, operationError(operation, err)
	}
	return out, nil
}

func (db *DB) count(operation string) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.calls[operation]++
}
