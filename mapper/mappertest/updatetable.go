package mappertest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// UpdateTable changes the billing mode, deletion protection, the stream
// specification and the global secondary indexes. If it fails, nothing changes.
func (db *DB) UpdateTable(
	ctx context.Context, in *dynamodb.UpdateTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateTableOutput, error) {
	return do(ctx, db, "UpdateTable", in, func(in *dynamodb.UpdateTableInput) (*dynamodb.UpdateTableOutput, error) {
		t, err := db.definedTable(in.TableName)
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
		return unknown("this kind of table update")
	}
	billing := in.BillingMode != "" || in.ProvisionedThroughput != nil
	if !billing && in.DeletionProtectionEnabled == nil && in.StreamSpecification == nil &&
		len(in.GlobalSecondaryIndexUpdates) == 0 {
		return invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, " +
			"GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	if billing {
		if err := t.updateBilling(in); err != nil {
			return err
		}
	}
	if in.DeletionProtectionEnabled != nil {
		t.protected = *in.DeletionProtectionEnabled
	}
	if in.StreamSpecification != nil {
		if err := t.updateStream(in.StreamSpecification); err != nil {
			return err
		}
	}
	if len(in.GlobalSecondaryIndexUpdates) == 0 {
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

// updateBilling changes the billing mode or the throughput. Indexes follow the
// mode of their table: a change to on-demand applies to them immediately, and a
// change to provisioned needs their throughput in the same request.
func (t *table) updateBilling(in *dynamodb.UpdateTableInput) error {
	mode, was := in.BillingMode, t.billing
	if mode == "" {
		mode = was
	}
	if mode == types.BillingModeProvisioned && in.ProvisionedThroughput == nil {
		return parameters("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	}
	if was == mode && in.ProvisionedThroughput != nil {
		if err := checkThroughputChanges("table", "the table", t.capacity, *in.ProvisionedThroughput); err != nil {
			return err
		}
	}
	if err := t.bill(mode, in.ProvisionedThroughput); err != nil {
		return err
	}
	if mode == was {
		return nil
	}
	var unbilled []string
	for _, name := range slices.Sorted(maps.Keys(t.indexes)) {
		switch index := *t.indexes[name]; {
		case index.local:
		case mode == types.BillingModePayPerRequest:
			index.capacity = types.ProvisionedThroughput{}
			t.indexes[name] = &index
		case !slices.ContainsFunc(in.GlobalSecondaryIndexUpdates, func(u types.GlobalSecondaryIndexUpdate) bool {
			return u.Update != nil && aws.ToString(u.Update.IndexName) == name || u.Delete != nil &&
				aws.ToString(u.Delete.IndexName) == name
		}):
			unbilled = append(unbilled, name)
		}
	}
	if unbilled != nil {
		return parameters("ProvisionedThroughput must be specified for index: %s", strings.Join(unbilled, ","))
	}
	return nil
}

// checkThroughputChanges returns an error if the requested throughput is the
// current one.
func checkThroughputChanges(kind, what string, now, asked types.ProvisionedThroughput) error {
	read, write := aws.ToInt64(now.ReadCapacityUnits), aws.ToInt64(now.WriteCapacityUnits)
	if read != aws.ToInt64(asked.ReadCapacityUnits) || write != aws.ToInt64(asked.WriteCapacityUnits) {
		return nil
	}
	return invalid("The provisioned throughput for %s will not change. The requested value equals the current value. "+
		"Current ReadCapacityUnits provisioned for the %[2]s: %d. Requested ReadCapacityUnits: %[3]d. "+
		"Current WriteCapacityUnits provisioned for the %[2]s: %[4]d. Requested WriteCapacityUnits: %[4]d. "+
		"Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
		what, kind, read, write)
}

// updateStream enables or disables the stream. It fails if nothing would
// change.
func (t *table) updateStream(s *types.StreamSpecification) error {
	switch {
	case aws.ToBool(s.StreamEnabled) && t.stream != nil:
		return invalid("Table already has an enabled stream: TableName: %s", t.name)
	case !aws.ToBool(s.StreamEnabled) && t.stream == nil:
		return invalid("Table already has a disabled stream: TableName: %s", t.name)
	}
	t.stream = copyStream(s)
	return nil
}

func (t *table) updateIndex(u types.GlobalSecondaryIndexUpdate) error {
	var name *string
	switch {
	case u.Create != nil:
		if err := t.addIndex(u.Create.IndexName, false, u.Create.KeySchema, u.Create.Projection); err != nil {
			return err
		}
		return t.billIndex(*u.Create.IndexName, u.Create.ProvisionedThroughput)
	case u.Delete != nil:
		name = u.Delete.IndexName
	case u.Update != nil:
		name = u.Update.IndexName
	}
	if u.Update == nil && u.Delete == nil {
		return parameters("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, " +
			"GlobalSecondaryIndexUpdate.Delete must not be null")
	}
	i, ok := t.indexes[aws.ToString(name)]
	if !ok || i.local {
		return &types.ResourceNotFoundException{Message: aws.String("Requested resource not found")}
	}
	if u.Delete != nil {
		delete(t.indexes, *name)
		return nil
	}
	if p := u.Update.ProvisionedThroughput; p != nil {
		if err := checkThroughputChanges("index", "the index "+*name, i.capacity, *p); err != nil {
			return err
		}
	}
	return t.billIndex(*name, u.Update.ProvisionedThroughput)
}
