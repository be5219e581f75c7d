package mappertest_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestPutItemReplacesTheWholeItem(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		put := func(i item) item {
			out, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: i,
				ReturnValues: types.ReturnValueAllOld})
			check(t, err)
			return out.Attributes
		}
		sameItem(t, put(item{"id": str("a"), "x": num("1")}), nil)
		sameItem(t, put(item{"id": str("a"), "y": num("2")}), item{"id": str("a"), "x": num("1")})
		sameItem(t, db.get(t, table, item{"id": str("a")}), item{"id": str("a"), "y": num("2")})
	})
}

func TestDeleteItemReturnsWhatWasThere(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		db.put(t, table, item{"id": str("a"), "x": num("1")})
		remove := func() item {
			out, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: item{"id": str("a")},
				ReturnValues: types.ReturnValueAllOld})
			check(t, err)
			return out.Attributes
		}
		sameItem(t, remove(), item{"id": str("a"), "x": num("1")})
		sameItem(t, remove(), nil)
		sameItem(t, db.get(t, table, item{"id": str("a")}), nil)
	})
}

func TestPutAndDeleteReturnNothingNew(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for _, v := range []types.ReturnValue{types.ReturnValueAllNew, types.ReturnValueUpdatedNew,
			types.ReturnValueUpdatedOld, "BOGUS"} {
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item{"id": str("a")},
				ReturnValues: v})
			refused(t, err, validation)
			_, err = db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: item{"id": str("a")},
				ReturnValues: v})
			refused(t, err, validation)
		}
		sameItem(t, db.get(t, table, item{"id": str("a")}), nil)
	})
}

func TestAFailedConditionChangesNothingAndShowsTheItemIfAsked(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		stored := item{"id": str("a"), "x": num("1")}
		db.put(t, table, stored)
		missing, there := aws.String("attribute_not_exists(id)"), aws.String("attribute_exists(id)")
		calls := map[string]func(key item, condition *string, show types.ReturnValuesOnConditionCheckFailure) error{
			"PutItem": func(key item, condition *string, show types.ReturnValuesOnConditionCheckFailure) error {
				_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: key,
					ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: show})
				return err
			},
			"DeleteItem": func(key item, condition *string, show types.ReturnValuesOnConditionCheckFailure) error {
				_, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: key,
					ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: show})
				return err
			},
			"UpdateItem": func(key item, condition *string, show types.ReturnValuesOnConditionCheckFailure) error {
				_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: key,
					UpdateExpression: aws.String("REMOVE x"), ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: show})
				return err
			},
		}
		for name, call := range calls {
			t.Run(name, func(t *testing.T) {
				shown := func(err error) item {
					t.Helper()
					refused(t, err, "ConditionalCheckFailedException", "The conditional request failed")
					var failed *types.ConditionalCheckFailedException
					if !errors.As(err, &failed) {
						return nil
					}
					return failed.Item
				}
				sameItem(t, shown(call(item{"id": str("a")}, missing, "")), nil)
				sameItem(t, shown(call(item{"id": str("a")}, missing, types.ReturnValuesOnConditionCheckFailureAllOld)), stored)
				sameItem(t, shown(call(item{"id": str("b")}, there, types.ReturnValuesOnConditionCheckFailureAllOld)), nil)
				sameItem(t, db.get(t, table, item{"id": str("a")}), stored)
				sameItem(t, db.get(t, table, item{"id": str("b")}), nil)
			})
		}
		check(t, calls["PutItem"](item{"id": str("b")}, missing, ""))
		check(t, calls["UpdateItem"](item{"id": str("a")}, there, ""))
		check(t, calls["DeleteItem"](item{"id": str("a")}, there, ""))
		sameItem(t, db.get(t, table, item{"id": str("a")}), nil)
	})
}

