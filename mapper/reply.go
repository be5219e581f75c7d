package mapper

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// The functions below check the parts of replies that are not items. They leave
// out anything that was not asked for, and refuse anything about another table or
// key.

// capacity returns the consumed capacity of a reply about one table.
func (t *table) capacity(op string, asked types.ReturnConsumedCapacity,
	got *types.ConsumedCapacity) (*types.ConsumedCapacity, error) {
	if !asksCapacity(asked) || got == nil {
		return nil, nil
	}
	if got.TableName != nil && arn.TableName(*got.TableName) != t.name {
		return nil, t.tampered(op, "", "reports the capacity that another table consumed")
	}
	return got, nil
}

// capacities is capacity for replies about several tables, by their names in
// the request.
func capacities(op string, asked types.ReturnConsumedCapacity, tables map[string]bool,
	got []types.ConsumedCapacity) ([]types.ConsumedCapacity, error) {
	if !asksCapacity(asked) {
		return nil, nil
	}
	for _, capacity := range got {
		if name := arn.TableName(aws.ToString(capacity.TableName)); !tables[name] {
			return nil, &crypto.ItemError{Op: op, Table: name, Err: fmt.Errorf("%w: the reply reports the capacity that "+
				"another table consumed", crypto.ErrTampered)}
		}
	}
	return got, nil
}

func asksCapacity(asked types.ReturnConsumedCapacity) bool {
	return asked == types.ReturnConsumedCapacityTotal || asked == types.ReturnConsumedCapacityIndexes
}

// metrics returns the item collection metrics of a write of one item.
func (t *table) metrics(op string, asked types.ReturnItemCollectionMetrics, key crypto.Item,
	got *types.ItemCollectionMetrics) (*types.ItemCollectionMetrics, error) {
	if asked != types.ReturnItemCollectionMetricsSize || got == nil {
		return nil, nil
	}
	if !t.isPartition(got.ItemCollectionKey, key) {
		return nil, t.tampered(op, "", "reports the size of another item collection")
	}
	return got, nil
}

// account holds the reports that the writer of one item asked for.
type account struct {
	capacity types.ReturnConsumedCapacity
	metrics  types.ReturnItemCollectionMetrics
	key      crypto.Item
}

// accounts returns the capacity and metrics of a write of one item.
func (t *table) accounts(op string, asked account, capacity *types.ConsumedCapacity,
	metrics *types.ItemCollectionMetrics) (*types.ConsumedCapacity, *types.ItemCollectionMetrics, error) {
	capacity, err := t.capacity(op, asked.capacity, capacity)
	if err != nil {
		return nil, nil, err
	}
	metrics, err = t.metrics(op, asked.metrics, asked.key, metrics)
	return capacity, metrics, err
}

// replaced checks the reply to a put or a delete. The result has the old item in
// before, if the request asked for it.
func (t *table) replaced(ctx context.Context, op string, asked account, returns types.ReturnValue, old crypto.Item,
	capacity *types.ConsumedCapacity, metrics *types.ItemCollectionMetrics) (rewritten, error) {
	var result rewritten
	var err error
	if returns == types.ReturnValueAllOld {
		if result.before, err = t.openFor(ctx, op, asked.key, old); err != nil {
			return rewritten{}, err
		}
	}
	result.capacity, result.metrics, err = t.accounts(op, asked, capacity, metrics)
	return result, err
}

// manyMetrics is metrics for writes of several items, by table name as the
// request spells it. keys are those of the request.
func (c *Client) manyMetrics(op string, asked types.ReturnItemCollectionMetrics, keys map[string][]crypto.Item,
	got map[string][]types.ItemCollectionMetrics) (map[string][]types.ItemCollectionMetrics, error) {
	if asked != types.ReturnItemCollectionMetricsSize || len(got) == 0 {
		return nil, nil
	}
	written := make(map[string][]crypto.Item, len(keys))
	for name, list := range keys {
		written[arn.TableName(name)] = append(written[arn.TableName(name)], list...)
	}
	for name, list := range got {
		asked, ok := written[arn.TableName(name)]
		if !ok {
			return nil, &crypto.ItemError{Op: op, Table: arn.TableName(name),
				Err: fmt.Errorf("%w: the reply reports the size of item collections of another table", crypto.ErrTampered)}
		}
		t := c.table(&name)
		if t == nil {
			continue
		}
		for _, m := range list {
			if !slices.ContainsFunc(asked, func(key crypto.Item) bool { return t.isPartition(m.ItemCollectionKey, key) }) {
				return nil, t.tampered(op, "", "reports the size of another item collection")
			}
		}
	}
	return got, nil
}

// isPartition reports whether collection is the partition key of key, and
// nothing else.
func (t *table) isPartition(collection, key crypto.Item) bool {
	name := t.info.PartitionKey
	return len(collection) == 1 && collection[name] != nil && key[name] != nil && expr.Equal(collection[name], key[name])
}
