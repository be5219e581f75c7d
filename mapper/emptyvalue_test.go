package mapper_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
)

// An empty binary comes back as one, not as the nil that no request can hold.
func TestUpdateItem_OfAnItemWithEmptyBinaries(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		empty := &types.AttributeValueMemberB{Value: []byte{}}
		item := crypto.Item{"person": str("ada"), "num": num("1"), "subject": str("x"), "score": num("1"), "body": empty,
			"labels": &types.AttributeValueMemberM{Value: crypto.Item{"in": empty}}}
		check(t, w.table().Put(item).Run(t.Context()))
		out, err := w.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			UpdateExpression: aws.String("SET subject = :s"), ExpressionAttributeValues: crypto.Item{":s": str("y")},
			ReturnValues: types.ReturnValueAllNew})
		check(t, err)
		item["subject"] = str("y")
		equal(t, out.Attributes, item)
	})
}

// A caller's nil deep inside a value is refused, and does not end the program.
func TestUpdateItem_NilInsideAValue(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		list := &types.AttributeValueMemberL{Value: []types.AttributeValue{(*types.AttributeValueMemberS)(nil)}}
		_, err := w.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			UpdateExpression: aws.String("SET body = :l"), ExpressionAttributeValues: crypto.Item{":l": list}})
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "ValidationException" {
			t.Errorf("got error %v, want a ValidationException", err)
		}
	})
}
