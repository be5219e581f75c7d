// Package itemgen generates random attribute values for property tests. It is
// not part of package itemtest, so that users of cryptotest do not link rapid.
package itemgen

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
)

// Text draws text that sorts differently in UTF-8 and UTF-16.
func Text() *rapid.Generator[string] { return textOf(0) }

// Name draws attribute names: nonempty strings of [Text].
func Name() *rapid.Generator[string] { return textOf(1) }

func textOf(runes int) *rapid.Generator[string] {
	r := rapid.SampledFrom([]rune{'a', 'b', 'é', '\u07ff', '\ud7ff', '\ue000', '\uffee', '\U00010000', '😀', '\U0010ffff'})
	return rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(r, runes, 5).Draw(t, "text")) })
}

// Number draws numbers in normal form.
func Number() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		n, err := crypto.NormalizeNumber(rapid.StringMatching(`-?[0-9]{1,19}(\.[0-9]{1,19})?([eE][-+]?[0-9]{1,2})?`).Draw(t,
			"number"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	})
}

// Value draws values of every type as DynamoDB would return them. Lists and
// maps are nested at most depth levels deep.
func Value(depth int) *rapid.Generator[types.AttributeValue] {
	bytesOf := rapid.SliceOfN(rapid.Byte(), 0, 40)
	return rapid.Custom(func(t *rapid.T) types.AttributeValue {
		kinds := 8
		if depth > 0 {
			kinds = 10
		}
		switch rapid.IntRange(1, kinds).Draw(t, "kind") {
		case 1:
			return &types.AttributeValueMemberS{Value: Text().Draw(t, "S")}
		case 2:
			return &types.AttributeValueMemberN{Value: Number().Draw(t, "N")}
		case 3:
			return &types.AttributeValueMemberB{Value: bytesOf.Draw(t, "B")}
		case 4:
			return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "BOOL")}
		case 5:
			return &types.AttributeValueMemberNULL{Value: true}
		case 6:
			return &types.AttributeValueMemberSS{Value: rapid.SliceOfNDistinct(Text(), 1, 5, rapid.ID).Draw(t, "SS")}
		case 7:
			return &types.AttributeValueMemberNS{Value: rapid.SliceOfNDistinct(Number(), 1, 5, rapid.ID).Draw(t, "NS")}
		case 8:
			return &types.AttributeValueMemberBS{Value: rapid.SliceOfNDistinct(bytesOf, 1, 5,
				func(b []byte) string { return string(b) }).Draw(t, "BS")}
		case 9:
			return &types.AttributeValueMemberL{Value: append([]types.AttributeValue{},
				rapid.SliceOfN(Value(depth-1), 0, 4).Draw(t, "L")...)}
		}
		return &types.AttributeValueMemberM{Value: rapid.MapOfN(Text(), Value(depth-1), 0, 4).Draw(t, "M")}
	})
}
