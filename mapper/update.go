package mapper

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// UpdateItem lets updates of unsigned attributes through, on condition that
// the stored item is sealed, and opens what comes back. Updates of signed
// attributes are refused; see [Repository.Modify].
func (c *Client) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, optFns ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	in = given(in)
	const op = "UpdateItem"
	t := c.table(in.TableName)
	if t == nil || !t.selected(in.Key) {
		return c.api.UpdateItem(ctx, in, optFns...)
	}
	if len(in.AttributeUpdates) > 0 || len(in.Expected) > 0 {
		return nil, t.unsupported(op, "", whyLegacy)
	}
	guarded, err := t.guardUpdate(op, update{in.UpdateExpression, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues})
	if err != nil {
		return nil, err
	}
	request := *in
	request.ConditionExpression, request.ExpressionAttributeNames = guarded.condition, guarded.names
	// Only the stored item tells whether the added condition failed or the
	// caller's did.
	request.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	if guarded.condition == nil {
		request.ReturnValuesOnConditionCheckFailure = in.ReturnValuesOnConditionCheckFailure
	}

	out, err := c.api.UpdateItem(ctx, &request, optFns...)
	if err != nil {
		return nil, t.updateFailure(ctx, op, err, in.ReturnValuesOnConditionCheckFailure)
	}
	reply := *out
	switch in.ReturnValues {
	case types.ReturnValueAllOld, types.ReturnValueAllNew:
		if reply.Attributes, err = t.openFor(ctx, op, in.Key, out.Attributes); err != nil {
			return nil, carriedOut(err)
		}
	default:
		// UPDATED_OLD and UPDATED_NEW hold only what the update wrote, and
		// guardUpdate let nothing signed be written.
	}
	return &reply, nil
}

// update is what UpdateItem and an update in a transaction have in common.
type update struct {
	expression, condition *string
	names                 map[string]string
	values                crypto.Item
}

// guardUpdate refuses updates of signed attributes and adds the condition that
// the stored item is one that may be updated in place.
func (t *table) guardUpdate(op string, u update) (update, error) {
	params := expr.Params{Names: u.names, Values: u.values}
	if u.expression != nil {
		parsed, err := expr.ParseUpdate(*u.expression, params)
		if err != nil {
			return u, t.badExpression(op, "update", err)
		}
		if err := t.guard(op, parsed.Uses()); err != nil {
			return u, err
		}
	}
	own, err := t.guardCondition(op, u.condition, params)
	if err != nil {
		return u, err
	}

	var there []string // one of these attributes must exist
	switch {
	case t.plaintextWrites:
		return u, nil
	case t.plaintextReads:
		there = []string{t.info.PartitionKey}
	default:
		there = t.signatureAttributes()
	}
	names := maps.Clone(u.names)
	if names == nil {
		names = make(map[string]string, len(there))
	}
	terms := make([]string, len(there))
	for i, attribute := range there {
		terms[i] = "attribute_exists(" + addName(names, attribute) + ")"
	}
	condition := strings.Join(terms, " OR ")
	if own != nil {
		condition = own.Grouped() + " AND (" + condition + ")"
	}
	u.condition, u.names = aws.String(condition), names
	return u, nil
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

// updateFailure says so when an update failed because there was no sealed item
// to update, and otherwise opens or removes the item in the error as the
// caller asked.
func (t *table) updateFailure(ctx context.Context, op string, err error, asked types.ReturnValuesOnConditionCheckFailure) error {
	failed := conditionFailure(err)
	if failed == nil {
		return err
	}
	if !t.updatable(failed.Item) {
		failed.Item = nil
		return t.fail(op, "", fmt.Errorf("%w: there is no sealed item with this key to update: %w", crypto.ErrNotProtected, err))
	}
	if asked != types.ReturnValuesOnConditionCheckFailureAllOld {
		failed.Item = nil
		return err
	}
	return t.openInError(ctx, op, err)
}

// updatable reports whether a stored item meets the condition that guardUpdate
// adds.
func (t *table) updatable(stored crypto.Item) bool {
	if t.plaintextWrites {
		return true
	}
	if t.plaintextReads {
		return stored != nil
	}
	for _, attribute := range t.signatureAttributes() {
		if _, ok := stored[attribute]; ok {
			return true
		}
	}
	return false
}
