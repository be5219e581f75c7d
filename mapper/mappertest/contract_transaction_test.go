package mappertest_test

import (
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// transact runs a transaction on one table, without a token.
func (db *database) transact(t *testing.T, table string, writes ...types.TransactWriteItem) error {
	for _, w := range writes {
		switch {
		case w.Put != nil:
			w.Put.TableName = &table
		case w.Delete != nil:
			w.Delete.TableName = &table
		case w.Update != nil:
			w.Update.TableName = &table
		case w.ConditionCheck != nil:
			w.ConditionCheck.TableName = &table
		}
	}
	_, err := db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return err
}

func txPut(i item) types.TransactWriteItem { return types.TransactWriteItem{Put: &types.Put{Item: i}} }

func txDelete(key item) types.TransactWriteItem {
	return types.TransactWriteItem{Delete: &types.Delete{Key: key}}
}

func txUpdate(key item, update string, values item) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{Key: key, UpdateExpression: &update,
		ExpressionAttributeValues: values}}
}

func txCheck(key item, condition string) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{Key: key, ConditionExpression: &condition}}
}

// cancelled wants a transaction to be cancelled, and returns the reasons.
func cancelled(t *testing.T, err error, codes ...string) []types.CancellationReason {
	t.Helper()
	refused(t, err, "TransactionCanceledException", "["+strings.Join(codes, ", ")+"]")
	var failed *types.TransactionCanceledException
	if !errors.As(err, &failed) || len(failed.CancellationReasons) != len(codes) {
		t.Fatalf("got %v, want reasons %v", err, codes)
	}
	for i, reason := range failed.CancellationReasons {
		same(t, "reason", aws.ToString(reason.Code), codes[i])
	}
	return failed.CancellationReasons
}

func TestATransactionWritesAll(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.numbered(t, 3)
		check(t, db.transact(t, table,
			txPut(item{"id": str("new"), "v": num("1.0")}), txDelete(id("i0")),
			txUpdate(id("i1"), "SET v = v + :one", item{":one": num("1")}), txCheck(id("i2"), "attribute_exists(id)")))
		sameItem(t, db.get(t, table, id("new")), item{"id": str("new"), "v": num("1")})
		sameItem(t, db.get(t, table, id("i0")), nil)
		sameItem(t, db.get(t, table, id("i1")), item{"id": str("i1"), "v": num("2")})
		sameItem(t, db.get(t, table, id("i2")), item{"id": str("i2"), "v": num("2")})
	})
}

func TestATransactionWritesNothingIfAConditionFails(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.numbered(t, 3)
		missing := aws.String("attribute_not_exists(id)")
		show := types.ReturnValuesOnConditionCheckFailureAllOld
		reasons := cancelled(t, db.transact(t, table,
			txPut(id("new")),
			types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{Key: id("i0"), ConditionExpression: missing,
				ReturnValuesOnConditionCheckFailure: show}},
			types.TransactWriteItem{Delete: &types.Delete{Key: id("i1"), ConditionExpression: missing}},
			types.TransactWriteItem{Put: &types.Put{Item: id("i2"), ConditionExpression: missing,
				ReturnValuesOnConditionCheckFailure: show}},
			types.TransactWriteItem{Update: &types.Update{Key: id("none"), UpdateExpression: aws.String("REMOVE v"),
				ConditionExpression: aws.String("attribute_exists(id)"), ReturnValuesOnConditionCheckFailure: show}}),
			"None", "ConditionalCheckFailed", "ConditionalCheckFailed", "ConditionalCheckFailed", "ConditionalCheckFailed")
		for i, want := range []item{nil, {"id": str("i0"), "v": num("0")}, nil, {"id": str("i2"), "v": num("2")}, nil} {
			sameItem(t, reasons[i].Item, want)
		}
		if reasons[0].Message != nil || !strings.HasPrefix(aws.ToString(reasons[1].Message),
			"The conditional request failed") {
			t.Errorf("messages: %v, %v", reasons[0].Message, reasons[1].Message)
		}
		sameItem(t, db.get(t, table, id("new")), nil)
		sameItem(t, db.get(t, table, id("i1")), item{"id": str("i1"), "v": num("1")})
	})
}

