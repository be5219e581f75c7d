package keystore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/service"
)

// maxTableWait bounds how long [Store.CreateTable] waits, beside its context.
const maxTableWait = 5 * time.Minute

// CreateTable creates the store's table, billed by request, and waits until it
// can be used. One that is there already is left as it is; if its primary key
// is not that of a branch key store, the error wraps [crypto.ErrPolicy].
//
// Turn on deletion protection and backups for it yourself.
func (s *Store) CreateTable(ctx context.Context) error {
	_, err := s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &s.table})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		_, err = s.client.CreateTable(ctx, &dynamodb.CreateTableInput{
			TableName: &s.table,
			AttributeDefinitions: []types.AttributeDefinition{
				{AttributeName: aws.String(attributeID), AttributeType: types.ScalarAttributeTypeS},
				{AttributeName: aws.String(attributeType), AttributeType: types.ScalarAttributeTypeS},
			},
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String(attributeID), KeyType: types.KeyTypeHash},
				{AttributeName: aws.String(attributeType), KeyType: types.KeyTypeRange},
			},
			BillingMode: types.BillingModePayPerRequest,
		})
		// Somebody else may have been faster. What they made is checked below.
		if _, raced := errors.AsType[*types.ResourceInUseException](err); raced {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("keystore: create table %q: %w", s.table, service.DynamoDB(err))
	}
	waiter := dynamodb.NewTableExistsWaiter(s.client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 5*time.Second
	})
	out, err := waiter.WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &s.table}, maxTableWait)
	if err != nil {
		return fmt.Errorf("keystore: wait for table %q: %w", s.table, service.DynamoDB(err))
	}
	if out.Table != nil && aws.ToString(out.Table.TableName) != s.table && aws.ToString(out.Table.TableArn) != s.table {
		return fmt.Errorf("keystore: %w: DynamoDB described another table than %q", crypto.ErrTampered, s.table)
	}
	if !isStore(out.Table) {
		return fmt.Errorf("keystore: %w: table %q is there, and its primary key is not that of a branch key store", crypto.ErrPolicy, s.table)
	}
	return nil
}

// isStore reports whether a table has the primary key of a store. It may have
// indexes besides.
func isStore(table *types.TableDescription) bool {
	if table == nil || len(table.KeySchema) != 2 {
		return false
	}
	want := map[string]types.KeyType{attributeID: types.KeyTypeHash, attributeType: types.KeyTypeRange}
	for _, element := range table.KeySchema {
		name := aws.ToString(element.AttributeName)
		if kind, ok := want[name]; !ok || kind != element.KeyType {
			return false
		}
		delete(want, name)
	}
	for _, attribute := range table.AttributeDefinitions {
		switch aws.ToString(attribute.AttributeName) {
		case attributeID, attributeType:
			if attribute.AttributeType != types.ScalarAttributeTypeS {
				return false
			}
		}
	}
	return true
}
