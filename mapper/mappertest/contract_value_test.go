package mappertest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestValuesOfAllTypesComeBackAsTheyWere(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		want := item{
			"id":     str("a"),
			"string": str("straße 😀\x00"), "empty string": str(""),
			"number": num("-12.5"), "zero": num("0"), "largest": num("9." + strings.Repeat("9", 37) + "E125"),
			"smallest": num("1E-130"),
			"binary":   bin("\x00\xff"), "empty binary": bin(""),
			"true": &types.AttributeValueMemberBOOL{Value: true}, "false": &types.AttributeValueMemberBOOL{Value: false},
			"null":    &types.AttributeValueMemberNULL{Value: true},
			"strings": strs("b", "a", ""), "numbers": nums("3", "1", "2"), "binaries": bins([]byte("b"), []byte{}),
			"list": list(str("a"), num("1"), list()), "empty list": list(),
			"map": dict(item{"a": str("b"), "": str("c")}), "empty map": dict(item{}),
		}
		delete(want["map"].(*types.AttributeValueMemberM).Value, "")
		db.put(t, table, want)
		sameItem(t, db.get(t, table, item{"id": str("a")}), want)
	})
}

func TestNumbersAreStoredInNormalForm(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for in, want := range map[string]string{
			"1.0": "1", "1e2": "100", "0.10": "0.1", "-0": "0", "-0.0": "0", "1E-3": "0.001", "00012": "12", "+1": "1",
			"5.": "5", ".5": "0.5", "1e20": "100000000000000000000",
		} {
			db.put(t, table, item{"id": str("a"), "v": num(in)})
			if got := db.get(t, table, item{"id": str("a")})["v"].(*types.AttributeValueMemberN).Value; got != want {
				t.Errorf("%s became %s, want %s", in, got, want)
			}
		}
	})
}

func TestValuesThatCannotBeStoredAreRefused(t *testing.T) {
	cases := []struct {
		name  string
		value types.AttributeValue
		words string
	}{
		{"an empty string set", strs(), "An string set  may not be empty"},
		{"an empty number set", nums(), "An number set  may not be empty"},
		{"an empty binary set", bins(), "Binary sets should not be empty"},
		{"a string set with duplicates", strs("a", "b", "a"), "contains duplicates"},
		{"a number set with duplicates", nums("1", "2", "1"), "contains duplicates"},
		{"a number set with one number in two spellings", nums("1", "1.0"), "contains duplicates"},
		{"a binary set with duplicates", bins([]byte("a"), []byte("a")), "contains duplicates"},
		{"an empty set in a list", list(strs()), "may not be empty"},
		{"an empty set in a map", dict(item{"a": strs()}), "may not be empty"},
		{"a false null", &types.AttributeValueMemberNULL{}, "Null attribute value types must have the value of true"},
		{"a word as a number", num("abc"), "cannot be converted"},
		{"an empty number", num(""), "cannot be converted"},
		{"a number with a space", num(" 1"), "cannot be converted"},
		{"a hexadecimal number", num("0x10"), "cannot be converted"},
		{"a number set with a word", nums("1", "x"), "cannot be converted"},
		{"a number of 39 digits", num(strings.Repeat("1", 39)), "38"},
		{"a number too large", num("1e126"), "Number overflow"},
		{"a number far too large", num("1e1000"), "Number overflow"},
		{"a number too small", num("1e-131"), "Number underflow"},
		{"a map with an unnamed attribute", dict(item{"": str("a")}), "Empty attribute name"},
		{"32 lists in each other", nested(32, str("a")), "Nesting Levels have exceeded supported limits"},
		{"an empty list in 32 lists", nested(32, list()), "Nesting Levels have exceeded supported limits"},
		{"a nil binary", &types.AttributeValueMemberB{}, "must contain exactly one of the supported datatypes"},
		{"a value of 400 KB", str(strings.Repeat("x", 400<<10)), "Item size has exceeded the maximum allowed size"},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				stored := item{"id": str("a"), "v": c.value}
				_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: stored})
				refused(t, err, validation, c.words)
				_, err = db.BatchWriteItem(t.Context(),
					&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: {{PutRequest: &types.PutRequest{Item: stored}}}}})
				refused(t, err, validation, c.words)
				_, err = db.TransactWriteItems(t.Context(),
					&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: &table,
						Item: stored}}}})
				refused(t, err, validation, c.words)
				set := "SET v = :v"
				_, err = db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: item{"id": str("a")},
					UpdateExpression: &set, ExpressionAttributeValues: item{":v": c.value}})
				switch {
				case strings.HasPrefix(c.words, "Item size"):
					refused(t, err, validation, "Item size to update has exceeded the maximum allowed size")
				case strings.HasPrefix(c.words, "Nesting"):
					refused(t, err, validation, c.words)
				default:
					refused(t, err, validation, "ExpressionAttributeValues contains invalid value", c.words, "for key :v")
				}
				sameItem(t, db.get(t, table, item{"id": str("a")}), nil)
			})
		}
	})
}

func TestLimitsOfAnItemAreExact(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		size := 400<<10 - len("id"+"a"+"v")
		db.put(t, table,
			item{"id": str("a"), "v": str(strings.Repeat("x", size))},
			item{"id": str("a"), "v": nested(31, str("a"))},
			item{"id": str("a"), strings.Repeat("n", 65535): str("a")})
		for _, tooMuch := range []item{
			{"id": str("a"), "v": str(strings.Repeat("x", size+1))},
			{"id": str("a"), strings.Repeat("n", 65536): str("a")},
			{"id": str("a"), "": str("a")},
		} {
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: tooMuch})
			refused(t, err, validation)
		}
	})
}

func TestAnUpdateCannotGrowAnItemBeyondItsLimits(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		key := item{"id": str("a")}
		stored := item{"id": str("a"), "half": str(strings.Repeat("x", 300<<10)), "n": num("9e125"),
			"deep": nested(20, str("a"))}
		db.put(t, table, stored)
		update := func(expression string, v types.AttributeValue) error {
			_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: key,
				UpdateExpression: &expression, ExpressionAttributeValues: item{":v": v}})
			return err
		}
		refused(t, update("SET more = :v", str(strings.Repeat("x", 200<<10))), validation,
			"Item size to update has exceeded the maximum allowed size")
		refused(t, update("SET n = n + :v", num("9e125")), validation, "Number overflow")
		refused(t, update("SET deep[0][0][0][0][0] = :v", nested(30, str("a"))), validation,
			"Nesting Levels have exceeded supported limits")
		sameItem(t, db.get(t, table, key), stored)
	})
}
