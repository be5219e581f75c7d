package mappertest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestLegacyParameters_AreChecked(t *testing.T) {
	const without, single = "ConditionalOperator cannot be used without Filter or Expected", "ConditionalOperator can " +
		"only be used when Filter or Expected has two or more elements"
	cases := map[string]struct {
		expected expectations
		operator types.ConditionalOperator
		says     string
	}{
		"no value": {expectations{"x": {}}, "",
			"Value must be provided when Exists is null for Attribute: x"},
		"no value that exists": {expectations{"x": {Exists: aws.Bool(true)}}, "",
			"Value must be provided when Exists is true for Attribute: x"},
		"a value that does not exist": {expectations{"x": {Exists: aws.Bool(false), Value: num("1")}}, "",
			"Value cannot be used when Exists is false for Attribute: x"},
		"a value and a list": {expectations{"x": {ComparisonOperator: "EQ", Value: num("1"),
			AttributeValueList: values{num("1")}}}, "", "Value and AttributeValueList cannot be used together for Attribute: x"},
		"an operator and whether": {expectations{"x": {ComparisonOperator: "LT", Exists: aws.Bool(true)}}, "",
			"Exists and ComparisonOperator cannot be used together for Attribute: x"},
		"an operator without value": {expectations{"x": {ComparisonOperator: "LT"}}, "",
			"Value or AttributeValueList must be used with ComparisonOperator: LT for Attribute: x"},
		"a list without operator": {expectations{"x": {AttributeValueList: values{num("1")}}}, "",
			"AttributeValueList can only be used with a ComparisonOperator for Attribute: x"},
		"too many values": {expectations{"x": {ComparisonOperator: "EQ",
			AttributeValueList: values{num("1"), num("2")}}}, "", "Invalid number of argument(s) for the EQ ComparisonOperator"},
		"too few values": {expectations{"x": {ComparisonOperator: "BETWEEN",
			AttributeValueList: values{num("1")}}}, "", "Invalid number of argument(s) for the BETWEEN ComparisonOperator"},
		"no values": {expectations{"x": {ComparisonOperator: "IN", AttributeValueList: values{}}}, "",
			"Invalid number of argument(s) for the IN ComparisonOperator"},
		"a value of NULL": {expectations{"x": {ComparisonOperator: "NULL",
			AttributeValueList: values{num("1")}}}, "", "Invalid number of argument(s) for the NULL ComparisonOperator"},
		"values of two types": {expectations{"x": {ComparisonOperator: "IN",
			AttributeValueList: values{num("1"), str("1")}}}, "",
			"AttributeValues inside AttributeValueList must be of same type"},
		"a list in order": {expectations{"x": {ComparisonOperator: "LE",
			AttributeValueList: values{list(num("1"))}}}, "", "ComparisonOperator LE is not valid for L AttributeValue type"},
		"a list in a list": {expectations{"x": {ComparisonOperator: "CONTAINS",
			AttributeValueList: values{list(num("1"))}}}, "",
			"ComparisonOperator CONTAINS is not valid for L AttributeValue type"},
		"a number's beginning": {expectations{"x": {ComparisonOperator: "BEGINS_WITH",
			AttributeValueList: values{num("1")}}}, "", "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"},
		"bounds in the wrong order": {expectations{"x": {ComparisonOperator: "BETWEEN",
			AttributeValueList: values{num("2"), num("1")}}}, "",
			"The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"},
		"a bad number": {expectations{"x": {Value: num("1x")}}, "",
			"cannot be converted to a numeric value"},
		"an operator without expectation": {nil, "AND", without},
		"an operator with none":           {expectations{}, "OR", without},
		"an operator with one":            {expectations{"x": {Value: num("1")}}, "AND", single},
		"an unknown operator": {expectations{"x": {ComparisonOperator: "LIKE",
			AttributeValueList: values{num("1")}}}, "",
			"Value 'LIKE' at 'expected.x.member.comparisonOperator' failed to satisfy constraint: Member must satisfy enum " +
				"value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]"},
		"an unknown connection": {expectations{"x": {Value: num("1")}, "y": {Value: num("1")}}, "XOR",
			"Value 'XOR' at 'conditionalOperator' failed to satisfy constraint: Member must satisfy enum value set: [OR, AND]"},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		says := func(t *testing.T, err error, words string) {
			t.Helper()
			if db.local { // It words some in its own way.
				refused(t, err, validation)
			} else {
				refused(t, err, validation, words)
			}
		}
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: id("a"), Expected: c.expected,
					ConditionalOperator: c.operator})
				says(t, err, c.says)
				sameItem(t, db.get(t, table, id("a")), nil)
			})
		}
		_, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, ConditionalOperator: "OR"})
		says(t, err, without)
		_, err = db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table, ConditionalOperator: "OR"})
		says(t, err, without)
		_, err = db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
			KeyConditions: conditions{"id": is("EQ", str("a"))}, QueryFilter: conditions{"x": is("NULL")}, ConditionalOperator: "OR"})
		says(t, err, single)
		_, err = db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
			KeyConditions: conditions{"id": is("NE", str("a"))}})
		says(t, err, "Attempted conditional constraint is not an indexable operation")
	})
}