func TestUpdateItemReturnsWhatIsAskedFor(t *testing.T) {
	old := item{"id": str("a"), "x": num("1"), "y": str("old"), "gone": str("g")}
	changed := item{"id": str("a"), "x": num("2"), "y": str("old"), "z": str("new")}
	cases := map[types.ReturnValue]struct{ ofOld, ofNone item }{
		types.ReturnValueNone:       {nil, nil},
		types.ReturnValueAllOld:     {old, nil},
		types.ReturnValueAllNew:     {changed, item{"id": str("b"), "x": num("2"), "z": str("new")}},
		types.ReturnValueUpdatedOld: {item{"x": num("1"), "gone": str("g")}, nil},
		types.ReturnValueUpdatedNew: {item{"x": num("2"), "z": str("new")}, item{"x": num("2"), "z": str("new")}},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for returned, want := range cases {
			t.Run(string(returned), func(t *testing.T) {
				update := func(id, expression string, values item) item {
					out, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: item{"id": str(id)},
						UpdateExpression: &expression, ExpressionAttributeValues: values, ReturnValues: returned})
					check(t, err)
					return out.Attributes
				}
				db.put(t, table, old)
				_, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: item{"id": str("b")}})
				check(t, err)
				sameItem(t, update("a", "SET x = :x, z = :z REMOVE gone", item{":x": num("2"), ":z": str("new")}), want.ofOld)
				sameItem(t, db.get(t, table, item{"id": str("a")}), changed)
				sameItem(t, update("b", "SET x = :x, z = :z REMOVE gone", item{":x": num("2"), ":z": str("new")}), want.ofNone)
				if returned == types.ReturnValueUpdatedOld || returned == types.ReturnValueUpdatedNew {
					sameItem(t, update("a", "REMOVE never", nil), nil)
				}
			})
		}
		_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: item{"id": str("a")},
			ReturnValues: "BOGUS"})
		refused(t, err, validation)
	})
}

func TestUpdateItemWithoutExpressionCreatesTheItem(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		out, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: item{"id": str("a")},
			ReturnValues: types.ReturnValueAllNew})
		check(t, err)
		sameItem(t, out.Attributes, item{"id": str("a")})
		sameItem(t, db.get(t, table, item{"id": str("a")}), item{"id": str("a")})
	})
}

func TestUpdatesDoWhatTheySay(t *testing.T) {
	stored := item{"id": str("a"), "n": num("1"), "m": dict(item{"x": num("1"), "y": num("2")}),
		"l": list(num("0"), num("1"), num("2"), num("3")), "ss": strs("a", "b"), "ns": nums("1", "2")}
	cases := []struct {
		update string
		values item
		want   item // what differs; nil values are gone
	}{
		{"SET n = n + :v", item{":v": num("0.50")}, item{"n": num("1.5")}},
		{"SET n = n - :v", item{":v": num("3")}, item{"n": num("-2")}},
		{"SET n = :v - n", item{":v": num("3")}, item{"n": num("2")}},
		{"SET c = m, m.x = n", nil, item{"c": stored["m"], "m": dict(item{"x": num("1"), "y": num("2")})}},
		{"SET a = n, n = :v", item{":v": num("7")}, item{"a": num("1"), "n": num("7")}},
		{"SET m.z = :v", item{":v": list()}, item{"m": dict(item{"x": num("1"), "y": num("2"), "z": list()})}},
		{"SET l[1] = :v, l[9] = :v", item{":v": str("v")}, item{"l": list(num("0"), str("v"), num("2"), num("3"), str("v"))}},
		{"SET l = list_append(l, :v)", item{":v": list(str("v"))},
			item{"l": list(num("0"), num("1"), num("2"), num("3"), str("v"))}},
		{"SET l = list_append(:v, l)", item{":v": list(str("v"))},
			item{"l": list(str("v"), num("0"), num("1"), num("2"), num("3"))}},
		{"SET e = list_append(if_not_exists(e, :e), :v)", item{":e": list(), ":v": list(str("v"))},
			item{"e": list(str("v"))}},
		{"SET n = if_not_exists(n, :v), q = if_not_exists(q, :v)", item{":v": num("5")}, item{"q": num("5")}},
		{"SET q = if_not_exists(id, :v)", item{":v": str("v")}, item{"q": str("a")}},
		{"REMOVE n, m.x", nil, item{"n": nil, "m": dict(item{"y": num("2")})}},
		{"REMOVE l[0], l[2]", nil, item{"l": list(num("1"), num("3"))}},
		{"REMOVE absent, m.absent, l[50]", nil, item{}},
		{"ADD n :v, k :v", item{":v": num("2")}, item{"n": num("3"), "k": num("2")}},
		{"ADD m.x :v", item{":v": num("2")}, item{"m": dict(item{"x": num("3"), "y": num("2")})}},
		{"ADD ss :v", item{":v": strs("b", "c")}, item{"ss": strs("a", "b", "c")}},
		{"ADD ns :v, more :v", item{":v": nums("2.0", "3")}, item{"ns": nums("1", "2", "3"), "more": nums("2", "3")}},
		{"DELETE ss :v", item{":v": strs("b", "c")}, item{"ss": strs("a")}},
		{"DELETE ss :v", item{":v": strs("b", "a")}, item{"ss": nil}},
		{"DELETE absent :v", item{":v": strs("b")}, item{}},
		{"SET a = :v REMOVE n ADD k :one DELETE ss :s", item{":v": str("v"), ":one": num("1"), ":s": strs("a")},
			item{"a": str("v"), "n": nil, "k": num("1"), "ss": strs("b")}},
		{"set a = :v remove n", item{":v": str("v")}, item{"a": str("v"), "n": nil}},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for _, c := range cases {
			t.Run(c.update, func(t *testing.T) {
				db.put(t, table, stored)
				want := make(item)
				for _, part := range []item{stored, c.want} {
					for name, v := range part {
						if want[name] = v; v == nil {
							delete(want, name)
						}
					}
				}
				_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: item{"id": str("a")},
					UpdateExpression: &c.update, ExpressionAttributeValues: c.values})
				check(t, err)
				sameItem(t, db.get(t, table, item{"id": str("a")}), want)
			})
		}
	})
}

