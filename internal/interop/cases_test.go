package interop_test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// testCase is an item with what is to be done to it. A case whose attributes
// are many is one item for each of the official clients' ways to go wrong.
type testCase struct {
	name      string
	partition types.AttributeValue
	sort      types.AttributeValue // nil: a table without a sort key
	actions   crypto.Actions       // but for the key, which is signed
	item      crypto.Item          // but for the key

	// disagree: the official clients sort something in the item differently,
	// and cannot open each other's. Go writes as Python does, and reads both.
	disagree bool
	// oddNumberKey: the key is a number that DynamoDB does not keep as it is
	// written. The official clients put it into the KMS encryption context as
	// it is written, so nobody can open what they seal with KMS.
	oddNumberKey bool
	// manyDigits: a signed number that DynamoDB returns with more than 38
	// digits, zeros at its end. Python's client takes none.
	manyDigits bool
	// unsignedPrefix begins the names of all attributes that are not signed,
	// in the Database Encryption SDK format.
	unsignedPrefix string
}

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
func b(v ...byte) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: append([]byte{}, v...)}
}
func l(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: append([]types.AttributeValue{}, v...)}
}
func m(v crypto.Item) types.AttributeValue { return &types.AttributeValueMemberM{Value: v} }

// everyType has an attribute of each type.
func everyType() crypto.Item {
	return crypto.Item{
		"string": s("text"), "number": n("42.5"), "binary": b(0, 1, 0xfe, 0xff), "true": &types.AttributeValueMemberBOOL{Value: true}, "false": &types.AttributeValueMemberBOOL{},
		"null": &types.AttributeValueMemberNULL{Value: true}, "strings": &types.AttributeValueMemberSS{Value: []string{"b", "a", "ab"}},
		"numbers": &types.AttributeValueMemberNS{Value: []string{"10", "2", "-1.5"}}, "binaries": &types.AttributeValueMemberBS{Value: [][]byte{{2}, {1, 2}, {1}}},
		"list": l(s("a"), n("1"), l(b(7))), "map": m(crypto.Item{"k": n("1"), "inner": m(crypto.Item{"x": s("y")})}),
	}
}

func deep(levels int) types.AttributeValue {
	v := s("bottom")
	for range levels {
		v = l(m(crypto.Item{"k": v}))
	}
	return v
}

var (
	encryptAll = crypto.Actions{Default: crypto.Encrypt}
	signAll    = crypto.Actions{Default: crypto.Sign}
	mixed      = crypto.Actions{Attributes: map[string]crypto.Action{
		"string": crypto.Sign, "numbers": crypto.Sign, "map": crypto.Sign, "binary": crypto.None, "true": crypto.None, "null": crypto.Sign,
	}}
)

func cases() []testCase {
	sortedDifferently := crypto.Item{
		"\uffee": s("name"), "😀": s("name"),
		"strings":  &types.AttributeValueMemberSS{Value: []string{"😀", "\uffee", "a"}},
		"binaries": &types.AttributeValueMemberBS{Value: [][]byte{{0x7f}, {0x80}, {0xff, 1}}},
		"map":      m(crypto.Item{"😀": n("1"), "\uffee": n("2")}),
	}
	unusual := crypto.Item{
		"empty string": s(""), "empty binary": b(), "empty list": l(), "empty map": m(crypto.Item{}), "deep": deep(15),
		"emoji 😀 name": s("𝄞 and \U0010ffff"), "38 digits": n(strings.Repeat("9", 38)), "small": n("-1.5E-100"), "zero": n("0.000"),
		"a.b[0] #x": s("odd name"), "one high byte": &types.AttributeValueMemberBS{Value: [][]byte{{0xff}}},
	}
	all := []testCase{
		{name: "all types, encrypted", partition: s("id"), actions: encryptAll, item: everyType()},
		{name: "all types, signed", partition: s("id"), actions: signAll, item: everyType()},
		{name: "all types, mixed", partition: s("id"), sort: n("1"), actions: mixed, item: everyType()},
		{name: "unusual, encrypted", partition: s("ключ 😀"), sort: s("🗝"), actions: encryptAll, item: unusual},
		{name: "unusual, signed", partition: s("ключ 😀"), sort: s("🗝"), actions: signAll, item: unusual},
		{name: "sorted differently, signed", partition: s("id"), actions: signAll, item: sortedDifferently, disagree: true},
		{name: "sorted differently, encrypted", partition: s("id"), actions: encryptAll, item: sortedDifferently, disagree: true},
		{name: "binary set with bytes from 0x80, encrypted", partition: s("id"), actions: encryptAll, item: crypto.Item{"binaries": sortedDifferently["binaries"]}},
		{name: "number key 1.0", partition: n("1.0"), sort: n("-0.50"), actions: encryptAll, item: crypto.Item{"a": s("b")}, oddNumberKey: true},
		{name: "number of 121 digits, encrypted", partition: s("id"), actions: encryptAll, item: crypto.Item{"large": n("1E+120")}},
		{name: "number of 121 digits, signed", partition: s("id"), actions: signAll, item: crypto.Item{"large": n("1E+120")}, manyDigits: true},
		{name: "key only", partition: s("id"), actions: encryptAll, item: crypto.Item{}},
	}
	keys := map[string]types.AttributeValue{"S": s("k"), "N": n("12"), "B": b(0, 0x80, 0xff)}
	for _, p := range []string{"S", "N", "B"} {
		for _, k := range []string{"", "S", "N", "B"} {
			all = append(all, testCase{name: "keys " + p + k, partition: keys[p], sort: keys[k], actions: encryptAll, item: crypto.Item{"a": s("b"), "n": n("7")}})
		}
	}
	return all
}

const tableName = "interop"

// table says how the case's table is made.
func (c testCase) table() crypto.TableInfo {
	info := crypto.TableInfo{Name: tableName, PartitionKey: "id"}
	if c.sort != nil {
		info.SortKey = "num"
	}
	return info
}

// plaintext returns the whole item.
func (c testCase) plaintext() crypto.Item {
	item := crypto.Item{"id": c.partition}
	if c.sort != nil {
		item["num"] = c.sort
	}
	for name, v := range c.item {
		item[name] = v
	}
	return item
}

// allActions returns the actions with those of the key.
func (c testCase) allActions() crypto.Actions {
	actions := crypto.Actions{Default: c.actions.Default, Attributes: map[string]crypto.Action{}}
	for name, a := range c.actions.Attributes {
		actions.Attributes[name] = a
	}
	for _, name := range c.table().KeyNames() {
		actions.Attributes[name] = crypto.Sign
	}
	return actions
}
