package mapper

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// UpdateItem updates an item. An update that writes only unsigned attributes and
// reads no encrypted ones takes one request, on condition that the stored item is
// sealed. For any other update, UpdateItem reads and opens the item, evaluates the
// update on the plaintext, seals the result and stores it on condition that the
// item has not changed in the meantime. If it has, UpdateItem starts over. After
// 32 attempts it fails with [ErrConflict]. [WithoutRewrites] refuses such updates
// instead.
//
// Results and errors are those of DynamoDB on a table that is not protected. The
// consumed capacity is the sum over all requests. If it is unknown whether a write
// was carried out, the error is [ErrOutcomeUnknown].
//
// An unsigned attribute that no struct type declares (see [WithUndeclared]) is
// lost if another writer adds it in place between the read and the write.
func (c *Client) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	in = given(in)
	const op = "UpdateItem"
	t := c.table(in.TableName)
	if t == nil {
		return pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.UpdateItem, in, optFns)
	}
	if err := t.checkKey(op, in.Key); err != nil {
		return nil, err
	}
	t = t.of(in.Key)
	u, err := t.readUpdate(op, in)
	if err != nil {
		return nil, err
	}
	if u.why != nil && t.noRewrites {
		return nil, u.why
	}
	if u.why != nil {
		return c.rewriteUpdate(ctx, t, in, u, optFns)
	}
	return c.updateInPlace(ctx, t, in, u, optFns)
}

// update is an update, with its condition, as it was parsed.
type update struct {
	update    *expr.Update    // nil for none
	condition *expr.Condition // nil for none

	// why is the reason that DynamoDB cannot carry it out on stored values; nil
	// if it can.
	why error
}

