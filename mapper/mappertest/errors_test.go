package mappertest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	db := inMemory()
	table, none := db.simple(t), aws.String("none")
	exists := aws.String("attribute_exists(id)")
	put := &types.Put{TableName: &table, Item: id("a"), ConditionExpression: exists}
	faulty := mappertest.New(mappertest.WithFault(func(context.Context, string,
		any) error {
		return errors.New("no network")
	}))
	errtest.Golden(t, map[string]error{
		"fault":           second(faulty.GetItem(t.Context(), &dynamodb.GetItemInput{})),
		"no table, write": second(db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: none, Item: id("a")})),
		"no table, read":  second(db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: none, Key: id("a")})),
		"condition": second(db.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: &table, Item: id("a"), ConditionExpression: exists,
		})),
		"expression": second(db.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: &table, Item: id("a"), ConditionExpression: aws.String("x ="),
		})),
		"parameters": second(db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table})),
		"missing key": second(db.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: &table, Item: item{"x": str("y")},
		})),
		"transaction": second(db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
			TransactItems: []types.TransactWriteItem{{Put: put}},
		})),
		"not supported": second(db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
			TableName: &table, SSESpecification: &types.SSESpecification{},
		})),
	})
}
