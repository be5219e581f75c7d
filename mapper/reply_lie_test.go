package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// lies holds stored items, which a lying server can mix into its replies.
type lies struct {
	one, two, three crypto.Item // the sealed notes
	other           crypto.Item // note 1 of bob, sealed
	plain           crypto.Item // unsealed, for the key of note 1
}

// lie is a reply that does not fit its request.
type lie struct {
	request func(ctx context.Context, c *mapper.Client) (any, error)
	tell    func(l lies, out any) // changes the reply
	err     func(l lies) error    // or is it
}

func query(in dynamodb.QueryInput) func(ctx context.Context, c *mapper.Client) (any, error) {
	return func(ctx context.Context, c *mapper.Client) (any, error) {
		in.TableName = table
		if in.KeyConditionExpression == nil {
			in.KeyConditionExpression = aws.String("person = :p AND num <= :n")
			in.ExpressionAttributeValues = crypto.Item{":p": str("ada"), ":n": num("2")}
			if in.FilterExpression != nil {
				in.ExpressionAttributeValues[":s"] = str("engines")
			}
		}
		return c.Query(ctx, &in)
	}
}

func scan(in dynamodb.ScanInput) func(ctx context.Context, c *mapper.Client) (any, error) {
	return func(ctx context.Context, c *mapper.Client) (any, error) {
		in.TableName = table
		if in.FilterExpression != nil {
			in.ExpressionAttributeValues = crypto.Item{":s": str("engines")}
		}
		return c.Scan(ctx, &in)
	}
}

func updateReturning(values types.ReturnValue) func(ctx context.Context, c *mapper.Client) (any, error) {
	return func(ctx context.Context, c *mapper.Client) (any, error) {
		return c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			UpdateExpression:          aws.String("ADD seen :n"),
			ExpressionAttributeValues: crypto.Item{":n": num("1")}, ReturnValues: values})
	}
}

// queryPage makes a lie of a change of a page.
func queryPage(in dynamodb.QueryInput, change func(l lies, out *dynamodb.QueryOutput)) lie {
	return lie{request: query(in), tell: func(l lies, out any) { change(l, out.(*dynamodb.QueryOutput)) }}
}

func scanPage(in dynamodb.ScanInput, change func(l lies, out *dynamodb.ScanOutput)) lie {
	return lie{request: scan(in), tell: func(l lies, out any) { change(l, out.(*dynamodb.ScanOutput)) }}
}

// replaceSecond puts another item into the place of the second.
func replaceSecond(item func(l lies) crypto.Item) func(l lies, out *dynamodb.QueryOutput) {
	return func(l lies, out *dynamodb.QueryOutput) { out.Items[1] = item(l) }
}

var (
	topic = dynamodb.QueryInput{IndexName: aws.String("by-topic"),
		KeyConditionExpression:    aws.String("subject = :s"),
		ExpressionAttributeValues: crypto.Item{":s": str("engines")}}
	filtered  = aws.String("subject = :s")
	batchKeys = func(keys ...crypto.Item) func(ctx context.Context, c *mapper.Client) (any, error) {
		return func(ctx context.Context, c *mapper.Client) (any, error) {
			return c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{tableName: {Keys: keys}}})
		}
	}
)

func batchGetLie(change func(l lies, out *dynamodb.BatchGetItemOutput)) lie {
	return lie{request: batchKeys(key("1"), key("3")),
		tell: func(l lies, out any) { change(l, out.(*dynamodb.BatchGetItemOutput)) }}
}

func batchWriteLie(change func(l lies, out *dynamodb.BatchWriteItemOutput)) lie {
	return lie{
		request: func(ctx context.Context, c *mapper.Client) (any, error) {
			return c.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
				tableName: {{DeleteRequest: &types.DeleteRequest{Key: key("1")}},
					{PutRequest: &types.PutRequest{Item: key("4")}}}}})
		},
		tell: func(l lies, out any) { change(l, out.(*dynamodb.BatchWriteItemOutput)) },
	}
}

