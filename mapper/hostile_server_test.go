package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
)

// hostile is a DynamoDB that answers as it likes: honestly, with something
// wrong in any field of a reply, with errors that do not belong to the request,
// or from a storage that it has changed.
type hostile struct {
	dynamodbiface.DynamoDBAPI // the honest one
	*forger

	honest bool // answer honestly for now
	calls  int  // in the current use

	// leak is called with each request and what it leaks.
	leak func(op, what string)
}

// maxCalls bounds the requests of one use, which would otherwise go on for as
// long as the server says that something is unprocessed.
const maxCalls = 12

var errEnough = errors.New("enough requests")

// answer carries out one request, and lies.
func answer[In, Out any](h *hostile, op string, in *In, carryOut func() (*Out, error)) (*Out, error) {
	h.look(op, reflect.ValueOf(in))
	if h.honest {
		return carryOut()
	}
	if h.calls++; h.calls > maxCalls {
		return nil, errEnough
	}
	if h.oneIn(10, "storage") {
		h.changeStorage()
	}
	out, err := carryOut()
	h.collect(reflect.ValueOf(out))
	how := h.index(10, "lie")
	switch how {
	case 0, 1, 2, 3: // none
		return out, err
	case 4:
		return nil, h.exception()
	case 5:
		return h.forge(reflect.TypeFor[*Out](), 5).Interface().(*Out), nil
	}
	if err != nil && h.oneIn(2, "error") {
		return nil, h.spoilError(err)
	}
	lie := reflect.New(reflect.TypeFor[Out]())
	if err == nil {
		lie = copyOf(reflect.ValueOf(out))
	}
	for range 1 + h.index(2, "changes") {
		if how < 8 {
			h.exchange(lie.Elem())
		} else {
			h.spoil(lie.Elem())
		}
	}
	return lie.Interface().(*Out), nil
}

// spoilError changes the items that an error carries.
func (h *hostile) spoilError(err error) error {
	var condition *types.ConditionalCheckFailedException
	var cancellation *types.TransactionCanceledException
	switch {
	case errors.As(err, &condition):
		e := *condition
		e.Item = h.item()
		return fmt.Errorf("operation error DynamoDB: %w", &e)
	case errors.As(err, &cancellation):
		e := *cancellation
		e.CancellationReasons = copyOf(reflect.ValueOf(e.CancellationReasons)).Interface().([]types.CancellationReason)
		h.spoil(reflect.ValueOf(&e.CancellationReasons).Elem())
		for i := range e.CancellationReasons {
			if h.oneIn(2, "reason") {
				e.CancellationReasons[i].Item = h.item()
			}
		}
		return fmt.Errorf("operation error DynamoDB: %w", &e)
	}
	return err
}

// changeStorage stores an item of the loot, as whoever can write to the table
// could.
func (h *hostile) changeStorage() {
	table := tables[h.index(2, "table")]
	_, _ = h.DynamoDBAPI.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &table, Item: h.item()})
}

// look looks through a request for plaintext, and keeps what may be useful.
func (h *hostile) look(op string, v reflect.Value) {
	if what := findCanary(v); what != "" {
		h.leak(op, what)
	}
	h.collect(v)
}

// collect adds the items in v to the loot, which keeps the latest.
func (h *hostile) collect(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			h.collect(v.Elem())
		}
	case reflect.Struct:
		for _, i := range exported(v.Type()) {
			h.collect(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			h.collect(v.Index(i))
		}
	case reflect.Map:
		if v.Type() == itemType {
			if item := v.Interface().(crypto.Item); item["person"] != nil && len(item) > 3 {
				h.loot = append(h.loot, copyOf(v).Interface().(crypto.Item))
				if len(h.loot) > 30 {
					h.loot = append(h.loot[:10:10], h.loot[15:]...) // the first ones are the forger's own
				}
			}
			return
		}
		for _, key := range sortedKeys(v) {
			h.collect(v.MapIndex(key))
		}
	}
}

// canary is in every plaintext that must not leave, and canaryNumber in every
// number.
const (
	canary       = "CANARY"
	canaryNumber = "86753090"
)

// findCanary returns where in v a canary is, or "".
func findCanary(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return findCanary(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if what := findCanary(v.Field(i)); what != "" {
				return v.Type().Field(i).Name + "." + what
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return findCanary(reflect.ValueOf(string(v.Bytes())))
		}
		for i := range v.Len() {
			if what := findCanary(v.Index(i)); what != "" {
				return what
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			for _, part := range []reflect.Value{key, v.MapIndex(key)} {
				if what := findCanary(part); what != "" {
					return key.String() + "." + what
				}
			}
		}
	case reflect.String:
		if s := v.String(); strings.Contains(s, canary) || strings.Contains(s, canaryNumber) {
			return "(a canary)"
		}
	}
	return ""
}

func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}

func (h *hostile) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return answer(h, "GetItem", in, func() (*dynamodb.GetItemOutput, error) { return h.DynamoDBAPI.GetItem(ctx, in) })
}

func (h *hostile) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return answer(h, "PutItem", in, func() (*dynamodb.PutItemOutput, error) { return h.DynamoDBAPI.PutItem(ctx, in) })
}

func (h *hostile) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return answer(h, "UpdateItem", in, func() (*dynamodb.UpdateItemOutput,
		error) {
		return h.DynamoDBAPI.UpdateItem(ctx, in)
	})
}

func (h *hostile) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return answer(h, "DeleteItem", in, func() (*dynamodb.DeleteItemOutput,
		error) {
		return h.DynamoDBAPI.DeleteItem(ctx, in)
	})
}

func (h *hostile) Query(ctx context.Context, in *dynamodb.QueryInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return answer(h, "Query", in, func() (*dynamodb.QueryOutput, error) { return h.DynamoDBAPI.Query(ctx, in) })
}

func (h *hostile) Scan(ctx context.Context, in *dynamodb.ScanInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return answer(h, "Scan", in, func() (*dynamodb.ScanOutput, error) { return h.DynamoDBAPI.Scan(ctx, in) })
}

func (h *hostile) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return answer(h, "BatchGetItem", in, func() (*dynamodb.BatchGetItemOutput,
		error) {
		return h.DynamoDBAPI.BatchGetItem(ctx, in)
	})
}

func (h *hostile) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return answer(h, "BatchWriteItem", in, func() (*dynamodb.BatchWriteItemOutput,
		error) {
		return h.DynamoDBAPI.BatchWriteItem(ctx, in)
	})
}

func (h *hostile) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return answer(h, "TransactGetItems", in, func() (*dynamodb.TransactGetItemsOutput,
		error) {
		return h.DynamoDBAPI.TransactGetItems(ctx, in)
	})
}

func (h *hostile) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return answer(h, "TransactWriteItems", in, func() (*dynamodb.TransactWriteItemsOutput, error) {
		return h.DynamoDBAPI.TransactWriteItems(ctx, in)
	})
}

func (h *hostile) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return answer(h, "DescribeTable", in, func() (*dynamodb.DescribeTableOutput,
		error) {
		return h.DynamoDBAPI.DescribeTable(ctx, in)
	})
}

func (h *hostile) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	return answer(h, "CreateTable", in, func() (*dynamodb.CreateTableOutput,
		error) {
		return h.DynamoDBAPI.CreateTable(ctx, in)
	})
}

func (h *hostile) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput,
	_ ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	return answer(h, "UpdateTable", in, func() (*dynamodb.UpdateTableOutput,
		error) {
		return h.DynamoDBAPI.UpdateTable(ctx, in)
	})
}