// readUpdate parses and checks an UpdateItem.
func (t *table) readUpdate(op string, in *dynamodb.UpdateItemInput) (update, error) {
	var u update
	if (in.UpdateExpression != nil || in.ConditionExpression != nil) && len(in.AttributeUpdates)+len(in.Expected) > 0 {
		return u, t.fail(op, "", fmt.Errorf("%w: expressions cannot be combined with the legacy parameters "+
			"AttributeUpdates and Expected", ErrExpression))
	}
	g := t.guard(op, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	var err error
	if u.update, err = g.updates(in.UpdateExpression, in.AttributeUpdates); err != nil {
		return u, err
	}
	if u.condition, err = g.expectation(in.ConditionExpression, in.Expected, in.ConditionalOperator); err != nil {
		return u, err
	}
	if err := g.unused(); err != nil {
		return u, err
	}
	u.why = g.alone()
	if u.why == nil && len(in.Expected)+len(in.AttributeUpdates) > 0 && t.sealsOnly() {
		u.why = t.unsupported(op, "", "the legacy parameters Expected and AttributeUpdates cannot carry the condition "+
			"that the item is sealed; use UpdateExpression and ConditionExpression")
	}
	return u, t.checkWritten(op, u.update)
}

// updateInPlace sends an update that DynamoDB can carry out on stored values.
func (c *Client) updateInPlace(ctx context.Context, t *table, in *dynamodb.UpdateItemInput, u update,
	optFns []func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	const op = "UpdateItem"
	request := *in
	if t.sealsOnly() {
		own := ""
		if u.condition != nil {
			own = u.condition.Grouped()
		}
		request.ConditionExpression, request.ExpressionAttributeNames = t.onlySealed(own, in.ExpressionAttributeNames)
		// Only the stored item shows whether the added condition failed or the
		// caller's.
		request.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	p := plan[dynamodb.UpdateItemInput, dynamodb.UpdateItemOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.UpdateItem,
		request: &request,
		writes:  true,
		accept: func(ctx context.Context, out *dynamodb.UpdateItemOutput) (*dynamodb.UpdateItemOutput, error) {
			attributes, err := t.updated(ctx, op, in, u.update, out.Attributes)
			if err != nil {
				return nil, err
			}
			capacity, metrics, err := t.accounts(op, account{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics, in.Key},
				out.ConsumedCapacity, out.ItemCollectionMetrics)
			if err != nil {
				return nil, err
			}
			return &dynamodb.UpdateItemOutput{
				Attributes: attributes, ConsumedCapacity: capacity, ItemCollectionMetrics: metrics,
				ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}
	if request.ConditionExpression != nil || len(in.Expected) > 0 {
		p.expected = conditionFailed
		p.failed = func(ctx context.Context, f *failure) (*dynamodb.UpdateItemOutput, error) {
			switch {
			case f.condition == nil || !t.sealsOnly():
			case f.item == nil && !t.noRewrites:
				// There is no item. The update may create it.
				return c.rewriteUpdate(ctx, t, in, u, optFns)
			case f.item != nil && !t.updatable(f.item):
				return nil, t.notUpdatable(op, f.err)
			}
			return nil, t.conditionError(ctx, op, f, in.Key, in.ReturnValuesOnConditionCheckFailure)
		}
	}
	return run(ctx, c, p, optFns)
}

// rewriteUpdate is UpdateItem where DynamoDB cannot carry out the update.
func (c *Client) rewriteUpdate(ctx context.Context, t *table, in *dynamodb.UpdateItemInput, u update,
	optFns []func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	const op = "UpdateItem"
	if err := checkReturnValues(op, in.ReturnValues, types.ReturnValueAllOld, types.ReturnValueAllNew,
		types.ReturnValueUpdatedOld, types.ReturnValueUpdatedNew); err != nil {
		return nil, err
	}
	r := rewrite{client: c, table: t, op: op, name: *in.TableName, key: in.Key, capacity: in.ReturnConsumedCapacity,
		metrics: in.ReturnItemCollectionMetrics, optFns: optFns}
	result, err := r.run(ctx, func(read snapshot) (decision, error) {
		if err := t.evaluate(op, u.condition, read, in.ReturnValuesOnConditionCheckFailure); err != nil {
			return decision{}, err
		}
		next, err := u.apply(in.Key, read.opened)
		if err != nil {
			return decision{}, serviceError(op, err)
		}
		if next == nil {
			return decision{verb: leave}, nil
		}
		return decision{store, next}, nil
	})
	if err != nil {
		return nil, err
	}
	out := &dynamodb.UpdateItemOutput{ConsumedCapacity: result.capacity, ItemCollectionMetrics: result.metrics}
	switch in.ReturnValues {
	case types.ReturnValueAllOld:
		out.Attributes = result.before
	case types.ReturnValueAllNew:
		out.Attributes = result.after
	case types.ReturnValueUpdatedOld:
		out.Attributes = u.written(result.before)
	case types.ReturnValueUpdatedNew:
		out.Attributes = u.written(result.after)
	}
	return out, nil
}

// apply returns the item, which may be nil, updated; nil if the update does not
// create it. Its errors are those of DynamoDB.
func (u update) apply(key, item crypto.Item) (crypto.Item, error) {
	base := item
	if item == nil {
		base = key
	}
	next, err := base, error(nil)
	if u.update != nil {
		next, err = u.update.Apply(base)
	}
	if err == nil && item == nil && u.update != nil && u.update.OnlyRemoves() {
		return nil, nil
	}
	if err == nil {
		next, err = expr.Store(next)
	}
	if err != nil {
		return nil, validation("%s", err.Error())
	}
	if itemSize(next) > maxItemSize {
		return nil, validation("Item size to update has exceeded the maximum allowed size")
	}
	return next, nil
}

// maxItemSize is DynamoDB's limit for an item, in bytes.
const maxItemSize = 400 << 10

// written returns the part of an item that the update wrote to.
func (u update) written(item crypto.Item) crypto.Item {
	if u.update == nil || item == nil {
		return nil
	}
	part := expr.ProjectPaths(u.update.Written()).Apply(item)
	if len(part) == 0 {
		return nil
	}
	return part
}

// updated returns the attributes that ReturnValues asks for.
func (t *table) updated(ctx context.Context, op string, in *dynamodb.UpdateItemInput, parsed *expr.Update,
	got crypto.Item) (crypto.Item, error) {
	switch in.ReturnValues {
	case types.ReturnValueAllOld, types.ReturnValueAllNew:
		return t.openFor(ctx, op, in.Key, got)
	case types.ReturnValueUpdatedOld, types.ReturnValueUpdatedNew:
		// They contain only attributes that the update wrote, which are not signed.
		written := make(map[string]bool)
		if parsed != nil {
			for _, path := range parsed.Written() {
				written[path.Root()] = true
			}
		}
		for name := range got {
			if !written[name] {
				return nil, t.tampered(op, name, "contains an attribute that was not updated")
			}
		}
		return got, nil
	}
	return nil, nil
}

// sealsOnly reports whether an update in place needs the condition that the
// stored item may be updated in place.
func (t *table) sealsOnly() bool { return !t.bare && !t.plaintextWrites }

// onlySealed adds that condition to the caller's own, which may be empty.
func (t *table) onlySealed(own string, names map[string]string) (*string, map[string]string) {
	there := t.signatureAttributes() // one of these attributes must exist
	if t.plaintextReads {
		there = []string{t.info.PartitionKey}
	}
	names = maps.Clone(names)
	if names == nil {
		names = make(map[string]string, len(there))
	}
	terms := make([]string, len(there))
	for i, attribute := range there {
		terms[i] = "attribute_exists(" + addName(names, attribute) + ")"
	}
	condition := strings.Join(terms, " OR ")
	if own != "" {
		condition = own + " AND (" + condition + ")"
	}
	return &condition, names
}

// notUpdatable returns the error of an update that failed because the stored item
// is not sealed. It does not wrap the failed condition, which was not the
// caller's.
func (t *table) notUpdatable(op string, err error) error {
	return t.fail(op, "", fmt.Errorf("%w: the stored item is not sealed, so it cannot be updated: %v",
		crypto.ErrNotProtected, err))
}

// updatable reports whether a stored item meets the condition that onlySealed
// adds.
func (t *table) updatable(stored crypto.Item) bool {
	if t.bare || t.plaintextWrites || t.plaintextReads {
		return true
	}
	for _, attribute := range t.signatureAttributes() {
		if _, ok := stored[attribute]; ok {
			return true
		}
	}
	return false
}
