package mappertest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// words wants an API error with exactly these words. A real database other than
// DynamoDB is held to the code alone: DynamoDB Local has words of its own, and
// the SDK's client finds some of these mistakes by itself.
func (db *database) words(t *testing.T, err error, code, words string) {
	t.Helper()
	var api smithy.APIError
	switch {
	case err == nil:
		t.Errorf("no error, want %s: %s", code, words)
	case !errors.As(err, &api):
		if !db.local {
			t.Errorf("got %v, want %s", err, code)
		}
	case api.ErrorCode() != code:
		t.Errorf("got code %s (%s), want %s", api.ErrorCode(), api.ErrorMessage(), code)
	case !db.local && api.ErrorMessage() != words:
		t.Errorf("got %s\nwant %s", api.ErrorMessage(), words)
	}
}

// constraint is a violation of a constraint as the service words it.
func constraint(value, at, rule string) string {
	return "Value " + value + " at '" + at + "' failed to satisfy constraint: Member must " + rule
}

func TestConstraints_AreReportedTogetherInTheServicesOrder(t *testing.T) {
	const (
		capacities = "satisfy enum value set: [INDEXES, TOTAL, NONE]"
		metrics    = "satisfy enum value set: [SIZE, NONE]"
		returns    = "satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
		pattern    = "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
		selects    = "satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"
	)
	long := strings.Repeat("a", 256)
	each(t, func(t *testing.T, db *database) {
		ctx := t.Context()
		for name, c := range map[string]struct {
			call func() error
			want []string
		}{
			"GetItem of nothing": {func() error { _, err := db.GetItem(ctx, &dynamodb.GetItemInput{}); return err },
				[]string{constraint("null", "tableName", "not be null"), constraint("null", "key", "not be null")}},
			"UpdateItem": {func() error {
				_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: aws.String("abc;"), ReturnConsumedCapacity: "hi",
					ReturnItemCollectionMetrics: "hi", ReturnValues: "hi"})
				return err
			}, []string{constraint("'hi'", "returnConsumedCapacity", capacities), constraint("'abc;'", "tableName", pattern),
				constraint("'hi'", "returnItemCollectionMetrics", metrics), constraint("'hi'", "returnValues", returns),
				constraint("null", "key", "not be null")}},
			"PutItem": {func() error {
				_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &long, ReturnValues: "hi"})
				return err
			}, []string{constraint("'"+long+"'", "tableName", "have length less than or equal to 255"),
				constraint("null", "item", "not be null"), constraint("'hi'", "returnValues", returns)}},
			"DeleteItem": {func() error {
				_, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(""), Key: id("a")})
				return err
			}, []string{constraint("''", "tableName", pattern),
				constraint("''", "tableName", "have length greater than or equal to 3")}},
			"Query": {func() error {
				_, err := db.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("abc"), IndexName: aws.String("a"),
					Select: "SOME", Limit: aws.Int32(0), AttributesToGet: []string{}})
				return err
			}, []string{constraint("'SOME'", "select", selects),
				constraint("'a'", "indexName", "have length greater than or equal to 3"),
				constraint("'[]'", "attributesToGet", "have length greater than or equal to 1"),
				constraint("'0'", "limit", "have value greater than or equal to 1")}},
			"Scan": {func() error {
				_, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("abc"), TotalSegments: aws.Int32(0),
					Segment: aws.Int32(-1), Limit: aws.Int32(0)})
				return err
			}, []string{constraint("'0'", "totalSegments", "have value greater than or equal to 1"),
				constraint("'-1'", "segment", "have value greater than or equal to 0"),
				constraint("'0'", "limit", "have value greater than or equal to 1")}},
			"BatchGetItem": {func() error {
				_, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{ReturnConsumedCapacity: "hi",
					RequestItems: map[string]types.KeysAndAttributes{"abc": {Keys: []item{}}}})
				return err
			}, []string{constraint("'hi'", "returnConsumedCapacity", capacities),
				constraint("'[]'", "requestItems.abc.member.keys", "have length greater than or equal to 1")}},
			"BatchWriteItem of nothing": {func() error {
				_, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{}})
				return err
			}, []string{constraint("'{}'", "requestItems", "have length greater than or equal to 1")}},
			"TransactWriteItems of nothing": {func() error {
				_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{},
					ClientRequestToken: aws.String(strings.Repeat("t", 37))})
				return err
			}, []string{constraint("'[]'", "transactItems", "have length greater than or equal to 1"),
				constraint("'"+strings.Repeat("t", 37)+"'", "clientRequestToken", "have length less than or equal to 36")}},
			"TransactGetItems of nothing": {func() error {
				_,
					err := db.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{})
				return err
			},
				[]string{constraint("null", "transactItems", "not be null")}},
		} {
			t.Run(name, func(t *testing.T) {
				words := "1 validation error detected: "
				if n := len(c.want); n > 1 {
					words = string(rune('0'+n)) + " validation errors detected: "
				}
				db.words(t, c.call(), validation, words+strings.Join(c.want, "; "))
			})
		}
	})
}

func TestConstraints_AreReportedUpToTen(t *testing.T) {
	db := inMemory()
	filter := make(conditions)
	for _, name := range strings.Split("abcdefghijkl", "") {
		filter[name] = is("LIKE", num("1"))
	}
	_, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("abc"), ScanFilter: filter})
	refused(t, err, validation, "10 validation errors detected: Value 'LIKE' at 'scanFilter.a.member.comparisonOperator'",
		"'scanFilter.j.member")
}

