package interop_test

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

func ss(v ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: v} }
func ns(v ...string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: v} }
func bs(v ...[]byte) types.AttributeValue { return &types.AttributeValueMemberBS{Value: v} }
func boolean(v bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: v} }
func null() types.AttributeValue          { return &types.AttributeValueMemberNULL{Value: true} }

// valuesOfEveryType returns values by the names of their types.
func valuesOfEveryType() map[string][]types.AttributeValue {
	return map[string][]types.AttributeValue{
		"string": {s(""), s("a"), s("text"), s("1"), s("Ünïcode ключ"), s("😀 𝄞"), s("a.b~c"),
			s(strings.Repeat("long ", 60))},
		"number": {n("0"), n("1"), n("-1.5"), n("42"), n("1000000000000"), n("0.000001"),
			n(strings.Repeat("9", 38)), n("1" + strings.Repeat("0", 30))},
		"binary":   {b(), b(0), b('1'), b(0xff, 0xfe, 0), b([]byte("text")...)},
		"boolean":  {boolean(true), boolean(false)},
		"null":     {null()},
		"strings":  {ss("a"), ss("b", "a", "ab"), ss("😀", "\uffee", "é", "")},
		"numbers":  {ns("1"), ns("10", "2", "-1.5"), ns("0", "100", "99", "0.5")},
		"binaries": {bs([]byte{1}), bs([]byte{2}, []byte{1, 2}, []byte{1}), bs([]byte("text"), []byte{0xff}, []byte{})},
		"list": {l(), l(s("a")), l(s("a"), n("1"), l(b(7), null()), m(crypto.Item{"x": ss("b", "a")})),
			l(n("1"), s("a"))},
		"map": {m(crypto.Item{}), m(crypto.Item{"k": n("1")}),
			m(crypto.Item{"k": n("1"), "inner": m(crypto.Item{"x": s("y")}), "\uffee": s("1"), "😀": s("2")}),
			m(crypto.Item{"b": boolean(true), "a": null(), "ab": l()})},
	}
}

func nestedItems() []crypto.Item {
	inner := m(crypto.Item{"list": l(n("1"), m(crypto.Item{"x": s("deep")}), n("2"))})
	long := make([]types.AttributeValue, 13)
	for i := range long {
		long[i] = m(crypto.Item{"a": n(fmt.Sprint(i))})
	}
	return []crypto.Item{
		{"map": m(crypto.Item{"city": s("Paris"), "inner": inner, "with space": s("x"), "ключ": n("7")}),
			"list": l(s("one"), l(s("cell")), s("three"))},
		{"map": m(crypto.Item{"city": s("Wien"), "inner": m(crypto.Item{"list": l(n("1"))})}), "list": l(s("one"))},
		{"map": m(crypto.Item{"city": null(), "inner": s("text")}), "list": l(n("1"), l())},
		{"map": m(crypto.Item{"city": ss("b", "a"), "inner": m(crypto.Item{"list": m(crypto.Item{"x": n("1")})})}),
			"list": l(b(1), l(l()))},
		{"map": m(crypto.Item{"city": m(crypto.Item{"a": n("1")}),
			"inner": m(crypto.Item{"list": l(n("1"), m(crypto.Item{"x": l(s("a"))}))})}), "list": l(long...)},
		{"map": s("no map"), "list": s("no list")},
		{"map": m(crypto.Item{}), "list": l()},
		{"map": l(m(crypto.Item{"city": s("Paris")})), "list": m(crypto.Item{"0": s("one"), "[0]": s("two")})},
		{"other": s("nothing of it")},
		{"map": m(crypto.Item{"city": s("Paris"), "map.city": s("Oslo")}), "list": l(s("two"), l(n("1"), n("2")))},
	}
}

