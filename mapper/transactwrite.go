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
)

// TransactWriteItems seals the items to put, checks the rest, and opens the
// items that a cancelled transaction returns.
//
// A transaction that is sent again through the same Client with the same
// client request token and the same content, within the ten minutes for which
// DynamoDB remembers the token, goes out as it was sealed the first time, and
// so stays idempotent. The Client remembers up to 64 MiB of such transactions.
// One that had to be forgotten early is refused by DynamoDB with an
// IdempotentParameterMismatchException; it is never applied twice.
func (c *Client) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, optFns ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	in = given(in)
	const op = "TransactWriteItems"
	w := &transactWrite{client: c, op: op, in: in, operations: make([]operation, len(in.TransactItems))}
	var all []*string
	declared := false
	for i, item := range in.TransactItems {
		for _, o := range operationsOf(item) {
			all = append(all, o.tableName)
			declared = declared || c.table(o.tableName) != nil
			w.operations[i] = o
		}
	}
	if !declared {
		return pass(ctx, c, op, all, dynamodbiface.DynamoDBAPI.TransactWriteItems, in, optFns)
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	sealed, again, err := c.sent.seal(ctx, in, w.seal)
	if err != nil {
		return nil, err
	}
	request := *in
	request.TransactItems = w.request(sealed)
	return run(ctx, c, plan[dynamodb.TransactWriteItemsInput, dynamodb.TransactWriteItemsOutput]{
		op:       op,
		call:     dynamodbiface.DynamoDBAPI.TransactWriteItems,
		request:  &request,
		writes:   true,
		accept:   w.accept,
		expected: cancelled,
		failed: func(ctx context.Context, f *failure) (*dynamodb.TransactWriteItemsOutput, error) {
			var mismatch *types.IdempotentParameterMismatchException
			if errors.As(f.err, &mismatch) && !again {
				return nil, fmt.Errorf("ddbenc: %s: the client request token was used before, by another transaction or by this one "+
					"through another client, or so long or so many transactions ago that it was forgotten: %w", op, f.err)
			}
			return nil, w.cancellation(ctx, f)
		},
	}, optFns)
}

// transactWrite is what a TransactWriteItems asks for.
type transactWrite struct {
	client     *Client
	op         string
	in         *dynamodb.TransactWriteItemsInput
	operations []operation
	checked    []types.TransactWriteItem // as they are to be sent, but for the items of puts
}

// operation is what the four operations of a transaction have in common.
type operation struct {
	table     *table // of the item; nil if the table is not declared
	tableName *string
	key       crypto.Item // may hold the whole item
	isUpdate  bool
	returns   types.ReturnValuesOnConditionCheckFailure
}

// operationsOf returns the operations that item sets, of which there should be
// one.
func operationsOf(item types.TransactWriteItem) []operation {
	var all []operation
	if o := item.Put; o != nil {
		all = append(all, operation{tableName: o.TableName, key: o.Item, returns: o.ReturnValuesOnConditionCheckFailure})
	}
	if o := item.Update; o != nil {
		all = append(all, operation{tableName: o.TableName, key: o.Key, isUpdate: true, returns: o.ReturnValuesOnConditionCheckFailure})
	}
	if o := item.Delete; o != nil {
		all = append(all, operation{tableName: o.TableName, key: o.Key, returns: o.ReturnValuesOnConditionCheckFailure})
	}
	if o := item.ConditionCheck; o != nil {
		all = append(all, operation{tableName: o.TableName, key: o.Key, returns: o.ReturnValuesOnConditionCheckFailure})
	}
	return all
}

// check checks the operations, before anything is sealed.
func (w *transactWrite) check() error {
	w.checked = make([]types.TransactWriteItem, len(w.operations))
	for i, item := range w.in.TransactItems {
		w.checked[i] = item
		if len(operationsOf(item)) != 1 {
			return &crypto.ItemError{Op: w.op, Err: fmt.Errorf("%w: operation %d: %s", crypto.ErrUnsupported, i, whyTwice)}
		}
		o := &w.operations[i]
		t := w.client.table(o.tableName)
		if t == nil {
			if w.client.declaredOnly || o.tableName == nil {
				return notDeclared(w.op, o.tableName)
			}
			continue
		}
		if item.Put != nil {
			o.key = t.info.Key(o.key)
		}
		if err := t.checkKey(w.op, o.key); err != nil {
			return err
		}
		o.table = t.of(o.key)
		var err error
		if w.checked[i], err = o.table.checkOperation(w.op, item); err != nil {
			return err
		}
	}
	return nil
}

