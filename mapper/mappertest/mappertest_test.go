package mappertest_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// inMemory is a database for what only the one in memory has.
func inMemory(options ...mappertest.Option) *database {
	return &database{mappertest.New(options...), false}
}

func TestAFaultIsTheAnswerAndNothingElseHappens(t *testing.T) {
	fault := errors.New("no network")
	fail := false
	db := inMemory(mappertest.WithFault(func(_ context.Context, operation string, input any) error {
		put, ok := input.(*dynamodb.PutItemInput)
		same(t, "input of PutItem", ok, operation == "PutItem")
		if fail && ok && put.Item["x"] != nil {
			return fault
		}
		return nil
	}))
	table := db.simple(t)
	db.put(t, table, id("a"))
	fail = true
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item{"id": str("a"), "x": num("1")}})
	if !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
	sameItem(t, db.get(t, table, id("a")), id("a"))
	db.put(t, table, id("b"))
}

func TestAFaultMayUseTheDatabase(t *testing.T) {
	var db *database
	var table string
	once := sync.OnceFunc(func() { db.put(t, table, item{"id": str("a"), "by": str("another")}) })
	armed := false
	db = inMemory(mappertest.WithFault(func(_ context.Context, operation string, _ any) error {
		if armed && operation == "PutItem" {
			armed = false
			once()
		}
		return nil
	}))
	table = db.simple(t)
	armed = true
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: id("a"),
		ConditionExpression: aws.String("attribute_not_exists(id)")})
	refused(t, err, "ConditionalCheckFailedException")
}

func TestCallsAreCountedEvenIfTheyFail(t *testing.T) {
	db := mappertest.New()
	same(t, "calls", db.Calls("GetItem"), 0)
	for range 3 {
		_, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("none"), Key: id("a")})
		refused(t, err, "ResourceNotFoundException")
	}
	same(t, "calls", db.Calls("GetItem"), 3)
	same(t, "other calls", db.Calls("PutItem"), 0)
}

func TestUnprocessedRequestsAreGivenBack(t *testing.T) {
	db := inMemory(mappertest.WithUnprocessed(2))
	one, two := db.simple(t), db.simple(t)
	writes := map[string][]types.WriteRequest{one: {putRequest(id("a")), putRequest(id("b"))},
		two: {putRequest(id("c")), deleteRequest(id("d")), putRequest(id("e"))}}
	rounds := 0
	for ; len(writes) > 0; rounds++ {
		out, err := db.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: writes})
		check(t, err)
		writes = out.UnprocessedItems
	}
	same(t, "rounds of writes", rounds, 3)

	found := 0
	keys := map[string]types.KeysAndAttributes{one: {Keys: []item{id("a"), id("b")}},
		two: {Keys: []item{id("c"), id("d"), id("e")}, ConsistentRead: aws.Bool(true),
			ProjectionExpression: aws.String("#i"), ExpressionAttributeNames: map[string]string{"#i": "id"}}}
	for rounds = 0; len(keys) > 0; rounds++ {
		out, err := db.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: keys})
		check(t, err)
		found += len(out.Responses[one]) + len(out.Responses[two])
		keys = out.UnprocessedKeys
	}
	same(t, "rounds of reads", rounds, 3)
	same(t, "found", found, 4)
}

func TestNew_PanicsOnInvalidOption(t *testing.T) {
	for _, n := range []int{0, -1} {
		func() {
			defer func() {
				want := fmt.Sprintf("mappertest: WithUnprocessed(%d): must be at least 1", n)
				if got := recover(); got != want {
					t.Errorf("panicked with %v, want %q", got, want)
				}
			}()
			mappertest.New(mappertest.WithUnprocessed(n))
		}()
	}
}

func TestGureguRetriesWhatIsUnprocessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // It waits between the retries.
		api := mappertest.New(mappertest.WithUnprocessed(7))
		table := dynamo.NewFromIface(api).Table("widgets")
		check(t, dynamo.NewFromIface(api).CreateTable("widgets", widget{}).OnDemand(true).Run(t.Context()))
		var all []any
		var keys []dynamo.Keyed
		for i := range 20 {
			all, keys = append(all, widget{User: "ada", Count: i}), append(keys, dynamo.Keys{"ada", i})
		}
		_, err := table.Batch().Write().Put(all...).Run(t.Context())
		check(t, err)
		same(t, "writes", api.Calls("BatchWriteItem"), 3)
		var found []widget
		check(t, table.Batch("user", "count").Get(keys...).All(t.Context(), &found))
		same(t, "found", len(found), 20)
		same(t, "reads", api.Calls("BatchGetItem"), 3)
	})
}

