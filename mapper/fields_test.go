package mapper_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// knownFields are the fields of the requests and replies of the ten item
// operations, and of the types in them, that package mapper has decided about:
// those of requests are checked, sealed or sent as they are; those of replies
// are opened, checked or left out. A field that the SDK adds fails the test
// until somebody has decided about it and added it here.
var knownFields = map[string]string{
	"AttributeValueUpdate":     "Action Value",
	"BatchGetItemInput":        "RequestItems ReturnConsumedCapacity",
	"BatchGetItemOutput":       "ConsumedCapacity Responses UnprocessedKeys ResultMetadata",
	"BatchWriteItemInput":      "RequestItems ReturnConsumedCapacity ReturnItemCollectionMetrics",
	"BatchWriteItemOutput":     "ConsumedCapacity ItemCollectionMetrics UnprocessedItems ResultMetadata",
	"CancellationReason":       "Code Item Message",
	"Capacity":                 "CapacityUnits ReadCapacityUnits WriteCapacityUnits",
	"Condition":                "ComparisonOperator AttributeValueList",
	"ConditionCheck":           "ConditionExpression Key TableName ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure",
	"ConsumedCapacity":         "CapacityUnits GlobalSecondaryIndexes LocalSecondaryIndexes ReadCapacityUnits Table TableName WriteCapacityUnits",
	"Delete":                   "Key TableName ConditionExpression ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure",
	"DeleteItemInput":          "Key TableName ConditionExpression ConditionalOperator Expected ExpressionAttributeNames ExpressionAttributeValues ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure",
	"DeleteItemOutput":         "Attributes ConsumedCapacity ItemCollectionMetrics ResultMetadata",
	"DeleteRequest":            "Key",
	"ExpectedAttributeValue":   "AttributeValueList ComparisonOperator Exists Value",
	"Get":                      "Key TableName ExpressionAttributeNames ProjectionExpression",
	"GetItemInput":             "Key TableName AttributesToGet ConsistentRead ExpressionAttributeNames ProjectionExpression ReturnConsumedCapacity",
	"GetItemOutput":            "ConsumedCapacity Item ResultMetadata",
	"ItemCollectionMetrics":    "ItemCollectionKey SizeEstimateRangeGB",
	"ItemResponse":             "Item",
	"KeysAndAttributes":        "Keys AttributesToGet ConsistentRead ExpressionAttributeNames ProjectionExpression",
	"Put":                      "Item TableName ConditionExpression ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure",
	"PutItemInput":             "Item TableName ConditionExpression ConditionalOperator Expected ExpressionAttributeNames ExpressionAttributeValues ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure",
	"PutItemOutput":            "Attributes ConsumedCapacity ItemCollectionMetrics ResultMetadata",
	"PutRequest":               "Item",
	"QueryInput":               "TableName AttributesToGet ConditionalOperator ConsistentRead ExclusiveStartKey ExpressionAttributeNames ExpressionAttributeValues FilterExpression IndexName KeyConditionExpression KeyConditions Limit ProjectionExpression QueryFilter ReturnConsumedCapacity ScanIndexForward Select",
	"QueryOutput":              "ConsumedCapacity Count Items LastEvaluatedKey ScannedCount ResultMetadata",
	"ScanInput":                "TableName AttributesToGet ConditionalOperator ConsistentRead ExclusiveStartKey ExpressionAttributeNames ExpressionAttributeValues FilterExpression IndexName Limit ProjectionExpression ReturnConsumedCapacity ScanFilter Segment Select TotalSegments",
	"ScanOutput":               "ConsumedCapacity Count Items LastEvaluatedKey ScannedCount ResultMetadata",
	"TransactGetItem":          "Get",
	"TransactGetItemsInput":    "TransactItems ReturnConsumedCapacity",
	"TransactGetItemsOutput":   "ConsumedCapacity Responses ResultMetadata",
	"TransactWriteItem":        "ConditionCheck Delete Put Update",
	"TransactWriteItemsInput":  "TransactItems ClientRequestToken ReturnConsumedCapacity ReturnItemCollectionMetrics",
	"TransactWriteItemsOutput": "ConsumedCapacity ItemCollectionMetrics ResultMetadata",
	"Update":                   "Key TableName UpdateExpression ConditionExpression ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure",
	"UpdateItemInput":          "Key TableName AttributeUpdates ConditionExpression ConditionalOperator Expected ExpressionAttributeNames ExpressionAttributeValues ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure UpdateExpression",
	"UpdateItemOutput":         "Attributes ConsumedCapacity ItemCollectionMetrics ResultMetadata",
	"WriteRequest":             "DeleteRequest PutRequest",
}

