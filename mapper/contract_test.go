package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

func TestError_OfAnItemThatCannotBeOpenedNamesOperationTableAndKey(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		all := maps.Clone(requests)
		delete(all, "BatchWriteItem") // they return no items
		delete(all, "TransactWriteItems")
		maps.Copy(all, conditional)
		all["Open"] = func(ctx context.Context, c *mapper.Client) (any, error) {
			return c.Open(ctx, tableName, edited(key("1"), "", f.signature,
				&types.AttributeValueMemberB{Value: []byte("x")}))
		}
		all["Reseal"] = func(ctx context.Context, c *mapper.Client) (any, error) {
			return nil, c.Reseal(ctx, tableName, key("1"))
		}
		for name, request := range all {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, f, mapper.WithLogicalName("logical"))
				w.put(t, note(1))
				w.store(t, edited(w.stored(t, 1), "", "subject", str("forged")))
				_, err := request(t.Context(), w.client)
				where := wantItemError(t, err, opOf(name), crypto.ErrTampered)
				equal(t, []any{where.Table, where.Keys}, []any{tableName, []string{"person", "num"}})
				if containsAny(fmt.Sprint(err), "secret", "ada", "logical", "encrypt:", "decrypt:") {
					t.Errorf("the error tells a value, or of the encryptor: %v", err)
				}
			})
		}
	})
}

func TestError_OfAnItemThatCannotBeSealedNamesOperationTableAndKey(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		for what, bad := range map[string]crypto.Item{
			"reserved": edited(key("1"), "", f.header, str("secret")),
			"nil":      edited(key("1"), "", "body", (*types.AttributeValueMemberS)(nil)),
		} {
			for op, request := range map[string]func(ctx context.Context, c *mapper.Client) error{
				"PutItem": func(ctx context.Context, c *mapper.Client) error {
					_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: bad})
					return err
				},
				"BatchWriteItem": func(ctx context.Context, c *mapper.Client) error {
					_, err := c.BatchWriteItem(ctx,
						&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
							tableName: {{PutRequest: &types.PutRequest{Item: bad}},
								{DeleteRequest: &types.DeleteRequest{Key: key("2")}}}}})
					return err
				},
				"TransactWriteItems": func(ctx context.Context, c *mapper.Client) error {
					return transact(ctx, c, types.TransactWriteItem{Put: &types.Put{TableName: table, Item: bad}})
				},
				"Seal": func(ctx context.Context, c *mapper.Client) error {
					_,
						err := c.Seal(ctx, tableName, bad)
					return err
				},
			} {
				w := newWorld(t, f, mapper.WithLogicalName("logical"))
				where := wantItemError(t, request(t.Context(), w.client), op, crypto.ErrInvalidItem)
				equal(t, []any{where.Table, where.Keys}, []any{tableName, []string{"person", "num"}})
				if where.Err != nil && containsAny(where.Error(), "secret", "ada", "logical") {
					t.Errorf("%s: the error tells a value: %v", what, where)
				}
				equal(t, where.Attribute, map[string]string{"reserved": f.header, "nil": "body"}[what])
				equal(t, w.requests.Load(), int64(0))
			}
		}
	})
}

// elsewhere has each request on a table that is not declared.
func elsewhere(name string) map[string]func(ctx context.Context, c *mapper.Client) error {
	other := &name
	k := crypto.Item{"id": str("1")}
	update := aws.String("REMOVE x")
	return map[string]func(ctx context.Context, c *mapper.Client) error{
		"GetItem": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: other, Key: k})
			return err
		},
		"PutItem": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: other, Item: k})
			return err
		},
		"UpdateItem": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: other, Key: k, UpdateExpression: update})
			return err
		},
		"DeleteItem": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: other, Key: k})
			return err
		},
		"Query": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: other,
				KeyConditionExpression:    aws.String("id = :i"),
				ExpressionAttributeValues: crypto.Item{":i": str("1")}})
			return err
		},
		"Scan": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Scan(ctx, &dynamodb.ScanInput{TableName: other})
			return err
		},
		"BatchGetItem": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{name: {Keys: []crypto.Item{k}}}})
			return err
		},
		"BatchGetItem, with a declared one": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
				name: {Keys: []crypto.Item{k}}, tableName: {Keys: []crypto.Item{key("1")}}}})
			return err
		},
		"BatchWriteItem": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{name: {{PutRequest: &types.PutRequest{Item: k}}}}})
			return err
		},
		"BatchWriteItem, with a declared one": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
				name:      {{PutRequest: &types.PutRequest{Item: k}}},
				tableName: {{PutRequest: &types.PutRequest{Item: key("1")}}}}})
			return err
		},
		"TransactGetItems": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: other, Key: k}}}})
			return err
		},
		"TransactGetItems, with a declared one": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
				{Get: &types.Get{TableName: table, Key: key("1")}}, {Get: &types.Get{TableName: other, Key: k}}}})
			return err
		},
		"TransactWriteItems": func(ctx context.Context, c *mapper.Client) error {
			return transact(ctx, c, types.TransactWriteItem{Put: &types.Put{TableName: other, Item: k}})
		},
		"TransactWriteItems, with a declared one": func(ctx context.Context, c *mapper.Client) error {
			return transact(ctx, c, types.TransactWriteItem{Put: &types.Put{TableName: table,
				Item: edited(key("1"), "", "subject", str("x"))}},
				types.TransactWriteItem{Put: &types.Put{TableName: other, Item: k}})
		},
		"DescribeTable": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: other})
			return err
		},
		"DescribeTimeToLive": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: other})
			return err
		},
		"UpdateTimeToLive": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: other,
				TimeToLiveSpecification: &types.TimeToLiveSpecification{
					AttributeName: aws.String("ttl"), Enabled: aws.Bool(true)}})
			return err
		},
		"DeleteTable": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: other})
			return err
		},
		"CreateTable": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.CreateTable(ctx, &dynamodb.CreateTableInput{TableName: other})
			return err
		},
		"UpdateTable": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: other})
			return err
		},
		"ExecuteStatement": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.ExecuteStatement(ctx, &dynamodb.ExecuteStatementInput{Statement: aws.String("SELECT * FROM " + name)})
			return err
		},
		"BatchExecuteStatement": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.BatchExecuteStatement(ctx,
				&dynamodb.BatchExecuteStatementInput{Statements: []types.BatchStatementRequest{{Statement: aws.String("x")}}})
			return err
		},
		"ExecuteTransaction": func(ctx context.Context, c *mapper.Client) error {
			_, err := c.ExecuteTransaction(ctx, &dynamodb.ExecuteTransactionInput{TransactStatements: []types.ParameterizedStatement{{Statement: aws.String("x")}}})
			return err
		},
	}
}