func TestACancelledContextStopsTheRequest(t *testing.T) {
	db := inMemory()
	table := db.simple(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: id("a")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	sameItem(t, db.get(t, table, id("a")), nil)

	ctx, cancel = context.WithCancel(t.Context())
	db = inMemory(mappertest.WithFault(func(context.Context, string, any) error { cancel(); return nil }))
	if _, err := db.ListTables(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled on the way: got %v", err)
	}
}

func TestNothingIsSharedWithCallers(t *testing.T) {
	mutate := func(i item) {
		i["m"].(*types.AttributeValueMemberM).Value["k"].(*types.AttributeValueMemberL).Value[0] = str("changed")
		i["b"].(*types.AttributeValueMemberB).Value[0] = 'X'
		i["ss"].(*types.AttributeValueMemberSS).Value[0] = "changed"
		i["bs"].(*types.AttributeValueMemberBS).Value[0][0] = 'X'
		i["n"].(*types.AttributeValueMemberN).Value = "0"
		delete(i, "id")
	}
	fresh := func() item {
		return item{"id": str("a"), "m": dict(item{"k": list(str("v"))}), "b": bin("b"), "ss": strs("s"),
			"bs": bins([]byte("b")), "n": num("1")}
	}
	db := inMemory()
	table := db.simple(t)
	key, ctx := id("a"), t.Context()
	same := func(what string) {
		t.Helper()
		t.Run(what, func(t *testing.T) { sameItem(t, db.get(t, table, key), fresh()) })
	}

	given := fresh()
	db.put(t, table, given)
	mutate(given)
	same("what was put")
	mutate(db.get(t, table, key))
	same("what was got")
	scan, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: &table})
	check(t, err)
	mutate(scan.Items[0])
	same("what was scanned")
	query, err := db.Query(ctx, &dynamodb.QueryInput{TableName: &table, KeyConditionExpression: aws.String("id = :i"),
		ExpressionAttributeValues: item{":i": str("a")}, Limit: aws.Int32(1)})
	check(t, err)
	mutate(query.Items[0])
	query.LastEvaluatedKey["id"].(*types.AttributeValueMemberS).Value = "changed"
	same("what was queried")
	batch, err := db.BatchGetItem(ctx,
		&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: {Keys: []item{key}}}})
	check(t, err)
	mutate(batch.Responses[table][0])
	same("what was got in a batch")
	transaction, err := db.TransactGetItems(ctx,
		&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: &table,
			Key: key}}}})
	check(t, err)
	mutate(transaction.Responses[0].Item)
	same("what was got in a transaction")

	_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: key,
		ConditionExpression: aws.String("attribute_not_exists(id)"), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	mutate(failed.Item)
	same("what a failed condition shows")
	values := item{":m": fresh()["m"]}
	for _, returned := range []types.ReturnValue{types.ReturnValueAllNew, types.ReturnValueAllOld} {
		update, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &table, Key: key,
			UpdateExpression: aws.String("SET m = :m"), ExpressionAttributeValues: values, ReturnValues: returned})
		check(t, err)
		mutate(update.Attributes)
		same("what an update returned")
	}
	values[":m"].(*types.AttributeValueMemberM).Value["k"] = str("changed")
	same("what an update was given")
	_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &table, Key: key,
		UpdateExpression: aws.String("SET copied = m")})
	check(t, err)
	_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &table, Key: key,
		UpdateExpression: aws.String("SET copied.k[0] = :v"), ExpressionAttributeValues: item{":v": str("changed")}})
	check(t, err)
	_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &table, Key: key,
		UpdateExpression: aws.String("REMOVE copied")})
	check(t, err)
	same("a part that an update copied")
	given = fresh()
	_, err = db.TransactWriteItems(ctx,
		&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: &table,
			Item: given}}}})
	check(t, err)
	mutate(given)
	same("what a transaction put")
}

