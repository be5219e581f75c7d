package mapper_test

import (
	"context"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// meter notes the requests that reach a database, and the capacity that they
// consume.
type meter struct {
	dynamodbiface.DynamoDBAPI

	mu          sync.Mutex
	requests    []string
	read, write float64
}

type (
	api = dynamodbiface.DynamoDBAPI
	opt = func(*dynamodb.Options)
)

// metered carries out a request and notes it.
func metered[In, Out any](
	ctx context.Context, m *meter, op string, call func(api, context.Context, *In, ...opt) (*Out, error), in *In, o []opt,
) (*Out, error) {
	asked := *in
	total := reflect.ValueOf(types.ReturnConsumedCapacityTotal)
	reflect.ValueOf(&asked).Elem().FieldByName("ReturnConsumedCapacity").Set(total)
	out, err := call(m.DynamoDBAPI, ctx, &asked, o...)
	if err != nil {
		return out, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests = append(m.requests, op)
	switch consumed := reflect.ValueOf(out).Elem().FieldByName("ConsumedCapacity").Interface().(type) {
	case *types.ConsumedCapacity:
		m.add(op, *consumed)
	case []types.ConsumedCapacity:
		m.add(op, consumed...)
	}
	return out, nil
}

func (m *meter) add(op string, consumed ...types.ConsumedCapacity) {
	for _, c := range consumed {
		switch op {
		case "GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems":
			m.read += aws.ToFloat64(c.CapacityUnits)
		default:
			m.write += aws.ToFloat64(c.CapacityUnits)
		}
	}
}

func (m *meter) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...opt,
) (*dynamodb.GetItemOutput, error) {
	return metered(ctx, m, "GetItem", api.GetItem, in, o)
}

func (m *meter) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, o ...opt,
) (*dynamodb.PutItemOutput, error) {
	return metered(ctx, m, "PutItem", api.PutItem, in, o)
}

func (m *meter) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, o ...opt,
) (*dynamodb.UpdateItemOutput, error) {
	return metered(ctx, m, "UpdateItem", api.UpdateItem, in, o)
}

func (m *meter) DeleteItem(
	ctx context.Context, in *dynamodb.DeleteItemInput, o ...opt,
) (*dynamodb.DeleteItemOutput, error) {
	return metered(ctx, m, "DeleteItem", api.DeleteItem, in, o)
}

func (m *meter) Query(
	ctx context.Context, in *dynamodb.QueryInput, o ...opt,
) (*dynamodb.QueryOutput, error) {
	return metered(ctx, m, "Query", api.Query, in, o)
}

func (m *meter) Scan(
	ctx context.Context, in *dynamodb.ScanInput, o ...opt,
) (*dynamodb.ScanOutput, error) {
	return metered(ctx, m, "Scan", api.Scan, in, o)
}

func (m *meter) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, o ...opt,
) (*dynamodb.BatchGetItemOutput, error) {
	return metered(ctx, m, "BatchGetItem", api.BatchGetItem, in, o)
}

func (m *meter) BatchWriteItem(
	ctx context.Context, in *dynamodb.BatchWriteItemInput, o ...opt,
) (*dynamodb.BatchWriteItemOutput, error) {
	return metered(ctx, m, "BatchWriteItem", api.BatchWriteItem, in, o)
}

func (m *meter) TransactGetItems(
	ctx context.Context, in *dynamodb.TransactGetItemsInput, o ...opt,
) (*dynamodb.TransactGetItemsOutput, error) {
	return metered(ctx, m, "TransactGetItems", api.TransactGetItems, in, o)
}

func (m *meter) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...opt,
) (*dynamodb.TransactWriteItemsOutput, error) {
	return metered(ctx, m, "TransactWriteItems", api.TransactWriteItems, in, o)
}