func unprocessed(name string, writes ...types.WriteRequest) lie {
	return batchWriteLie(func(l lies, out *dynamodb.BatchWriteItemOutput) {
		out.UnprocessedItems = map[string][]types.WriteRequest{name: writes}
	})
}

var putOne = types.WriteRequest{PutRequest: &types.PutRequest{Item: key("1")}}
var deleteOne = types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key("1")}}

// liesOfItems are replies with items that were not asked for.
var liesOfItems = map[string]lie{
	"GetItem, another item": {request: requests["GetItem"],
		tell: func(l lies, out any) { out.(*dynamodb.GetItemOutput).Item = l.two }},
	"GetItem, of another partition": {request: requests["GetItem"],
		tell: func(l lies, out any) { out.(*dynamodb.GetItemOutput).Item = l.other }},
	"PutItem, another old item": {request: requests["PutItem"],
		tell: func(l lies, out any) { out.(*dynamodb.PutItemOutput).Attributes = l.two }},
	"DeleteItem, another old item": {request: requests["DeleteItem"],
		tell: func(l lies, out any) { out.(*dynamodb.DeleteItemOutput).Attributes = l.two }},
	"UpdateItem, another new item": {request: updateReturning(types.ReturnValueAllNew),
		tell: func(l lies, out any) { out.(*dynamodb.UpdateItemOutput).Attributes = l.two }},
	"UpdateItem, another old item": {request: updateReturning(types.ReturnValueAllOld),
		tell: func(l lies, out any) { out.(*dynamodb.UpdateItemOutput).Attributes = l.two }},
	"UpdateItem, more updated new": {request: updateReturning(types.ReturnValueUpdatedNew),
		tell: func(l lies, out any) { out.(*dynamodb.UpdateItemOutput).Attributes["subject"] = str("forged") }},
	"UpdateItem, more updated old": {request: updateReturning(types.ReturnValueUpdatedOld),
		tell: func(l lies, out any) { out.(*dynamodb.UpdateItemOutput).Attributes["body"] = str("forged") }},
	"UpdateItem, a whole item as updated": {request: updateReturning(types.ReturnValueUpdatedNew),
		tell: func(l lies, out any) { out.(*dynamodb.UpdateItemOutput).Attributes = l.plain }},

	"BatchGetItem, another item": batchGetLie(func(l lies,
		out *dynamodb.BatchGetItemOutput) {
		out.Responses[tableName][0] = l.two
	}),
	"BatchGetItem, one item twice": batchGetLie(func(l lies, out *dynamodb.BatchGetItemOutput) {
		out.Responses[tableName][1] = out.Responses[tableName][0]
	}),
	"BatchGetItem, one item twice, elsewhere too": {request: requests["BatchGetItem"], tell: func(l lies, out any) {
		out.(*dynamodb.BatchGetItemOutput).Responses[tableName] = []crypto.Item{l.one, l.one}
	}},
	"BatchGetItem, a null item": batchGetLie(func(l lies,
		out *dynamodb.BatchGetItemOutput) {
		out.Responses[tableName][0] = nil
	}),
	"BatchGetItem, of an undeclared table": batchGetLie(func(l lies, out *dynamodb.BatchGetItemOutput) {
		out.Responses["plain"] = []crypto.Item{l.plain}
	}),
	"BatchGetItem, an item of a declared table that was not asked": batchGetLie(func(l lies,
		out *dynamodb.BatchGetItemOutput) {
		out.Responses = map[string][]crypto.Item{"drafts": {l.one}}
	}),
	"BatchGetItem, unprocessed of another table": batchGetLie(func(l lies, out *dynamodb.BatchGetItemOutput) {
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{"plain": {Keys: []crypto.Item{key("1")}}}
	}),
	"BatchGetItem, unprocessed that was not sent": batchGetLie(func(l lies, out *dynamodb.BatchGetItemOutput) {
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{tableName: {Keys: []crypto.Item{key("2")}}}
	}),
	"BatchGetItem, unprocessed with more than the key": batchGetLie(func(l lies, out *dynamodb.BatchGetItemOutput) {
		out.Responses = nil
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{tableName: {Keys: []crypto.Item{nil}}}
	}),
	"BatchGetItem, unprocessed and there": batchGetLie(func(l lies, out *dynamodb.BatchGetItemOutput) {
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{tableName: {Keys: []crypto.Item{key("1")}}}
	}),
	"BatchWriteItem, unprocessed of another table": unprocessed("plain", deleteOne),
	"BatchWriteItem, unprocessed that was not sent": unprocessed(tableName,
		types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key("2")}}),
	"BatchWriteItem, unprocessed put for a delete": unprocessed(tableName, putOne),
	"BatchWriteItem, unprocessed twice":            unprocessed(tableName, deleteOne, deleteOne),
	"BatchWriteItem, unprocessed nothing":          unprocessed(tableName, types.WriteRequest{}),
	"BatchWriteItem, unprocessed put with other key": unprocessed(tableName,
		types.WriteRequest{PutRequest: &types.PutRequest{Item: key("5")}}),

	"TransactGetItems, another item": {request: requests["TransactGetItems"], tell: func(l lies, out any) {
		out.(*dynamodb.TransactGetItemsOutput).Responses[0].Item = l.two
	}},
	"TransactGetItems, more items": {request: requests["TransactGetItems"], tell: func(l lies, out any) {
		o := out.(*dynamodb.TransactGetItemsOutput)
		o.Responses = append(o.Responses, types.ItemResponse{Item: l.two})
	}},
	"TransactGetItems, fewer items": {request: requests["TransactGetItems"], tell: func(l lies, out any) {
		out.(*dynamodb.TransactGetItemsOutput).Responses = nil
	}},

	"Query, another partition": queryPage(dynamodb.QueryInput{},
		replaceSecond(func(l lies) crypto.Item { return l.other })),
	"Query, beyond the range": queryPage(dynamodb.QueryInput{},
		func(l lies, out *dynamodb.QueryOutput) { out.Items[1] = l.three }),
	"Query, a null item": queryPage(dynamodb.QueryInput{},
		replaceSecond(func(lies) crypto.Item { return nil })),
	"Query, one item twice": queryPage(dynamodb.QueryInput{},
		replaceSecond(func(l lies) crypto.Item { return l.one })),
	"Query, another topic": queryPage(topic, func(l lies, out *dynamodb.QueryOutput) { out.Items[0] = l.other }),
	"Query, what the filter excludes": queryPage(dynamodb.QueryInput{FilterExpression: filtered},
		func(l lies, out *dynamodb.QueryOutput) {
			out.Items = []crypto.Item{l.two}
		}),
	"Query, fewer counted than there": queryPage(dynamodb.QueryInput{},
		func(l lies, out *dynamodb.QueryOutput) { out.Count = 1 }),
	"Query, more counted than there": queryPage(dynamodb.QueryInput{},
		func(l lies, out *dynamodb.QueryOutput) { out.Count, out.ScannedCount = 3, 3 }),
	"Query, more counted than read": queryPage(dynamodb.QueryInput{},
		func(l lies, out *dynamodb.QueryOutput) { out.ScannedCount = 1 }),
	"Query, a negative count": queryPage(dynamodb.QueryInput{Select: types.SelectCount},
		func(l lies, out *dynamodb.QueryOutput) {
			out.Count, out.ScannedCount = -1, -1
		}),
	"Query, more than the limit": queryPage(dynamodb.QueryInput{Limit: aws.Int32(1)},
		func(l lies, out *dynamodb.QueryOutput) {
			out.Items, out.Count, out.ScannedCount = []crypto.Item{l.one, l.two}, 2, 2
		}),
	"Query, items for a count": queryPage(dynamodb.QueryInput{Select: types.SelectCount},
		func(l lies, out *dynamodb.QueryOutput) {
			out.Items = []crypto.Item{l.one}
		}),
	"Scan, what the filter excludes": scanPage(dynamodb.ScanInput{FilterExpression: filtered},
		func(l lies, out *dynamodb.ScanOutput) { out.Items[0] = l.two }),
	"Scan, a null item": scanPage(dynamodb.ScanInput{},
		func(l lies, out *dynamodb.ScanOutput) { out.Items[0] = nil }),
	"Scan, one item twice": scanPage(dynamodb.ScanInput{},
		func(l lies, out *dynamodb.ScanOutput) { out.Items[0] = out.Items[1] }),
	"Scan, items for a count": scanPage(dynamodb.ScanInput{Select: types.SelectCount},
		func(l lies, out *dynamodb.ScanOutput) { out.Items = []crypto.Item{l.one} }),
}

