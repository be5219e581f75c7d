package mapper_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// keyedRequests has every request with a key in it, given the key.
var keyedRequests = map[string]func(ctx context.Context, c *mapper.Client, key crypto.Item) error{
	"GetItem": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		_, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key})
		return err
	},
	"DeleteItem": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		_, err := c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key})
		return err
	},
	"UpdateItem": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		_, err := c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key,
			UpdateExpression: aws.String("REMOVE seen")})
		return err
	},
	"BatchGetItem": func(ctx context.Context, c *mapper.Client, k crypto.Item) error {
		_, err := c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			tableName: {Keys: []crypto.Item{key("5"), k}}}})
		return err
	},
	"BatchWriteItem": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		_, err := c.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
			tableName: {{DeleteRequest: &types.DeleteRequest{Key: key}}}}})
		return err
	},
	"TransactGetItems": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		_, err := c.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
			{Get: &types.Get{TableName: table, Key: key}}}})
		return err
	},
	"TransactWriteItems, delete": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		return transact(ctx, c, types.TransactWriteItem{Delete: &types.Delete{TableName: table, Key: key}})
	},
	"TransactWriteItems, update": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		return transact(ctx, c, types.TransactWriteItem{Update: &types.Update{TableName: table, Key: key,
			UpdateExpression: aws.String("REMOVE seen")}})
	},
	"TransactWriteItems, check": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		return transact(ctx, c, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: table,
			Key: key, ConditionExpression: aws.String("attribute_exists(person)")}})
	},
	"Query": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: table, ExclusiveStartKey: key,
			KeyConditionExpression:    aws.String("person = :p"),
			ExpressionAttributeValues: crypto.Item{":p": str("ada")}})
		return err
	},
	"Scan": func(ctx context.Context, c *mapper.Client, key crypto.Item) error {
		_, err := c.Scan(ctx, &dynamodb.ScanInput{TableName: table, ExclusiveStartKey: key})
		return err
	},
}

func transact(ctx context.Context, c *mapper.Client, operations ...types.TransactWriteItem) error {
	_, err := c.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: operations})
	return err
}

// opOf returns the operation of a test case that is named after it.
func opOf(name string) string {
	op, _, _ := strings.Cut(name, ",")
	return op
}

// without returns a copy of item without an attribute, and with one if value
// is not nil.
func edited(item crypto.Item, without, with string, value types.AttributeValue) crypto.Item {
	item = maps.Clone(item)
	delete(item, without)
	if value != nil {
		item[with] = value
	}
	return item
}

func TestKey_MustBeExactlyTheTables(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1), note(5))
		for what, c := range map[string]struct {
			key       crypto.Item
			attribute string
		}{
			"an encrypted attribute more":     {edited(key("1"), "", "body", str("secret text")), "body"},
			"a signed attribute more":         {edited(key("1"), "", "subject", str("secret topic")), "subject"},
			"the signature more":              {edited(key("1"), "", f.signature, str("secret topic")), f.signature},
			"an encrypted attribute in place": {edited(key("1"), "num", "body", str("secret text")), "body"},
			"another attribute in place":      {edited(key("1"), "person", "name", str("secret ada")), "name"},
			"the sort key is missing":         {edited(key("1"), "num", "", nil), "num"},
			"the partition key is missing":    {edited(key("1"), "person", "", nil), "person"},
			"the sort key is null": {edited(key("1"), "num", "num",
				&types.AttributeValueMemberNULL{Value: true}), "num"},
			"the sort key is a typed nil": {edited(key("1"), "num", "num",
				(*types.AttributeValueMemberN)(nil)), "num"},
			"the partition key holds a secret": {edited(key("1"), "person", "person",
				&types.AttributeValueMemberL{Value: []types.AttributeValue{str("secret")}}), "person"},
		} {
			for name, request := range keyedRequests {
				t.Run(what+"/"+name, func(t *testing.T) {
					before := w.requests.Load()
					where := wantItemError(t, request(t.Context(), w.client, c.key), opOf(name), crypto.ErrInvalidKey)
					equal(t, where.Attribute, c.attribute)
					equal(t, []any{where.Table, where.Keys}, []any{tableName, []string{"person", "num"}})
					if strings.Contains(where.Error(), "secret") || strings.Contains(where.Error(), "ada") {
						t.Errorf("the error tells a value: %v", where)
					}
					equal(t, w.requests.Load(), before)
				})
			}
		}
		t.Run("the key itself", func(t *testing.T) {
			for name, request := range keyedRequests {
				if err := request(t.Context(), w.client, key("1")); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				w.put(t, note(1))
			}
		})
	})
}