func TestDeclaredTablesOnly_RefusesOthers(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		client, err := mapper.NewClient(w.spy, mapper.TableOf[Note](tableName, f.encryptor(t, 1)),
			mapper.WithDeclaredTablesOnly())
		check(t, err)
		w.lie = func(op string, _, _ any, _ error) (any, error) {
			t.Errorf("%s was sent", op)
			return nil, errors.New("sent")
		}
		for name, request := range elsewhere("clinik") {
			where := wantItemError(t, request(t.Context(), client), opOf(name), mapper.ErrNotDeclared)
			if want := "clinik"; where.Table != want && !containsAny(name, "Execute") {
				t.Errorf("%s: the error is about table %q", name, where.Table)
			}
		}
		for op, request := range map[string]func() error{
			"GetItem": func() error { _, err := client.GetItem(t.Context(), nil); return err },
			"Scan":    func() error { _, err := client.Scan(t.Context(), &dynamodb.ScanInput{}); return err },
			"TransactWriteItems": func() error {
				return transact(t.Context(), client,
					types.TransactWriteItem{Put: &types.Put{TableName: table, Item: key("1")}},
					types.TransactWriteItem{Put: &types.Put{Item: key("1")}})
			},
			"TransactGetItems": func() error {
				_, err := client.TransactGetItems(t.Context(),
					&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
						{Get: &types.Get{TableName: table, Key: key("1")}}, {Get: &types.Get{Key: key("1")}}}})
				return err
			},
		} {
			wantItemError(t, request(), op, mapper.ErrNotDeclared)
		}
		w.lie = nil
		_, err = client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
		check(t, err)
		_, err = client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: table})
		check(t, err)
		check(t, dynamo.NewFromIface(client).Table(tableName).Put(note(1)).Run(t.Context()))
	})
}

func TestUndeclaredTables_PassBesideDeclaredOnes(t *testing.T) {
	type Other struct {
		ID string `dynamo:"id,hash"`
	}
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		check(t, w.raw.CreateTable("plain", Other{}).OnDemand(true).Run(t.Context()))
		w.put(t, note(1))
		all := elsewhere("plain")
		for name, request := range all {
			if containsAny(name, "Table", "Execute") {
				continue // creates and deletes tables, or PartiQL
			}
			if err := request(t.Context(), w.client); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantError(t, all["ExecuteStatement"](t.Context(), w.client),
			crypto.ErrUnsupported) // this client has no PartiQL
	})
}

func TestBatch_UnprocessedOfAnUndeclaredTablePasses(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		other := crypto.Item{"id": str("1")}
		w.lie = func(op string, in, _ any, _ error) (any, error) {
			if op == "BatchGetItem" {
				return &dynamodb.BatchGetItemOutput{UnprocessedKeys: in.(*dynamodb.BatchGetItemInput).RequestItems},
					nil
			}
			return &dynamodb.BatchWriteItemOutput{UnprocessedItems: in.(*dynamodb.BatchWriteItemInput).RequestItems}, nil
		}
		ask := map[string]types.KeysAndAttributes{tableName: {Keys: []crypto.Item{key("1")},
			ProjectionExpression: aws.String("body")}, "plain": {Keys: []crypto.Item{other}}}
		got, err := w.client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: ask})
		check(t, err)
		equal(t, got.UnprocessedKeys, ask)
		write := map[string][]types.WriteRequest{tableName: {{PutRequest: &types.PutRequest{Item: key("1")}}},
			"plain": {{DeleteRequest: &types.DeleteRequest{Key: other}}}}
		wrote, err := w.client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: write})
		check(t, err)
		equal(t, wrote.UnprocessedItems, write)
	})
}
