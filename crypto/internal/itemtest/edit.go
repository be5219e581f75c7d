package itemtest

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Edits returns replacements for v: similar values of the same type, and values
// of other types with the same content.
func Edits(v types.AttributeValue) []types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return []types.AttributeValue{
			&types.AttributeValueMemberS{Value: v.Value + "x"}, &types.AttributeValueMemberS{},
			&types.AttributeValueMemberB{Value: []byte(v.Value)}, &types.AttributeValueMemberSS{Value: []string{v.Value}},
		}
	case *types.AttributeValueMemberN:
		return []types.AttributeValue{
			&types.AttributeValueMemberN{Value: v.Value + "1"}, &types.AttributeValueMemberN{Value: "-" + v.Value},
			&types.AttributeValueMemberS{Value: v.Value},
		}
	case *types.AttributeValueMemberSS:
		return []types.AttributeValue{
			&types.AttributeValueMemberSS{Value: v.Value[:1]},
			&types.AttributeValueMemberSS{Value: append(slices.Clone(v.Value), "z")},
			&types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "x"},
				&types.AttributeValueMemberS{Value: "y"}}},
		}
	case *types.AttributeValueMemberM:
		return []types.AttributeValue{
			&types.AttributeValueMemberM{},
			&types.AttributeValueMemberM{Value: crypto.Item{"home": &types.AttributeValueMemberS{Value: "Paris"}}},
			&types.AttributeValueMemberM{Value: crypto.Item{"work": v.Value["home"]}},
		}
	case *types.AttributeValueMemberB:
		all := []types.AttributeValue{
			&types.AttributeValueMemberB{}, &types.AttributeValueMemberB{Value: v.Value[1:]},
			&types.AttributeValueMemberB{Value: v.Value[:len(v.Value)-1]},
			&types.AttributeValueMemberB{Value: append(slices.Clone(v.Value), 0)},
			&types.AttributeValueMemberBS{Value: [][]byte{v.Value}}, &types.AttributeValueMemberNULL{Value: true},
			(*types.AttributeValueMemberB)(nil), nil,
		}
		for i := range v.Value {
			flipped := slices.Clone(v.Value)
			flipped[i] ^= 1
			all = append(all, &types.AttributeValueMemberB{Value: flipped})
		}
		return all
	}
	return nil
}

// Retyped returns values of every other type with content as close to that of v
// as the type allows.
func Retyped(v types.AttributeValue) []types.AttributeValue {
	text, members := "", []types.AttributeValue{v}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		text = v.Value
	case *types.AttributeValueMemberN:
		text = v.Value
	case *types.AttributeValueMemberB:
		text = string(v.Value)
	case *types.AttributeValueMemberSS:
		text = v.Value[0]
	case *types.AttributeValueMemberNS:
		text = v.Value[0]
	case *types.AttributeValueMemberBS:
		text = string(v.Value[0])
	case *types.AttributeValueMemberL:
		members = v.Value
	case *types.AttributeValueMemberM:
		members = []types.AttributeValue{v.Value["one"], v.Value["two"]}
	}
	all := map[string]types.AttributeValue{
		"S":    &types.AttributeValueMemberS{Value: text},
		"N":    &types.AttributeValueMemberN{Value: text},
		"B":    &types.AttributeValueMemberB{Value: []byte(text)},
		"BOOL": &types.AttributeValueMemberBOOL{Value: true},
		"NULL": &types.AttributeValueMemberNULL{Value: true},
		"SS":   &types.AttributeValueMemberSS{Value: []string{text}},
		"NS":   &types.AttributeValueMemberNS{Value: []string{text}},
		"BS":   &types.AttributeValueMemberBS{Value: [][]byte{[]byte(text)}},
		"L":    &types.AttributeValueMemberL{Value: members},
		"M":    &types.AttributeValueMemberM{Value: crypto.Item{"0": members[0]}},
	}
	delete(all, expr.TypeName(v))
	return slices.Collect(maps.Values(all))
}

// Edited returns values of v's type that differ slightly from v, which is a
// value of [Every].
func Edited(v types.AttributeValue) []types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberBOOL:
		return []types.AttributeValue{&types.AttributeValueMemberBOOL{Value: !v.Value}}
	case *types.AttributeValueMemberNULL:
		return []types.AttributeValue{&types.AttributeValueMemberNULL{}}
	case *types.AttributeValueMemberNS:
		return []types.AttributeValue{
			&types.AttributeValueMemberNS{}, &types.AttributeValueMemberNS{Value: v.Value[1:]},
			&types.AttributeValueMemberNS{Value: append(slices.Clone(v.Value), "-1")},
			&types.AttributeValueMemberNS{Value: append(slices.Clone(v.Value), v.Value[0])},
		}
	case *types.AttributeValueMemberBS:
		return []types.AttributeValue{
			&types.AttributeValueMemberBS{}, &types.AttributeValueMemberBS{Value: v.Value[1:]},
			&types.AttributeValueMemberBS{Value: append(slices.Clone(v.Value), nil)},
			// The same bytes, divided differently.
			&types.AttributeValueMemberBS{Value: [][]byte{slices.Concat(v.Value...)}},
		}
	case *types.AttributeValueMemberL:
		return []types.AttributeValue{
			&types.AttributeValueMemberL{}, &types.AttributeValueMemberL{Value: v.Value[1:]},
			&types.AttributeValueMemberL{Value: []types.AttributeValue{v.Value[1], v.Value[0]}},
			&types.AttributeValueMemberL{Value: []types.AttributeValue{v}},
			&types.AttributeValueMemberL{Value: []types.AttributeValue{v.Value[0], nil}},
		}
	case *types.AttributeValueMemberM:
		return []types.AttributeValue{
			&types.AttributeValueMemberM{}, &types.AttributeValueMemberM{Value: crypto.Item{"one": v.Value["one"]}},
			&types.AttributeValueMemberM{Value: crypto.Item{"one": v.Value["two"], "two": v.Value["one"]}},
			&types.AttributeValueMemberM{Value: crypto.Item{"one": v.Value["one"], "2": v.Value["two"]}},
			&types.AttributeValueMemberM{Value: crypto.Item{"one": v.Value["one"], "two": v.Value["two"],
				"three": v.Value["two"]}},
		}
	}
	some := Edits(v)
	return some[:min(len(some), 12)] // most bits of binaries have a separate test
}