func TestADescriptionIsTheCallers(t *testing.T) {
	db := inMemory()
	table := db.indexed(t)
	describe := func() *types.TableDescription {
		out, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
		check(t, err)
		return out.Table
	}
	d := describe()
	*d.TableName, *d.KeySchema[0].AttributeName = "changed", "changed"
	for _, i := range d.GlobalSecondaryIndexes {
		*i.IndexName = "changed"
		for n := range i.Projection.NonKeyAttributes {
			i.Projection.NonKeyAttributes[n] = "changed"
		}
	}
	d = describe()
	same(t, "name", *d.TableName, table)
	same(t, "key", *d.KeySchema[0].AttributeName, "pk")
	for _, i := range d.GlobalSecondaryIndexes {
		if *i.IndexName == "changed" || len(i.Projection.NonKeyAttributes) > 0 &&
			i.Projection.NonKeyAttributes[0] == "changed" {
			t.Errorf("index %s, with %v", *i.IndexName, i.Projection.NonKeyAttributes)
		}
	}
}

func TestATokenIsForgottenAfterTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := inMemory()
		table := db.simple(t)
		add := func() {
			w := txUpdate(id("a"), "ADD v :n", item{":n": num("1")})
			w.Update.TableName = &table
			_, err := db.TransactWriteItems(t.Context(),
				&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{w},
					ClientRequestToken: aws.String("token")})
			check(t, err)
		}
		add()
		time.Sleep(9 * time.Minute)
		add()
		sameItem(t, db.get(t, table, id("a")), item{"id": str("a"), "v": num("1")})
		time.Sleep(2 * time.Minute)
		add()
		sameItem(t, db.get(t, table, id("a")), item{"id": str("a"), "v": num("2")})
	})
}

func TestConcurrentUpdatesAreAllCarriedOut(t *testing.T) {
	db := inMemory()
	table := db.simple(t)
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Go(func() {
			for i := range 25 {
				_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: id("a"),
					UpdateExpression: aws.String("ADD v :one"), ExpressionAttributeValues: item{":one": num("1")}})
				if err != nil {
					t.Error(err)
				}
				_, err = db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
				if err != nil {
					t.Error(err)
				}
				_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table,
					Item: id("w" + strconv.Itoa(worker*100+i))})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	sameItem(t, db.get(t, table, id("a")), item{"id": str("a"), "v": num("200")})
}

func TestNilInputsAreRefusedNotPanickedOn(t *testing.T) {
	db, ctx := mappertest.New(), t.Context()
	for operation, call := range map[string]func() error{
		"CreateTable":        func() error { _, err := db.CreateTable(ctx, nil); return err },
		"DescribeTable":      func() error { _, err := db.DescribeTable(ctx, nil); return err },
		"UpdateTable":        func() error { _, err := db.UpdateTable(ctx, nil); return err },
		"DeleteTable":        func() error { _, err := db.DeleteTable(ctx, nil); return err },
		"UpdateTimeToLive":   func() error { _, err := db.UpdateTimeToLive(ctx, nil); return err },
		"DescribeTimeToLive": func() error { _, err := db.DescribeTimeToLive(ctx, nil); return err },
		"GetItem":            func() error { _, err := db.GetItem(ctx, nil); return err },
		"PutItem":            func() error { _, err := db.PutItem(ctx, nil); return err },
		"UpdateItem":         func() error { _, err := db.UpdateItem(ctx, nil); return err },
		"DeleteItem":         func() error { _, err := db.DeleteItem(ctx, nil); return err },
		"Query":              func() error { _, err := db.Query(ctx, nil); return err },
		"Scan":               func() error { _, err := db.Scan(ctx, nil); return err },
		"BatchGetItem":       func() error { _, err := db.BatchGetItem(ctx, nil); return err },
		"BatchWriteItem":     func() error { _, err := db.BatchWriteItem(ctx, nil); return err },
		"TransactGetItems":   func() error { _, err := db.TransactGetItems(ctx, nil); return err },
		"TransactWriteItems": func() error { _, err := db.TransactWriteItems(ctx, nil); return err },
	} {
		if err := call(); err == nil {
			t.Errorf("%s of nothing succeeded", operation)
		}
	}
	global, err := db.ListGlobalTables(ctx, nil)
	check(t, err)
	same(t, "global tables", len(global.GlobalTables), 0)
}