// liesOfPageEnds are keys at which a page cannot end.
var liesOfPageEnds = map[string]lie{
	"Query, encrypted":     endsAt(dynamodb.QueryInput{}, edited(key("1"), "", "body", str("x"))),
	"Query, signed":        endsAt(dynamodb.QueryInput{}, edited(key("1"), "", "subject", str("x"))),
	"Query, in place":      endsAt(dynamodb.QueryInput{}, edited(key("1"), "num", "body", str("x"))),
	"Query, part":          endsAt(dynamodb.QueryInput{}, edited(key("1"), "num", "", nil)),
	"Query, nothing":       endsAt(dynamodb.QueryInput{}, crypto.Item{}),
	"Query, outside":       endsAt(dynamodb.QueryInput{}, key("3")),
	"Query, elsewhere":     endsAt(dynamodb.QueryInput{}, edited(key("1"), "person", "person", str("bob"))),
	"Query, index":         endsAt(topic, edited(key("1"), "", "body", str("x"))),
	"Query, index outside": endsAt(topic, edited(key("1"), "", "subject", str("looms"))),
	"Query, a count": endsAt(dynamodb.QueryInput{Select: types.SelectCount},
		edited(key("1"), "", "body", str("x"))),
	"Scan, encrypted": scanPage(dynamodb.ScanInput{}, func(l lies, out *dynamodb.ScanOutput) {
		out.LastEvaluatedKey = edited(key("1"), "", "body", str("x"))
	}),
}