func TestAnUpdateSeesTheKeyOfANewItem(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: item{"id": str("a")},
			UpdateExpression: aws.String("SET copied = id")})
		check(t, err)
		sameItem(t, db.get(t, table, item{"id": str("a")}), item{"id": str("a"), "copied": str("a")})
	})
}

func TestExpressionsAndOlderParametersDoNotMix(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		expression := aws.String("attribute_exists(id)")
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item{"id": str("a")},
			ConditionExpression: expression, Expected: map[string]types.ExpectedAttributeValue{"id": {Exists: aws.Bool(false)}}})
		refused(t, err, validation)
		_, err = db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: item{"id": str("a")},
			UpdateExpression: aws.String("REMOVE x"), AttributeUpdates: map[string]types.AttributeValueUpdate{"a": {Value: num("1")}}})
		refused(t, err, validation)
		_, err = db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: item{"id": str("a")},
			ProjectionExpression: aws.String("id"), AttributesToGet: []string{"id"}})
		refused(t, err, validation, "Can not use both expression and non-expression parameters in the same request")
		_, err = db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, FilterExpression: expression,
			AttributesToGet: []string{"id"}})
		refused(t, err, validation, "Can not use both expression and non-expression parameters in the same request")
	})
}

func TestGetItemProjects(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		db.put(t, table, item{"id": str("a"), "x": num("1"), "m": dict(item{"x": num("1"), "y": num("2")}),
			"l": list(num("0"), num("1"), num("2"))})
		get := func(in dynamodb.GetItemInput) item {
			t.Helper()
			in.TableName = &table
			if in.Key == nil {
				in.Key = item{"id": str("a")}
			}
			out, err := db.GetItem(t.Context(), &in)
			check(t, err)
			return out.Item
		}
		sameItem(t, get(dynamodb.GetItemInput{ProjectionExpression: aws.String("x, m.y, l[2], l[0]")}),
			item{"x": num("1"), "m": dict(item{"y": num("2")}), "l": list(num("0"), num("2"))})
		sameItem(t, get(dynamodb.GetItemInput{ProjectionExpression: aws.String("#x"),
			ExpressionAttributeNames: map[string]string{"#x": "x"}}), item{"x": num("1")})
		sameItem(t, get(dynamodb.GetItemInput{ProjectionExpression: aws.String("absent")}), item{})
		sameItem(t, get(dynamodb.GetItemInput{AttributesToGet: []string{"x", "absent"}}), item{"x": num("1")})
		sameItem(t, get(dynamodb.GetItemInput{Key: item{"id": str("b")}, ProjectionExpression: aws.String("x")}), nil)
		for _, in := range []dynamodb.GetItemInput{
			{ProjectionExpression: aws.String("x, x")},
			{ProjectionExpression: aws.String("x, :x")},
			{ProjectionExpression: aws.String("")},
			{ProjectionExpression: aws.String("x"), ExpressionAttributeNames: map[string]string{"#x": "x"}},
			{AttributesToGet: []string{}},
			{AttributesToGet: []string{"x", "x"}},
		} {
			in.TableName, in.Key = &table, item{"id": str("a")}
			_, err := db.GetItem(t.Context(), &in)
			refused(t, err, validation)
		}
	})
}
