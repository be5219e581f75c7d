package mappertest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// write is one change of one item: the common part of PutItem, UpdateItem,
// DeleteItem and the operations of a transaction.
type write struct {
	table     *table
	key       crypto.Item
	condition *expr.Condition
	onFailure types.ReturnValuesOnConditionCheckFailure
	update    *expr.Update
	// change returns the item that replaces the old one, nil for none.
	change func(old crypto.Item) (crypto.Item, error)
	// refused is why the write does not fit the table, whatever the item. A
	// transaction gives it as a reason for its cancellation.
	refused error
}

// old returns the item as it is stored.
func (w *write) old() crypto.Item { return w.table.items[w.table.key.id(w.key)] }

// check returns the failed condition check, if it fails.
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
		failed.Item = copyItem(w.old())
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

// commit stores it.
func (w *write) commit(next crypto.Item) {
	id := w.table.key.id(w.key)
	if next == nil {
		delete(w.table.items, id)
		return
	}
	w.table.items[id] = next
}

// run does all of that, and returns the item before and after.
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

func (db *DB) newPut(name *string, item crypto.Item, condition *string, names map[string]string, values crypto.Item, onFailure types.ReturnValuesOnConditionCheckFailure) (*write, error) {
	t, err := db.table(name)
	if err != nil {
		return nil, err
	}
	r, err := newRequest(names, values)
	if err != nil {
		return nil, err
	}
	w := &write{table: t, onFailure: onFailure}
	if w.condition, err = r.condition("ConditionExpression", condition); err != nil {
		return nil, err
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	stored, err := store(item)
	if err != nil {
		return nil, err
	}
	if itemSize(stored) > maxItemSize {
		return nil, invalid("Item size has exceeded the maximum allowed size")
	}
	if err := t.checkItemKey(stored); err != nil {
		return nil, err
	}
	w.key, w.refused = t.key.of(stored), t.checkIndexKeys(stored)
	w.change = func(crypto.Item) (crypto.Item, error) { return stored, nil }
	return w, nil
}

func (db *DB) newDelete(name *string, key crypto.Item, condition *string, names map[string]string, values crypto.Item, onFailure types.ReturnValuesOnConditionCheckFailure) (*write, error) {
	w, err := db.newCheck(name, key, condition, names, values, onFailure)
	if err != nil {
		return nil, err
	}
	w.change = func(crypto.Item) (crypto.Item, error) { return nil, nil }
	return w, nil
}

// newCheck is a write that changes nothing.
func (db *DB) newCheck(name *string, key crypto.Item, condition *string, names map[string]string, values crypto.Item, onFailure types.ReturnValuesOnConditionCheckFailure) (*write, error) {
	t, err := db.table(name)
	if err != nil {
		return nil, err
	}
	r, err := newRequest(names, values)
	if err != nil {
		return nil, err
	}
	w := &write{table: t, onFailure: onFailure}
	if w.condition, err = r.condition("ConditionExpression", condition); err != nil {
		return nil, err
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	w.key, err = t.checkKey(key)
	return w, err
}

func (db *DB) newUpdate(name *string, key crypto.Item, update, condition *string, names map[string]string, values crypto.Item, onFailure types.ReturnValuesOnConditionCheckFailure) (*write, error) {
	t, err := db.table(name)
	if err != nil {
		return nil, err
	}
	r, err := newRequest(names, values)
	if err != nil {
		return nil, err
	}
	w := &write{table: t, onFailure: onFailure}
	if w.update, err = r.update(update); err != nil {
		return nil, err
	}
	if w.condition, err = r.condition("ConditionExpression", condition); err != nil {
		return nil, err
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	if w.key, err = t.checkKey(key); err != nil {
		return nil, err
	}
	if w.update != nil {
		for _, path := range w.update.Written() {
			if t.key.has(path.Root()) {
				w.refused = parameters("Cannot update attribute %s. This attribute is part of the key", path.Root())
			}
		}
	}
	w.change = func(old crypto.Item) (crypto.Item, error) {
		if old == nil {
			old = w.key
		}
		if w.update == nil {
			return copyItem(old), nil
		}
		next, err := w.update.Apply(old)
		if err != nil {
			return nil, ofUpdate(err)
		}
		if next, err = store(next); err != nil {
			return nil, err
		}
		if itemSize(next) > maxItemSize {
			return nil, invalid("Item size to update has exceeded the maximum allowed size")
		}
		return next, t.checkIndexKeys(next)
	}
	return w, nil
}

// PutItem creates or replaces an item.
func (db *DB) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return do(ctx, db, "PutItem", in, func(in *dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) {
		if len(in.Expected) > 0 {
			return nil, unknown("Expected")
		}
		if err := oneOf("ReturnValues", in.ReturnValues, types.ReturnValueNone, types.ReturnValueAllOld); err != nil {
			return nil, err
		}
		w, err := db.newPut(in.TableName, in.Item, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.ReturnValuesOnConditionCheckFailure)
		if err != nil {
			return nil, err
		}
		before, after, err := w.run()
		if err != nil {
			return nil, err
		}
		out := &dynamodb.PutItemOutput{ConsumedCapacity: capacity(in.ReturnConsumedCapacity, w.table.name, writeUnits(before, after))}
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = copyItem(before)
		}
		return out, nil
	})
}

// DeleteItem deletes an item.
func (db *DB) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return do(ctx, db, "DeleteItem", in, func(in *dynamodb.DeleteItemInput) (*dynamodb.DeleteItemOutput, error) {
		if len(in.Expected) > 0 {
			return nil, unknown("Expected")
		}
		if err := oneOf("ReturnValues", in.ReturnValues, types.ReturnValueNone, types.ReturnValueAllOld); err != nil {
			return nil, err
		}
		w, err := db.newDelete(in.TableName, in.Key, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.ReturnValuesOnConditionCheckFailure)
		if err != nil {
			return nil, err
		}
		before, _, err := w.run()
		if err != nil {
			return nil, err
		}
		out := &dynamodb.DeleteItemOutput{ConsumedCapacity: capacity(in.ReturnConsumedCapacity, w.table.name, writeUnits(before, nil))}
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = copyItem(before)
		}
		return out, nil
	})
}

