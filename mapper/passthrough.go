package mapper

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// The methods below carry no items. They are spelt out, rather than promoted
// from an embedded client, so that a method which a later version of the
// interface adds does not compile until somebody has decided about it.

// CreateTable passes through, unless a key or index key of a declared table is
// an attribute that would be encrypted.
func (c *Client) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput, optFns ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	in = given(in)
	if err := c.guardKeys("CreateTable", in.TableName, in.AttributeDefinitions); err != nil {
		return nil, err
	}
	return c.api.CreateTable(ctx, in, optFns...)
}

// UpdateTable passes through, unless it makes an encrypted attribute of a
// declared table an index key.
func (c *Client) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput, optFns ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	in = given(in)
	if err := c.guardKeys("UpdateTable", in.TableName, in.AttributeDefinitions); err != nil {
		return nil, err
	}
	return c.api.UpdateTable(ctx, in, optFns...)
}

// guardKeys refuses encrypted key attributes: attribute definitions are those
// of keys and index keys.
func (c *Client) guardKeys(op string, name *string, definitions []types.AttributeDefinition) error {
	t := c.table(name)
	if t == nil {
		return nil
	}
	for _, definition := range definitions {
		attribute := aws.ToString(definition.AttributeName)
		if !t.info.IsKey(attribute) && t.action(attribute) == crypto.Encrypt {
			return t.unsupported(op, attribute, "an encrypted attribute cannot be a key of the table or of an index; "+
				"declare it with `ddbenc:\"sign\"` or an `index` tag")
		}
	}
	return nil
}

// DescribeTable passes through.
func (c *Client) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, optFns ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return c.api.DescribeTable(ctx, in, optFns...)
}

// DeleteTable passes through.
func (c *Client) DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput, optFns ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error) {
	return c.api.DeleteTable(ctx, in, optFns...)
}

// ListTables passes through.
func (c *Client) ListTables(ctx context.Context, in *dynamodb.ListTablesInput, optFns ...func(*dynamodb.Options)) (*dynamodb.ListTablesOutput, error) {
	return c.api.ListTables(ctx, in, optFns...)
}

// ListGlobalTables passes through.
func (c *Client) ListGlobalTables(ctx context.Context, in *dynamodb.ListGlobalTablesInput, optFns ...func(*dynamodb.Options)) (*dynamodb.ListGlobalTablesOutput, error) {
	return c.api.ListGlobalTables(ctx, in, optFns...)
}

// UpdateTimeToLive passes through. A time to live that is encrypted never
// expires an item, so the attribute must be signed or left alone.
func (c *Client) UpdateTimeToLive(ctx context.Context, in *dynamodb.UpdateTimeToLiveInput, optFns ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error) {
	in = given(in)
	if t, ttl := c.table(in.TableName), in.TimeToLiveSpecification; t != nil && ttl != nil && aws.ToBool(ttl.Enabled) {
		if err := t.guardRead("UpdateTimeToLive", aws.ToString(ttl.AttributeName)); err != nil {
			return nil, err
		}
	}
	return c.api.UpdateTimeToLive(ctx, in, optFns...)
}

// DescribeTimeToLive passes through.
func (c *Client) DescribeTimeToLive(ctx context.Context, in *dynamodb.DescribeTimeToLiveInput, optFns ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return c.api.DescribeTimeToLive(ctx, in, optFns...)
}
