package mappertest_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func putRequest(i item) types.WriteRequest {
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: i}}
}

func deleteRequest(key item) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}}
}

func id(s string) item { return item{"id": str(s)} }

func TestABatchWritesToSeveralTables(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		one, two := db.simple(t), db.indexed(t)
		db.put(t, one, item{"id": str("a"), "x": num("1")}, id("b"))
		out, err := db.BatchWriteItem(t.Context(),
			&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
				one: {putRequest(id("a")), deleteRequest(id("b")), deleteRequest(id("none")),
					putRequest(item{"id": str("c"), "n": num("1.0")})},
				two: {putRequest(letter("a", 1))},
			}})
		check(t, err)
		same(t, "unprocessed", len(out.UnprocessedItems), 0)
		sameItem(t, db.get(t, one, id("a")), id("a"))
		sameItem(t, db.get(t, one, id("b")), nil)
		sameItem(t, db.get(t, one, id("c")), item{"id": str("c"), "n": num("1")})
		sameItem(t, db.get(t, two, keyOf(1)), letter("a", 1))
	})
}

func TestAnInvalidBatchWritesNothing(t *testing.T) {
	many := make([]types.WriteRequest, 26)
	for i := range many {
		many[i] = putRequest(id(strconv.Itoa(i)))
	}
	cases := map[string][]types.WriteRequest{
		"no requests":             {},
		"26 requests":             many,
		"one item twice":          {putRequest(id("a")), putRequest(id("a"))},
		"an item put and deleted": {putRequest(id("a")), deleteRequest(id("a"))},
		"an item without key":     {putRequest(id("a")), putRequest(item{"x": str("b")})},
		"an item of a wrong type": {putRequest(id("a")), putRequest(item{"id": num("1")})},
		"a wrong key":             {putRequest(id("a")), deleteRequest(item{"x": str("b")})},
		"a key of a wrong type":   {putRequest(id("a")), deleteRequest(item{"id": num("1")})},
		"an item that is too large": {putRequest(id("a")),
			putRequest(item{"id": str("b"), "x": str(strings.Repeat("x", 400<<10))})},
		"neither put nor delete": {putRequest(id("a")), {}},
		"both put and delete": {putRequest(id("a")),
			{PutRequest: &types.PutRequest{Item: id("b")}, DeleteRequest: &types.DeleteRequest{Key: id("c")}}},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for name, requests := range cases {
			t.Run(name, func(t *testing.T) {
				_, err := db.BatchWriteItem(t.Context(),
					&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: requests}})
				refused(t, err, validation)
				sameItem(t, db.get(t, table, id("a")), nil)
			})
		}
		_, err := db.BatchWriteItem(t.Context(),
			&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{}})
		refused(t, err, validation)
		_, err = db.BatchWriteItem(t.Context(),
			&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: {putRequest(id("a"))},
				unusedName(): {putRequest(id("a"))}}})
		refused(t, err, "ResourceNotFoundException")
		sameItem(t, db.get(t, table, id("a")), nil)

		indexed := db.indexed(t)
		_, err = db.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
			indexed: {putRequest(letter("a", 1)), putRequest(item{"pk": str("a"), "sk": num("2"), "g": num("1")})}}})
		refused(t, err, validation, "Type mismatch for Index Key")
		sameItem(t, db.get(t, indexed, keyOf(1)), nil)
	})
}

func TestABatchGetsWhatIsThere(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		one, two := db.numbered(t, 3), db.filled(t)
		out, err := db.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			one: {Keys: []item{id("i0"), id("none"), id("i2")}, ConsistentRead: aws.Bool(true)},
			two: {Keys: []item{keyOf(1)}, ProjectionExpression: aws.String("#y"),
				ExpressionAttributeNames: map[string]string{"#y": "y"}},
		}})
		check(t, err)
		same(t, "unprocessed", len(out.UnprocessedKeys), 0)
		got := out.Responses[one]
		slices.SortFunc(got, func(a, b item) int { return strings.Compare(show(a), show(b)) })
		sameItems(t, got, []item{{"id": str("i0"), "v": num("0")}, {"id": str("i2"), "v": num("2")}})
		sameItems(t, out.Responses[two], []item{{"y": num("10")}})

		out, err = db.BatchGetItem(t.Context(),
			&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{one: {Keys: []item{id("none")}},
				two: {Keys: []item{keyOf(1)}, AttributesToGet: []string{"absent"}}}})
		check(t, err)
		if found, ok := out.Responses[one]; !ok || len(found) > 0 {
			t.Errorf("a table without items found: %v", out.Responses)
		}
		sameItems(t, out.Responses[two], []item{{}})
	})
}

func TestAnInvalidBatchGetsNothing(t *testing.T) {
	many := make([]item, 101)
	for i := range many {
		many[i] = id(strconv.Itoa(i))
	}
	cases := map[string]types.KeysAndAttributes{
		"no keys":               {Keys: []item{}},
		"101 keys":              {Keys: many},
		"one key twice":         {Keys: []item{id("a"), id("a")}},
		"a wrong key":           {Keys: []item{id("a"), {"x": str("b")}}},
		"a key of a wrong type": {Keys: []item{{"id": num("1")}}},
		"an empty key":          {Keys: []item{{"id": str("")}}},
		"an unused name": {Keys: []item{id("a")}, ProjectionExpression: aws.String("x"),
			ExpressionAttributeNames: map[string]string{"#x": "x"}},
		"two projections": {Keys: []item{id("a")}, ProjectionExpression: aws.String("x"),
			AttributesToGet: []string{"x"}},
	}
	each(t, func(t *testing.T, db *database) {
		table, other := db.simple(t), db.simple(t)
		for name, keys := range cases {
			t.Run(name, func(t *testing.T) {
				_, err := db.BatchGetItem(t.Context(),
					&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: keys,
						other: {Keys: []item{id("fine")}}}})
				refused(t, err, validation)
			})
		}
		_, err := db.BatchGetItem(t.Context(),
			&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{}})
		refused(t, err, validation)
	})
}

func TestABatchReturnsNoMoreThan16Megabytes(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		want := item{"x": str(strings.Repeat("x", 390<<10))}
		var keys []item
		for i := range 45 {
			key := id(strconv.Itoa(i))
			keys = append(keys, key)
			want["id"] = key["id"]
			db.put(t, table, want)
		}
		seen := make(map[string]bool)
		requests := map[string]types.KeysAndAttributes{table: {Keys: keys, ProjectionExpression: aws.String("id")}}
		calls := 0
		for ; len(requests) > 0; calls++ {
			out, err := db.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: requests})
			check(t, err)
			ids(t, seen, out.Responses[table])
			requests = out.UnprocessedKeys
		}
		same(t, "items", len(seen), 45)
		same(t, "calls", calls, 2)
	})
}