// UpdateItem changes an item, or creates it.
func (db *DB) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return do(ctx, db, "UpdateItem", in, func(in *dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
		if len(in.Expected) > 0 {
			return nil, unknown("Expected")
		}
		if len(in.AttributeUpdates) > 0 {
			return nil, unknown("AttributeUpdates")
		}
		if err := oneOf("ReturnValues", in.ReturnValues, types.ReturnValueNone, types.ReturnValueAllOld, types.ReturnValueAllNew, types.ReturnValueUpdatedOld, types.ReturnValueUpdatedNew); err != nil {
			return nil, err
		}
		w, err := db.newUpdate(in.TableName, in.Key, in.UpdateExpression, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.ReturnValuesOnConditionCheckFailure)
		if err != nil {
			return nil, err
		}
		before, after, err := w.run()
		if err != nil {
			return nil, err
		}
		out := &dynamodb.UpdateItemOutput{ConsumedCapacity: capacity(in.ReturnConsumedCapacity, w.table.name, writeUnits(before, after))}
		switch in.ReturnValues {
		case types.ReturnValueAllOld:
			out.Attributes = copyItem(before)
		case types.ReturnValueAllNew:
			out.Attributes = copyItem(after)
		case types.ReturnValueUpdatedOld:
			out.Attributes = w.written(before)
		case types.ReturnValueUpdatedNew:
			out.Attributes = w.written(after)
		}
		return out, nil
	})
}

// written returns the part of an item that the update wrote to.
func (w *write) written(item crypto.Item) crypto.Item {
	if w.update == nil {
		return nil
	}
	part := expr.ProjectPaths(w.update.Written()).Apply(item)
	if len(part) == 0 {
		return nil
	}
	return copyItem(part)
}