func styledItems() []crypto.Item {
	return []crypto.Item{
		{"email": s("ada"), "other": s("ada"), "later": s("ada"), "hidden": s("ada"), "twin": s("ada"),
			"tags": ss("a", "b"), "tag": s("a"), "more": ss("a")},
		{"email": s("ada"), "other": s("bob"), "later": s("eve"), "twin": s("bob"), "tags": ss("b"), "tag": s("b"),
			"more": ss("a", "b", "c")},
		{"email": s("bob"), "later": s("bob"), "hidden": s("bob"),
			"numbers": ns("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"), "more": ns("1", "2")},
		{"other": s("eve"), "hidden": n("1"), "numbers": ns("1.5", "-2"),
			"binaries": bs([]byte{1}, []byte{}, []byte("a")), "tag": s("c")},
		{"email": n("1"), "other": s("1"), "later": b('1'), "tags": ss("1"), "more": bs([]byte("1")), "tag": n("1")},
		{"email": l(), "other": m(crypto.Item{}), "later": null(), "twin": boolean(true),
			"binaries": bs([]byte{0xff, 0}), "tags": ns("10")},
		{"email": ss("a", "b"), "other": ns("1"), "tag": ss("a"), "tags": ss("", "a", "ключ", "😀")},
		{"twin": s("only")},
		{"tags": s("a")}, {"numbers": l(n("1"))}, {"more": n("7")}, // no sets: refused
	}
}

// outsideTheBasicPlane has characters that are two units of UTF-16.
var outsideTheBasicPlane = s("a😀b c😀")

func virtualValues() []types.AttributeValue {
	return []types.AttributeValue{
		s(""), s("a"), s("ab"), s("abcdef"), s("one two  three"), s(" lead and trail "), s("ÄÖü mixed Case ß"),
		s("ключ é слово é"), s("aaa"),
		n("42"), n("-1.5"), n("1000000000000000000000"), boolean(true), boolean(false), null(),
	}
}

func namedItems() []crypto.Item {
	place := func(city string) types.AttributeValue { return m(crypto.Item{"city": s(city)}) }
	return []crypto.Item{
		{"first": s("Ada"), "last": s("Lovelace"), "state": s("uk"), "map": place("London"),
			"list": l(n("1"), s("two"))},
		{"first": s("ADA"), "last": s("LOVELACE"), "state": s("UK"), "map": place("London"), "list": l(n("1"), n("2"))},
		{"first": s("Bob"), "last": s(""), "state": s("fr"), "map": place("Paris"), "list": l(n("1"), null())},
		{"first": s(""), "last": s(""), "state": n("1")},
		{"first": s("Ada"), "state": s("uk"), "list": l(n("1"), s("two"))},
		{"last": s("Öztürk"), "state": boolean(true), "map": place("Ağrı"), "list": l(n("1"), boolean(false))},
		{"first": s("Öl"), "last": s("Öztürk"), "state": s("tr"), "map": place("ağrı")},
		{"state": s("uk"), "map": m(crypto.Item{"town": s("London")})},
	}
}

func contactItems() []crypto.Item {
	return []crypto.Item{
		{"email": s("ada@example"), "phone": s("1"), "zip": n("1010"), "flag": boolean(true), "status": s("open"),
			"year": n("2024"), "ssn": s("7"), "open": boolean(true), "gone": null()},
		{"email": s("bob@example"), "phone": s("2"), "zip": n("1010"), "flag": boolean(false), "status": s("open"),
			"year": n("2025"), "ssn": s("8"), "open": boolean(false), "gone": s("")},
		{"email": s("ada@example"), "phone": s("3"), "zip": n("-0.5"), "flag": null(), "status": s("closed"),
			"year": n("2024"), "ssn": n("7"), "open": s("ключ"), "gone": n("1.5")},
		{"email": s("😀"), "phone": n("1"), "zip": s("1010"), "flag": s("true"), "status": s(""), "year": n("999"),
			"ssn": null(), "open": s("e"), "gone": boolean(true)},
		{"email": s(""), "phone": s(""), "zip": s(""), "flag": s(""), "status": s("S:"), "year": n("10000"),
			"ssn": s(""), "open": null(), "gone": s("g=")},
		{"email": s("E-"), "phone": s("P-1"), "zip": s("Z:1"), "flag": boolean(true), "status": s("open"),
			"ssn": s("ключ7"), "open": s("o"), "gone": s("слово")},
		{"email": s("ada@example"), "zip": n("1010"), "year": n("2024"), "gone": null()},
		{"phone": s("1"), "status": s("open"), "open": boolean(true)},
		{"status": s("open"), "year": n("2024"), "zip": n("1020"), "flag": boolean(true)},
		// Refused: the split character in an encrypted part and in a signed part, a binary, a set.
		{"email": s("ada@example.com"), "phone": s("1")},
		{"status": s("a~b"), "year": n("1"), "zip": n("1"), "flag": boolean(true)},
		{"email": b(1), "phone": s("1")},
		{"status": s("open"), "year": n("1"), "zip": ns("1"), "flag": boolean(true)},
	}
}