func TestKey_OfPutsIsChecked(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		bad := edited(key("1"), "num", "body", str("secret text"))
		for op, err := range map[string]error{
			"PutItem": w.table().Put(bad).Run(ctx),
			"BatchWriteItem": func() error {
				_,
					err := w.table().Batch().Write().Put(bad).Run(ctx)
				return err
			}(),
			"TransactWriteItems": w.db.WriteTx().Put(w.table().Put(bad)).Run(ctx),
		} {
			kind := crypto.ErrInvalidKey
			if op == "PutItem" {
				kind = crypto.ErrInvalidItem // of the encryptor
			}
			wantItemError(t, err, op, kind)
		}
		equal(t, w.requests.Load(), int64(0))
	})
}

func TestKey_ThroughBuildersIsChecked(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		var n Note
		var all []Note
		_, deleted := w.table().Batch("body", "num").Write().Delete(dynamo.Keys{"secret", 1}).Run(ctx)
		for name, err := range map[string]error{
			"get":          w.table().Get("person", "ada").Range("body", dynamo.Equal, "secret").One(ctx, &n),
			"batch":        w.table().Batch("body", "num").Get(dynamo.Keys{"secret", 1}).All(ctx, &all),
			"batch delete": deleted,
			"update":       w.table().Update("body", "secret").Range("num", 1).Add("seen", 1).Run(ctx),
			"delete":       w.table().Delete("body", "secret").Range("num", 1).Run(ctx),
			"transaction get": w.db.GetTx().Get(w.table().Get("body", "secret").Range("num", dynamo.Equal,
				1)).All(ctx, &all),
			"check": w.db.WriteTx().Check(w.table().Check("body", "secret").Range("num",
				1).IfExists()).Run(ctx),
			"start of a scan": w.table().Scan().StartFrom(dynamo.PagingKey{"person": str("ada"), "num": num("1"),
				"body": str("secret")}).All(ctx, &all),
		} {
			t.Run(name, func(t *testing.T) { wantError(t, err, crypto.ErrInvalidKey) })
		}
		equal(t, w.requests.Load(), int64(0))
	})
}

func TestStartKey_IsThatOfTheIndex(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1), note(2))
		topic := edited(key("1"), "", "subject", str("engines"))
		for name, c := range map[string]struct {
			index *string
			key   crypto.Item
			want  error
		}{
			"of the index":              {aws.String("by-topic"), topic, nil},
			"of the table":              {aws.String("by-topic"), key("1"), crypto.ErrInvalidKey},
			"of another index":          {aws.String("by-rank"), topic, crypto.ErrInvalidKey},
			"of an index, on the table": {nil, topic, crypto.ErrInvalidKey},
			"encrypted, on an index": {aws.String("by-topic"), edited(topic, "", "body", str("secret")),
				crypto.ErrInvalidKey},
			"encrypted, on an undeclared index": {aws.String("by-text"), edited(key("1"), "", "body", str("secret")),
				crypto.ErrInvalidKey},
			"undeclared, on an undeclared index": {aws.String("by-text"), edited(key("1"), "", "new", str("secret")),
				crypto.ErrInvalidKey},
			"format's own, on an undeclared index": {aws.String("by-text"),
				edited(key("1"), "", f.signature, str("secret")),
				crypto.ErrInvalidKey},
		} {
			t.Run(name, func(t *testing.T) {
				before := w.requests.Load()
				_, err := w.client.Scan(t.Context(),
					&dynamodb.ScanInput{TableName: table, IndexName: c.index, ExclusiveStartKey: c.key})
				if c.want == nil {
					check(t, err)
					return
				}
				wantItemError(t, err, "Scan", c.want)
				equal(t, w.requests.Load(), before)
			})
		}
		t.Run("signed, on an undeclared index, is for the server to judge", func(t *testing.T) {
			before := w.requests.Load()
			_, err := w.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: table,
				IndexName: aws.String("by-text"), ExclusiveStartKey: topic})
			if err == nil || w.requests.Load() != before+1 {
				t.Errorf("got %v after %d requests", err, w.requests.Load()-before)
			}
		})
	})
}

