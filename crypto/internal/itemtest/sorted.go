package itemtest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Order is the order of the members of sets: of strings and of binaries.
type Order struct {
	Strings  func(a, b string) int
	Binaries func(a, b []byte) int
}

// Sorted returns a value with the members of its sets in order, and those of
// number sets in that of their text.
func Sorted(v types.AttributeValue, by Order) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.SortedFunc(slices.Values(v.Value), by.Strings)}
	case *types.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: slices.Sorted(slices.Values(v.Value))}
	case *types.AttributeValueMemberBS:
		return &types.AttributeValueMemberBS{Value: slices.SortedFunc(slices.Values(v.Value), by.Binaries)}
	case *types.AttributeValueMemberL:
		all := make([]types.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			all[i] = Sorted(e, by)
		}
		return &types.AttributeValueMemberL{Value: all}
	case *types.AttributeValueMemberM:
		all := make(crypto.Item)
		for k, e := range v.Value {
			all[k] = Sorted(e, by)
		}
		return &types.AttributeValueMemberM{Value: all}
	}
	return v
}
