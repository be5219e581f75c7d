package mappertest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func throughput(read, write int64) *types.ProvisionedThroughput {
	return &types.ProvisionedThroughput{ReadCapacityUnits: &read, WriteCapacityUnits: &write}
}

// provisioned creates a table with the key id (S), the global index by-g (g,
// S) and throughputs of 1 and 2 for the table and 3 and 4 for the index.
func (db *database) provisioned(t *testing.T) string {
	t.Helper()
	return db.createWith(t, types.BillingModeProvisioned, &dynamodb.CreateTableInput{
		AttributeDefinitions:  attributes("id S", "g S"),
		KeySchema:             keys("id"),
		ProvisionedThroughput: throughput(1, 2),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{IndexName: aws.String("by-g"), KeySchema: keys("g"),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}, ProvisionedThroughput: throughput(3, 4)}},
	})
}

// throughputs returns the read and write units of a table and its index.
func (db *database) throughputs(t *testing.T, table string) [4]int64 {
	t.Helper()
	d := db.settled(t, table)
	index := d.GlobalSecondaryIndexes[0].ProvisionedThroughput
	return [4]int64{aws.ToInt64(d.ProvisionedThroughput.ReadCapacityUnits),
		aws.ToInt64(d.ProvisionedThroughput.WriteCapacityUnits),
		aws.ToInt64(index.ReadCapacityUnits), aws.ToInt64(index.WriteCapacityUnits)}
}

func indexThroughput(name string, p *types.ProvisionedThroughput) []types.GlobalSecondaryIndexUpdate {
	return []types.GlobalSecondaryIndexUpdate{{Update: &types.UpdateGlobalSecondaryIndexAction{IndexName: &name,
		ProvisionedThroughput: p}}}
}

func TestThroughput_IsThatOfTheTableAndOfEachGlobalIndex(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.provisioned(t)
		same(t, "throughputs as created", db.throughputs(t, table), [4]int64{1, 2, 3, 4})
		_, err := db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table,
			GlobalSecondaryIndexUpdates: indexThroughput("by-g", throughput(5, 6))})
		check(t, err)
		same(t, "throughputs of an updated index", db.throughputs(t, table), [4]int64{1, 2, 5, 6})
		_, err = db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table,
			BillingMode: types.BillingModePayPerRequest})
		check(t, err)
		same(t, "throughputs on demand", db.throughputs(t, table), [4]int64{})
		_, err = db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table,
			BillingMode:           types.BillingModeProvisioned,
			ProvisionedThroughput: throughput(7, 8), GlobalSecondaryIndexUpdates: indexThroughput("by-g", throughput(9, 10))})
		check(t, err)
		same(t, "throughputs provisioned again", db.throughputs(t, table), [4]int64{7, 8, 9, 10})
	})
}

func TestUpdateTable_RefusesWhatChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.provisioned(t)
		for name, c := range map[string]struct {
			in   dynamodb.UpdateTableInput
			says string
		}{
			"nothing": {dynamodb.UpdateTableInput{}, "At least one of ProvisionedThroughput, BillingMode"},
			"the table's own": {dynamodb.UpdateTableInput{ProvisionedThroughput: throughput(1, 2)},
				"The provisioned throughput for the table will not change. The requested value equals the current value. " +
					"Current ReadCapacityUnits provisioned for the table: 1. Requested ReadCapacityUnits: 1. Current " +
					"WriteCapacityUnits provisioned for the table: 2. Requested WriteCapacityUnits: 2."},
			"the index's own": {dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: indexThroughput("by-g",
				throughput(3, 4))}, "will not change"},
			"no stream to disable":  {dynamodb.UpdateTableInput{StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(false)}}, "already has a disabled stream"},
			"an empty index update": {dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{}}}, "must not be null"},
		} {
			t.Run(name, func(t *testing.T) {
				c.in.TableName = &table
				_, err := db.UpdateTable(t.Context(), &c.in)
				if db.local { // It has words of its own for some.
					refused(t, err, validation)
				} else {
					refused(t, err, validation, c.says)
				}
			})
		}
		stream := &dynamodb.UpdateTableInput{TableName: &table,
			StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true),
				StreamViewType: types.StreamViewTypeKeysOnly}}
		_, err := db.UpdateTable(t.Context(), stream)
		check(t, err)
		_, err = db.UpdateTable(t.Context(), stream)
		refused(t, err, validation, "already has an enabled stream")
		same(t, "throughputs", db.throughputs(t, table), [4]int64{1, 2, 3, 4})
	})
}

func TestThroughput_MustFitTheBillingMode(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		index := func(p *types.ProvisionedThroughput) []types.GlobalSecondaryIndex {
			return []types.GlobalSecondaryIndex{{IndexName: aws.String("by-g"), KeySchema: keys("g"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}, ProvisionedThroughput: p}}
		}
		for name, in := range map[string]dynamodb.CreateTableInput{
			"an index without throughput": {ProvisionedThroughput: throughput(1, 1),
				GlobalSecondaryIndexes: index(nil)},
			"an index with no units": {ProvisionedThroughput: throughput(1, 1),
				GlobalSecondaryIndexes: index(throughput(0, 1))},
			"an index of an on-demand table with some": {BillingMode: types.BillingModePayPerRequest,
				GlobalSecondaryIndexes: index(throughput(1, 1))},
			"an on-demand table with throughput": {BillingMode: types.BillingModePayPerRequest,
				ProvisionedThroughput: throughput(1, 1), GlobalSecondaryIndexes: index(nil)},
			"a provisioned table that has no throughput ": {GlobalSecondaryIndexes: index(throughput(1, 1))},
		} {
			t.Run(name, func(t *testing.T) {
				in.TableName, in.AttributeDefinitions, in.KeySchema = aws.String(unusedName()), attributes("id S",
					"g S"), keys("id")
				_, err := db.CreateTable(t.Context(), &in)
				refused(t, err, validation)
			})
		}
		table := db.indexed(t)
		_, err := db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table,
			BillingMode: types.BillingModeProvisioned, ProvisionedThroughput: throughput(1, 1)})
		if !db.local { // It gives the indexes a throughput of its choice.
			refused(t, err, validation, "ProvisionedThroughput must be specified for index: all,keys,some")
		}
	})
}