func TestMissingTable_IsWordedByOperation(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		ctx, table, key := t.Context(), unusedName(), id("a")
		const read, write = "Requested resource not found", "Cannot do operations on a non-existent table"
		for name, c := range map[string]struct {
			call func() error
			want string
		}{
			"DescribeTable": {func() error {
				_, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
				return err
			}, read + ": Table: " + table + " not found"},
			"GetItem": {func() error {
				_, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key})
				return err
			}, read},
			"Scan": {func() error { _, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: &table}); return err }, read},
			"Query": {func() error {
				_, err := db.Query(ctx, &dynamodb.QueryInput{TableName: &table,
					KeyConditions: conditions{"id": is("EQ", str("a"))}})
				return err
			}, read},
			"BatchGetItem": {func() error {
				_, err := db.BatchGetItem(ctx,
					&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: {Keys: []item{key}}}})
				return err
			}, read},
			"BatchWriteItem": {func() error {
				_, err := db.BatchWriteItem(ctx,
					&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: {{PutRequest: &types.PutRequest{Item: key}}}}})
				return err
			}, read},
			"TransactGetItems": {func() error {
				_, err := db.TransactGetItems(ctx,
					&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: &table,
						Key: key}}}})
				return err
			}, read},
			"PutItem": {func() error {
				_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: key})
				return err
			}, write},
		} {
			t.Run(name, func(t *testing.T) { db.words(t, c.call(), "ResourceNotFoundException", c.want) })
		}
	})
}

func TestIncompleteKey_DoesNotMatchTheSchema(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		ctx, table, key := t.Context(), db.indexed(t), item{"pk": str("a")}
		const words = "The provided key element does not match the schema"
		_, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key})
		db.words(t, err, validation, words)
		_, err = db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key})
		db.words(t, err, validation, words)
		_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &table,
			Key: item{"pk": str("a"), "sk": num("1"), "x": num("1")}})
		db.words(t, err, validation, words)
		_, err = db.BatchGetItem(ctx,
			&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: {Keys: []item{key}}}})
		db.words(t, err, validation, words)

		_, err = db.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
			{Get: &types.Get{TableName: &table, Key: keyOf(1)}}, {Get: &types.Get{TableName: &table, Key: key}}}})
		if db.local { // It may refuse the request as a whole.
			if err == nil {
				t.Error("an incomplete key was looked up")
			}
			return
		}
		reasons := cancelled(t, err, "None", "ValidationError")
		same(t, "message", aws.ToString(reasons[1].Message), words)
	})
}

func TestItemCollectionMetrics_AreThoseOfTablesWithALocalIndex(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		ctx, table, plain := t.Context(), db.indexed(t), db.simple(t)
		const size = types.ReturnItemCollectionMetricsSize
		of := func(m *types.ItemCollectionMetrics, partition string) {
			t.Helper()
			if m == nil {
				t.Fatal("no metrics")
			}
			sameItem(t, m.ItemCollectionKey, item{"pk": str(partition)})
			if !slices.Equal(m.SizeEstimateRangeGB, []float64{0, 1}) {
				t.Errorf("got the range %v", m.SizeEstimateRangeGB)
			}
		}
		put, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: letter("a", 1),
			ReturnItemCollectionMetrics: size})
		check(t, err)
		of(put.ItemCollectionMetrics, "a")
		update, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &table, Key: keyOf(2),
			ReturnItemCollectionMetrics: size})
		check(t, err)
		of(update.ItemCollectionMetrics, "a")
		remove, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: keyOf(2),
			ReturnItemCollectionMetrics: size})
		check(t, err)
		of(remove.ItemCollectionMetrics, "a")
		batch, err := db.BatchWriteItem(ctx,
			&dynamodb.BatchWriteItemInput{ReturnItemCollectionMetrics: size, RequestItems: map[string][]types.WriteRequest{
				table: {{PutRequest: &types.PutRequest{Item: letter("b",
					3)}}}, plain: {{PutRequest: &types.PutRequest{Item: id("a")}}}}})
		check(t, err)
		same(t, "tables", len(batch.ItemCollectionMetrics), 1)
		of(&batch.ItemCollectionMetrics[table][0], "b")
		transaction, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{ReturnItemCollectionMetrics: size,
			TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: &table, Item: letter("c", 4)}},
				{Put: &types.Put{TableName: &table, Item: letter("c", 5)}},
				{Put: &types.Put{TableName: &plain, Item: id("b")}}}})
		check(t, err)
		same(t, "tables", len(transaction.ItemCollectionMetrics), 1)
		if !db.local { // It may name a collection for each write.
			same(t, "collections", len(transaction.ItemCollectionMetrics[table]), 1)
		}
		of(&transaction.ItemCollectionMetrics[table][0], "c")

		unasked, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: letter("a", 1)})
		check(t, err)
		without, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &plain, Item: id("a"),
			ReturnItemCollectionMetrics: size})
		check(t, err)
		if unasked.ItemCollectionMetrics != nil || without.ItemCollectionMetrics != nil {
			t.Error("metrics that were not asked for, or of a table without a local index")
		}
	})
}
