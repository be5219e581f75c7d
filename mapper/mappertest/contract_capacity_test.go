package mappertest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestConsumedCapacityIsReportedIfAskedFor(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		key := item{"id": str("a")}
		units := func(c *types.ConsumedCapacity, want float64) {
			t.Helper()
			if c == nil {
				t.Fatal("no consumed capacity")
			}
			same(t, "table", aws.ToString(c.TableName), table)
			same(t, "units", aws.ToFloat64(c.CapacityUnits), want)
		}
		put, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table,
			Item: item{"id": str("a"), "x": str(strings.Repeat("x",
				9000))}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
		check(t, err)
		units(put.ConsumedCapacity, 9)
		for _, consistent := range []bool{false, true} {
			want := 1.5
			if consistent {
				want = 3
			}
			get, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: &consistent,
				ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
			check(t, err)
			units(get.ConsumedCapacity, want)
			query, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
				KeyConditionExpression: aws.String("id = :v"), ExpressionAttributeValues: item{":v": str("a")},
				ConsistentRead: &consistent, ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes})
			check(t, err)
			units(query.ConsumedCapacity, want)
			same(t, "units of the table", aws.ToFloat64(query.ConsumedCapacity.Table.CapacityUnits), want)
			scan, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, ConsistentRead: &consistent,
				ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
			check(t, err)
			units(scan.ConsumedCapacity, want)
		}
		write, err := db.BatchWriteItem(t.Context(),
			&dynamodb.BatchWriteItemInput{ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
				RequestItems: map[string][]types.WriteRequest{table: {{PutRequest: &types.PutRequest{Item: item{"id": str("b")}}},
					{PutRequest: &types.PutRequest{Item: item{"id": str("c")}}}}}})
		check(t, err)
		same(t, "tables", len(write.ConsumedCapacity), 1)
		units(&write.ConsumedCapacity[0], 2)
		read, err := db.BatchGetItem(t.Context(),
			&dynamodb.BatchGetItemInput{ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
				RequestItems: map[string]types.KeysAndAttributes{table: {Keys: []item{{"id": str("b")}, {"id": str("c")}}}}})
		check(t, err)
		same(t, "tables", len(read.ConsumedCapacity), 1)
		units(&read.ConsumedCapacity[0], 1)
		transaction, err := db.TransactWriteItems(t.Context(),
			&dynamodb.TransactWriteItemsInput{ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
				TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: &table, Item: item{"id": str("d")}}},
					{Put: &types.Put{TableName: &table, Item: item{"id": str("e")}}}}})
		check(t, err)
		same(t, "tables", len(transaction.ConsumedCapacity), 1)
		units(&transaction.ConsumedCapacity[0], 4)
		update, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: key,
			UpdateExpression: aws.String("REMOVE y"), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
		check(t, err)
		units(update.ConsumedCapacity, 9)
		remove, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: key,
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
		check(t, err)
		units(remove.ConsumedCapacity, 9)
		none, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key})
		check(t, err)
		if none.ConsumedCapacity != nil {
			t.Error("consumed capacity that nobody asked for")
		}
	})
}
