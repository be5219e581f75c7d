package mappertest

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
)

const (
	maxOperations = 100
	tokenLifetime = 10 * time.Minute

	maxTokenLength     = 36
	maxTransactionSize = 4 << 20 // bytes
)

var (
	errSameItem        = invalid("Transaction request cannot include multiple operations on one item")
	errTransactionSize = invalid("The aggregate size of the items in the transaction exceeds 4 MB")
)

// TransactGetItems returns items of one or more tables atomically.
func (db *DB) TransactGetItems(
	ctx context.Context, in *dynamodb.TransactGetItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactGetItemsOutput, error) {
	return do(ctx, db, "TransactGetItems", in,
		func(in *dynamodb.TransactGetItemsInput) (*dynamodb.TransactGetItemsOutput, error) {
			var c constraints
			c.operations(in.TransactItems != nil, len(in.TransactItems))
			c.capacity(in.ReturnConsumedCapacity)
			if err := c.err(); err != nil {
				return nil, err
			}
			out := &dynamodb.TransactGetItemsOutput{}
			units, seen, total := make(map[string]float64), make(map[string]bool), 0
			reasons, cancelled := make([]types.CancellationReason, len(in.TransactItems)), false
			for i, item := range in.TransactItems {
				reasons[i].Code = aws.String("None")
				if item.Get == nil {
					return nil, invalid("TransactItems can only contain Get")
				}
				g, err := db.newGet(item.Get.TableName, item.Get.ProjectionExpression, nil, item.Get.ExpressionAttributeNames)
				if err != nil {
					return nil, err
				}
				got, size, err := g.get(item.Get.Key)
				if err != nil {
					cancelled = true
					if reasons[i], err = reason(err); err != nil {
						return nil, err
					}
					continue
				}
				stored, _ := store(item.Get.Key)
				if id := g.table.name + "\x00" + g.table.key.id(stored); seen[id] {
					return nil, errSameItem
				} else {
					seen[id] = true
				}
				units[g.table.name] += 2 * readUnits(size, aws.Bool(true))
				total += size
				out.Responses = append(out.Responses, types.ItemResponse{Item: got})
			}
			if cancelled {
				return nil, cancellation(reasons)
			}
			if total > maxTransactionSize {
				return nil, errTransactionSize
			}
			out.ConsumedCapacity = readCapacities(in.ReturnConsumedCapacity, units)
			return out, nil
		})
}

// operations checks the number of operations of a transaction.
func (c *constraints) operations(there bool, n int) {
	if c.required(there, "transactItems"); there {
		c.length("transactItems", some(n, "[", "]"), n, 1, maxOperations)
	}
}

// TransactWriteItems carries out all of its operations or none.
func (db *DB) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	return do(ctx, db, "TransactWriteItems", in,
		func(in *dynamodb.TransactWriteItemsInput) (*dynamodb.TransactWriteItemsOutput, error) {
			var c constraints
			c.operations(in.TransactItems != nil, len(in.TransactItems))
			c.capacity(in.ReturnConsumedCapacity)
			c.metrics(in.ReturnItemCollectionMetrics)
			if token := in.ClientRequestToken; token != nil {
				c.length("clientRequestToken", quoted(*token), len(*token), 1, maxTokenLength)
			}
			if err := c.err(); err != nil {
				return nil, err
			}
			again, err := db.sentBefore(aws.ToString(in.ClientRequestToken), in.TransactItems)
			if err != nil {
				return nil, err
			}
			writes := make([]*write, len(in.TransactItems))
			seen := make(map[string]bool)
			for i, item := range in.TransactItems {
				w, err := db.transactWrite(item)
				if err != nil {
					return nil, err
				}
				id := w.table.name + "\x00" + w.table.key.id(w.key)
				if seen[id] {
					return nil, errSameItem
				}
				seen[id] = true
				writes[i] = w
			}
			if again {
				// A repeated request reports reads instead of writes.
				units := make(map[string]float64)
				for _, w := range writes {
					units[w.table.name] += 2 * readUnits(itemSize(w.old()), aws.Bool(true))
				}
				return &dynamodb.TransactWriteItemsOutput{ConsumedCapacity: readCapacities(in.ReturnConsumedCapacity, units)}, nil
			}

			next := make([]crypto.Item, len(writes))
			reasons := make([]types.CancellationReason, len(writes))
			cancelled := false
			for i, w := range writes {
				reasons[i].Code = aws.String("None")
				err := w.check()
				if err == nil {
					next[i], err = w.prepare()
				}
				if err != nil {
					cancelled = true
					if reasons[i], err = reason(err); err != nil {
						return nil, err
					}
				}
			}
			if cancelled {
				return nil, cancellation(reasons)
			}
			if transactionSize(writes, next) > maxTransactionSize {
				return nil, errTransactionSize
			}
			out := &dynamodb.TransactWriteItemsOutput{}
			units := make(map[string]float64)
			for i, w := range writes {
				units[w.table.name] += 2 * writeUnits(w.old(), next[i])
				w.commit(next[i])
			}
			out.ItemCollectionMetrics = collections(in.ReturnItemCollectionMetrics, writes)
			out.ConsumedCapacity = writeCapacities(in.ReturnConsumedCapacity, units)
			if name := aws.ToString(in.ClientRequestToken); name != "" {
				db.tokens[name] = token{fingerprint(in.TransactItems), time.Now()}
			}
			return out, nil
		})
}