func TestATransactionSaysWhichWriteDoesNotFitTheTable(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.indexed(t)
		db.put(t, table, letter("a", 1))
		key := db.transact(t, table, txPut(letter("a", 2)), txUpdate(keyOf(1), "SET sk = :v", item{":v": num("1")}))
		index := db.transact(t, table, txPut(item{"pk": str("a"), "sk": num("3"), "g": num("1")}), txPut(letter("a", 2)))
		if db.local { // It gives one reason only.
			refused(t, key, "TransactionCanceledException", "ValidationError")
			refused(t, index, "TransactionCanceledException", "ValidationError")
		} else {
			reasons := cancelled(t, key, "None", "ValidationError")
			if !strings.Contains(aws.ToString(reasons[1].Message),
				"Cannot update attribute sk. This attribute is part of the key") {
				t.Errorf("message: %s", *reasons[1].Message)
			}
			cancelled(t, index, "ValidationError", "None")
		}
		sameItem(t, db.get(t, table, keyOf(2)), nil)
		for _, update := range []string{"SET absent.x = :v", "SET z = absent + :v", "SET z = x + :v"} {
			err := db.transact(t, table, txPut(letter("a", 2)), txUpdate(keyOf(1), update, item{":v": num("1")}))
			if db.local { // It gives no reasons at all here.
				refused(t, err, validation)
			} else {
				cancelled(t, err, "None", "ValidationError")
			}
		}
		sameItem(t, db.get(t, table, keyOf(2)), nil)
	})
}

func TestAnInvalidTransactionWritesNothing(t *testing.T) {
	many := make([]types.TransactWriteItem, 101)
	for i := range many {
		many[i] = txPut(id(strconv.Itoa(i)))
	}
	cases := map[string][]types.TransactWriteItem{
		"no operations":          {},
		"101 operations":         many,
		"one item twice":         {txPut(id("a")), txDelete(id("a"))},
		"one item and its check": {txPut(id("a")), txCheck(id("a"), "attribute_exists(id)")},
		"two operations in one": {txPut(id("a")), {Put: &types.Put{Item: id("b")},
			Delete: &types.Delete{TableName: aws.String("abc"), Key: id("c")}}},
		"no operation in one": {txPut(id("a")), {}},
		"an item without key": {txPut(id("a")), txPut(item{"x": str("b")})},
		"a wrong key":         {txPut(id("a")), txDelete(item{"x": str("b")})},
		"an empty key":        {txPut(id("a")), txPut(id(""))},
		"a syntax error":      {txPut(id("a")), txCheck(id("b"), "x = = y")},
		"an unused name": {txPut(id("a")), {Put: &types.Put{Item: id("b"),
			ConditionExpression: aws.String("attribute_exists(id)"), ExpressionAttributeNames: map[string]string{"#x": "x"}}}},
		"an update's syntax error": {txPut(id("a")), txUpdate(id("b"), "CHANGE x", nil)},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for name, writes := range cases {
			t.Run(name, func(t *testing.T) {
				refused(t, db.transact(t, table, writes...), validation)
				sameItem(t, db.get(t, table, id("a")), nil)
			})
		}
		check(t, db.transact(t, table, many[:100]...))
	})
}

func TestATokenMakesATransactionIdempotent(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		add := func(token, n string, report types.ReturnConsumedCapacity) error {
			update := txUpdate(id("a"), "ADD v :n", item{":n": num(n)})
			update.Update.TableName = &table
			_, err := db.TransactWriteItems(t.Context(),
				&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{update}, ClientRequestToken: &token,
					ReturnConsumedCapacity: report})
			return err
		}
		first, second := rand.Text(), rand.Text()
		check(t, add(first, "1", ""))
		check(t, add(first, "1", ""))
		check(t, add(first, "1", types.ReturnConsumedCapacityTotal))
		sameItem(t, db.get(t, table, id("a")), item{"id": str("a"), "v": num("1")})
		refused(t, add(first, "2", ""), "IdempotentParameterMismatchException")
		check(t, add(second, "2", ""))
		sameItem(t, db.get(t, table, id("a")), item{"id": str("a"), "v": num("3")})
		refused(t, add(strings.Repeat("x", 37), "1", ""), validation)

		// A transaction that failed may be tried again.
		third := rand.Text()
		checked := func() error {
			w := txCheck(id("later"), "attribute_exists(id)")
			w.ConditionCheck.TableName = &table
			_, err := db.TransactWriteItems(t.Context(),
				&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{w}, ClientRequestToken: &third})
			return err
		}
		cancelled(t, checked(), "ConditionalCheckFailed")
		db.put(t, table, id("later"))
		check(t, checked())
	})
}