func TestValues_ThatNothingUsesAreNotSent(t *testing.T) {
	secret := crypto.Item{":secret": str("secret text")}
	more := crypto.Item{":secret": str("secret text"), ":p": str("ada")}
	exists := aws.String("attribute_exists(person)")
	notNull := map[string]types.Condition{"body": {ComparisonOperator: types.ComparisonOperatorNotNull,
		AttributeValueList: []types.AttributeValue{str("secret")}}}
	null := map[string]types.Condition{"body": {ComparisonOperator: types.ComparisonOperatorNull,
		AttributeValueList: []types.AttributeValue{str("secret")}}}
	isThere := map[string]types.ExpectedAttributeValue{"body": {ComparisonOperator: types.ComparisonOperatorNotNull,
		AttributeValueList: []types.AttributeValue{str("secret")}}}
	isNotThere := map[string]types.ExpectedAttributeValue{"body": {Exists: aws.Bool(false), Value: str("secret")}}

	for name, request := range map[string]func(ctx context.Context, c *mapper.Client) error{
		"PutItem": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"),
				ExpressionAttributeValues: secret})
			return err
		},
		"PutItem, condition": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"),
				ConditionExpression: exists, ExpressionAttributeValues: secret})
			return err
		},
		"PutItem, legacy": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"), Expected: isThere})
			return err
		},
		"UpdateItem": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
				UpdateExpression: aws.String("REMOVE seen"), ExpressionAttributeValues: secret})
			return err
		},
		"DeleteItem": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"),
				ExpressionAttributeValues: secret})
			return err
		},
		"DeleteItem, legacy": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"),
				Expected: isNotThere})
			return err
		},
		"Query": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: table,
				KeyConditionExpression: aws.String("person = :p"), ExpressionAttributeValues: more})
			return err
		},
		"Query, legacy": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: table, QueryFilter: null,
				KeyConditions: map[string]types.Condition{
					"person": {ComparisonOperator: types.ComparisonOperatorEq,
						AttributeValueList: []types.AttributeValue{str("ada")}}}})
			return err
		},
		"Scan": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Scan(ctx, &dynamodb.ScanInput{TableName: table, FilterExpression: exists,
				ExpressionAttributeValues: secret})
			return err
		},
		"Scan, legacy": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Scan(ctx, &dynamodb.ScanInput{TableName: table, ScanFilter: notNull})
			return err
		},
		"TransactWriteItems, put": func(ctx context.Context, c *mapper.Client) error {
			return transact(ctx, c, types.TransactWriteItem{Put: &types.Put{TableName: table, Item: key("1"),
				ExpressionAttributeValues: secret}})
		},
		"TransactWriteItems, update": func(ctx context.Context, c *mapper.Client) error {
			return transact(ctx, c, types.TransactWriteItem{Update: &types.Update{TableName: table, Key: key("1"),
				UpdateExpression: aws.String("REMOVE seen"), ExpressionAttributeValues: secret}})
		},
		"TransactWriteItems, delete": func(ctx context.Context, c *mapper.Client) error {
			return transact(ctx, c, types.TransactWriteItem{Delete: &types.Delete{TableName: table, Key: key("1"),
				ExpressionAttributeValues: secret}})
		},
		"TransactWriteItems, check": func(ctx context.Context, c *mapper.Client) error {
			return transact(ctx, c, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: table,
				Key: key("1"), ConditionExpression: exists, ExpressionAttributeValues: secret}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			forEachFormat(t, func(t *testing.T, f format) {
				w := newWorld(t, f)
				kind := crypto.ErrUnsupported
				if strings.HasSuffix(name, "legacy") {
					kind = mapper.ErrExpression
				}
				where := wantItemError(t, request(t.Context(), w.client), opOf(name), kind)
				if where.Err != nil && strings.Contains(where.Error(), "secret text") {
					t.Errorf("the error tells a value: %v", where)
				}
				equal(t, w.requests.Load(), int64(0))
			})
		})
	}
}

