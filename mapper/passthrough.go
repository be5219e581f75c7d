package mapper

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/internal/guard"
)

// The methods below carry no items. They are written out instead of promoted from
// an embedded client, so that a method that a later version of the interface adds
// does not pass through unchecked.

// CreateTable passes the request through, with indexes on encrypted attributes
// that have a beacon created on the beacon; see [WithBeacons]. It refuses other
// encrypted attributes of a declared table as keys.
func (c *Client) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	in = given(in)
	const op = "CreateTable"
	in = c.table(in.TableName).createOnBeacons(in)
	if err := c.checkDefinitions(op, in.TableName, in.AttributeDefinitions); err != nil {
		return nil, err
	}
	out, err := pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.CreateTable, in, optFns)
	if err != nil {
		return nil, err
	}
	if err := c.checkDescription(op, in.TableName, out.TableDescription); err != nil {
		return nil, carriedOut(err)
	}
	return out, nil
}

// UpdateTable passes the request through, with new indexes on encrypted attributes
// that have a beacon created on the beacon; see [WithBeacons]. It refuses other
// encrypted attributes of a declared table as keys.
func (c *Client) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	in = given(in)
	const op = "UpdateTable"
	in = c.table(in.TableName).updateOnBeacons(in)
	if err := c.checkDefinitions(op, in.TableName, in.AttributeDefinitions); err != nil {
		return nil, err
	}
	out, err := pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.UpdateTable, in, optFns)
	if err != nil {
		return nil, err
	}
	if err := c.checkDescription(op, in.TableName, out.TableDescription); err != nil {
		return nil, carriedOut(err)
	}
	return out, nil
}

// checkDefinitions refuses encrypted key attributes. Attribute definitions list
// only the keys of tables and indexes.
func (c *Client) checkDefinitions(op string, name *string, definitions []types.AttributeDefinition) error {
	t := c.table(name)
	if t == nil {
		return nil
	}
	for _, definition := range definitions {
		attribute := aws.ToString(definition.AttributeName)
		if guard.Encrypted(t, attribute) {
			return t.unsupported(op, attribute, guard.IndexKey)
		}
	}
	return nil
}

// checkDescription refuses a table description with other keys than the
// declaration has. guregu/dynamo copies the attributes that the description names
// as keys from opened items into page tokens.
func (c *Client) checkDescription(op string, name *string, got *types.TableDescription) error {
	t := c.table(name)
	if t == nil || got == nil {
		return nil
	}
	if len(got.KeySchema) > 0 && !slices.Equal(slices.Sorted(slices.Values(keyNames(got.KeySchema))),
		slices.Sorted(slices.Values(t.info.KeyNames()))) {
		return t.tampered(op, "", "describes a table with another key than the struct tags declare; "+
			"if the table has that key, correct the struct tags")
	}
	for _, index := range got.GlobalSecondaryIndexes {
		if err := t.checkIndexKeys(op, index.IndexName, keyNames(index.KeySchema)); err != nil {
			return err
		}
	}
	for _, index := range got.LocalSecondaryIndexes {
		if err := t.checkIndexKeys(op, index.IndexName, keyNames(index.KeySchema)); err != nil {
			return err
		}
	}
	return nil
}

// checkIndexKeys refuses encrypted attributes in the key of an index.
func (t *table) checkIndexKeys(op string, index *string, names []string) error {
	for _, name := range names {
		if guard.Encrypted(t, name) {
			return t.tampered(op, name, fmt.Sprintf("describes index %q with this encrypted attribute in its key",
				aws.ToString(index)))
		}
	}
	return nil
}

// keyNames returns the attribute names in a key schema.
func keyNames(schema []types.KeySchemaElement) []string {
	names := make([]string, len(schema))
	for i, element := range schema {
		names[i] = aws.ToString(element.AttributeName)
	}
	return names
}

// DescribeTable passes the request through. It fails with [crypto.ErrTampered] if
// a declared table is described with another key than its declaration has.
func (c *Client) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	in = given(in)
	const op = "DescribeTable"
	out, err := pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.DescribeTable, in, optFns)
	if err != nil {
		return nil, err
	}
	if err := c.checkDescription(op, in.TableName, out.Table); err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteTable passes the request through.
func (c *Client) DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error) {
	in = given(in)
	return pass(ctx, c, "DeleteTable", names(in.TableName), dynamodbiface.DynamoDBAPI.DeleteTable, in, optFns)
}

// ListTables passes the request through.
func (c *Client) ListTables(ctx context.Context, in *dynamodb.ListTablesInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.ListTablesOutput, error) {
	return pass(ctx, c, "ListTables", nil, dynamodbiface.DynamoDBAPI.ListTables, in, optFns)
}

// ListGlobalTables passes the request through.
func (c *Client) ListGlobalTables(ctx context.Context, in *dynamodb.ListGlobalTablesInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.ListGlobalTablesOutput, error) {
	return pass(ctx, c, "ListGlobalTables", nil, dynamodbiface.DynamoDBAPI.ListGlobalTables, in, optFns)
}

// UpdateTimeToLive passes the request through, unless the attribute is encrypted.
// DynamoDB cannot read an encrypted time to live, so no item would expire.
func (c *Client) UpdateTimeToLive(ctx context.Context, in *dynamodb.UpdateTimeToLiveInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error) {
	in = given(in)
	const op = "UpdateTimeToLive"
	if t, ttl := c.table(in.TableName), in.TimeToLiveSpecification; t != nil && ttl != nil && aws.ToBool(ttl.Enabled) &&
		guard.Encrypted(t, aws.ToString(ttl.AttributeName)) {
		return nil, t.unsupported(op, aws.ToString(ttl.AttributeName), guard.Expires)
	}
	return pass(ctx, c, op, names(in.TableName), dynamodbiface.DynamoDBAPI.UpdateTimeToLive, in, optFns)
}

// DescribeTimeToLive passes the request through.
func (c *Client) DescribeTimeToLive(ctx context.Context, in *dynamodb.DescribeTimeToLiveInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	in = given(in)
	return pass(ctx, c, "DescribeTimeToLive", names(in.TableName), dynamodbiface.DynamoDBAPI.DescribeTimeToLive, in,
		optFns)
}