func TestATransactionGetsInOrder(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		one, two := db.numbered(t, 2), db.filled(t)
		get := func(table string, key item) types.TransactGetItem {
			return types.TransactGetItem{Get: &types.Get{TableName: &table, Key: key}}
		}
		projected := get(one, id("i1"))
		projected.Get.ProjectionExpression = aws.String("v")
		empty := get(two, keyOf(2))
		empty.Get.ProjectionExpression = aws.String("absent")
		out, err := db.TransactGetItems(t.Context(),
			&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{projected, get(one, id("none")),
				get(two, keyOf(1)), empty}})
		check(t, err)
		same(t, "responses", len(out.Responses), 4)
		for i, want := range []item{{"v": num("1")}, nil, letter("a", 1), {}} {
			sameItem(t, out.Responses[i].Item, want)
		}

		for _, gets := range [][]types.TransactGetItem{{}, {get(one, id("a")), get(one, id("a"))},
			{get(two, keyOf(1)), get(two, item{"pk": str("a"), "sk": num("1.0")})}} {
			_, err := db.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: gets})
			refused(t, err, validation)
		}
		_, err = db.TransactGetItems(t.Context(),
			&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{get(one, id("i0")),
				get(one, item{"x": str("a")})}})
		if err == nil {
			t.Error("a wrong key was looked up")
		}
	})
}

func TestTransactWriteItems_ReadsInsteadOfWritingAgain(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		token := rand.Text()
		send := func() types.ConsumedCapacity {
			t.Helper()
			put, del := txPut(item{"id": str("a"), "v": str(strings.Repeat("v", 5000))}), txDelete(id("none"))
			put.Put.TableName, del.Delete.TableName = &table, &table
			out, err := db.TransactWriteItems(t.Context(),
				&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{put, del},
					ClientRequestToken: &token, ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes})
			check(t, err)
			same(t, "tables", len(out.ConsumedCapacity), 1)
			return out.ConsumedCapacity[0]
		}
		first := send()
		same(t, "units", aws.ToFloat64(first.CapacityUnits), 12) // 2 for each KB
		same(t, "write units", aws.ToFloat64(first.WriteCapacityUnits), 12)
		same(t, "read units", aws.ToFloat64(first.ReadCapacityUnits), 0)
		second := send()
		same(t, "units of a repetition", aws.ToFloat64(second.CapacityUnits), 6) // 2 for each 4 KB
		same(t, "read units of a repetition", aws.ToFloat64(second.ReadCapacityUnits), 6)
		same(t, "write units of a repetition", aws.ToFloat64(second.WriteCapacityUnits), 0)
		same(t, "table's read units of a repetition", aws.ToFloat64(second.Table.ReadCapacityUnits), 6)
	})
}

func TestTransaction_HoldsNoMoreThan4Megabytes(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		var gets []types.TransactGetItem
		var puts, updates []types.TransactWriteItem
		value := str(strings.Repeat("v", 390<<10))
		for i := range 11 {
			key := id(strconv.Itoa(i))
			puts = append(puts, txPut(item{"id": key["id"], "v": value}))
			updates = append(updates, txUpdate(key, "SET w = :one", item{":one": num("1")}))
			gets = append(gets, types.TransactGetItem{Get: &types.Get{TableName: &table, Key: key}})
		}
		refused(t, db.transact(t, table, puts...), validation)
		sameItem(t, db.get(t, table, id("0")), nil)
		check(t, db.transact(t, table, puts[:10]...))
		check(t, db.transact(t, table, puts[10]))
		if !db.local { // It counts the request's size.
			refused(t, db.transact(t, table, updates...), validation)
		}
		check(t, db.transact(t, table, updates[1:]...))
		_, err := db.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: gets})
		refused(t, err, validation)
		_, err = db.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: gets[1:]})
		check(t, err)
	})
}
