package mapper_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// requests has one request of each operation on the table, for the note 1.
var requests = map[string]func(ctx context.Context, c *mapper.Client) (any, error){
	"GetItem": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("1")})
	},
	"PutItem": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"),
			ReturnValues: types.ReturnValueAllOld})
	},
	"UpdateItem": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			UpdateExpression:          aws.String("ADD seen :n"),
			ExpressionAttributeValues: crypto.Item{":n": num("1")}, ReturnValues: types.ReturnValueAllNew})
	},
	"DeleteItem": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"),
			ReturnValues: types.ReturnValueAllOld})
	},
	"Query": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.Query(ctx, &dynamodb.QueryInput{TableName: table, KeyConditionExpression: aws.String("person = :p"),
			ExpressionAttributeValues: crypto.Item{":p": str("ada")}})
	},
	"Scan": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.Scan(ctx, &dynamodb.ScanInput{TableName: table})
	},
	"BatchGetItem": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			tableName: {Keys: []crypto.Item{key("1")}}}})
	},
	"BatchWriteItem": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
			tableName: {{DeleteRequest: &types.DeleteRequest{Key: key("1")}}}}})
	},
	"TransactGetItems": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
			{Get: &types.Get{TableName: table, Key: key("1")}}}})
	},
	"TransactWriteItems": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Delete: &types.Delete{TableName: table, Key: key("1")}}}})
	},
}

// tableRequests has those that are about a table as a whole.
var tableRequests = map[string]func(ctx context.Context, c *mapper.Client) (any, error){
	"DescribeTable": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: table})
	},
	"CreateTable": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.CreateTable(ctx, &dynamodb.CreateTableInput{TableName: table})
	},
	"UpdateTable": func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: table})
	},
}

func TestReply_ThatIsMissingIsAnError(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.lie = func(string, any, any, error) (any, error) { return nil, nil }
		for _, all := range []map[string]func(context.Context, *mapper.Client) (any, error){requests, tableRequests} {
			for op, request := range all {
				_, err := request(t.Context(), w.client)
				wantItemError(t, err, op, crypto.ErrTampered)
			}
		}
	})
}

func TestReply_ItemsThatWereNotAskedForAreLeftOut(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		one := w.stored(t, 1)
		w.lie = func(op string, _, _ any, _ error) (any, error) {
			switch op {
			case "PutItem":
				return &dynamodb.PutItemOutput{Attributes: one}, nil
			case "UpdateItem":
				return &dynamodb.UpdateItemOutput{Attributes: one}, nil
			}
			return &dynamodb.DeleteItemOutput{Attributes: one}, nil
		}
		for _, returns := range []types.ReturnValue{"", types.ReturnValueNone} {
			put, err := w.client.PutItem(t.Context(),
				&dynamodb.PutItemInput{TableName: table, Item: key("1"), ReturnValues: returns})
			check(t, err)
			update, err := w.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
				UpdateExpression: aws.String("REMOVE seen"), ReturnValues: returns})
			check(t, err)
			del, err := w.client.DeleteItem(t.Context(),
				&dynamodb.DeleteItemInput{TableName: table, Key: key("1"), ReturnValues: returns})
			check(t, err)
			equal(t, []crypto.Item{put.Attributes, update.Attributes, del.Attributes}, []crypto.Item{nil, nil, nil})
		}
	})
}

func TestReply_AnIndexMayHoldAnItemTwiceThatMovedMeanwhile(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		moved := note(1)
		moved.Topic, moved.Rank = "looms", 77
		w.put(t, moved)
		after := w.stored(t, 1)
		w.put(t, note(1))
		before := w.stored(t, 1)
		for index, allowed := range map[string]bool{"": false, "by-topic": true, "by-rank": true,
			"not-declared": true} {
			in := &dynamodb.ScanInput{TableName: table}
			if index != "" {
				in.IndexName = &index
			}
			w.lie = func(string, any, any, error) (any, error) {
				return &dynamodb.ScanOutput{Items: []crypto.Item{before, after}, Count: 2, ScannedCount: 2}, nil
			}
			out, err := w.client.Scan(t.Context(), in)
			if !allowed {
				wantItemError(t, err, "Scan", crypto.ErrTampered)
				continue
			}
			check(t, err)
			equal(t, len(out.Items), 2)
			if index == "not-declared" {
				continue // any attribute may be in its key
			}
			again := edited(before, "", "seen", num("77")) // no key of the index
			w.lie = func(string, any, any, error) (any, error) {
				return &dynamodb.ScanOutput{Items: []crypto.Item{before, again}, Count: 2, ScannedCount: 2}, nil
			}
			_, err = w.client.Scan(t.Context(), in)
			wantItemError(t, err, "Scan", crypto.ErrTampered)
		}
	})
}

func TestFilter_MayBeAboutTheFormatsAttributes(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		for filter, want := range map[string]int{
			"attribute_exists('" + f.signature + "') AND attribute_exists('" + f.header + "')": 1,
			"attribute_not_exists('" + f.signature + "')":                                      0,
		} {
			var got []Note
			check(t, w.table().Scan().Filter(filter).All(t.Context(), &got))
			equal(t, len(got), want)
		}
	})
}

func TestException_ThatIsATypedNilIsNoItem(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		var condition *types.ConditionalCheckFailedException
		var cancellation *types.TransactionCanceledException
		for _, exception := range []error{condition, cancellation} {
			w.lie = func(string, any, any, error) (any, error) { return nil, exception }
			for op, request := range requests {
				if _, err := request(t.Context(), w.client); err == nil {
					t.Errorf("%s: no error", op)
				}
			}
		}
	})
}
