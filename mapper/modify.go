package mapper

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// ErrConflict is returned by [Repository.Modify] when other writers were
// faster in each of its attempts.
var ErrConflict = errors.New("the item kept changing")

const (
	modifyAttempts = 32
	firstPause     = 5 * time.Millisecond
	longestPause   = 320 * time.Millisecond
)

// Modify changes one item: it reads and verifies it, lets change work on it,
// seals the result and stores it, on condition that nobody changed the item
// meanwhile. If somebody did, it starts over with what is stored then, so
// change may run several times and should do nothing but change the item. An
// error of change ends Modify and is returned as it is, with nothing written.
//
// The stored attributes that T does not declare are kept. Unsigned attributes
// (`ddbenc:"none"`) are compared too, so that an update in place is not undone;
// only unsigned attributes that T does not declare can be added unnoticed
// (see [Undeclared]). Modify always writes, which makes it the way to seal an
// item anew, under the table's current encryptor.
//
// It returns the item as it was stored; dynamo.ErrNotFound if there is none;
// [ErrConflict] after 32 attempts.
func (r *Repository[T]) Modify(ctx context.Context, key dynamo.Keyed, change func(*T) error) (T, error) {
	var zero T
	keyItem, err := r.keyItem(key)
	if err != nil {
		return zero, err
	}
	for attempt := range modifyAttempts {
		if attempt > 0 {
			if err := pause(ctx, attempt); err != nil {
				return zero, err
			}
		}
		item, err := r.modifyOnce(ctx, keyItem, change)
		if err == nil || !conflicted(err) {
			return item, err
		}
	}
	return zero, r.table.fail("Modify", "", fmt.Errorf("%w in %d attempts", ErrConflict, modifyAttempts))
}

func (r *Repository[T]) modifyOnce(ctx context.Context, key crypto.Item, change func(*T) error) (T, error) {
	const op = "Modify"
	var item, zero T
	t := r.table
	read, err := r.client.api.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(r.db.Name()), Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return zero, err
	}
	if read.Item == nil {
		return zero, dynamo.ErrNotFound
	}
	before, err := t.openFor(ctx, op, key, read.Item)
	if err != nil {
		return zero, err
	}
	if err := dynamo.UnmarshalItem(before, &item); err != nil {
		return zero, err
	}
	if err := change(&item); err != nil {
		return zero, err
	}
	changed, err := dynamo.MarshalItem(item)
	if err != nil {
		return zero, err
	}

	after := maps.Clone(before)
	for name := range r.declared() {
		delete(after, name)
	}
	maps.Copy(after, changed)
	for _, name := range t.info.KeyNames() {
		if after[name] == nil || !expr.Equal(after[name], before[name]) {
			return zero, t.fail(op, name, fmt.Errorf("%w: the change alters the item's key; put a new item and delete this one instead", crypto.ErrInvalidItem))
		}
	}
	sealed, err := t.seal(ctx, op, after)
	if err != nil {
		return zero, err
	}
	put := &dynamodb.PutItemInput{TableName: aws.String(r.db.Name()), Item: sealed}
	t.unchanged(put, read.Item)
	if _, err := r.client.api.PutItem(ctx, put); err != nil {
		return zero, err
	}
	return item, nil
}

// declared returns the attribute names that T declares: those that are absent
// after a change were removed by it.
func (r *Repository[T]) declared() map[string]crypto.Action {
	return r.own.Actions().Attributes
}

// unchanged makes put conditional on the stored item still being the one that
// was read. For what is signed, the signature stands.
func (t *table) unchanged(put *dynamodb.PutItemInput, read crypto.Item) {
	sealed := false
	compare := make(map[string]types.AttributeValue) // nil: must not exist
	for _, name := range t.signatureAttributes() {
		compare[name] = read[name]
		sealed = sealed || read[name] != nil
	}
	for name, value := range read {
		if !t.reserved(name) && (!sealed || !t.action(name).Signed()) {
			compare[name] = value
		}
	}
	for name, action := range t.actions.Attributes {
		if _, ok := read[name]; !ok && (!sealed || !action.Signed()) {
			compare[name] = nil
		}
	}

	put.ExpressionAttributeNames = make(map[string]string, len(compare))
	terms := make([]string, 0, len(compare))
	for _, name := range slices.Sorted(maps.Keys(compare)) {
		placeholder := addName(put.ExpressionAttributeNames, name)
		value := compare[name]
		if value == nil {
			terms = append(terms, "attribute_not_exists("+placeholder+")")
			continue
		}
		if put.ExpressionAttributeValues == nil {
			put.ExpressionAttributeValues = make(crypto.Item)
		}
		put.ExpressionAttributeValues[":"+placeholder[1:]] = value
		terms = append(terms, placeholder+" = :"+placeholder[1:])
	}
	put.ConditionExpression = aws.String(strings.Join(terms, " AND "))
}

// keyItem returns the key as attributes.
func (r *Repository[T]) keyItem(key dynamo.Keyed) (crypto.Item, error) {
	values := []any{key.HashKey(), key.RangeKey()}
	item := make(crypto.Item, 2)
	for i, name := range r.table.info.KeyNames() {
		value, err := dynamo.Marshal(values[i])
		if err != nil {
			return nil, r.table.fail("Modify", name, err)
		}
		if value == nil {
			return nil, r.table.fail("Modify", name, fmt.Errorf("%w: the key has no value", crypto.ErrInvalidItem))
		}
		item[name] = value
	}
	return item, nil
}

// conflicted reports whether a conditional write lost to another one.
func conflicted(err error) bool {
	var transaction *types.TransactionConflictException
	return conditionFailure(err) != nil || errors.As(err, &transaction)
}

// pause waits before an attempt, at random up to twice as long each time, so
// that writers who met once do not meet again.
func pause(ctx context.Context, attempt int) error {
	limit := min(firstPause<<min(attempt-1, 16), longestPause)
	timer := time.NewTimer(rand.N(limit))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
