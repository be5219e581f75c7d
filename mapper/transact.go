package mapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// TransactGetItems opens the items, in parallel.
func (c *Client) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, optFns ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	in = given(in)
	const op = "TransactGetItems"
	request := *in
	request.TransactItems = make([]types.TransactGetItem, len(in.TransactItems))
	tables := make([]*table, len(in.TransactItems))
	projections := make([]*expr.Projection, len(in.TransactItems))
	for i, item := range in.TransactItems {
		request.TransactItems[i] = item
		if item.Get == nil {
			continue
		}
		t := c.table(item.Get.TableName)
		if t == nil || !t.selected(item.Get.Key) {
			continue
		}
		projection, err := t.parseProjection(op, item.Get.ProjectionExpression, nil, item.Get.ExpressionAttributeNames)
		if err != nil {
			return nil, err
		}
		tables[i], projections[i] = t, projection
		get := *item.Get
		get.ProjectionExpression = nil
		get.ExpressionAttributeNames = namesWithout(projection, get.ExpressionAttributeNames)
		request.TransactItems[i].Get = &get
	}

	out, err := c.api.TransactGetItems(ctx, &request, optFns...)
	if err != nil {
		return nil, err
	}
	if len(out.Responses) != len(in.TransactItems) {
		return nil, fmt.Errorf("ddbenc: %s: the reply has %d items for %d requests", op, len(out.Responses), len(in.TransactItems))
	}
	reply := *out
	reply.Responses = make([]types.ItemResponse, len(out.Responses))
	err = c.each(ctx, len(out.Responses), func(ctx context.Context, i int) error {
		reply.Responses[i] = out.Responses[i]
		if tables[i] == nil {
			return nil
		}
		item, err := tables[i].openFor(ctx, op, in.TransactItems[i].Get.Key, out.Responses[i].Item)
		reply.Responses[i].Item = project(projections[i], item)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &reply, nil
}

// TransactWriteItems seals the items to put, guards the rest, and opens the
// items that a cancelled transaction returns.
//
// A transaction that is sent again through the same Client with the same
// client request token and the same content, within the ten minutes for which
// DynamoDB remembers the token, goes out as it was sealed the first time, and
// so stays idempotent.
func (c *Client) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, optFns ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	in = given(in)
	const op = "TransactWriteItems"
	tables := make([]*table, len(in.TransactItems))
	protects := false
	for i, item := range in.TransactItems {
		tables[i] = c.writeTable(item)
		protects = protects || tables[i] != nil
	}
	if !protects {
		return c.api.TransactWriteItems(ctx, in, optFns...)
	}

	request := *in
	token := aws.ToString(in.ClientRequestToken)
	fingerprint := transactionDigest(token, in.TransactItems)
	items, sent := c.sent.get(token, fingerprint)
	if !sent {
		items = make([]types.TransactWriteItem, len(in.TransactItems))
		err := c.each(ctx, len(items), func(ctx context.Context, i int) (err error) {
			items[i] = in.TransactItems[i]
			if tables[i] != nil {
				items[i], err = tables[i].guardWriteItem(ctx, op, in.TransactItems[i])
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		c.sent.put(token, fingerprint, items)
	}
	request.TransactItems = items

	out, err := c.api.TransactWriteItems(ctx, &request, optFns...)
	if err != nil {
		return nil, c.openCancellation(ctx, op, tables, in.TransactItems, err)
	}
	return out, nil
}

// writeTable returns the table that one operation of a transaction is to
// protect an item of, or nil.
func (c *Client) writeTable(item types.TransactWriteItem) *table {
	var name *string
	var key crypto.Item
	switch {
	case item.Put != nil:
		name, key = item.Put.TableName, item.Put.Item
	case item.Update != nil:
		name, key = item.Update.TableName, item.Update.Key
	case item.Delete != nil:
		name, key = item.Delete.TableName, item.Delete.Key
	case item.ConditionCheck != nil:
		name, key = item.ConditionCheck.TableName, item.ConditionCheck.Key
	}
	if t := c.table(name); t != nil && t.selected(key) {
		return t
	}
	return nil
}

// guardWriteItem returns one operation as it is to be sent.
func (t *table) guardWriteItem(ctx context.Context, op string, item types.TransactWriteItem) (types.TransactWriteItem, error) {
	var err error
	switch {
	case item.Put != nil:
		put := *item.Put
		if _, err := t.guardCondition(op, put.ConditionExpression, expr.Params{Names: put.ExpressionAttributeNames, Values: put.ExpressionAttributeValues}); err != nil {
			return item, err
		}
		put.Item, err = t.seal(ctx, op, put.Item)
		item.Put = &put
	case item.Update != nil:
		u := *item.Update
		var guarded update
		guarded, err = t.guardUpdate(op, update{u.UpdateExpression, u.ConditionExpression, u.ExpressionAttributeNames, u.ExpressionAttributeValues})
		u.ConditionExpression, u.ExpressionAttributeNames = guarded.condition, guarded.names
		if u.ConditionExpression != nil {
			u.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld // see UpdateItem
		}
		item.Update = &u
	case item.Delete != nil:
		d := item.Delete
		_, err = t.guardCondition(op, d.ConditionExpression, expr.Params{Names: d.ExpressionAttributeNames, Values: d.ExpressionAttributeValues})
	case item.ConditionCheck != nil:
		check := item.ConditionCheck
		_, err = t.guardCondition(op, check.ConditionExpression, expr.Params{Names: check.ExpressionAttributeNames, Values: check.ExpressionAttributeValues})
	}
	return item, err
}

// openCancellation opens the items in the reasons of a cancelled transaction,
// as openInError does for a single request.
func (c *Client) openCancellation(ctx context.Context, op string, tables []*table, asked []types.TransactWriteItem, err error) error {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) || len(cancelled.CancellationReasons) != len(tables) {
		return withoutItems(cancelled, err)
	}
	for i := range cancelled.CancellationReasons {
		reason, t := &cancelled.CancellationReasons[i], tables[i]
		if t == nil {
			continue
		}
		if update := asked[i].Update; update != nil && aws.ToString(reason.Code) == "ConditionalCheckFailed" {
			if !t.updatable(reason.Item) {
				reason.Item = nil
				err = fmt.Errorf("%w (operation %d: %w: there is no sealed item with this key to update)", err, i, t.fail(op, "", crypto.ErrNotProtected))
				continue
			}
			if update.ReturnValuesOnConditionCheckFailure != types.ReturnValuesOnConditionCheckFailureAllOld {
				reason.Item = nil
			}
		}
		opened, openErr := t.open(ctx, op, "", reason.Item)
		reason.Item = opened
		if openErr != nil {
			err = fmt.Errorf("%w (the stored item of operation %d is left out: %w)", err, i, openErr)
		}
	}
	return err
}

// withoutItems removes the items from a cancellation whose reasons cannot be
// matched to the request's operations: they may be sealed.
func withoutItems(cancelled *types.TransactionCanceledException, err error) error {
	if cancelled != nil {
		for i := range cancelled.CancellationReasons {
			cancelled.CancellationReasons[i].Item = nil
		}
	}
	return err
}
