package mapper_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

func TestTransaction_ReadsAgainWhenAnItemToDeleteChanged(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		other, _ := w.open(t, f.encryptor(t, 1))
		calls := 0
		w.transact = func(*dynamodb.TransactWriteItemsInput) {
			if calls++; calls == 1 {
				check(t, other.Table(tableName).Update("person", "ada").Range("num", 1).Add("score", 10).Run(t.Context()))
			}
		}
		_, err := w.client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
			TransactItems: []types.TransactWriteItem{{Delete: &types.Delete{TableName: table, Key: key("1"),
				ConditionExpression:       aws.String("body = :body"),
				ExpressionAttributeValues: crypto.Item{":body": str(note(1).Text)}}}},
		})
		check(t, err)
		equal(t, calls, 2)
		equal(t, w.stored(t, 1) == nil, true)
	})
}
