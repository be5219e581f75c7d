package mappertest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func TestAnItemNeedsItsKey(t *testing.T) {
	cases := map[string]item{
		"none":                   {"x": str("a")},
		"no range key":           {"pk": str("a")},
		"no hash key":            {"sk": num("1")},
		"a wrong type":           {"pk": num("1"), "sk": num("1")},
		"a wrong range type":     {"pk": str("a"), "sk": str("1")},
		"an empty hash key":      {"pk": str(""), "sk": num("1")},
		"a hash key of 2049":     {"pk": str(strings.Repeat("a", 2049)), "sk": num("1")},
		"a wrong index type":     {"pk": str("a"), "sk": num("1"), "g": num("1")},
		"a wrong local type":     {"pk": str("a"), "sk": num("1"), "l": num("1")},
		"an empty index key":     {"pk": str("a"), "sk": num("1"), "g": str("")},
		"an index type, no item": {"pk": str("none"), "sk": num("1"), "gr": str("x")},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.indexed(t)
		for name, i := range cases {
			t.Run(name, func(t *testing.T) {
				_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: i})
				refused(t, err, validation)
			})
		}
		db.put(t, table, item{"pk": str(strings.Repeat("a", 2048)), "sk": num("1")})
	})
}

func TestARangeKeyHasALimit(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.create(t, &dynamodb.CreateTableInput{AttributeDefinitions: attributes("h B", "r B"),
			KeySchema: keys("h", "r")})
		db.put(t, table, item{"h": bin("a"), "r": bin(strings.Repeat("a", 1024))})
		for _, i := range []item{{"h": bin("a"), "r": bin(strings.Repeat("a", 1025))},
			{"h": bin(strings.Repeat("a", 2049)), "r": bin("a")}} {
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: i})
			refused(t, err, validation)
		}
		for _, i := range []item{{"h": bin(""), "r": bin("a")}, {"h": bin("a"), "r": bin("")}} {
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: i})
			refused(t, err, validation, "cannot contain an empty binary value")
		}
	})
}

func TestAKeyIsTheWholeKeyAndNothingElse(t *testing.T) {
	cases := map[string]item{
		"empty":              {},
		"no range key":       {"pk": str("a")},
		"another attribute":  {"pk": str("a"), "x": num("1")},
		"one more":           {"pk": str("a"), "sk": num("1"), "x": str("a")},
		"a wrong type":       {"pk": str("a"), "sk": str("1")},
		"an empty hash key":  {"pk": str(""), "sk": num("1")},
		"a hash key of 2049": {"pk": str(strings.Repeat("a", 2049)), "sk": num("1")},
		"a bad number":       {"pk": str("a"), "sk": num("x")},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.indexed(t)
		for name, key := range cases {
			t.Run(name, func(t *testing.T) {
				_, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key})
				refused(t, err, validation)
				_, err = db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: key})
				refused(t, err, validation)
				_, err = db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: key,
					UpdateExpression: aws.String("REMOVE x")})
				refused(t, err, validation)
			})
		}
	})
}

func TestEqualNumbersAreOneKey(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.indexed(t)
		db.put(t, table, item{"pk": str("a"), "sk": num("1.0")}, item{"pk": str("a"), "sk": num("1"), "second": num("1")},
			item{"pk": str("a"), "sk": num("1e0"), "third": num("1")})
		out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
		check(t, err)
		sameItems(t, out.Items, []item{{"pk": str("a"), "sk": num("1"), "third": num("1")}})
	})
}

func TestAnUpdateCannotChangeAKey(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.indexed(t)
		key := item{"pk": str("a"), "sk": num("1")}
		db.put(t, table, key)
		for _, u := range []struct {
			expression, attribute string
			values                item
		}{{"SET pk = :v", "pk", item{":v": str("b")}}, {"REMOVE sk", "sk", nil}, {"ADD sk :v", "sk", item{":v": num("1")}}} {
			_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: key,
				UpdateExpression: &u.expression, ExpressionAttributeValues: u.values})
			refused(t, err, validation, "Cannot update attribute "+u.attribute+". This attribute is part of the key")
		}
		_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: key,
			UpdateExpression: aws.String("SET g = :v"), ExpressionAttributeValues: item{":v": str("")}})
		refused(t, err, validation, "cannot contain an empty string value")
		// DynamoDB Local stores an index key of a wrong type; the service does not.
		if _, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: key,
			UpdateExpression: aws.String("SET g = :v"), ExpressionAttributeValues: item{":v": num("1")}}); !db.local {
			refused(t, err, validation, "Type mismatch")
		}
	})
}
