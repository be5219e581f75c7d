package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// tableDB serves the requests of whole-table commands over HTTP, from a database
// in memory.
type tableDB struct {
	*mappertest.DB
	url    string
	onScan func(n int)
}

const tableOf = "accounts-2026"

// newTableDB returns a database with one table, whose key is "id".
func newTableDB(t *testing.T) *tableDB {
	t.Helper()
	database(t, nil) // sets the environment
	db := &tableDB{DB: mappertest.New()}
	db.create(t, tableOf)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the command cancelled the request, as it does when another segment fails
		}
		reply, err := db.serve(r.Context(), strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB_20120810."), body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if err != nil {
			var failed *types.ConditionalCheckFailedException
			var missing *types.ResourceNotFoundException
			kind := "ValidationException"
			if errors.As(err, &failed) {
				kind = "ConditionalCheckFailedException"
			} else if errors.As(err, &missing) {
				kind = "ResourceNotFoundException"
			}
			w.WriteHeader(http.StatusBadRequest)
			reply = map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + kind, "message": "refused"}
		}
		data, err := json.Marshal(reply)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(data) // fails if the command cancelled the request
	}))
	t.Cleanup(server.Close)
	db.url = server.URL
	return db
}

// create creates a table whose key is "id".
func (db *tableDB) create(t *testing.T, name string) {
	t.Helper()
	_, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}}})
	check(t, err)
}

func (db *tableDB) serve(ctx context.Context, operation string, body []byte) (map[string]any, error) {
	var in struct {
		TableName, ConditionExpression            *string
		ConsistentRead                            *bool
		Segment, TotalSegments, Limit             *int32
		Key, Item, ExclusiveStartKey              json.RawMessage
		ExpressionAttributeValues                 json.RawMessage
		ExpressionAttributeNames                  map[string]string
		ReturnConsumedCapacity                    types.ReturnConsumedCapacity
		ReturnValuesOnConditionCheckFailure       types.ReturnValuesOnConditionCheckFailure
		ReturnValues, ReturnItemCollectionMetrics string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	item := func(data json.RawMessage) crypto.Item {
		if data == nil {
			return nil
		}
		parsed, err := itemjson.Parse(data)
		if err != nil {
			panic(err)
		}
		return parsed
	}
	raw := func(item crypto.Item) json.RawMessage {
		if item == nil {
			return nil
		}
		data, err := itemjson.Append(nil, item)
		if err != nil {
			panic(err)
		}
		return data
	}
	switch operation {
	case "DescribeTable":
		_, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: in.TableName})
		return map[string]any{"Table": map[string]any{"ItemCount": 1000}}, err
	case "Scan":
		if db.onScan != nil {
			db.onScan(db.Calls("Scan"))
		}
		out, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: in.TableName, ConsistentRead: in.ConsistentRead, Segment: in.Segment,
			TotalSegments: in.TotalSegments, Limit: in.Limit, ExclusiveStartKey: item(in.ExclusiveStartKey)})
		if err != nil {
			return nil, err
		}
		reply := map[string]any{"Count": out.Count, "ScannedCount": out.ScannedCount,
			"ConsumedCapacity": map[string]any{"TableName": *in.TableName, "CapacityUnits": 1}}
		items := []json.RawMessage{}
		for _, i := range out.Items {
			items = append(items, raw(i))
		}
		reply["Items"] = items
		if out.LastEvaluatedKey != nil {
			reply["LastEvaluatedKey"] = raw(out.LastEvaluatedKey)
		}
		return reply, nil
	case "GetItem":
		out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: in.TableName, Key: item(in.Key), ConsistentRead: in.ConsistentRead})
		if err != nil || out.Item == nil {
			return map[string]any{}, err
		}
		return map[string]any{"Item": raw(out.Item)}, nil
	case "PutItem":
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: in.TableName, Item: item(in.Item), ConditionExpression: in.ConditionExpression,
			ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: item(in.ExpressionAttributeValues)})
		return map[string]any{}, err
	case "DeleteItem":
		_, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: in.TableName, Key: item(in.Key), ConditionExpression: in.ConditionExpression,
			ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: item(in.ExpressionAttributeValues)})
		return map[string]any{}, err
	}
	return nil, errors.New("unknown operation " + operation)
}

// put stores an item as it is.
func (db *tableDB) put(t *testing.T, line string) {
	t.Helper()
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(tableOf), Item: parse(t, line)})
	check(t, err)
}

// stored returns all items, one a line, by key.
func (db *tableDB) stored(t *testing.T) map[string]string {
	t.Helper()
	out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(tableOf)})
	check(t, err)
	items := make(map[string]string)
	for _, item := range out.Items {
		items[item["id"].(*types.AttributeValueMemberS).Value] = oneLineOf(t, item)
	}
	return items
}
