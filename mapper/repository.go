package mapper

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
)

// ErrExists is returned by [Repository.Create] if an item with the same key
// exists.
var ErrExists = errors.New("item already exists")

// Repository provides typed access to the items of type T in one declared table.
// It is safe for concurrent use.
//
// Keys are those of guregu/dynamo: dynamo.Keys{hash} or dynamo.Keys{hash, range}.
// The error for a missing item is [dynamo.ErrNotFound]. The error for an item
// that does not fit T is [ErrDecode], which does not quote its values. In a table
// of several types, give each a [Discriminator]: without one, a Repository treats
// every item that it reads as a T.
type Repository[T any] struct {
	client        *Client
	db            dynamo.Table
	table         *table
	discriminator Discriminator
}

// NewRepository returns a repository for the items of type T in a table. db must
// come from [New], and declare the table for that type.
func NewRepository[T any](db *dynamo.DB, tableName string) (*Repository[T], error) {
	const op = "NewRepository"
	client, ok := db.Client().(*Client)
	if !ok {
		return nil, fmt.Errorf("ddbenc: repository for table %q: the database was not made with mapper.New", tableName)
	}
	t := client.table(&tableName)
	if t == nil {
		return nil, notDeclared(op, &tableName)
	}
	typ := structType(reflect.TypeFor[T]())
	if !t.hasType(typ) {
		return nil, t.fail(op, "", fmt.Errorf("%w: the table is not declared for items of type %v", crypto.ErrPolicy, typ))
	}
	return &Repository[T]{client: client, db: db.Table(tableName), table: t, discriminator: t.discriminators[typ]}, nil
}

// Get returns the item with the key. Options refine the request, for example
//
//	repo.Get(ctx, key, func(q *dynamo.Query) { q.Consistent(true) })
//
// It fails with [ErrOtherType] if the item is of another type.
func (r *Repository[T]) Get(ctx context.Context, key dynamo.Keyed, options ...func(*dynamo.Query)) (T, error) {
	const op = "Get"
	var item, zero T
	keyItem, err := r.keyItem(op, key)
	if err != nil {
		return zero, err
	}
	q := r.db.Get(r.table.info.PartitionKey, keyItem[r.table.info.PartitionKey])
	if sort := r.table.info.SortKey; sort != "" {
		q.Range(sort, dynamo.Equal, keyItem[sort])
	}
	for _, option := range options {
		option(q)
	}
	var raw dynamo.Item
	if err := q.One(ctx, &raw); err != nil {
		return zero, err
	}
	if err := r.checkType(op, raw); err != nil {
		return zero, err
	}
	if err := r.decode(op, raw, &item); err != nil {
		return zero, err
	}
	return item, nil
}

// Put stores the item, replacing any with the same key.
func (r *Repository[T]) Put(ctx context.Context, item T) error {
	encoded, err := r.encodeChecked("Put", item)
	if err != nil {
		return err
	}
	return r.db.Put(encoded).Run(ctx)
}

// Create stores the item if there is none with the same key, and fails with
// [ErrExists] otherwise.
func (r *Repository[T]) Create(ctx context.Context, item T) error {
	const op = "Create"
	encoded, err := r.encodeChecked(op, item)
	if err != nil {
		return err
	}
	err = r.db.Put(encoded).If("attribute_not_exists($)", r.table.info.PartitionKey).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return r.table.fail(op, "", fmt.Errorf("%w: %w", ErrExists, err))
	}
	return err
}

// Delete deletes the item with the key, if there is one.
func (r *Repository[T]) Delete(ctx context.Context, key dynamo.Keyed) error {
	keyItem, err := r.keyItem("Delete", key)
	if err != nil {
		return err
	}
	d := r.db.Delete(r.table.info.PartitionKey, keyItem[r.table.info.PartitionKey])
	if sort := r.table.info.SortKey; sort != "" {
		d.Range(sort, keyItem[sort])
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
// of the table declare.
func (r *Repository[T]) QueryIndex(ctx context.Context, index string, hash any,
	options ...func(*dynamo.Query)) iter.Seq2[T, error] {
	declared, ok := r.table.policy.Index(index)
	if !ok || len(declared.Partition) != 1 {
		return func(yield func(T, error) bool) {
			var zero T
			yield(zero, r.table.fail("Query", "", fmt.Errorf("%w: the struct tags declare no index %q with one partition key",
				crypto.ErrUnsupported, index)))
		}
	}
	return r.query(ctx, func() *dynamo.Query { return r.db.Get(declared.Partition[0], hash).Index(index) }, options)
}

func (r *Repository[T]) query(ctx context.Context, start func() *dynamo.Query,
	options []func(*dynamo.Query)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		q := start()
		for _, option := range options {
			option(q)
		}
		r.each(ctx, "Query", q.Iter(), yield)
	}
}

// Scan returns all items of type T in the table, a page at a time. Options
// refine the request; iteration ends after the first error.
func (r *Repository[T]) Scan(ctx context.Context, options ...func(*dynamo.Scan)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		s := r.db.Scan()
		for _, option := range options {
			option(s)
		}
		r.each(ctx, "Scan", s.Iter(), yield)
	}
}

// each yields the items of type T that an iterator returns, each in a value of
// its own.
func (r *Repository[T]) each(ctx context.Context, op string, items dynamo.Iter, yield func(T, error) bool) {
	var zero T
	for {
		var raw dynamo.Item
		if !items.Next(ctx, &raw) {
			break
		}
		if !r.discriminator.allows(r.table.info, raw) {
			continue
		}
		var item T
		if err := r.decode(op, raw, &item); err != nil {
			yield(zero, err)
			return
		}
		if !yield(item, nil) {
			return
		}
	}
	if err := items.Err(); err != nil {
		yield(zero, err)
	}
}

// GetAll returns the items of type T with the keys, in no particular order.
// Keys without an item are left out.
func (r *Repository[T]) GetAll(ctx context.Context, keys ...dynamo.Keyed) ([]T, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var items []T
	batch := r.db.Batch(r.table.info.KeyNames()...).Get(keys...).Iter()
	var failure error
	r.each(ctx, "GetAll", batch, func(item T, err error) bool {
		if failure = err; err == nil {
			items = append(items, item)
		}
		return err == nil
	})
	if failure != nil && !errors.Is(failure, dynamo.ErrNotFound) {
		return nil, failure
	}
	return items, nil
}

// PutAll stores the items, in batches. It is not a transaction: after an error
// some may have been stored.
func (r *Repository[T]) PutAll(ctx context.Context, items ...T) error {
	if len(items) == 0 {
		return nil
	}
	batch := r.db.Batch(r.table.info.KeyNames()...).Write()
	for _, item := range items {
		encoded, err := r.encodeChecked("PutAll", item)
		if err != nil {
			return err
		}
		batch.Put(encoded)
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
	for _, key := range keys {
		if _, err := r.keyItem("DeleteAll", key); err != nil {
			return err
		}
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