// checkOperation checks one operation, and returns it as it is to be sent, but
// for the item of a put.
func (t *table) checkOperation(op string, item types.TransactWriteItem) (types.TransactWriteItem, error) {
	switch {
	case item.Put != nil:
		o := item.Put
		return item, t.checkCondition(op, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues)
	case item.Delete != nil:
		o := item.Delete
		return item, t.checkCondition(op, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues)
	case item.ConditionCheck != nil:
		o := item.ConditionCheck
		return item, t.checkCondition(op, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues)
	}
	u := *item.Update
	sent, err := t.guardUpdate(op, update{u.UpdateExpression, u.ConditionExpression, u.ExpressionAttributeNames, u.ExpressionAttributeValues})
	u.ConditionExpression, u.ExpressionAttributeNames = sent.condition, sent.names
	if u.ConditionExpression != nil && !t.bare {
		u.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld // see UpdateItem
	}
	return types.TransactWriteItem{Update: &u}, err
}

// seal returns the items of puts as they are to be sent.
func (w *transactWrite) seal(ctx context.Context) ([]crypto.Item, error) {
	sealed := make([]crypto.Item, len(w.operations))
	err := w.client.each(ctx, len(sealed), func(ctx context.Context, i int) (err error) {
		if t, put := w.operations[i].table, w.in.TransactItems[i].Put; t != nil && put != nil {
			sealed[i], err = t.seal(ctx, w.op, put.Item)
		}
		return err
	})
	return sealed, err
}

// request returns the operations as they are to be sent.
func (w *transactWrite) request(sealed []crypto.Item) []types.TransactWriteItem {
	for i, item := range sealed {
		if item != nil {
			put := *w.checked[i].Put
			put.Item = item
			w.checked[i] = types.TransactWriteItem{Put: &put}
		}
	}
	return w.checked
}

// checkCondition checks an operation whose only expression is a condition.
func (t *table) checkCondition(op string, source *string, names map[string]string, values crypto.Item) error {
	g := t.guard(op, names, values)
	if _, err := g.condition("condition", source); err != nil {
		return err
	}
	return g.unused()
}

func (w *transactWrite) accept(_ context.Context, out *dynamodb.TransactWriteItemsOutput) (*dynamodb.TransactWriteItemsOutput, error) {
	tables, keys := make(map[string]bool), make(map[string][]crypto.Item)
	for _, o := range w.operations {
		tables[tableName(*o.tableName)] = true
		keys[*o.tableName] = append(keys[*o.tableName], o.key)
	}
	capacity, err := capacities(w.op, w.in.ReturnConsumedCapacity, tables, out.ConsumedCapacity)
	if err != nil {
		return nil, err
	}
	metrics, err := w.client.manyMetrics(w.op, w.in.ReturnItemCollectionMetrics, keys, out.ItemCollectionMetrics)
	if err != nil {
		return nil, err
	}
	return &dynamodb.TransactWriteItemsOutput{ConsumedCapacity: capacity, ItemCollectionMetrics: metrics, ResultMetadata: out.ResultMetadata}, nil
}

// cancellation opens the items in the reasons of a cancelled transaction, as
// conditionError does for a single request.
func (w *transactWrite) cancellation(ctx context.Context, f *failure) error {
	if f.cancellation == nil {
		return f.err
	}
	if len(f.items) != len(w.operations) {
		// Without items, the reasons are only codes and messages.
		return f.err
	}
	err := f.err
	for i, o := range w.operations {
		reason := &f.cancellation.CancellationReasons[i]
		if aws.ToString(reason.Code) != "ConditionalCheckFailed" || f.items[i] == nil {
			continue
		}
		if o.table == nil {
			reason.Item = f.items[i]
			continue
		}
		if o.isUpdate && !o.table.updatable(f.items[i]) {
			err = fmt.Errorf("%w (operation %d: %w)", err, i, o.table.fail(w.op, "", fmt.Errorf("%w: the stored item is not sealed, so it cannot be updated", crypto.ErrNotProtected)))
			continue
		}
		if o.returns != types.ReturnValuesOnConditionCheckFailureAllOld {
			continue
		}
		opened, openErr := o.table.openFor(ctx, w.op, o.key, f.items[i])
		if openErr != nil {
			err = fmt.Errorf("%w (the stored item of operation %d is left out: %w)", err, i, openErr)
			continue
		}
		reason.Item = opened
	}
	return err
}
