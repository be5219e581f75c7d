package mappertest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// only returns parts of items.
func only(items []item, names ...string) []item {
	parts := []item{}
	for _, i := range items {
		part := make(item)
		for _, name := range names {
			if v, ok := i[name]; ok {
				part[name] = v
			}
		}
		parts = append(parts, part)
	}
	return parts
}

// onIndex is a query of an index for the items of partition a.
func onIndex(table, index string) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{TableName: &table, IndexName: &index, KeyConditionExpression: aws.String("g = :v"),
		ExpressionAttributeValues: item{":v": str("Ga")}}
	if index == "local" {
		in.KeyConditionExpression, in.ExpressionAttributeValues = aws.String("pk = :v"), item{":v": str("a")}
	}
	return in
}

func TestIndexesHoldTheItemsWithTheirKeys(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		query := func(index string) []item {
			t.Helper()
			out, err := db.Query(t.Context(), onIndex(table, index))
			check(t, err)
			return out.Items
		}
		sameItems(t, query("all"), letters(5, 4, 2, 1))
		sameItems(t, query("local"), only(letters(5, 3, 1), "pk", "sk", "l"))
		same(t, "items with the key only", len(query("keys")), 4)
		for _, i := range query("keys") {
			same(t, "attributes in keys", len(i), 3)
		}
		for _, i := range query("some") {
			same(t, "attributes in some", len(i), 4)
			if i["x"] == nil {
				t.Error("x is not in some")
			}
		}
	})
}

func TestIndexesFollowTheItems(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		update := func(sk int, expression string, values item) {
			t.Helper()
			_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: keyOf(sk),
				UpdateExpression: &expression, ExpressionAttributeValues: values})
			check(t, err)
		}
		update(5, "REMOVE gr", nil)
		update(4, "SET g = :v", item{":v": str("elsewhere")})
		update(3, "SET g = :g, gr = :v", item{":g": str("Ga"), ":v": num("0")})
		_, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: keyOf(2)})
		check(t, err)
		out, err := db.Query(t.Context(), onIndex(table, "all"))
		check(t, err)
		sameItems(t, only(out.Items, "sk"), []item{{"sk": num("3")}, {"sk": num("1")}})
	})
}

func TestIndexQueriesGoOnWhereTheyStopped(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		// Two more with the same index key, in an order of the server's.
		same1, same2 := letter("a", 5), letter("a", 5)
		same1["pk"], same2["pk"] = str("c"), str("d")
		db.put(t, table, same1, same2)
		for _, index := range []string{"all", "keys", "local"} {
			for _, forward := range []bool{true, false} {
				in := onIndex(table, index)
				in.ScanIndexForward = &forward
				whole, err := db.Query(t.Context(), in)
				check(t, err)
				in.Limit = aws.Int32(1)
				var got []item
				for {
					out, err := db.Query(t.Context(), in)
					check(t, err)
					got = append(got, out.Items...)
					if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
						break
					}
					names := map[string]int{"all": 4, "keys": 3, "local": 3}
					same(t, "attributes of the key", len(out.LastEvaluatedKey), names[index])
					if len(got) > 20 {
						t.Fatal("the query does not end")
					}
				}
				sameItems(t, got, whole.Items)
			}
		}
		in := onIndex(table, "all")
		in.ExclusiveStartKey = keyOf(4) // without the index's key
		_, err := db.Query(t.Context(), in)
		refused(t, err, validation)
	})
}

