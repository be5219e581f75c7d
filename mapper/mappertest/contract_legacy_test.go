package mappertest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type (
	conditions   = map[string]types.Condition
	expectations = map[string]types.ExpectedAttributeValue
	updates      = map[string]types.AttributeValueUpdate
	values       = []types.AttributeValue
)

func is(op types.ComparisonOperator, v ...types.AttributeValue) types.Condition {
	return types.Condition{ComparisonOperator: op, AttributeValueList: v}
}

func truth(v bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: v} }

// legacyItem is what the conditions below are about.
var legacyItem = item{"id": str("a"), "s": str("hello"), "n": num("5"), "b": bin("hello"), "ss": strs("x", "y"),
	"ns": nums("1", "2"),
	"bs": bins([]byte("p"), []byte("q")), "l": list(num("1"), str("x")), "m": dict(item{"k": num("1")}), "t": truth(true)}

// legacyConditions are conditions with whether they hold for legacyItem.
var legacyConditions = []struct {
	name  string
	on    string
	is    types.Condition
	holds bool
}{
	{"EQ of a text", "s", is("EQ", str("hello")), true},
	{"EQ of a number in another spelling", "n", is("EQ", num("5.0")), true},
	{"EQ of a set in another order", "ss", is("EQ", strs("y", "x")), true},
	{"EQ of another type", "n", is("EQ", str("5")), false},
	{"EQ of what is not there", "z", is("EQ", num("5")), false},
	{"NE of another value", "n", is("NE", num("6")), true},
	{"NE of the value", "n", is("NE", num("5")), false},
	{"NE of another type", "n", is("NE", str("5")), true},
	{"NE of what is not there", "z", is("NE", num("5")), true},
	{"LT", "n", is("LT", num("10")), true},
	{"LT of the value", "n", is("LT", num("5")), false},
	{"LT of another type", "n", is("LT", str("9")), false},
	{"LE of the value", "n", is("LE", num("5")), true},
	{"LE of a list", "l", is("LE", num("5")), false},
	{"GT", "s", is("GT", str("hell")), true},
	{"GE of a binary", "b", is("GE", bin("hello")), true},
	{"GE of what is not there", "z", is("GE", bin("hello")), false},
	{"NULL", "z", is("NULL"), true},
	{"NULL of what is there", "n", is("NULL"), false},
	{"NOT_NULL", "n", is("NOT_NULL"), true},
	{"NOT_NULL of what is not there", "z", is("NOT_NULL"), false},
	{"CONTAINS a part of a text", "s", is("CONTAINS", str("ell")), true},
	{"CONTAINS a part of a binary", "b", is("CONTAINS", bin("ell")), true},
	{"CONTAINS a member of a set", "ns", is("CONTAINS", num("2.0")), true},
	{"CONTAINS a member of a list", "l", is("CONTAINS", num("1")), true},
	{"CONTAINS of another type", "s", is("CONTAINS", num("1")), false},
	{"CONTAINS of what is not there", "z", is("CONTAINS", num("1")), false},
	{"NOT_CONTAINS", "ss", is("NOT_CONTAINS", str("z")), true},
	{"NOT_CONTAINS a member", "ss", is("NOT_CONTAINS", str("x")), false},
	{"BEGINS_WITH", "s", is("BEGINS_WITH", str("he")), true},
	{"BEGINS_WITH something else", "s", is("BEGINS_WITH", str("e")), false},
	{"IN", "n", is("IN", num("4"), num("5")), true},
	{"IN others", "n", is("IN", num("4")), false},
	{"BETWEEN", "n", is("BETWEEN", num("5"), num("6")), true},
	{"BETWEEN others", "n", is("BETWEEN", num("6"), num("7")), false},
	{"BETWEEN of another type", "l", is("BETWEEN", num("1"), num("9")), false},
}

func TestScanFilter_Holds(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		db.put(t, table, legacyItem)
		for _, c := range legacyConditions {
			t.Run(c.name, func(t *testing.T) {
				out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, ScanFilter: conditions{c.on: c.is}})
				check(t, err)
				same(t, "found", out.Count == 1, c.holds)
				same(t, "scanned", out.ScannedCount, 1)
			})
		}
	})
}

func TestQueryFilter_Holds(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		db.put(t, table, legacyItem)
		for _, c := range legacyConditions {
			t.Run(c.name, func(t *testing.T) {
				out, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
					KeyConditions: conditions{"id": is("EQ", str("a"))}, QueryFilter: conditions{c.on: c.is}})
				check(t, err)
				same(t, "found", out.Count == 1, c.holds)
			})
		}
		_, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
			KeyConditions: conditions{"id": is("EQ", str("a"))}, QueryFilter: conditions{"id": is("EQ", str("a"))}})
		refused(t, err, validation, "can only contain non-primary key attributes: Primary key attribute: id")
	})
}

