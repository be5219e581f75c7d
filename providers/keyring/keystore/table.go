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

// maxTableWait is the time limit of [Store.CreateTable], in addition to its
// context.
const maxTableWait = 5 * time.Minute

// CreateTable creates the store's table with on-demand capacity and waits until
// it is active. It does not change an existing table. If that does not have the
// primary key of a branch key store, the error wraps [crypto.ErrPolicy].
//
// CreateTable does not turn on deletion protection or backups.
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
		// Another process may have been faster. The table is checked below.
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
		return fmt.Errorf("keystore: %w: DynamoDB did not describe table %q but another one", crypto.ErrTampered, s.table)
	}
	if !isStore(out.Table) {
		return fmt.Errorf("keystore: %w: table %q exists, but does not have the primary key of a branch key store",
			crypto.ErrPolicy, s.table)
	}
	return nil
}

// isStore reports whether a table has the primary key of a store. It may also
// have indexes.
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
