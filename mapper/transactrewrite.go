package mapper

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Codes of cancellation reasons.
const (
	codeNone            = "None"
	codeConditionFailed = "ConditionalCheckFailed"
	codeValidation      = "ValidationError"
	codeConflict        = "TransactionConflict"
)

// errChanged is the result of a transaction in which an item has changed since it
// was read.
var errChanged = errors.New("an item changed since it was read")

// rewrite carries out a transaction that DynamoDB cannot evaluate.
func (w *transactWrite) rewrite(ctx context.Context,
	optFns []func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	var read []types.ConsumedCapacity
	for attempt := range rewriteAttempts {
		if attempt > 0 {
			if err := pause(ctx, attempt); err != nil {
				return nil, err
			}
		}
		out, err := w.send(ctx, func(ctx context.Context) ([]sealedOperation, error) {
			snapshots, consumed, err := w.read(ctx, optFns)
			read = addByTable(read, consumed)
			if err != nil {
				return nil, err
			}
			return w.replace(ctx, snapshots)
		}, optFns)
		if errors.Is(err, errChanged) || errors.Is(err, errMissingItem) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out.ConsumedCapacity = addByTable(out.ConsumedCapacity, read)
		return out, nil
	}
	return nil, &crypto.ItemError{Op: w.op, Err: fmt.Errorf("%w in %d attempts", ErrConflict, rewriteAttempts)}
}

// read reads, in one transaction, the stored items on which the operations on
// declared tables depend.
func (w *transactWrite) read(ctx context.Context,
	optFns []func(*dynamodb.Options)) ([]snapshot, []types.ConsumedCapacity, error) {
	in := &dynamodb.TransactGetItemsInput{ReturnConsumedCapacity: w.in.ReturnConsumedCapacity}
	var indices []int // of the operations
	for i, o := range w.operations {
		if o.table != nil && (o.kind == updateOperation || o.parsed.condition != nil) {
			in.TransactItems = append(in.TransactItems, types.TransactGetItem{Get: &types.Get{TableName: o.name, Key: o.key}})
			indices = append(indices, i)
		}
	}
	snapshots := make([]snapshot, len(w.operations))
	out, err := run(ctx, w.client, plan[dynamodb.TransactGetItemsInput, dynamodb.TransactGetItemsOutput]{
		op:       w.op,
		call:     dynamodbiface.DynamoDBAPI.TransactGetItems,
		request:  in,
		expected: cancelled,
		accept: func(ctx context.Context, out *dynamodb.TransactGetItemsOutput) (*dynamodb.TransactGetItemsOutput, error) {
			if len(out.Responses) != len(indices) {
				return nil, &crypto.ItemError{Op: w.op, Err: fmt.Errorf("%w: the reply has %d items for %d requests",
					crypto.ErrTampered, len(out.Responses), len(indices))}
			}
			err := w.client.each(ctx, len(indices), func(ctx context.Context, j int) (err error) {
				o, s := w.operations[indices[j]], &snapshots[indices[j]]
				s.stored = out.Responses[j].Item
				s.opened, err = o.table.openFor(ctx, w.op, o.key, s.stored)
				return err
			})
			if err != nil {
				return nil, err
			}
			tables := make(map[string]bool)
			for _, i := range indices {
				tables[w.operations[i].table.name] = true
			}
			capacity, err := capacities(w.op, in.ReturnConsumedCapacity, tables, out.ConsumedCapacity)
			return &dynamodb.TransactGetItemsOutput{ConsumedCapacity: capacity}, err
		},
		failed: func(_ context.Context, f *failure) (*dynamodb.TransactGetItemsOutput, error) {
			return nil, w.readCancellation(f, indices)
		},
	}, optFns)
	if err != nil {
		return nil, nil, err
	}
	return snapshots, out.ConsumedCapacity, nil
}

// readCancellation returns the error of a cancelled read, with the reasons at the
// indices of the caller's operations. For a conflict with another transaction it
// returns errChanged, so that the read is repeated.
func (w *transactWrite) readCancellation(f *failure, indices []int) error {
	if f.cancellation == nil || len(f.items) != len(indices) {
		return f.err
	}
	reasons := w.noReasons()
	for j, reason := range f.cancellation.CancellationReasons {
		if aws.ToString(reason.Code) == codeConflict {
			return errChanged
		}
		reasons[indices[j]] = reason
	}
	return cancellationError(w.op, reasons)
}

// noReasons returns the reasons of a transaction that is not cancelled.
func (w *transactWrite) noReasons() []types.CancellationReason {
	reasons := make([]types.CancellationReason, len(w.operations))
	for i := range reasons {
		reasons[i].Code = aws.String(codeNone)
	}
	return reasons
}

