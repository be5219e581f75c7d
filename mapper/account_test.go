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

// accounted has each operation with what it may ask to be told about its cost,
// and returns that of the reply.
var accounted = map[string]func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
	metrics types.ReturnItemCollectionMetrics) (any, error){
	"GetItem": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		_ types.ReturnItemCollectionMetrics) (any, error) {
		return c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("1"),
			ReturnConsumedCapacity: capacity})
	},
	"PutItem": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		metrics types.ReturnItemCollectionMetrics) (any, error) {
		return c.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"),
			ReturnConsumedCapacity: capacity, ReturnItemCollectionMetrics: metrics})
	},
	"UpdateItem": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		metrics types.ReturnItemCollectionMetrics) (any, error) {
		return c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			UpdateExpression: aws.String("REMOVE seen"), ReturnConsumedCapacity: capacity,
			ReturnItemCollectionMetrics: metrics})
	},
	"DeleteItem": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		metrics types.ReturnItemCollectionMetrics) (any, error) {
		return c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"),
			ReturnConsumedCapacity: capacity, ReturnItemCollectionMetrics: metrics})
	},
	"Query": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		_ types.ReturnItemCollectionMetrics) (any, error) {
		return c.Query(ctx, &dynamodb.QueryInput{TableName: table,
			KeyConditionExpression:    aws.String("person = :p"),
			ExpressionAttributeValues: crypto.Item{":p": str("ada")}, ReturnConsumedCapacity: capacity})
	},
	"Scan": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		_ types.ReturnItemCollectionMetrics) (any, error) {
		return c.Scan(ctx, &dynamodb.ScanInput{TableName: table, ReturnConsumedCapacity: capacity})
	},
	"BatchGetItem": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		_ types.ReturnItemCollectionMetrics) (any, error) {
		return c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{tableName: {Keys: []crypto.Item{key("1")}}}, ReturnConsumedCapacity: capacity})
	},
	"BatchWriteItem": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		metrics types.ReturnItemCollectionMetrics) (any, error) {
		return c.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
			tableName: {{PutRequest: &types.PutRequest{Item: key("1")}}}}, ReturnConsumedCapacity: capacity,
			ReturnItemCollectionMetrics: metrics})
	},
	"TransactGetItems": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		_ types.ReturnItemCollectionMetrics) (any, error) {
		return c.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: table, Key: key("1")}}}, ReturnConsumedCapacity: capacity})
	},
	"TransactWriteItems": func(ctx context.Context, c *mapper.Client, capacity types.ReturnConsumedCapacity,
		metrics types.ReturnItemCollectionMetrics) (any, error) {
		return c.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: table, Item: key("1")}}}, ReturnConsumedCapacity: capacity, ReturnItemCollectionMetrics: metrics})
	},
}

// account is what a server tells about the cost of a request.
type account struct {
	table      string
	collection crypto.Item
}

// tell puts the account into a reply.
func (a account) tell(out any) {
	capacity := &types.ConsumedCapacity{TableName: &a.table, CapacityUnits: aws.Float64(1)}
	metrics := &types.ItemCollectionMetrics{ItemCollectionKey: a.collection}
	all := map[string][]types.ItemCollectionMetrics{a.table: {*metrics}}
	switch out := out.(type) {
	case *dynamodb.GetItemOutput:
		out.ConsumedCapacity = capacity
	case *dynamodb.PutItemOutput:
		out.ConsumedCapacity, out.ItemCollectionMetrics = capacity, metrics
	case *dynamodb.UpdateItemOutput:
		out.ConsumedCapacity, out.ItemCollectionMetrics = capacity, metrics
	case *dynamodb.DeleteItemOutput:
		out.ConsumedCapacity, out.ItemCollectionMetrics = capacity, metrics
	case *dynamodb.QueryOutput:
		out.ConsumedCapacity = capacity
	case *dynamodb.ScanOutput:
		out.ConsumedCapacity = capacity
	case *dynamodb.BatchGetItemOutput:
		out.ConsumedCapacity = []types.ConsumedCapacity{*capacity}
	case *dynamodb.BatchWriteItemOutput:
		out.ConsumedCapacity, out.ItemCollectionMetrics = []types.ConsumedCapacity{*capacity}, all
	case *dynamodb.TransactGetItemsOutput:
		out.ConsumedCapacity = []types.ConsumedCapacity{*capacity}
	case *dynamodb.TransactWriteItemsOutput:
		out.ConsumedCapacity, out.ItemCollectionMetrics = []types.ConsumedCapacity{*capacity}, all
	}
}

