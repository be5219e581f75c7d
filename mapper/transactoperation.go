package mapper

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// operation is one operation of a transaction, with the parameters of all four
// kinds.
type operation struct {
	table *table  // of the item; nil if the table is not declared
	name  *string // of the table
	key   crypto.Item
	item  crypto.Item // of a put
	kind  operationKind

	condition, expression *string
	names                 map[string]string
	values                crypto.Item
	returns               types.ReturnValuesOnConditionCheckFailure

	parsed update
}

type operationKind int

const (
	putOperation operationKind = iota
	updateOperation
	deleteOperation
	checkOperation
)

// operationsOf returns the operations that item sets. There should be exactly
// one.
func operationsOf(item types.TransactWriteItem) []operation {
	var all []operation
	if o := item.Put; o != nil {
		all = append(all, operation{
			kind: putOperation, name: o.TableName, key: o.Item, item: o.Item,
			condition: o.ConditionExpression, returns: o.ReturnValuesOnConditionCheckFailure,
			names: o.ExpressionAttributeNames, values: o.ExpressionAttributeValues,
		})
	}
	if o := item.Update; o != nil {
		all = append(all, operation{
			kind: updateOperation, name: o.TableName, key: o.Key, expression: o.UpdateExpression,
			condition: o.ConditionExpression, returns: o.ReturnValuesOnConditionCheckFailure,
			names: o.ExpressionAttributeNames, values: o.ExpressionAttributeValues,
		})
	}
	if o := item.Delete; o != nil {
		all = append(all, operation{
			kind: deleteOperation, name: o.TableName, key: o.Key,
			condition: o.ConditionExpression, returns: o.ReturnValuesOnConditionCheckFailure,
			names: o.ExpressionAttributeNames, values: o.ExpressionAttributeValues,
		})
	}
	if o := item.ConditionCheck; o != nil {
		all = append(all, operation{
			kind: checkOperation, name: o.TableName, key: o.Key,
			condition: o.ConditionExpression, returns: o.ReturnValuesOnConditionCheckFailure,
			names: o.ExpressionAttributeNames, values: o.ExpressionAttributeValues,
		})
	}
	return all
}

// parse parses and checks the operation's expressions.
func (o *operation) parse(op string) (u update, err error) {
	g := o.table.guard(op, o.names, o.values)
	if u.update, err = g.update(o.expression); err != nil {
		return u, err
	}
	if u.condition, err = g.condition("ConditionExpression", o.condition); err != nil {
		return u, err
	}
	if err := g.unused(); err != nil {
		return u, err
	}
	u.why = g.alone()
	return u, o.table.checkWritten(op, u.update)
}
