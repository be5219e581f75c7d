package mappertest

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// UpdateTable changes billing, deletion protection, the stream specification
// and the global secondary indexes, all at once or, if it fails, nothing.
func (db *DB) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	return do(ctx, db, "UpdateTable", in, func(in *dynamodb.UpdateTableInput) (*dynamodb.UpdateTableOutput, error) {
		t, err := db.table(in.TableName)
		if err != nil {
			return nil, err
		}
		updated := *t
		updated.types, updated.indexes = maps.Clone(t.types), maps.Clone(t.indexes)
		if err := updated.update(in); err != nil {
			return nil, err
		}
		*t = updated
		return &dynamodb.UpdateTableOutput{TableDescription: t.describe()}, nil
	})
}

func (t *table) update(in *dynamodb.UpdateTableInput) error {
	if in.ReplicaUpdates != nil || in.SSESpecification != nil || in.TableClass != "" || in.OnDemandThroughput != nil {
		return unknown("this update of a table")
	}
	nothing := true
	if in.BillingMode != "" || in.ProvisionedThroughput != nil {
		nothing = false
		mode := in.BillingMode
		if mode == "" {
			mode = t.billing
		}
		if err := t.bill(mode, in.ProvisionedThroughput); err != nil {
			return err
		}
	}
	if in.DeletionProtectionEnabled != nil {
		nothing = false
		t.protected = *in.DeletionProtectionEnabled
	}
	if in.StreamSpecification != nil {
		nothing = false
		t.stream = copyStream(in.StreamSpecification)
	}
	if len(in.GlobalSecondaryIndexUpdates) == 0 {
		if nothing {
			return invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
		}
		return nil
	}
	if err := t.define(in.AttributeDefinitions); err != nil {
		return err
	}
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if err := t.updateIndex(u); err != nil {
			return err
		}
	}
	for name := t.unusedDefinition(); name != ""; name = t.unusedDefinition() {
		delete(t.types, name)
	}
	return nil
}

func (t *table) updateIndex(u types.GlobalSecondaryIndexUpdate) error {
	var name *string
	switch {
	case u.Create != nil:
		return t.addIndex(u.Create.IndexName, false, u.Create.KeySchema, u.Create.Projection)
	case u.Delete != nil:
		name = u.Delete.IndexName
	case u.Update != nil:
		name = u.Update.IndexName // Its throughput, which nothing depends on.
	}
	if i, ok := t.indexes[aws.ToString(name)]; !ok || i.local {
		return &types.ResourceNotFoundException{Message: aws.String("Requested resource not found")}
	}
	if u.Delete != nil {
		delete(t.indexes, *name)
	}
	return nil
}