func endsAt(in dynamodb.QueryInput, key crypto.Item) lie {
	return queryPage(in, func(l lies, out *dynamodb.QueryOutput) { out.LastEvaluatedKey = key })
}

func TestReply_HoldsOnlyWhatWasAskedFor(t *testing.T) {
	for name, lie := range liesOfItems {
		t.Run(name, func(t *testing.T) { testLie(t, name, lie) })
	}
}

func TestReply_PageEndsAtAKeyOfTheTableOrIndex(t *testing.T) {
	for name, lie := range liesOfPageEnds {
		t.Run(name, func(t *testing.T) { testLie(t, name, lie) })
	}
}

func testLie(t *testing.T, name string, lie lie) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		three, bob, two := note(3), note(1), note(2)
		bob.Owner, bob.Topic, two.Topic = "bob", "looms", "looms"
		w.put(t, note(1), two, three, bob)
		l := lies{one: w.stored(t, 1), two: w.stored(t, 2), three: w.stored(t, 3),
			plain: edited(key("1"), "", "body", str("forged"))}
		l.other = w.storedOf(t, "bob", 1)

		told := false
		w.lie = func(_ string, _, out any, err error) (any, error) {
			told = true
			if lie.err != nil {
				return nil, lie.err(l)
			}
			if err == nil {
				lie.tell(l, out)
			}
			return out, err
		}
		out, err := lie.request(t.Context(), w.client)
		if !told {
			t.Fatalf("nothing was sent: %v", err)
		}
		op := opOf(name)
		wantItemError(t, err, op, crypto.ErrTampered)
		if fmt.Sprint(out) != "<nil>" {
			t.Errorf("a reply is returned: %+v", out)
		}
		wrote := strings.Contains("PutItem DeleteItem UpdateItem BatchWriteItem TransactWriteItems",
			op) && lie.err == nil
		if errors.Is(err, mapper.ErrCarriedOut) != wrote {
			t.Errorf("the error does not tell whether the write was carried out: %v", err)
		}
	})
}