// told returns how many capacities and metrics a reply has.
func told(out any) [2]int {
	one := func(capacity *types.ConsumedCapacity, metrics *types.ItemCollectionMetrics) (n [2]int) {
		if capacity != nil {
			n[0] = 1
		}
		if metrics != nil {
			n[1] = 1
		}
		return n
	}
	switch out := out.(type) {
	case *dynamodb.GetItemOutput:
		return one(out.ConsumedCapacity, nil)
	case *dynamodb.PutItemOutput:
		return one(out.ConsumedCapacity, out.ItemCollectionMetrics)
	case *dynamodb.UpdateItemOutput:
		return one(out.ConsumedCapacity, out.ItemCollectionMetrics)
	case *dynamodb.DeleteItemOutput:
		return one(out.ConsumedCapacity, out.ItemCollectionMetrics)
	case *dynamodb.QueryOutput:
		return one(out.ConsumedCapacity, nil)
	case *dynamodb.ScanOutput:
		return one(out.ConsumedCapacity, nil)
	case *dynamodb.BatchGetItemOutput:
		return [2]int{len(out.ConsumedCapacity)}
	case *dynamodb.BatchWriteItemOutput:
		return [2]int{len(out.ConsumedCapacity), len(out.ItemCollectionMetrics)}
	case *dynamodb.TransactGetItemsOutput:
		return [2]int{len(out.ConsumedCapacity)}
	case *dynamodb.TransactWriteItemsOutput:
		return [2]int{len(out.ConsumedCapacity), len(out.ItemCollectionMetrics)}
	}
	return [2]int{}
}

func TestReply_CostsAreThoseOfTheRequest(t *testing.T) {
	ada, bob := crypto.Item{"person": str("ada")}, crypto.Item{"person": str("bob")}
	writes := map[string]bool{"PutItem": true, "UpdateItem": true, "DeleteItem": true, "BatchWriteItem": true,
		"TransactWriteItems": true}
	several := map[string]bool{"BatchWriteItem": true, "TransactWriteItems": true}
	total, size := types.ReturnConsumedCapacityTotal, types.ReturnItemCollectionMetricsSize
	for op, request := range accounted {
		t.Run(op, func(t *testing.T) {
			forEachFormat(t, func(t *testing.T, f format) {
				for name, c := range map[string]struct {
					told     account
					capacity types.ReturnConsumedCapacity
					metrics  types.ReturnItemCollectionMetrics
					want     [2]int
					bad      bool
				}{
					"asked": {account{tableName, ada}, total, size, [2]int{1, 1}, false},
					"by index": {account{tableName, ada}, types.ReturnConsumedCapacityIndexes, size,
						[2]int{1, 1}, false},
					"by ARN": {account{"arn:aws:dynamodb:eu-west-1:1:table/" + tableName, ada},
						total, "", [2]int{1, 0}, false},
					"not asked": {account{tableName, ada}, "", "", [2]int{}, false},
					"not asked, of others": {account{"plain", bob}, types.ReturnConsumedCapacityNone,
						types.ReturnItemCollectionMetricsNone, [2]int{}, false},
					"capacity of others":    {account{"plain", ada}, total, "", [2]int{}, true},
					"metrics of others":     {account{tableName, bob}, "", size, [2]int{}, writes[op]},
					"metrics with more":     {account{tableName, key("1")}, "", size, [2]int{}, writes[op]},
					"metrics without a key": {account{tableName, nil}, "", size, [2]int{}, writes[op]},
					"metrics of a null": {account{tableName, crypto.Item{"person": nil}}, "", size, [2]int{},
						writes[op]},
					"metrics of other table": {account{"plain", ada}, "", size, [2]int{}, several[op]},
				} {
					w := newWorld(t, f)
					w.put(t, note(1))
					w.lie = func(_ string, _, out any, err error) (any, error) {
						c.told.tell(out)
						return out, err
					}
					out, err := request(t.Context(), w.client, c.capacity, c.metrics)
					if c.bad {
						wantItemError(t, err, op, crypto.ErrTampered)
						continue
					}
					check(t, err)
					want := c.want
					if !writes[op] {
						want[1] = 0
					}
					if name == "metrics of other table" { // one write's metrics name no table
						want[1] = 1
						if !writes[op] {
							want[1] = 0
						}
					}
					if got := told(out); got != want {
						t.Errorf("%s: %v capacities and metrics, want %v", name, got, want)
					}
				}
			})
		})
	}
}

func TestReply_CostsOfUndeclaredTablesPass(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		check(t, w.raw.CreateTable("plain", Note{}).OnDemand(true).Run(t.Context()))
		w.lie = func(_ string, _, out any, err error) (any, error) {
			account{"plain", key("1")}.tell(out)
			return out, err
		}
		write := []types.WriteRequest{{PutRequest: &types.PutRequest{Item: edited(key("1"), "", "subject",
			str("x"))}}}
		out, err := w.client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems:                map[string][]types.WriteRequest{tableName: {{DeleteRequest: &types.DeleteRequest{Key: key("1")}}}, "plain": write},
			ReturnConsumedCapacity:      types.ReturnConsumedCapacityTotal,
			ReturnItemCollectionMetrics: types.ReturnItemCollectionMetricsSize,
		})
		check(t, err)
		equal(t, told(out), [2]int{1, 1})
	})
}