func TestExpected_DecidesWhetherAWriteIsCarriedOut(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		put := func(e expectations, operator types.ConditionalOperator) error {
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: legacyItem, Expected: e,
				ConditionalOperator: operator})
			return err
		}
		check(t, put(expectations{"id": {Exists: aws.Bool(false)}}, ""))
		holds := func(t *testing.T, err error, want bool) {
			t.Helper()
			if want {
				check(t, err)
			} else {
				refused(t, err, "ConditionalCheckFailedException", "The conditional request failed")
			}
		}
		holds(t, put(expectations{"id": {Exists: aws.Bool(false)}}, ""), false)
		for _, c := range legacyConditions {
			t.Run(c.name, func(t *testing.T) {
				e := types.ExpectedAttributeValue{ComparisonOperator: c.is.ComparisonOperator,
					AttributeValueList: c.is.AttributeValueList}
				holds(t, put(expectations{c.on: e}, ""), c.holds)
			})
		}
		for name, c := range map[string]struct {
			e        expectations
			operator types.ConditionalOperator
			holds    bool
		}{
			"a value":                     {expectations{"n": {Value: num("5")}}, "", true},
			"another value":               {expectations{"n": {Value: num("6")}}, "", false},
			"a value that exists":         {expectations{"n": {Value: num("5"), Exists: aws.Bool(true)}}, "", true},
			"another value that exists":   {expectations{"n": {Value: num("6"), Exists: aws.Bool(true)}}, "", false},
			"a value and an operator":     {expectations{"n": {Value: num("6"), ComparisonOperator: "LT"}}, "", true},
			"two of which one holds":      {expectations{"n": {Value: num("5")}, "s": {Value: str("x")}}, "", false},
			"two of which one holds, AND": {expectations{"n": {Value: num("5")}, "s": {Value: str("x")}}, "AND", false},
			"two of which one holds, OR":  {expectations{"n": {Value: num("5")}, "s": {Value: str("x")}}, "OR", true},
			"three of which one holds, OR": {expectations{"a": {Value: num("5")}, "s": {Value: str("x")},
				"z": {Exists: aws.Bool(false)}}, "OR", true},
			"two of which none holds, OR": {expectations{"n": {Value: num("6")}, "s": {Value: str("x")}}, "OR", false},
			"nothing":                     {expectations{}, "", true},
		} {
			t.Run(name, func(t *testing.T) { holds(t, put(c.e, c.operator), c.holds) })
		}

		five := expectations{"n": {Value: num("5")}}
		six := expectations{"n": {Value: num("6")}}
		_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: id("a"), Expected: six,
			AttributeUpdates: updates{"n": {Value: num("7")}}})
		holds(t, err, false)
		_, err = db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: id("a"), Expected: six})
		holds(t, err, false)
		sameItem(t, db.get(t, table, id("a")), legacyItem)
		_, err = db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: id("a"), Expected: five,
			AttributeUpdates: updates{"n": {Value: num("6")}}})
		holds(t, err, true)
		_, err = db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: id("a"), Expected: six})
		holds(t, err, true)
		sameItem(t, db.get(t, table, id("a")), nil)
	})
}