// knownExceptions are the SDK's exceptions with more in them than texts. Only
// those with items concern package mapper, which takes the items out.
var knownExceptions = map[string]string{
	"ConditionalCheckFailedException":        "Item",
	"ProvisionedThroughputExceededException": "ThrottlingReasons",
	"RequestLimitExceeded":                   "ThrottlingReasons",
	"ThrottlingException":                    "ThrottlingReasons",
	"TransactionCanceledException":           "CancellationReasons",
}

func TestFields_OfRequestsAndRepliesAreKnown(t *testing.T) {
	got := make(map[string]string)
	for _, typ := range []reflect.Type{
		reflect.TypeFor[dynamodb.GetItemInput](), reflect.TypeFor[dynamodb.GetItemOutput](),
		reflect.TypeFor[dynamodb.PutItemInput](), reflect.TypeFor[dynamodb.PutItemOutput](),
		reflect.TypeFor[dynamodb.UpdateItemInput](), reflect.TypeFor[dynamodb.UpdateItemOutput](),
		reflect.TypeFor[dynamodb.DeleteItemInput](), reflect.TypeFor[dynamodb.DeleteItemOutput](),
		reflect.TypeFor[dynamodb.QueryInput](), reflect.TypeFor[dynamodb.QueryOutput](),
		reflect.TypeFor[dynamodb.ScanInput](), reflect.TypeFor[dynamodb.ScanOutput](),
		reflect.TypeFor[dynamodb.BatchGetItemInput](), reflect.TypeFor[dynamodb.BatchGetItemOutput](),
		reflect.TypeFor[dynamodb.BatchWriteItemInput](), reflect.TypeFor[dynamodb.BatchWriteItemOutput](),
		reflect.TypeFor[dynamodb.TransactGetItemsInput](), reflect.TypeFor[dynamodb.TransactGetItemsOutput](),
		reflect.TypeFor[dynamodb.TransactWriteItemsInput](), reflect.TypeFor[dynamodb.TransactWriteItemsOutput](),
		reflect.TypeFor[types.CancellationReason](),
	} {
		collectFields(typ, got)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if got[name] != knownFields[name] {
			t.Errorf("%s has the fields\n\t%s\nwant\n\t%s", name, got[name], knownFields[name])
		}
	}
	for name := range knownFields {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is no type of a request or reply", name)
		}
	}
}

// collectFields lists the exported fields of a struct type of the SDK, and of
// those in it, by the types' names.
func collectFields(typ reflect.Type, got map[string]string) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		collectFields(typ.Elem(), got)
	case reflect.Struct:
		if _, ok := got[typ.Name()]; ok || !strings.Contains(typ.PkgPath(), "/dynamodb") {
			return
		}
		got[typ.Name()] = ""
		var names []string
		for i := range typ.NumField() {
			if field := typ.Field(i); field.IsExported() {
				names = append(names, field.Name)
				collectFields(field.Type, got)
			}
		}
		got[typ.Name()] = strings.Join(names, " ")
	}
}

func TestFields_OfExceptionsAreKnown(t *testing.T) {
	found, err := build.Import(reflect.TypeFor[types.ConditionalCheckFailedException]().PkgPath(), ".", build.FindOnly)
	check(t, err)
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(found.Dir, "errors.go"), nil, 0)
	check(t, err)
	got := make(map[string]string)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		var names []string
		for _, field := range spec.Type.(*ast.StructType).Fields.List {
			for _, name := range field.Names {
				if name.IsExported() && name.Name != "Message" && name.Name != "ErrorCodeOverride" {
					names = append(names, name.Name)
				}
			}
		}
		if len(names) > 0 {
			got[spec.Name.Name] = strings.Join(names, " ")
		}
		return true
	})
	equal(t, got, knownExceptions)
}
