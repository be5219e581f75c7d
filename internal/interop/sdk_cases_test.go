package interop_test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// sdkCases are the cases of the other format, of which none is known not to
// open in this one, and those that only this format has.
func sdkCases() []testCase {
	all := cases()
	inContext := crypto.Actions{Attributes: make(map[string]crypto.Action)}
	for name := range everyType() {
		inContext.Attributes[name] = crypto.SignInContext
	}
	some := crypto.Actions{Attributes: map[string]crypto.Action{
		"string": crypto.SignInContext, "number": crypto.Sign, "map": crypto.SignInContext, "binary": crypto.None,
	}}
	prefixed := crypto.Item{"secret": s("text"), ":visits": n("3"), ":seen": s("today")}
	all = append(all,
		testCase{name: "all types, in context", partition: s("id"), actions: inContext, item: everyType()},
		testCase{name: "some in context", partition: s("ключ"), sort: b(1, 2), actions: some, item: everyType()},
		testCase{name: "names in context", partition: s("id"), item: crypto.Item{"\uffee": s("a"), "😀": n("1"), "é": b(7), "a": s("x")},
			actions: crypto.Actions{Attributes: map[string]crypto.Action{
				"\uffee": crypto.SignInContext, "😀": crypto.SignInContext, "é": crypto.SignInContext, "a": crypto.SignInContext}}},
		testCase{name: "unsigned by prefix", partition: n("7"), item: prefixed, unsignedPrefix: ":",
			actions: crypto.Actions{Attributes: map[string]crypto.Action{":visits": crypto.None, ":seen": crypto.None}}},
		testCase{name: "large", partition: s("id"), actions: mixed, item: crypto.Item{"string": s(strings.Repeat("large ", 5000)), "other": s(strings.Repeat("é", 9000))}},
		testCase{name: "many attributes", partition: s("id"), actions: mixed, item: manyAttributes(120)},
	)
	return all
}

func manyAttributes(n int) crypto.Item {
	item := make(crypto.Item, n)
	for i := range n {
		item[strings.Repeat("n", 1+i/10)+string(rune('a'+i%10))] = &types.AttributeValueMemberBOOL{Value: i%2 == 0}
	}
	return item
}