func peopleItems() []crypto.Item {
	meta := func(group string, more crypto.Item) types.AttributeValue {
		more["groups"] = l(s("none"), s(group))
		return m(more)
	}
	return []crypto.Item{
		{"kind": s("a"), "name": s("ada"), "city": s("Wien"), "age": n("36"),
			"meta": meta("x", crypto.Item{"rank": n("1")})},
		{"kind": s("a"), "name": s("ada"), "age": n("36"), "meta": meta("x", crypto.Item{})},
		{"kind": s("b"), "city": s("Wien"), "meta": meta("y", crypto.Item{"rank": n("2")})},
		{"kind": s("b"), "city": s("Wien"), "age": n("7")},
		{"name": s("bob"), "city": s("Oslo"), "age": boolean(true), "meta": m(crypto.Item{"rank": s("first")})},
		{"city": s("Oslo"), "meta": meta("ключ", crypto.Item{"rank": boolean(false)})},
		{"kind": s("ab")}, {"kind": n("12"), "age": null()}, {"name": s("eve")},
		{"meta": meta("x", crypto.Item{"rank": n("10")}), "age": s("36"), "city": s("Paris")},
		{"kind": s("a"), "name": s("bob"), "city": s("Paris"), "meta": l(s("x"))},
		{"kind": s("a"), "name": s("éva"), "city": s("Paris"), "age": n("1")},
		{"kind": null(), "name": null(), "city": null(), "age": null(), "meta": meta("", crypto.Item{"rank": null()})},
		{"kind": s("a.b")}, {"meta": meta("x/y", crypto.Item{})}, // the split character: refused
	}
}

// ranked gives items sort keys only.
func ranked(items ...crypto.Item) []crypto.Item {
	for i, item := range items {
		item["sort"] = s(fmt.Sprintf("%03d", i))
	}
	return items
}

func groupItems() []crypto.Item {
	address := func(city string) types.AttributeValue { return m(crypto.Item{"city": s(city)}) }
	return []crypto.Item{
		{"state": s("open"), "year": n("2024"), "address": address("Wien"), "name": s("ada")},
		{"state": s("open"), "year": n("2024"), "name": s("bob")},
		{"state": s("open"), "year": n("2025"), "address": address("Österreich"), "name": n("1")},
		{"address": address("Wien"), "name": s("ada")},
		{"state": boolean(true), "year": null(), "name": null()},
		// Supplied values: the same, and of items that have none.
		{"group": s("S-open.Y-2024.C-Wien"), "state": s("open"), "year": n("2024"), "address": address("Wien")},
		{"group": s("of its own"), "state": s("open"), "name": s("eve")},
		{"group": s("of its own"), "name": s("ada")},
		// Refused: another value, the split character, another type.
		{"group": s("other"), "state": s("open"), "year": n("2024")},
		{"state": s("a.b"), "year": n("2024")},
		{"group": n("1"), "state": s("open"), "year": n("2024"), "name": s("a")},
	}
}

// tenantItems are sealed with the branch key of the tenant that "id" names, which
// is not always the one that "tenant" names.
func tenantItems() []crypto.Item {
	var items []crypto.Item
	for _, id := range []string{"ada", "bob"} {
		for _, item := range []crypto.Item{
			{"email": s("x@example"), "tags": ss("a", "b"), "zip": n("1010"), "tenant": s(tenants[id])},
			{"email": s("y@example"), "tags": ss("b", "c"), "zip": n("1020"), "tenant": s(tenants[id])},
			{"email": s("x@example"), "zip": s("1010"), "tenant": s(tenants["ada"])},
			{"email": s(id), "tags": ns("1", "2"), "tenant": s("nobody")},
			{"email": n("1"), "zip": n("1010")},
		} {
			item["id"], item["sort"] = s(id), s(fmt.Sprintf("%03d", len(items)))
			items = append(items, item)
		}
	}
	return items
}