// replace evaluates the operations on the items that were read, and returns the
// operations to send.
func (w *transactWrite) replace(ctx context.Context, read []snapshot) ([]sealedOperation, error) {
	reasons := w.noReasons()
	next := make([]crypto.Item, len(w.operations))
	failed := false
	for i := range w.operations {
		if w.operations[i].table == nil {
			continue
		}
		item, reason := w.operations[i].evaluate(w.op, read[i])
		if reason != nil {
			reasons[i], failed = *reason, true
		}
		next[i] = item
	}
	if failed {
		return nil, cancellationError(w.op, reasons)
	}
	sealed := make([]sealedOperation, len(w.operations))
	err := w.client.each(ctx, len(sealed), func(ctx context.Context, i int) (err error) {
		sealed[i], err = w.operations[i].replace(ctx, w.op, read[i], next[i])
		return err
	})
	return sealed, err
}

// evaluate returns the item that the operation stores, or nil if it stores none,
// or the reason that cancels the transaction.
func (o *operation) evaluate(op string, read snapshot) (crypto.Item, *types.CancellationReason) {
	if o.parsed.condition != nil {
		if holds, err := o.parsed.condition.Eval(o.table.visible(read)); err != nil || !holds {
			reason := &types.CancellationReason{Code: aws.String(codeConditionFailed),
				Message: aws.String(conditionFailedMessage)}
			if o.returns == types.ReturnValuesOnConditionCheckFailureAllOld {
				reason.Item = read.opened
			}
			return nil, reason
		}
	}
	switch o.kind {
	case putOperation:
		return o.item, nil
	case updateOperation:
		next, err := o.parsed.apply(o.key, read.opened)
		if err != nil {
			return nil, &types.CancellationReason{Code: aws.String(codeValidation), Message: aws.String(validationMessage(err))}
		}
		return o.table.refreshed(next, read.opened), nil
	}
	return nil, nil
}

// replace returns the operation to send, which stores next if that is not nil. An
// operation that DynamoDB can carry out on stored values is sent as it is.
func (o *operation) replace(ctx context.Context, op string, read snapshot, next crypto.Item) (sealedOperation, error) {
	if o.table == nil {
		return sealedOperation{}, nil
	}
	createsItem := o.kind == updateOperation && read.stored == nil && o.table.sealsOnly()
	if o.parsed.why == nil && !createsItem {
		if o.kind != putOperation {
			return sealedOperation{}, nil
		}
		item, err := o.table.seal(ctx, op, next)
		return sealedOperation{item: item}, err
	}
	same, err := o.table.unchanged(op, read.stored)
	if err != nil {
		return sealedOperation{}, err
	}
	condition, key := aws.String(same.expression), expr.CloneItem(o.key)
	switch {
	case o.kind == deleteOperation:
		return sealedOperation{replaced: &types.TransactWriteItem{Delete: &types.Delete{
			TableName: o.name, Key: key, ConditionExpression: condition,
			ExpressionAttributeNames: same.names, ExpressionAttributeValues: same.values,
		}}}, nil
	case o.kind == checkOperation || next == nil:
		return sealedOperation{replaced: &types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: o.name, Key: key, ConditionExpression: condition,
			ExpressionAttributeNames: same.names, ExpressionAttributeValues: same.values,
		}}}, nil
	}
	item, err := o.table.seal(ctx, op, next)
	return sealedOperation{replaced: &types.TransactWriteItem{Put: &types.Put{
		TableName: o.name, Item: expr.CloneItem(item), ConditionExpression: condition,
		ExpressionAttributeNames: same.names, ExpressionAttributeValues: same.values,
	}}}, err
}

// cancellationError returns the error of a transaction that is cancelled for the
// given reasons.
func cancellationError(op string, reasons []types.CancellationReason) error {
	codes := make([]string, len(reasons))
	for i, reason := range reasons {
		codes[i] = aws.ToString(reason.Code)
	}
	return serviceError(op, &types.TransactionCanceledException{
		Message: aws.String("Transaction cancelled, please refer cancellation reasons for specific reasons [" +
			strings.Join(codes, ", ") + "]"),
		CancellationReasons: reasons,
	})
}

// addByTable adds the capacity that requests consumed, table by table.
func addByTable(a, b []types.ConsumedCapacity) []types.ConsumedCapacity {
	sum := append([]types.ConsumedCapacity(nil), a...)
next:
	for i := range b {
		for j := range sum {
			if arn.SameTable(aws.ToString(sum[j].TableName), aws.ToString(b[i].TableName)) {
				sum[j] = *addCapacity(&sum[j], &b[i])
				continue next
			}
		}
		sum = append(sum, b[i])
	}
	return sum
}