func TestLegacyParameters_DoNotMixWithExpressions(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		ctx, name := t.Context(), aws.String("attribute_exists(id)")
		one := conditions{"x": is("EQ", num("1"))}
		mixed := func(err error, legacy, expressions string) {
			t.Helper()
			const words = "Can not use both expression and non-expression parameters in the same request: "
			if db.local { // It names them in an order of its own.
				refused(t, err, validation, words)
			} else {
				refused(t, err, validation,
					words+"Non-expression parameters: {"+legacy+"} Expression parameters: {"+expressions+"}")
			}
		}
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: id("a"), ConditionExpression: name,
			ConditionalOperator: "AND", Expected: expectations{"x": {Value: num("1")}}})
		mixed(err, "Expected, ConditionalOperator", "ConditionExpression")
		_, err = db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: id("a"), ConditionExpression: name,
			ConditionalOperator: "AND"})
		mixed(err, "ConditionalOperator", "ConditionExpression")
		_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &table, Key: id("a"),
			UpdateExpression: aws.String("REMOVE x"), ConditionExpression: name,
			AttributeUpdates: updates{"x": {Value: num("1")}}, Expected: expectations{"x": {Value: num("1")}}, ConditionalOperator: "AND"})
		mixed(err, "AttributeUpdates, Expected, ConditionalOperator", "UpdateExpression, ConditionExpression")
		_, err = db.Scan(ctx, &dynamodb.ScanInput{TableName: &table, AttributesToGet: []string{"x"}, ScanFilter: one,
			ConditionalOperator: "AND", FilterExpression: name, ProjectionExpression: aws.String("x")})
		mixed(err, "AttributesToGet, ScanFilter, ConditionalOperator", "ProjectionExpression, FilterExpression")
		_, err = db.Query(ctx, &dynamodb.QueryInput{TableName: &table, KeyConditions: one, QueryFilter: one,
			ConditionalOperator:    "AND",
			KeyConditionExpression: aws.String("id = :v"), FilterExpression: name, ProjectionExpression: aws.String("x"), ExpressionAttributeValues: item{":v": str("a")}})
		mixed(err, "QueryFilter, ConditionalOperator, KeyConditions",
			"ProjectionExpression, FilterExpression, KeyConditionExpression")

		_, err = db.Query(ctx, &dynamodb.QueryInput{TableName: &table, KeyConditions: conditions{"id": is("EQ", str("a"))},
			FilterExpression: aws.String("x = :v"), ExpressionAttributeValues: item{":v": str("a")}})
		check(t, err)
	})
}
