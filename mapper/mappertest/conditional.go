package mappertest

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// conditional is the common part of requests for a single write: PutItem,
// UpdateItem, DeleteItem and the operations of a transaction.
type conditional struct {
	table     *string
	condition *string
	names     map[string]string
	values    crypto.Item
	onFailure types.ReturnValuesOnConditionCheckFailure

	expected map[string]types.ExpectedAttributeValue // legacy; nil in a transaction
	operator types.ConditionalOperator
}

// legacyParameters returns the parameters that cannot be combined with
// expressions.
func (c *conditional) legacyParameters() []parameter {
	return []parameter{{"Expected", c.expected != nil}, {"ConditionalOperator", c.operator != ""}}
}

// prepare checks the condition and the other expressions of a write, and looks
// up the table.
func (db *DB) prepare(c conditional, update *string, legacy map[string]types.AttributeValueUpdate) (*write, error) {
	old := append([]parameter{{"AttributeUpdates", legacy != nil}}, c.legacyParameters()...)
	if err := checkMix(old, []parameter{{"UpdateExpression", update != nil},
		{"ConditionExpression", c.condition != nil}}); err != nil {
		return nil, err
	}
	r, err := newRequest(c.names, c.values)
	if err != nil {
		return nil, err
	}
	w := &write{onFailure: c.onFailure}
	if w.update, err = r.update(update); err != nil {
		return nil, err
	}
	if w.condition, err = r.condition("ConditionExpression", c.condition); err != nil {
		return nil, err
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	if w.update == nil {
		if w.update, err = legacyUpdate(legacy); err != nil {
			return nil, err
		}
	}
	if w.condition == nil {
		if w.condition, err = legacyExpected(c.expected, c.operator); err != nil {
			return nil, err
		}
	}
	w.table, err = db.table(c.table)
	return w, err
}

func (db *DB) newPut(c conditional, item crypto.Item) (*write, error) {
	w, err := db.prepare(c, nil, nil)
	if err != nil {
		return nil, err
	}
	stored, err := store(item)
	if err != nil {
		return nil, err
	}
	if itemSize(stored) > maxItemSize {
		return nil, invalid("Item size has exceeded the maximum allowed size")
	}
	if err := w.table.checkItemKey(stored); err != nil {
		return nil, err
	}
	w.key, w.refused = w.table.key.of(stored), w.table.checkIndexKeys(stored)
	w.change = func(crypto.Item) (crypto.Item, error) { return stored, nil }
	return w, nil
}

func (db *DB) newDelete(c conditional, key crypto.Item) (*write, error) {
	w, err := db.newCheck(c, key)
	if err != nil {
		return nil, err
	}
	w.change = func(crypto.Item) (crypto.Item, error) { return nil, nil }
	return w, nil
}

// newCheck returns a write that changes nothing.
func (db *DB) newCheck(c conditional, key crypto.Item) (*write, error) {
	w, err := db.prepare(c, nil, nil)
	if err != nil {
		return nil, err
	}
	w.key, err = w.table.checkKey(key)
	return w, err
}

func (db *DB) newUpdate(
	c conditional, key crypto.Item, update *string, legacy map[string]types.AttributeValueUpdate,
) (*write, error) {
	w, err := db.prepare(c, update, legacy)
	if err != nil {
		return nil, err
	}
	if w.key, err = w.table.checkKey(key); err != nil {
		return nil, err
	}
	if w.update != nil {
		for _, path := range w.update.Written() {
			if w.table.key.has(path.Root()) {
				w.refused = parameters("Cannot update attribute %s. This attribute is part of the key", path.Root())
			}
		}
	}
	w.change = w.updated
	return w, nil
}

// updated returns an item after an update.
func (w *write) updated(old crypto.Item) (crypto.Item, error) {
	base := old
	if old == nil {
		base = w.key
	}
	if w.update == nil {
		return expr.CloneItem(base), nil
	}
	next, err := w.update.Apply(base)
	if err != nil {
		return nil, ofUpdate(err)
	}
	if old == nil && w.update.OnlyRemoves() {
		return nil, nil // There is nothing to remove, and nothing is created.
	}
	if next, err = store(next); err != nil {
		return nil, err
	}
	if itemSize(next) > maxItemSize {
		return nil, invalid("Item size to update has exceeded the maximum allowed size")
	}
	return next, w.table.checkIndexKeys(next)
}
