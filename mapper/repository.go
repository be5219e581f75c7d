package mapper

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
)

// ErrExists is returned by [Repository.Create] when there is an item with the
// same key already.
var ErrExists = errors.New("item exists already")

// Repository is typed access to the items of type T in one declared table. It
// is safe for concurrent use.
//
// Keys are given as guregu/dynamo gives them: dynamo.Keys{hash} or
// dynamo.Keys{hash, range}. What is missing is dynamo.ErrNotFound.
type Repository[T any] struct {
	client *Client
	db     dynamo.Table
	table  *table
	own    *tags.Policy // of T alone
}

// NewRepository returns the repository for the items of type T in a table that
// db, made with [New], declares for that type.
func NewRepository[T any](db *dynamo.DB, tableName string) (*Repository[T], error) {
	client, ok := db.Client().(*Client)
	if !ok {
		return nil, fmt.Errorf("ddbenc: repository for table %q: the database was not made with mapper.New", tableName)
	}
	t := client.table(&tableName)
	if t == nil {
		return nil, notDeclared("NewRepository", tableName)
	}
	if typ := structType(reflect.TypeFor[T]()); !slices.Contains(t.policy.Types(), typ) {
		return nil, t.fail("NewRepository", "", fmt.Errorf("%w: the table is not declared for items of type %v", crypto.ErrPolicy, typ))
	}
	own, err := tags.Of[T]()
	if err != nil {
		return nil, err
	}
	return &Repository[T]{client: client, db: db.Table(tableName), table: t, own: own}, nil
}

// Get returns the item with the key. Options refine the request, for example
//
//	repo.Get(ctx, key, func(q *dynamo.Query) { q.Consistent(true) })
func (r *Repository[T]) Get(ctx context.Context, key dynamo.Keyed, options ...func(*dynamo.Query)) (T, error) {
	var item T
	q := r.db.Get(r.table.info.PartitionKey, key.HashKey())
	if r.table.info.SortKey != "" {
		q.Range(r.table.info.SortKey, dynamo.Equal, key.RangeKey())
	}
	for _, option := range options {
		option(q)
	}
	err := q.One(ctx, &item)
	return item, err
}

// Put stores the item, replacing any with the same key.
func (r *Repository[T]) Put(ctx context.Context, item T) error {
	return r.db.Put(item).Run(ctx)
}

// Create stores the item if there is none with the same key, and fails with
// [ErrExists] otherwise.
func (r *Repository[T]) Create(ctx context.Context, item T) error {
	err := r.db.Put(item).If("attribute_not_exists($)", r.table.info.PartitionKey).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return fmt.Errorf("ddbenc: create in table %q: %w: %w", r.table.name, ErrExists, err)
	}
	return err
}

// Delete deletes the item with the key, if there is one.
func (r *Repository[T]) Delete(ctx context.Context, key dynamo.Keyed) error {
	d := r.db.Delete(r.table.info.PartitionKey, key.HashKey())
	if r.table.info.SortKey != "" {
		d.Range(r.table.info.SortKey, key.RangeKey())
	}
	return d.Run(ctx)
}

// Query returns the items with the partition key, a page at a time. Options
// refine the request; iteration ends after the first error.
//
//	for account, err := range repo.Query(ctx, id, func(q *dynamo.Query) { q.Order(dynamo.Descending) }) { … }
func (r *Repository[T]) Query(ctx context.Context, hash any, options ...func(*dynamo.Query)) iter.Seq2[T, error] {
	return r.query(ctx, func() *dynamo.Query { return r.db.Get(r.table.info.PartitionKey, hash) }, options)
}

// QueryIndex is Query on a secondary index whose partition key the struct tags
// of the table declare. The index must project all attributes: what holds a
// part of an item cannot be verified.
func (r *Repository[T]) QueryIndex(ctx context.Context, index string, hash any, options ...func(*dynamo.Query)) iter.Seq2[T, error] {
	declared, ok := r.table.policy.Index(index)
	if !ok || len(declared.Partition) != 1 {
		return func(yield func(T, error) bool) {
			var zero T
			yield(zero, r.table.unsupported("Query", "", fmt.Sprintf("the struct tags declare no index %q with one partition key", index)))
		}
	}
	return r.query(ctx, func() *dynamo.Query { return r.db.Get(declared.Partition[0], hash).Index(index) }, options)
}

func (r *Repository[T]) query(ctx context.Context, start func() *dynamo.Query, options []func(*dynamo.Query)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		q := start()
		for _, option := range options {
			option(q)
		}
		each(ctx, q.Iter(), yield)
	}
}

// Scan returns all items of the table, a page at a time. Options refine the
// request; iteration ends after the first error.
func (r *Repository[T]) Scan(ctx context.Context, options ...func(*dynamo.Scan)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		s := r.db.Scan()
		for _, option := range options {
			option(s)
		}
		each(ctx, s.Iter(), yield)
	}
}

// each yields what an iterator returns, each item in a value of its own.
func each[T any](ctx context.Context, items dynamo.Iter, yield func(T, error) bool) {
	for {
		var item T
		if !items.Next(ctx, &item) {
			break
		}
		if !yield(item, nil) {
			return
		}
	}
	if err := items.Err(); err != nil {
		var zero T
		yield(zero, err)
	}
}

// GetAll returns the items with the keys, in no particular order. Keys without
// an item are left out.
func (r *Repository[T]) GetAll(ctx context.Context, keys ...dynamo.Keyed) ([]T, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var items []T
	err := r.db.Batch(r.table.info.KeyNames()...).Get(keys...).All(ctx, &items)
	if errors.Is(err, dynamo.ErrNotFound) {
		return nil, nil
	}
	return items, err
}

// PutAll stores the items, in batches. It is not a transaction: after an error
// some may have been stored.
func (r *Repository[T]) PutAll(ctx context.Context, items ...T) error {
	if len(items) == 0 {
		return nil
	}
	batch := r.db.Batch(r.table.info.KeyNames()...).Write()
	for _, item := range items {
		batch.Put(item)
	}
	_, err := batch.Run(ctx)
	return err
}

// DeleteAll deletes the items with the keys, in batches. It is not a
// transaction: after an error some may have been deleted.
func (r *Repository[T]) DeleteAll(ctx context.Context, keys ...dynamo.Keyed) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := r.db.Batch(r.table.info.KeyNames()...).Write().Delete(keys...).Run(ctx)
	return err
}

// structType returns the struct type that a T or *T decodes into.
func structType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
