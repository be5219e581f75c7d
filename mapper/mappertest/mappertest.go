// Package mappertest provides an in-memory DynamoDB for unit tests of code that
// uses package mapper or guregu/dynamo.
//
//	db, err := mapper.New(mappertest.New(), mapper.TableOf[Account]("accounts", encryptor))
//	err = db.CreateTable("accounts", Account{}).Run(ctx)
//
// It answers the requests that guregu/dynamo makes as DynamoDB does: with
// expressions, secondary indexes, paging, batches, transactions with
// idempotency tokens, and the usual validation errors. Tables are ready as soon
// as they are created. All data lives as long as the [DB].
//
// It says nothing about DynamoDB's speed, and it enforces only the limits of
// keys, items, pages, batches and transactions. Requests that it does not
// support, such as PartiQL and streams, fail with an error that says so.
package mappertest

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// DB is an in-memory DynamoDB. It is safe for concurrent use, and each request
// is atomic.
type DB struct {
	config

	mu     sync.Mutex
	tables map[string]*table
	tokens map[string]token
	calls  map[string]int
}

var _ dynamodbiface.DynamoDBAPI = (*DB)(nil)

// New returns an empty database. It panics if an option is invalid.
func New(options ...Option) *DB {
	c := config{unprocessed: math.MaxInt}
	for _, option := range options {
		option(&c)
	}
	if c.unprocessed < 1 {
		panic(fmt.Sprintf("mappertest: WithUnprocessed(%d): must be at least 1", c.unprocessed))
	}
	return &DB{config: c, tables: make(map[string]*table), tokens: make(map[string]token), calls: make(map[string]int)}
}

// config is what the options set.
type config struct {
	fault       func(ctx context.Context, operation string, input any) error
	unprocessed int // math.MaxInt: no limit
}

// Option configures a [DB].
type Option func(*config)

// WithFault calls a function before each request with the name of the
// operation, such as "PutItem", and its input. If the function returns an error,
// the request fails with it and changes nothing. It may be called from several
// goroutines at once.
func WithFault(fault func(ctx context.Context, operation string, input any) error) Option {
	return func(c *config) { c.fault = fault }
}

// WithUnprocessed makes each BatchGetItem and BatchWriteItem process at most n
// of its requests and return the others as unprocessed, as DynamoDB does under
// load. n must be at least 1.
func WithUnprocessed(n int) Option {
	return func(c *config) { c.unprocessed = n }
}

// Calls returns how many requests for the operation, such as "PutItem", the
// database has received, including those that failed.
func (db *DB) Calls(operation string) int {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.calls[operation]
}

// token records a transaction that had a client request token.
type token struct {
	fingerprint string
	at          time.Time
}

// do carries out one request.
func do[In, Out any](
	ctx context.Context, db *DB, operation string, in *In, carryOut func(*In) (*Out, error),
) (*Out, error) {
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