func TestAnIndexShowsNoMoreThanItHas(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		project := func(index string, change func(*dynamodb.QueryInput)) ([]item, error) {
			in := onIndex(table, index)
			change(in)
			out, err := db.Query(t.Context(), in)
			if err != nil {
				return nil, err
			}
			return out.Items, nil
		}
		_, err := project("keys", func(in *dynamodb.QueryInput) { in.ProjectionExpression = aws.String("y, x, pk") })
		refused(t, err, validation, "Global secondary index keys does not project [x, y]")
		_, err = project("keys", func(in *dynamodb.QueryInput) { in.Select = types.SelectAllAttributes })
		refused(t, err, validation,
			"Select type ALL_ATTRIBUTES is not supported for global secondary index keys because its projection type is not ALL")
		for _, index := range []string{"keys", "local"} {
			_, err = project(index, func(in *dynamodb.QueryInput) {
				in.FilterExpression, in.ExpressionAttributeValues[":y"] = aws.String("y > :y"), num("0")
			})
			refused(t, err, validation, "Secondary index "+index+" does not project one or more filter attributes: [y]")
		}
		_, err = project("all", func(in *dynamodb.QueryInput) {
			in.FilterExpression, in.ExpressionAttributeValues[":y"] = aws.String("gr > :y"), num("0")
		})
		refused(t, err, validation,
			"Filter Expression can only contain non-primary key attributes: Primary key attribute: gr")
		got, err := project("all", func(in *dynamodb.QueryInput) {
			in.FilterExpression, in.ExpressionAttributeValues[":y"] = aws.String("sk > :y"), num("2")
		})
		check(t, err)
		sameItems(t, got, letters(5, 4))
		got, err = project("all", func(in *dynamodb.QueryInput) { in.Select = types.SelectAllAttributes })
		check(t, err)
		sameItems(t, got, letters(5, 4, 2, 1))

		// A local index gets from the table what it lacks.
		got, err = project("local", func(in *dynamodb.QueryInput) { in.Select = types.SelectAllAttributes })
		check(t, err)
		sameItems(t, got, letters(5, 3, 1))
		got, err = project("local", func(in *dynamodb.QueryInput) { in.ProjectionExpression = aws.String("y, sk") })
		check(t, err)
		sameItems(t, got, only(letters(5, 3, 1), "y", "sk"))
		got, err = project("local", func(in *dynamodb.QueryInput) { in.Select = types.SelectAllProjectedAttributes })
		check(t, err)
		sameItems(t, got, only(letters(5, 3, 1), "pk", "sk", "l"))
		_, err = project("local", func(in *dynamodb.QueryInput) {
			in.Select, in.ProjectionExpression = types.SelectAllProjectedAttributes, aws.String("sk")
		})
		refused(t, err, validation)
	})
}

func TestOnlyGlobalIndexesAreNeverConsistent(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		for index, ok := range map[string]bool{"all": false, "keys": false, "local": true} {
			in := onIndex(table, index)
			in.ConsistentRead = aws.Bool(true)
			_, err := db.Query(t.Context(), in)
			_, scanErr := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, IndexName: &index,
				ConsistentRead: aws.Bool(true)})
			if ok {
				check(t, err)
				check(t, scanErr)
				continue
			}
			refused(t, err, validation)
			refused(t, scanErr, validation)
		}
	})
}

func TestScansOfAnIndex(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		for index, want := range map[string]int{"all": 8, "keys": 8, "local": 6} {
			count := 0
			in := &dynamodb.ScanInput{TableName: &table, IndexName: &index, Limit: aws.Int32(3)}
			for {
				out, err := db.Scan(t.Context(), in)
				check(t, err)
				count += len(out.Items)
				if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
					break
				}
			}
			same(t, "items in "+index, count, want)
		}
		// What an index lacks is missing to a scan's filter, not an error.
		for _, index := range []string{"keys", "local"} {
			out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, IndexName: &index,
				FilterExpression: aws.String("y > :y"), ExpressionAttributeValues: item{":y": num("0")}})
			check(t, err)
			if !db.local { // It looks at the table's item.
				same(t, "items that the filter leaves of "+index, out.Count, 0)
			}
			if out.ScannedCount == 0 {
				t.Error("nothing scanned")
			}
		}
		_, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, IndexName: aws.String("keys"),
			ProjectionExpression: aws.String("y")})
		refused(t, err, validation, "Global secondary index keys does not project [y]")
		_, err = db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, IndexName: aws.String("keys"),
			Select: types.SelectAllAttributes})
		refused(t, err, validation)
	})
}