func TestBatchAndTransaction_OperationsThatAreTwoAreRefused(t *testing.T) {
	exists := aws.String("attribute_exists(person)")
	put, del := &types.Put{TableName: table, Item: key("1")},
		&types.Delete{TableName: aws.String("plain"), Key: key("1")}
	update := &types.Update{TableName: table, Key: key("1"), UpdateExpression: aws.String("REMOVE seen")}
	check := &types.ConditionCheck{TableName: table, Key: key("1"), ConditionExpression: exists}
	for name, item := range map[string]types.TransactWriteItem{
		"put and delete of an undeclared table": {Put: put, Delete: del},
		"put and update":                        {Put: put, Update: update},
		"put and check":                         {Put: put, ConditionCheck: check},
		"update and check":                      {Update: update, ConditionCheck: check},
		"all":                                   {Put: put, Update: update, Delete: del, ConditionCheck: check},
		"none":                                  {},
	} {
		t.Run(name, func(t *testing.T) {
			forEachFormat(t, func(t *testing.T, f format) {
				w := newWorld(t, f)
				err := transact(t.Context(), w.client,
					types.TransactWriteItem{Put: &types.Put{TableName: table, Item: key("2")}}, item)
				wantItemError(t, err, "TransactWriteItems", crypto.ErrUnsupported)
				equal(t, w.requests.Load(), int64(0))
			})
		})
	}
	t.Run("in a batch", func(t *testing.T) {
		forEachFormat(t, func(t *testing.T, f format) {
			w := newWorld(t, f)
			_, err := w.client.BatchWriteItem(t.Context(),
				&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{tableName: {
					{PutRequest: &types.PutRequest{Item: key("1")},
						DeleteRequest: &types.DeleteRequest{Key: key("1")}}}}})
			wantItemError(t, err, "BatchWriteItem", crypto.ErrUnsupported)
			_, err = w.client.BatchWriteItem(t.Context(),
				&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{tableName: {{}}}})
			wantItemError(t, err, "BatchWriteItem", crypto.ErrInvalidKey)
			equal(t, w.requests.Load(), int64(0))
		})
	})
}

func TestBatch_TableNamedTwiceIsRefused(t *testing.T) {
	arn := "arn:aws:dynamodb:eu-west-1:123456789012:table/" + tableName
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ask := types.KeysAndAttributes{Keys: []crypto.Item{key("1")}}
		_, err := w.client.BatchGetItem(t.Context(),
			&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{tableName: ask, arn: ask}})
		wantItemError(t, err, "BatchGetItem", crypto.ErrUnsupported)
		write := []types.WriteRequest{{DeleteRequest: &types.DeleteRequest{Key: key("1")}}}
		_, err = w.client.BatchWriteItem(t.Context(),
			&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{tableName: write,
				arn: write}})
		wantItemError(t, err, "BatchWriteItem", crypto.ErrUnsupported)
		equal(t, w.requests.Load(), int64(0))
	})
}
