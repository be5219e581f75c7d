package mapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// TransactWriteItems seals the items to put, sends the transaction, and opens the
// items that a cancelled transaction returns. If DynamoDB cannot carry out some
// of the operations on ciphertext, it reads all items with one TransactGetItems,
// evaluates the operations, and sends the results on condition that the items
// have not changed; see [Client.UpdateItem].
//
// A transaction with a client request token is idempotent if it is repeated
// through the same Client, with the same content, within the ten minutes for
// which DynamoDB remembers the token: the Client sends what it sealed the first
// time. It remembers up to 64 MiB of such transactions. DynamoDB refuses a
// transaction that was forgotten early, or is repeated through another Client,
// with an IdempotentParameterMismatchException, or with a failed condition if
// the first application changed its outcome. It is never applied twice.
func (c *Client) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	in = given(in)
	const op = "TransactWriteItems"
	w := &transactWrite{client: c, op: op, in: in, operations: make([]operation, len(in.TransactItems))}
	var all []*string
	declared := false
	for i, item := range in.TransactItems {
		for _, o := range operationsOf(item) {
			all = append(all, o.name)
			declared = declared || c.table(o.name) != nil
			w.operations[i] = o
		}
	}
	if !declared {
		return pass(ctx, c, op, all, dynamodbiface.DynamoDBAPI.TransactWriteItems, in, optFns)
	}
	rewrites, err := w.check()
	if err != nil {
		return nil, err
	}
	if rewrites {
		return w.rewrite(ctx, optFns)
	}
	out, err := w.send(ctx, w.seal, optFns)
	if errors.Is(err, errMissingItem) || errors.Is(err, errChanged) {
		return w.rewrite(ctx, optFns)
	}
	return out, err
}

// errMissingItem is the result of an update in place if the item does not exist.
// The update may create it.
var errMissingItem = errors.New("there is no item to update in place")

// transactWrite is a TransactWriteItems request.
type transactWrite struct {
	client     *Client
	op         string
	in         *dynamodb.TransactWriteItemsInput
	operations []operation
}

// check checks and parses the operations before anything is sealed. It reports
// whether there are any that DynamoDB cannot carry out on stored values.
func (w *transactWrite) check() (rewrites bool, err error) {
	for i, item := range w.in.TransactItems {
		if len(operationsOf(item)) != 1 {
			return false, &crypto.ItemError{Op: w.op, Err: fmt.Errorf("%w: operation %d: exactly one operation must be set",
				crypto.ErrUnsupported, i)}
		}
		o := &w.operations[i]
		t := w.client.table(o.name)
		if t == nil {
			if w.client.declaredOnly || o.name == nil {
				return false, notDeclared(w.op, o.name)
			}
			continue
		}
		if o.kind == putOperation {
			if o.item, err = t.complete(w.op, o.item); err != nil {
				return false, err
			}
			o.key = t.info.Key(o.item)
		}
		if err := t.checkKey(w.op, o.key); err != nil {
			return false, err
		}
		o.table = t.of(o.key)
		if o.parsed, err = o.parse(w.op); err != nil {
			return false, err
		}
		if o.parsed.why != nil && t.noRewrites {
			return false, o.parsed.why
		}
		rewrites = rewrites || o.parsed.why != nil
	}
	return rewrites, nil
}

// seal seals the items of puts.
func (w *transactWrite) seal(ctx context.Context) ([]sealedOperation, error) {
	sealed := make([]sealedOperation, len(w.operations))
	err := w.client.each(ctx, len(sealed), func(ctx context.Context, i int) (err error) {
		if o := w.operations[i]; o.table != nil && o.kind == putOperation {
			sealed[i].item, err = o.table.seal(ctx, w.op, o.item)
		}
		return err
	})
	return sealed, err
}

// request returns the operations to send.
func (w *transactWrite) request(sealed []sealedOperation) []types.TransactWriteItem {
	items := make([]types.TransactWriteItem, len(w.operations))
	for i, o := range w.operations {
		items[i] = w.in.TransactItems[i]
		switch s := sealed[i]; {
		case s.replaced != nil:
			items[i] = *s.replaced
		case o.table == nil:
		case o.kind == putOperation:
			put := *items[i].Put
			put.Item = s.item
			items[i] = types.TransactWriteItem{Put: &put}
		case o.kind == updateOperation && o.table.sealsOnly():
			u := *items[i].Update
			u.ConditionExpression, u.ExpressionAttributeNames = o.table.onlySealed(grouped(o.parsed.condition),
				u.ExpressionAttributeNames)
			u.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld // see updateInPlace
			items[i] = types.TransactWriteItem{Update: &u}
		}
	}
	return items
}

