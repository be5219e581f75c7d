package mapper

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// genValue draws from few values, so that two are often equal, or nearly.
func genValue(depth int) *rapid.Generator[types.AttributeValue] {
	text := rapid.SampledFrom([]string{"", "1", "1.0", "a", "b"})
	number := rapid.SampledFrom([]string{"1", "1.0", "2"})
	return rapid.Custom(func(t *rapid.T) types.AttributeValue {
		kinds := 8
		if depth > 0 {
			kinds = 10
		}
		switch rapid.IntRange(1, kinds).Draw(t, "kind") {
		case 1:
			return &types.AttributeValueMemberS{Value: text.Draw(t, "S")}
		case 2:
			return &types.AttributeValueMemberN{Value: number.Draw(t, "N")}
		case 3:
			return &types.AttributeValueMemberB{Value: []byte(text.Draw(t, "B"))}
		case 4:
			return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "BOOL")}
		case 5:
			return &types.AttributeValueMemberNULL{Value: true}
		case 6:
			return &types.AttributeValueMemberSS{Value: rapid.SliceOfNDistinct(text, 1, 2, rapid.ID).Draw(t, "SS")}
		case 7:
			return &types.AttributeValueMemberNS{Value: rapid.SliceOfNDistinct(number, 1, 2, rapid.ID).Draw(t, "NS")}
		case 8:
			var members [][]byte
			for _, s := range rapid.SliceOfNDistinct(text, 1, 2, rapid.ID).Draw(t, "BS") {
				members = append(members, []byte(s))
			}
			return &types.AttributeValueMemberBS{Value: members}
		case 9:
			return &types.AttributeValueMemberL{Value: rapid.SliceOfN(genValue(depth-1), 0, 2).Draw(t, "L")}
		}
		return &types.AttributeValueMemberM{Value: rapid.MapOfN(text, genValue(depth-1), 0, 2).Draw(t, "M")}
	})
}

func TestADigestTellsValuesApartAsDynamoDBDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genValue(2).Draw(t, "a"), genValue(2).Draw(t, "b")
		var x, y digest
		x.value(a)
		y.value(b)
		if (x.String() == y.String()) != expr.Equal(a, b) {
			t.Fatalf("%#v and %#v: equal is %v", a, b, expr.Equal(a, b))
		}
	})
}

func TestADigestTellsTransactionsApart(t *testing.T) {
	item := crypto.Item{"k": &types.AttributeValueMemberS{Value: "v"}}
	table, other, condition := aws.String("t"), aws.String("u"), aws.String("attribute_exists(k)")
	all := [][]types.TransactWriteItem{
		{},
		{{Put: &types.Put{TableName: table, Item: item}}},
		{{Put: &types.Put{TableName: other, Item: item}}},
		{{Put: &types.Put{TableName: table, Item: crypto.Item{"k": &types.AttributeValueMemberB{Value: []byte("v")}}}}},
		{{Put: &types.Put{TableName: table, Item: item, ConditionExpression: condition}}},
		{{Put: &types.Put{TableName: table, Item: item, ConditionExpression: condition, ExpressionAttributeNames: map[string]string{"#k": "k"}}}},
		{{Put: &types.Put{TableName: table, Item: item, ConditionExpression: condition, ExpressionAttributeNames: map[string]string{"#k": "l"}}}},
		{{Put: &types.Put{TableName: table, Item: item, ConditionExpression: condition, ExpressionAttributeValues: item}}},
		{{Put: &types.Put{TableName: table, Item: item}}, {Put: &types.Put{TableName: table, Item: item}}},
		{{Delete: &types.Delete{TableName: table, Key: item}}},
		{{ConditionCheck: &types.ConditionCheck{TableName: table, Key: item}}},
		{{Update: &types.Update{TableName: table, Key: item}}},
		{{Update: &types.Update{TableName: table, Key: item, UpdateExpression: condition}}},
		{{Update: &types.Update{TableName: table, Key: item, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}}},
	}
	seen := make(map[string]int)
	for i, items := range all {
		d := transactionDigest("token", items)
		if j, ok := seen[d]; ok {
			t.Errorf("transactions %d and %d are taken for the same", i, j)
		}
		seen[d] = i
		if d != transactionDigest("token", items) {
			t.Errorf("transaction %d is not the same as itself", i)
		}
	}
	if transactionDigest("other", all[1]) == transactionDigest("token", all[1]) {
		t.Error("transactions with different tokens are taken for the same")
	}
}
