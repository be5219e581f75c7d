package mappertest_test

import (
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// numbered creates a table of n items i0, i1, ... with v 0, 1, ...
func (db *database) numbered(t *testing.T, n int) string {
	t.Helper()
	table := db.simple(t)
	for i := range n {
		db.put(t, table, item{"id": str("i" + strconv.Itoa(i)), "v": num(strconv.Itoa(i))})
	}
	return table
}

// ids collects the ids of items, each of which must come once.
func ids(t *testing.T, into map[string]bool, items []item) {
	t.Helper()
	for _, i := range items {
		id := i["id"].(*types.AttributeValueMemberS).Value
		if into[id] {
			t.Errorf("%s came twice", id)
		}
		into[id] = true
	}
}

func TestAScanReturnsEveryItemOnce(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.numbered(t, 20)
		for _, limit := range []*int32{nil, aws.Int32(1), aws.Int32(7), aws.Int32(20), aws.Int32(100)} {
			seen := make(map[string]bool)
			in := &dynamodb.ScanInput{TableName: &table, Limit: limit}
			for {
				out, err := db.Scan(t.Context(), in)
				check(t, err)
				ids(t, seen, out.Items)
				if limit != nil {
					same(t, "more", out.LastEvaluatedKey != nil, len(out.Items) == int(*limit))
				}
				if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
					break
				}
			}
			same(t, "items", len(seen), 20)
		}
	})
}

func TestAScanIsInTheSameOrderEachTime(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.numbered(t, 10)
		first, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
		check(t, err)
		second, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
		check(t, err)
		sameItems(t, first.Items, second.Items)
	})
}

func TestTheSegmentsOfAScanMakeUpTheTable(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.numbered(t, 30)
		for _, total := range []int32{1, 2, 3, 50} {
			seen := make(map[string]bool)
			for segment := range total {
				in := &dynamodb.ScanInput{TableName: &table, Segment: &segment, TotalSegments: &total, Limit: aws.Int32(4)}
				for {
					out, err := db.Scan(t.Context(), in)
					check(t, err)
					ids(t, seen, out.Items)
					if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
						break
					}
				}
			}
			same(t, "items", len(seen), 30)
		}
	})
}

func TestSegmentsAreChecked(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.numbered(t, 8)
		for _, in := range []dynamodb.ScanInput{
			{Segment: aws.Int32(1)},
			{TotalSegments: aws.Int32(1)},
			{Segment: aws.Int32(3), TotalSegments: aws.Int32(3)},
			{Segment: aws.Int32(-1), TotalSegments: aws.Int32(3)},
			{Segment: aws.Int32(0), TotalSegments: aws.Int32(0)},
			{Segment: aws.Int32(0), TotalSegments: aws.Int32(1000001)},
		} {
			in.TableName = &table
			_, err := db.Scan(t.Context(), &in)
			refused(t, err, validation)
		}
		// A key belongs to one segment.
		accepted := 0
		for segment := range int32(4) {
			_, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, Segment: &segment,
				TotalSegments: aws.Int32(4), ExclusiveStartKey: item{"id": str("i0")}})
			if err == nil {
				accepted++
				continue
			}
			refused(t, err, validation)
		}
		same(t, "segments that a starting key is in", accepted, 1)
	})
}

func TestAScanFiltersAndSelects(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.numbered(t, 8)
		out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table,
			FilterExpression: aws.String("v > :v AND id <> :i"), ExpressionAttributeValues: item{":v": num("5"),
				":i": str("i7")}})
		check(t, err)
		sameItems(t, out.Items, []item{{"id": str("i6"), "v": num("6")}})
		same(t, "scanned", out.ScannedCount, 8)
		out, err = db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, Select: types.SelectCount})
		check(t, err)
		same(t, "count", out.Count, 8)
		if out.Items != nil {
			t.Error("items beside the count")
		}
		for _, in := range []dynamodb.ScanInput{{ProjectionExpression: aws.String("v")}, {AttributesToGet: []string{"v"}}} {
			in.TableName = &table
			out, err = db.Scan(t.Context(), &in)
			check(t, err)
			for _, i := range out.Items {
				same(t, "attributes", len(i), 1)
			}
		}
		for _, in := range []dynamodb.ScanInput{
			{Limit: aws.Int32(0)},
			{IndexName: aws.String("nope")},
			{Select: types.SelectAllProjectedAttributes},
			{Select: types.SelectSpecificAttributes},
			{ExpressionAttributeValues: item{":v": num("5")}},
			{ExclusiveStartKey: item{"x": str("a")}},
			{ExclusiveStartKey: item{"id": num("1")}},
			{ExclusiveStartKey: item{"id": str("a"), "x": str("a")}},
		} {
			in.TableName = &table
			_, err := db.Scan(t.Context(), &in)
			refused(t, err, validation)
		}
	})
}

func TestAStartingKeyNeedNotExist(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.numbered(t, 8)
		out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, Limit: aws.Int32(4)})
		check(t, err)
		seen := make(map[string]bool)
		ids(t, seen, out.Items)
		_, err = db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: out.LastEvaluatedKey})
		check(t, err)
		if db.local {
			return // It starts from the beginning then.
		}
		out, err = db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, ExclusiveStartKey: out.LastEvaluatedKey})
		check(t, err)
		ids(t, seen, out.Items)
		same(t, "items", len(seen), 8)
	})
}