// grouped returns the source of a condition in parentheses, "" for none.
func grouped(condition *expr.Condition) string {
	if condition == nil {
		return ""
	}
	return condition.Grouped()
}

// send sends the transaction that seal returns, or the one that was sealed before
// if it is repeated.
func (w *transactWrite) send(ctx context.Context, seal func(context.Context) ([]sealedOperation, error),
	optFns []func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	sealed, again, err := w.client.sent.seal(ctx, w.in, seal)
	if err != nil {
		return nil, err
	}
	request := *w.in
	request.TransactItems = w.request(sealed.items)
	return run(ctx, w.client, plan[dynamodb.TransactWriteItemsInput, dynamodb.TransactWriteItemsOutput]{
		op:       w.op,
		call:     dynamodbiface.DynamoDBAPI.TransactWriteItems,
		request:  &request,
		writes:   true,
		accept:   w.accept,
		expected: cancelled,
		failed: func(ctx context.Context, f *failure) (*dynamodb.TransactWriteItemsOutput, error) {
			var mismatch *types.IdempotentParameterMismatchException
			switch {
			case !errors.As(f.err, &mismatch):
			case w.client.sent.replaced(sealed):
				return nil, errChanged
			case !again:
				return nil, fmt.Errorf("ddbenc: %s: the client request token was used for another transaction, through "+
					"another client, or too long ago for this client to remember; use a new token: %w", w.op, f.err)
			}
			return nil, w.cancellation(ctx, f, sealed)
		},
	}, optFns)
}

// accept returns the reply to a transaction that was carried out.
func (w *transactWrite) accept(_ context.Context,
	out *dynamodb.TransactWriteItemsOutput) (*dynamodb.TransactWriteItemsOutput, error) {
	tables, keys := make(map[string]bool), make(map[string][]crypto.Item)
	for _, o := range w.operations {
		tables[arn.TableName(*o.name)] = true
		keys[*o.name] = append(keys[*o.name], o.key)
	}
	capacity, err := capacities(w.op, w.in.ReturnConsumedCapacity, tables, out.ConsumedCapacity)
	if err != nil {
		return nil, err
	}
	metrics, err := w.client.manyMetrics(w.op, w.in.ReturnItemCollectionMetrics, keys, out.ItemCollectionMetrics)
	if err != nil {
		return nil, err
	}
	return &dynamodb.TransactWriteItemsOutput{ConsumedCapacity: capacity, ItemCollectionMetrics: metrics,
		ResultMetadata: out.ResultMetadata}, nil
}

// cancellation returns the caller's error for a failed transaction. It opens the
// items in the reasons, as conditionError does for a single request. The error is
// errChanged if an item has changed since it was read, and errMissingItem if an
// update in place found no item.
func (w *transactWrite) cancellation(ctx context.Context, f *failure, sealed *sentTransaction) error {
	if f.cancellation == nil || len(f.items) != len(w.operations) {
		return f.err // takeItems removed the items
	}
	err, missing := f.err, false
	for i, o := range w.operations {
		reason := &f.cancellation.CancellationReasons[i]
		if aws.ToString(reason.Code) != codeConditionFailed {
			continue
		}
		if sealed.items[i].replaced != nil {
			w.client.sent.drop(sealed)
			return errChanged
		}
		switch item := f.items[i]; {
		case o.table == nil:
			reason.Item = item
		case o.kind == updateOperation && o.table.sealsOnly() && item == nil && !o.table.noRewrites:
			missing = true
		case o.kind == updateOperation && item != nil && !o.table.updatable(item):
			err = fmt.Errorf("%w (operation %d: %w)", err, i, o.table.fail(w.op, "",
				fmt.Errorf("%w: the stored item is not sealed, so it cannot be updated", crypto.ErrNotProtected)))
		case o.returns == types.ReturnValuesOnConditionCheckFailureAllOld:
			opened, openErr := o.table.openFor(ctx, w.op, o.key, item)
			if openErr != nil {
				err = fmt.Errorf("%w (the stored item of operation %d is left out: %w)", err, i, openErr)
				continue
			}
			reason.Item = opened
		}
	}
	if missing {
		w.client.sent.drop(sealed)
		return errMissingItem
	}
	return err
}
