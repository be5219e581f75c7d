package mappertest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// write is a change of one item: the common part of PutItem, UpdateItem,
// DeleteItem and the operations of a transaction.
type write struct {
	table     *table
	key       crypto.Item
	condition *expr.Condition
	onFailure types.ReturnValuesOnConditionCheckFailure
	update    *expr.Update
	// change returns the item that replaces the old one, or nil to delete it.
	change func(old crypto.Item) (crypto.Item, error)
	// refused is the error if the write does not fit the table, regardless of
	// the item. A transaction reports it as a cancellation reason.
	refused error
}

// old returns the item that is stored.
func (w *write) old() crypto.Item { return w.table.items[w.table.key.id(w.key)] }

// check returns an error if the condition does not hold.
func (w *write) check() error {
	if w.refused != nil {
		return w.refused
	}
	ok, err := holds(w.condition, w.old())
	if err != nil || ok {
		return err
	}
	failed := &types.ConditionalCheckFailedException{Message: aws.String("The conditional request failed")}
	if w.onFailure == types.ReturnValuesOnConditionCheckFailureAllOld {
		failed.Item = expr.CloneItem(w.old())
	}
	return failed
}

// prepare returns the item to be stored.
func (w *write) prepare() (crypto.Item, error) {
	if w.change == nil {
		return w.old(), nil
	}
	return w.change(w.old())
}

// commit stores the item.
func (w *write) commit(next crypto.Item) {
	id := w.table.key.id(w.key)
	if next == nil {
		delete(w.table.items, id)
		return
	}
	w.table.items[id] = next
}

// run checks, prepares and commits. It returns the item before and after.
func (w *write) run() (before, after crypto.Item, err error) {
	if err := w.check(); err != nil {
		return nil, nil, err
	}
	before = w.old()
	if after, err = w.prepare(); err != nil {
		return nil, nil, err
	}
	w.commit(after)
	return before, after, nil
}

// PutItem creates or replaces an item.
func (db *DB) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	return do(ctx, db, "PutItem", in, func(in *dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) {
		var c constraints
		c.capacity(in.ReturnConsumedCapacity)
		c.tableName(in.TableName)
		c.required(in.Item != nil, "item")
		c.conditionalOperator(in.ConditionalOperator)
		c.expected(in.Expected)
		c.returnValues(in.ReturnValues)
		c.metrics(in.ReturnItemCollectionMetrics)
		c.onFailure(in.ReturnValuesOnConditionCheckFailure)
		if err := c.err(); err != nil {
			return nil, err
		}
		if err := onlyOld(in.ReturnValues); err != nil {
			return nil, err
		}
		w, err := db.newPut(conditional{in.TableName, in.ConditionExpression, in.ExpressionAttributeNames,
			in.ExpressionAttributeValues,
			in.ReturnValuesOnConditionCheckFailure, in.Expected, in.ConditionalOperator}, in.Item)
		if err != nil {
			return nil, err
		}
		before, after, err := w.run()
		if err != nil {
			return nil, err
		}
		out := &dynamodb.PutItemOutput{
			ConsumedCapacity:      capacity(in.ReturnConsumedCapacity, w.table.name, writeUnits(before, after)),
			ItemCollectionMetrics: w.table.collectionMetrics(in.ReturnItemCollectionMetrics, w.key),
		}
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = expr.CloneItem(before)
		}
		return out, nil
	})
}

// onlyOld rejects return values that only UpdateItem supports.
func onlyOld(v types.ReturnValue) error {
	if v == "" || v == types.ReturnValueNone || v == types.ReturnValueAllOld {
		return nil
	}
	return invalid("ReturnValues can only be ALL_OLD or NONE")
}

// DeleteItem deletes an item.
func (db *DB) DeleteItem(
	ctx context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	return do(ctx, db, "DeleteItem", in, func(in *dynamodb.DeleteItemInput) (*dynamodb.DeleteItemOutput, error) {
		var c constraints
		c.capacity(in.ReturnConsumedCapacity)
		c.tableName(in.TableName)
		c.returnValues(in.ReturnValues)
		c.metrics(in.ReturnItemCollectionMetrics)
		c.required(in.Key != nil, "key")
		c.conditionalOperator(in.ConditionalOperator)
		c.expected(in.Expected)
		c.onFailure(in.ReturnValuesOnConditionCheckFailure)
		if err := c.err(); err != nil {
			return nil, err
		}
		if err := onlyOld(in.ReturnValues); err != nil {
			return nil, err
		}
		w, err := db.newDelete(conditional{in.TableName, in.ConditionExpression, in.ExpressionAttributeNames,
			in.ExpressionAttributeValues,
			in.ReturnValuesOnConditionCheckFailure, in.Expected, in.ConditionalOperator}, in.Key)
		if err != nil {
			return nil, err
		}
		before, _, err := w.run()
		if err != nil {
			return nil, err
		}
		out := &dynamodb.DeleteItemOutput{
			ConsumedCapacity:      capacity(in.ReturnConsumedCapacity, w.table.name, writeUnits(before, nil)),
			ItemCollectionMetrics: w.table.collectionMetrics(in.ReturnItemCollectionMetrics, w.key),
		}
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = expr.CloneItem(before)
		}
		return out, nil
	})
}

// UpdateItem updates or creates an item.
func (db *DB) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	return do(ctx, db, "UpdateItem", in, func(in *dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
		var c constraints
		c.capacity(in.ReturnConsumedCapacity)
		c.tableName(in.TableName)
		c.metrics(in.ReturnItemCollectionMetrics)
		c.returnValues(in.ReturnValues)
		c.required(in.Key != nil, "key")
		c.conditionalOperator(in.ConditionalOperator)
		c.expected(in.Expected)
		c.onFailure(in.ReturnValuesOnConditionCheckFailure)
		if err := c.err(); err != nil {
			return nil, err
		}
		w, err := db.newUpdate(conditional{in.TableName, in.ConditionExpression, in.ExpressionAttributeNames,
			in.ExpressionAttributeValues,
			in.ReturnValuesOnConditionCheckFailure, in.Expected, in.ConditionalOperator}, in.Key,
			in.UpdateExpression, in.AttributeUpdates)
		if err != nil {
			return nil, err
		}
		before, after, err := w.run()
		if err != nil {
			return nil, err
		}
		out := &dynamodb.UpdateItemOutput{
			ConsumedCapacity:      capacity(in.ReturnConsumedCapacity, w.table.name, writeUnits(before, after)),
			ItemCollectionMetrics: w.table.collectionMetrics(in.ReturnItemCollectionMetrics, w.key),
		}
		switch in.ReturnValues {
		case types.ReturnValueAllOld:
			out.Attributes = expr.CloneItem(before)
		case types.ReturnValueAllNew:
			out.Attributes = expr.CloneItem(after)
		case types.ReturnValueUpdatedOld:
			out.Attributes = w.written(before)
		case types.ReturnValueUpdatedNew:
			out.Attributes = w.written(after)
		}
		return out, nil
	})
}

// written returns the part of an item that the update wrote.
func (w *write) written(item crypto.Item) crypto.Item {
	if w.update == nil {
		return nil
	}
	part := expr.ProjectPaths(w.update.Written()).Apply(item)
	if len(part) == 0 {
		return nil
	}
	return expr.CloneItem(part)
}
