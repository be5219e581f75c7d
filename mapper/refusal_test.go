package mapper_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

func TestGuard_SaysWhatItCannotParse(t *testing.T) {
	bad, undefined := aws.String("person = = num"), aws.String("person = :undefined")
	projection := aws.String("a..b")
	const syntax, invalid = "Syntax error", "is not defined"
	for name, c := range map[string]struct {
		request func(ctx context.Context, c *mapper.Client) error
		says    string
	}{
		"GetItem, projection": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("1"),
				ProjectionExpression: projection})
			return err
		}, syntax},
		"BatchGetItem, projection": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
				tableName: {Keys: []crypto.Item{key("1")}, ProjectionExpression: projection}}})
			return err
		}, syntax},
		"TransactGetItems, projection": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
				{Get: &types.Get{TableName: table, Key: key("1"), ProjectionExpression: projection}}}})
			return err
		}, syntax},
		"Scan, projection": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Scan(ctx, &dynamodb.ScanInput{TableName: table, ProjectionExpression: projection})
			return err
		}, syntax},
		"Scan, filter": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Scan(ctx, &dynamodb.ScanInput{TableName: table, FilterExpression: bad})
			return err
		}, syntax},
		"Scan, filter, value": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Scan(ctx, &dynamodb.ScanInput{TableName: table, FilterExpression: undefined})
			return err
		}, invalid},
		"Query, key condition": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: table, KeyConditionExpression: bad})
			return err
		}, syntax},
		"Query, key condition, value": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: table, KeyConditionExpression: undefined})
			return err
		}, invalid},
		"Query, legacy key condition": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: table, KeyConditions: map[string]types.Condition{
				"person": {ComparisonOperator: types.ComparisonOperatorEq}}})
			return err
		}, "Invalid number of argument"},
		"Query, legacy filter": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: table, QueryFilter: map[string]types.Condition{
				"score": {ComparisonOperator: types.ComparisonOperatorEq}}})
			return err
		}, "Invalid number of argument"},
		"UpdateItem, update": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
				UpdateExpression: bad})
			return err
		}, syntax},
		"UpdateItem, condition": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
				UpdateExpression: aws.String("REMOVE seen"), ConditionExpression: bad})
			return err
		}, syntax},
		"TransactWriteItems, update": {func(ctx context.Context, c *mapper.Client) error {
			return transact(ctx, c, types.TransactWriteItem{Update: &types.Update{TableName: table, Key: key("1"),
				UpdateExpression: bad}})
		}, syntax},
		"TransactWriteItems, condition": {func(ctx context.Context, c *mapper.Client) error {
			return transact(ctx, c, types.TransactWriteItem{Put: &types.Put{TableName: table, Item: key("1"),
				ConditionExpression: bad}})
		}, syntax},
		"PutItem, condition": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"),
				ConditionExpression: bad})
			return err
		}, syntax},
		"PutItem, legacy": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"),
				Expected: map[string]types.ExpectedAttributeValue{"score": {}}})
			return err
		}, "Value must be provided"},
		"DeleteItem, condition": {func(ctx context.Context, c *mapper.Client) error {
			_, err := c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"),
				ConditionExpression: bad})
			return err
		}, syntax},
	} {
		t.Run(name, func(t *testing.T) {
			forEachFormat(t, func(t *testing.T, f format) {
				w := newWorld(t, f)
				where := wantItemError(t, c.request(t.Context(), w.client), opOf(name), mapper.ErrExpression)
				if where.Err != nil && (!containsAny(where.Error(), c.says) || containsAny(where.Error(), "secret")) {
					t.Errorf("the error does not say why: %v", where)
				}
				equal(t, w.requests.Load(), int64(0))
			})
		})
	}
}

func TestRepository_IncompleteKeysAreRefused(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		repo := repository(t, w)
		ctx := t.Context()
		for name, k := range map[string]dynamo.Keyed{
			"no sort key": dynamo.Keys{"ada"}, "no partition key": dynamo.Keys{nil, 1},
			"a channel": dynamo.Keys{make(chan int), 1},
		} {
			_, get := repo.Get(ctx, k)
			_, modify := repo.Modify(ctx, k, func(*Note) error { t.Error("called"); return nil })
			for op, err := range map[string]error{
				"Get": get, "Modify": modify, "Delete": repo.Delete(ctx, k),
				"DeleteAll": repo.DeleteAll(ctx, dynamo.Keys{"ada", 1}, k), "Reseal": repo.Reseal(ctx, k),
			} {
				where := wantItemError(t, err, op, crypto.ErrInvalidKey)
				if where.Attribute == "" {
					t.Errorf("%s: %s: the error names no attribute: %v", name, op, err)
				}
			}
		}
		equal(t, w.requests.Load(), int64(0))
	})
}

func TestTrustedFilters_LeaveTheFilterToTheServerAndNothingElse(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		two, bob := note(2), note(1)
		two.Topic, bob.Owner = "looms", "bob"
		w.put(t, note(1), two, bob)
		excluded, elsewhere := w.stored(t, 2), w.storedOf(t, "bob", 1)
		client, err := mapper.NewClient(w.spy, mapper.TableOf[Note](tableName, f.encryptor(t, 1)),
			mapper.WithTrustedFilters())
		check(t, err)
		request := func() (*dynamodb.QueryOutput, error) {
			return client.Query(t.Context(), &dynamodb.QueryInput{TableName: table,
				KeyConditionExpression:    aws.String("person = :p"),
				FilterExpression:          aws.String("subject = :s"),
				ExpressionAttributeValues: crypto.Item{":p": str("ada"), ":s": str("engines")}})
		}
		var item crypto.Item
		w.lie = func(_ string, _, out any, err error) (any, error) {
			out.(*dynamodb.QueryOutput).Items = []crypto.Item{item}
			return out, err
		}
		item = excluded
		out, err := request()
		check(t, err)
		equal(t, out.Items[0]["subject"], str("looms"))
		item = elsewhere
		_, err = request()
		wantItemError(t, err, "Query", crypto.ErrTampered)
	})
}

func TestIndex_ThatHoldsPartsIsExplained(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f, mapper.WithoutIndexFetches())
		w.put(t, note(1))
		for _, index := range []string{"by-topic", "by-other"} {
			w.lie = func(string, any, any, error) (any, error) {
				return &dynamodb.QueryOutput{Items: []crypto.Item{edited(key("1"), "", "subject", str("engines"))},
					Count: 1, ScannedCount: 1}, nil
			}
			_, err := w.client.Query(t.Context(), &dynamodb.QueryInput{TableName: table, IndexName: &index,
				KeyConditionExpression:    aws.String("subject = :s"),
				ExpressionAttributeValues: crypto.Item{":s": str("engines")}})
			wantItemError(t, err, "Query", crypto.ErrNotProtected)
			if err == nil || !containsAny(err.Error(), index) || !containsAny(err.Error(), "WithoutIndexFetches") {
				t.Errorf("%s: got %v", index, err)
			}
		}
	})
}

func TestTimeToLive_InAnEncryptedAttributeSaysWhy(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		where := wantItemError(t, w.table().UpdateTTL("body", true).Run(t.Context()), "UpdateTimeToLive",
			crypto.ErrUnsupported)
		if where.Err == nil || where.Attribute != "body" || !containsAny(where.Error(), "no item would expire") {
			t.Errorf("got %v", where)
		}
	})
}