func TestAttributeUpdates_DoWhatTheySay(t *testing.T) {
	stored := item{"id": str("a"), "s": str("x"), "n": num("1"), "ss": strs("a", "b"), "ns": nums("1"),
		"l": list(num("1"))}
	put, add, remove := types.AttributeActionPut, types.AttributeActionAdd, types.AttributeActionDelete
	cases := map[string]struct {
		updates updates
		want    item // what differs; nil values are gone
		refused string
	}{
		"PUT": {updates{"s": {Action: put, Value: num("2")},
			"new": {Action: put, Value: list()}}, item{"s": num("2"), "new": list()}, ""},
		"no action": {updates{"s": {Value: str("y")}}, item{"s": str("y")}, ""},
		"ADD to a number": {updates{"n": {Action: add, Value: num("2.5")},
			"k": {Action: add, Value: num("7")}}, item{"n": num("3.5"), "k": num("7")}, ""},
		"ADD to a set": {updates{"ss": {Action: add, Value: strs("b", "c")},
			"ks": {Action: add, Value: nums("7")}}, item{"ss": strs("a", "b", "c"), "ks": nums("7")}, ""},
		"ADD to a list": {updates{"l": {Action: add, Value: list(str("v"))},
			"k": {Action: add, Value: list(num("1"))}}, item{"l": list(num("1"), str("v")), "k": list(num("1"))}, ""},
		"DELETE": {updates{"s": {Action: remove}, "absent": {Action: remove}}, item{"s": nil},
			""},
		"DELETE from a set": {updates{"ss": {Action: remove, Value: strs("b", "z")},
			"absent": {Action: remove, Value: strs("b")}}, item{"ss": strs("a")}, ""},
		"DELETE all of a set": {updates{"ss": {Action: remove, Value: strs("b", "a")}}, item{"ss": nil}, ""},
		"nothing":             {updates{}, nil, ""},
		"PUT of nothing": {updates{"s": {Action: put}}, nil,
			"Only DELETE action is allowed when no attribute value is specified"},
		"ADD of nothing": {updates{"s": {Action: add}}, nil,
			"Only DELETE action is allowed when no attribute value is specified"},
		"ADD of a text": {updates{"s": {Action: add, Value: str("y")}}, nil,
			"ADD action is not supported for the type S"},
		"ADD of a map": {updates{"m": {Action: add, Value: dict(item{})}}, nil,
			"ADD action is not supported for the type M"},
		"ADD of a number to a text": {updates{"s": {Action: add, Value: num("1")}}, nil,
			"Type mismatch for attribute to update"},
		"ADD of a set to one of another": {updates{"ss": {Action: add, Value: nums("1")}}, nil,
			"Type mismatch for attribute to update"},
		"ADD of a list to a number": {updates{"n": {Action: add, Value: list(num("1"))}}, nil,
			"Type mismatch for attribute to update"},
		"DELETE of a number": {updates{"n": {Action: remove, Value: num("1")}}, nil,
			"DELETE action with value is not supported for the type N"},
		"DELETE from a set of another type ": {updates{"ss": {Action: remove, Value: nums("1")}}, nil,
			"Type mismatch for attribute to update"},
		"the key": {updates{"id": {Value: str("b")}}, nil,
			"Cannot update attribute id. This attribute is part of the key"},
		"an empty set": {updates{"ss": {Value: strs()}}, nil, "An string set  may not be empty"},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				db.put(t, table, stored)
				want := make(item)
				for _, part := range []item{stored, c.want} {
					for name, v := range part {
						if want[name] = v; v == nil {
							delete(want, name)
						}
					}
				}
				_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: id("a"),
					AttributeUpdates: c.updates})
				if c.refused != "" {
					refused(t, err, validation, c.refused)
				} else {
					check(t, err)
				}
				sameItem(t, db.get(t, table, id("a")), want)
			})
		}
		out, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: id("a"),
			AttributeUpdates: updates{"n": {Value: num("9")}, "z": {Action: remove}}, ReturnValues: types.ReturnValueUpdatedNew})
		check(t, err)
		sameItem(t, out.Attributes, item{"n": num("9")})
	})
}

// An update that only removes something does not create the item. (In-memory
// and DynamoDB's answer; DynamoDB Local is not held to it.)
func TestUpdateItem_CreatesNothingToRemoveFrom(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for name, in := range map[string]dynamodb.UpdateItemInput{
			"REMOVE":            {UpdateExpression: aws.String("REMOVE x")},
			"DELETE":            {UpdateExpression: aws.String("DELETE x :v"), ExpressionAttributeValues: item{":v": strs("a")}},
			"legacy DELETE":     {AttributeUpdates: updates{"x": {Action: types.AttributeActionDelete}}},
			"legacy set DELETE": {AttributeUpdates: updates{"x": {Action: types.AttributeActionDelete, Value: strs("a")}}},
		} {
			t.Run(name, func(t *testing.T) {
				in.TableName, in.Key, in.ReturnValues = &table, id(name), types.ReturnValueAllNew
				out, err := db.UpdateItem(t.Context(), &in)
				check(t, err)
				if !db.local {
					sameItem(t, out.Attributes, nil)
					sameItem(t, db.get(t, table, id(name)), nil)
				}
			})
		}
		for name, in := range map[string]dynamodb.UpdateItemInput{
			"nothing":    {},
			"no updates": {AttributeUpdates: updates{}},
			"REMOVE and SET": {UpdateExpression: aws.String("REMOVE x SET y = :v"),
				ExpressionAttributeValues: item{":v": strs("a")}},
			"legacy with PUT": {AttributeUpdates: updates{"x": {Action: types.AttributeActionDelete}, "y": {Value: num("1")}}},
		} {
			t.Run(name, func(t *testing.T) {
				in.TableName, in.Key = &table, id(name)
				_, err := db.UpdateItem(t.Context(), &in)
				check(t, err)
				if db.get(t, table, id(name)) == nil {
					t.Error("no item was created")
				}
			})
		}
	})
}
