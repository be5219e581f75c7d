// Package itemtest has what the tests of both item formats share: items with
// all kinds of values, modifications that an attacker might make, generators of
// items, and a conformance test, [Run].
//
// Only tests use it. It is a regular package because those tests are in several
// packages.
package itemtest

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Refusal is the complete text of the error for an item of [Table] that does
// not verify. It does not depend on the modification or on any value.
const Refusal = `ddbenc: decrypt: table "accounts" (key id, opened): item does not verify`

// Table returns the table of the items.
func Table() crypto.TableInfo {
	return crypto.TableInfo{Name: "accounts", PartitionKey: "id", SortKey: "opened"}
}

// Actions returns the actions for [Account].
func Actions() crypto.Actions {
	return crypto.Actions{Attributes: map[string]crypto.Action{
		"id": crypto.Sign, "opened": crypto.Sign, "plan": crypto.Sign, "tags": crypto.Sign, "places": crypto.Sign,
		"visits": crypto.None,
	}}
}

// Account returns an item that has attributes with each action that both
// formats support.
func Account() crypto.Item {
	return crypto.Item{
		"id":     &types.AttributeValueMemberS{Value: "a-1"},
		"opened": &types.AttributeValueMemberN{Value: "20"},
		"email":  &types.AttributeValueMemberS{Value: "ada@example.com"},
		"secret": &types.AttributeValueMemberB{Value: []byte("0123456789abcdef")},
		"score":  &types.AttributeValueMemberN{Value: "12.5"},
		"plan":   &types.AttributeValueMemberS{Value: "gold"},
		"tags":   &types.AttributeValueMemberSS{Value: []string{"x", "y"}},
		"places": &types.AttributeValueMemberM{Value: crypto.Item{"home": &types.AttributeValueMemberS{Value: "London"}}},
		"visits": &types.AttributeValueMemberN{Value: "7"},
	}
}

// prefixes holds the prefixes of the attribute names of [Every].
var prefixes = map[string]crypto.Action{"encrypted-": crypto.Encrypt, "signed-": crypto.Sign, "unsigned-": crypto.None,
	"context-": crypto.SignInContext}

// Every returns an item that has each type of value for each action: encrypted,
// signed, unsigned and, if inContext is true, signed in context, with
// corresponding name prefixes. All values are different.
func Every(inContext bool) (crypto.Item, crypto.Actions) {
	item := crypto.Item{
		"id":     &types.AttributeValueMemberS{Value: "a-1"},
		"opened": &types.AttributeValueMemberN{Value: "20"},
	}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "opened": crypto.Sign}}
	for prefix, action := range prefixes {
		if action == crypto.SignInContext && !inContext {
			continue
		}
		text := func(s string) *types.AttributeValueMemberS { return &types.AttributeValueMemberS{Value: prefix + s} }
		number := string('1'+rune(action)) + "7"
		for name, v := range map[string]types.AttributeValue{
			"S":    text("text"),
			"N":    &types.AttributeValueMemberN{Value: number},
			"B":    &types.AttributeValueMemberB{Value: []byte(prefix + "bytes")},
			"BOOL": &types.AttributeValueMemberBOOL{Value: true},
			"NULL": &types.AttributeValueMemberNULL{Value: true},
			"SS":   &types.AttributeValueMemberSS{Value: []string{prefix + "a", prefix + "b"}},
			"NS":   &types.AttributeValueMemberNS{Value: []string{number, number + "1"}},
			"BS":   &types.AttributeValueMemberBS{Value: [][]byte{[]byte(prefix + "c"), []byte(prefix + "d")}},
			"L":    &types.AttributeValueMemberL{Value: []types.AttributeValue{text("first"), text("second")}},
			"M":    &types.AttributeValueMemberM{Value: crypto.Item{"one": text("one"), "two": text("two")}},
		} {
			item[prefix+name] = v
			actions.Attributes[prefix+name] = action
		}
	}
	return item, actions
}

// EqualItems fails the test if DynamoDB would consider the items different.
func EqualItems(t testing.TB, got, want crypto.Item) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("attributes %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	for name, w := range want {
		if !reflect.DeepEqual(Canonical(got[name]), Canonical(w)) {
			t.Errorf("attribute %q is %#v, want %#v", name, got[name], w)
		}
	}
}

// Canonical returns a value as DynamoDB compares it: with sets sorted and
// numbers in normal form.
func Canonical(v types.AttributeValue) types.AttributeValue {
	number := func(s string) string {
		if n, err := crypto.NormalizeNumber(s); err == nil {
			return n
		}
		return s
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: number(v.Value)}
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.Sorted(slices.Values(v.Value))}
	case *types.AttributeValueMemberNS:
		all := make([]string, len(v.Value))
		for i, n := range v.Value {
			all[i] = number(n)
		}
		slices.Sort(all)
		return &types.AttributeValueMemberNS{Value: all}
	case *types.AttributeValueMemberBS:
		all := make([][]byte, len(v.Value))
		for i, b := range v.Value {
			all[i] = append([]byte{}, b...)
		}
		slices.SortFunc(all, slices.Compare[[]byte])
		return &types.AttributeValueMemberBS{Value: all}
	case *types.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: append([]byte{}, v.Value...)}
	case *types.AttributeValueMemberL:
		all := make([]types.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			all[i] = Canonical(e)
		}
		return &types.AttributeValueMemberL{Value: all}
	case *types.AttributeValueMemberM:
		all := make(crypto.Item, len(v.Value))
		for k, e := range v.Value {
			all[k] = Canonical(e)
		}
		return &types.AttributeValueMemberM{Value: all}
	}
	return v
}

// Check ends the test if there is an error.
func Check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
