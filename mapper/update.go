package mapper

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// UpdateItem lets updates of unsigned attributes through, on condition that
// the stored item is sealed, and opens what comes back. Updates of signed
// attributes are refused; see [Repository.Modify].
//
// An update never creates an item: if there is none, the condition fails.
func (c *Client) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, optFns ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
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
	if !t.bare && (len(in.AttributeUpdates) > 0 || len(in.Expected) > 0) {
		return nil, t.unsupported(op, "", whyLegacy)
	}
	u, err := t.guardUpdate(op, update{in.UpdateExpression, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues})
	if err != nil {
		return nil, err
	}
	request := *in
	request.ConditionExpression, request.ExpressionAttributeNames = u.condition, u.names

	p := plan[dynamodb.UpdateItemInput, dynamodb.UpdateItemOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.UpdateItem,
		request: &request,
		writes:  true,
		accept: func(ctx context.Context, out *dynamodb.UpdateItemOutput) (*dynamodb.UpdateItemOutput, error) {
			attributes, err := t.updated(ctx, op, in, u.parsed, out.Attributes)
			if err != nil {
				return nil, err
			}
			capacity, metrics, err := t.accounts(op, account{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics, in.Key},
				out.ConsumedCapacity, out.ItemCollectionMetrics)
			if err != nil {
				return nil, err
			}
			return &dynamodb.UpdateItemOutput{
				Attributes: attributes, ConsumedCapacity: capacity, ItemCollectionMetrics: metrics, ResultMetadata: out.ResultMetadata,
			}, nil
		},
	}
	if request.ConditionExpression != nil || len(in.Expected) > 0 {
		if !t.bare {
			// Only the stored item tells whether the added condition failed or
			// the caller's did.
			request.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
		}
		p.expected = conditionFailed
		p.failed = func(ctx context.Context, f *failure) (*dynamodb.UpdateItemOutput, error) {
			if f.condition != nil && f.item != nil && !t.updatable(f.item) {
				return nil, t.notUpdatable(op, f.err)
			}
			return nil, t.conditionError(ctx, op, f, in.Key, in.ReturnValuesOnConditionCheckFailure)
		}
	}
	return run(ctx, c, p, optFns)
}

// updated returns the attributes that an update asked to have back.
func (t *table) updated(ctx context.Context, op string, in *dynamodb.UpdateItemInput, parsed *expr.Update, got crypto.Item) (crypto.Item, error) {
	switch in.ReturnValues {
	case types.ReturnValueAllOld, types.ReturnValueAllNew:
		return t.openFor(ctx, op, in.Key, got)
	case types.ReturnValueUpdatedOld, types.ReturnValueUpdatedNew:
		// They hold only what the update wrote, which is not signed.
		written := make(map[string]bool)
		if parsed != nil {
			for _, path := range parsed.Written() {
				written[path.Root()] = true
			}
		}
		for name := range in.AttributeUpdates {
			written[name] = true
		}
		for name := range got {
			if !written[name] {
				return nil, t.tampered(op, name, "holds an attribute that was not updated")
			}
		}
		return got, nil
	}
	return nil, nil
}

// update is what UpdateItem and an update in a transaction have in common.
type update struct {
	expression, condition *string
	names                 map[string]string
	values                crypto.Item
}

// guarded is an update as it is to be sent.
type guarded struct {
	update
	parsed *expr.Update
}

// guardUpdate refuses updates of signed attributes and adds the condition that
// the stored item is one that may be updated in place.
func (t *table) guardUpdate(op string, u update) (guarded, error) {
	sent := guarded{update: u}
	g := t.guard(op, u.names, u.values)
	parsed, err := g.update(u.expression)
	if err != nil {
		return sent, err
	}
	own, err := g.condition("condition", u.condition)
	if err != nil {
		return sent, err
	}
	if err := g.unused(); err != nil {
		return sent, err
	}
	sent.parsed = parsed

	var there []string // one of these attributes must exist
	switch {
	case t.bare || t.plaintextWrites:
		return sent, nil
	case t.plaintextReads:
		there = []string{t.info.PartitionKey}
	default:
		there = t.signatureAttributes()
	}
	sent.names = maps.Clone(u.names)
	if sent.names == nil {
		sent.names = make(map[string]string, len(there))
	}
	terms := make([]string, len(there))
	for i, attribute := range there {
		terms[i] = "attribute_exists(" + addName(sent.names, attribute) + ")"
	}
	condition := strings.Join(terms, " OR ")
	if own != nil {
		condition = own.Grouped() + " AND (" + condition + ")"
	}
	sent.condition = aws.String(condition)
	return sent, nil
}

// addName adds a placeholder for attribute to names and returns it.
func addName(names map[string]string, attribute string) string {
	for i := 0; ; i++ {
		placeholder := fmt.Sprintf("#ddbenc%d", i)
		if _, taken := names[placeholder]; !taken {
			names[placeholder] = attribute
			return placeholder
		}
	}
}

// notUpdatable is for an update that failed because the stored item is not
// sealed. It does not wrap the failed condition, which was not the caller's.
func (t *table) notUpdatable(op string, err error) error {
	return t.fail(op, "", fmt.Errorf("%w: the stored item is not sealed, so it cannot be updated: %v", crypto.ErrNotProtected, err))
}

// updatable reports whether a stored item meets the condition that guardUpdate
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