// transactionSize returns the total size of the items that a transaction
// stores, deletes or checks.
func transactionSize(writes []*write, next []crypto.Item) int {
	total := 0
	for i, w := range writes {
		item := next[i]
		if item == nil {
			item = w.old()
		}
		total += itemSize(item)
	}
	return total
}

// sentBefore reports whether the transaction has been carried out before.
func (db *DB) sentBefore(name string, items []types.TransactWriteItem) (bool, error) {
	maps.DeleteFunc(db.tokens, func(_ string, t token) bool { return time.Since(t.at) > tokenLifetime })
	t, ok := db.tokens[name]
	if !ok {
		return false, nil
	}
	if t.fingerprint != fingerprint(items) {
		return false, &types.IdempotentParameterMismatchException{Message: aws.String("The request was already sent with " +
			"this token, and other parameters")}
	}
	return true, nil
}

func (db *DB) transactWrite(item types.TransactWriteItem) (*write, error) {
	kinds := 0
	for _, there := range []bool{item.Put != nil, item.Update != nil, item.Delete != nil, item.ConditionCheck != nil} {
		if there {
			kinds++
		}
	}
	switch {
	case kinds != 1: // reported below
	case item.Put != nil:
		o := item.Put
		return db.newPut(conditional{table: o.TableName, condition: o.ConditionExpression, names: o.ExpressionAttributeNames,
			values: o.ExpressionAttributeValues, onFailure: o.ReturnValuesOnConditionCheckFailure}, o.Item)
	case item.Update != nil:
		o := item.Update
		return db.newUpdate(conditional{table: o.TableName, condition: o.ConditionExpression,
			names:  o.ExpressionAttributeNames,
			values: o.ExpressionAttributeValues, onFailure: o.ReturnValuesOnConditionCheckFailure}, o.Key,
			o.UpdateExpression, nil)
	case item.Delete != nil:
		o := item.Delete
		return db.newDelete(conditional{table: o.TableName, condition: o.ConditionExpression,
			names:  o.ExpressionAttributeNames,
			values: o.ExpressionAttributeValues, onFailure: o.ReturnValuesOnConditionCheckFailure}, o.Key)
	case item.ConditionCheck != nil:
		o := item.ConditionCheck
		if o.ConditionExpression == nil {
			return nil, invalid("The expression can not be empty;")
		}
		return db.newCheck(conditional{table: o.TableName, condition: o.ConditionExpression,
			names:  o.ExpressionAttributeNames,
			values: o.ExpressionAttributeValues, onFailure: o.ReturnValuesOnConditionCheckFailure}, o.Key)
	}
	return nil, invalid("TransactItems can only contain one of Check, Put, Update or Delete")
}

// reason converts the failure of one operation to a cancellation reason. It
// returns all other errors unchanged.
func reason(err error) (types.CancellationReason, error) {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return types.CancellationReason{Code: aws.String("ConditionalCheckFailed"), Message: failed.Message,
			Item: failed.Item}, nil
	}
	var api *smithy.GenericAPIError
	if errors.As(err, &api) {
		return types.CancellationReason{Code: aws.String("ValidationError"), Message: aws.String(api.Message)}, nil
	}
	return types.CancellationReason{}, err
}

func cancellation(reasons []types.CancellationReason) error {
	codes := make([]string, len(reasons))
	for i, r := range reasons {
		codes[i] = aws.ToString(r.Code)
	}
	return &types.TransactionCanceledException{
		Message: aws.String("Transaction cancelled, please refer cancellation reasons for specific reasons [" +
			strings.Join(codes, ", ") + "]"),
		CancellationReasons: reasons,
	}
}
