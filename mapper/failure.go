package mapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/guard"
)

var (
	// ErrConflict is returned when other writers changed the item during every
	// attempt to change it. Nothing was written.
	ErrConflict = errors.New("item kept changing")

	// ErrCarriedOut marks the error of a write that DynamoDB carried out, but
	// whose reply cannot be returned, usually because an item in it does not
	// verify. Do not repeat the write.
	ErrCarriedOut = errors.New("write was carried out")

	// ErrNotDeclared is returned for a table that is not declared with
	// [TableOf], if the operation or [WithDeclaredTablesOnly] requires that.
	ErrNotDeclared = errors.New("table is not declared")
)

// notDeclared returns an error that wraps ErrNotDeclared.
func notDeclared(op string, name *string) error {
	e := &crypto.ItemError{Op: op, Err: ErrNotDeclared}
	if name != nil {
		e.Table = arn.TableName(*name)
	}
	return e
}

// fail returns err as an error of the operation, about the table and, if it
// is about one, the attribute. It relabels errors of encryptors, which name
// their own operation and the logical table name.
func (t *table) fail(op, attribute string, err error) error {
	var inner *crypto.ItemError
	if errors.As(err, &inner) && inner == err {
		err = inner.Err
		if attribute == "" {
			attribute = inner.Attribute
		}
	}
	return &crypto.ItemError{Op: op, Table: t.name, Keys: t.info.KeyNames(), Attribute: attribute, Err: err}
}

// unsupported is fail for a request that is refused.
func (t *table) unsupported(op, attribute string, reason guard.Reason) error {
	return t.fail(op, attribute, fmt.Errorf("%w: %s", crypto.ErrUnsupported, reason))
}

// tampered is fail for a reply that does not answer the request.
func (t *table) tampered(op, attribute, reason string) error {
	return t.fail(op, attribute, fmt.Errorf("%w: the reply %s", crypto.ErrTampered, reason))
}

// carriedOut marks an error that came after the write itself had succeeded.
func carriedOut(err error) error {
	return fmt.Errorf("%w, but its reply cannot be returned: %w", ErrCarriedOut, err)
}

// exception is a kind of exception that can carry items.
type exception string

const (
	noException     exception = ""
	conditionFailed exception = "ConditionalCheckFailedException"
	cancelled       exception = "TransactionCanceledException"
)

// failure is the error of a request, with the items in it taken out.
type failure struct {
	err   error
	kinds []exception // of the exceptions in err that can carry items

	// condition is the failed condition check, and item the one it carried.
	condition *types.ConditionalCheckFailedException
	item      crypto.Item

	// cancellation is the cancelled transaction, and items those of its
	// reasons, one for each.
	cancellation *types.TransactionCanceledException
	items        []crypto.Item
}

// takeItems removes the items from every exception in err's tree. The error is
// this reply's own, so they are removed where they are.
func takeItems(err error) *failure {
	f := &failure{err: err}
	f.walk(err)
	return f
}

func (f *failure) walk(err error) {
	switch e := err.(type) {
	case *types.ConditionalCheckFailedException:
		if e == nil {
			return
		}
		f.kinds = append(f.kinds, conditionFailed)
		f.condition, f.item, e.Item = e, e.Item, nil
	case *types.TransactionCanceledException:
		if e == nil {
			return
		}
		f.kinds = append(f.kinds, cancelled)
		f.cancellation, f.items = e, make([]crypto.Item, len(e.CancellationReasons))
		for i := range e.CancellationReasons {
			f.items[i], e.CancellationReasons[i].Item = e.CancellationReasons[i].Item, nil
		}
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			f.walk(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			f.walk(inner)
		}
	}
}

// check refuses exceptions of another kind than the request can fail with. Its
// error does not wrap them, so that callers do not mistake them for an answer.
func (f *failure) check(op string, expected exception) error {
	for i, kind := range f.kinds {
		if kind != expected || i > 0 {
			return &crypto.ItemError{Op: op, Err: fmt.Errorf("%w: the reply is a %s, which this request cannot cause",
				crypto.ErrTampered, kind)}
		}
	}
	return nil
}

// conditionError returns the error of a failed condition check, with the
// stored item opened if the caller asked for it, so that guregu/dynamo's
// CurrentValue and UnmarshalItemFromCondCheckFailed work.
func (t *table) conditionError(ctx context.Context, op string, f *failure, key crypto.Item,
	asked types.ReturnValuesOnConditionCheckFailure) error {
	if f.condition == nil || asked != types.ReturnValuesOnConditionCheckFailureAllOld {
		return f.err
	}
	opened, err := t.openFor(ctx, op, key, f.item)
	if err != nil {
		return fmt.Errorf("%w (the stored item is left out: %w)", f.err, err)
	}
	f.condition.Item = opened
	return f.err
}
