// Package sizing guesses how much room encoded values take.
package sizing

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Hint returns about how many bytes a value takes in either format, so that
// mostly one allocation is enough. It does not go deep: values may be nested
// without end.
func Hint(v types.AttributeValue) int {
	const head = 2 + 4 // a type and a length
	if crypto.IsNil(v) {
		return 0 // refused when it is encoded
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberB:
		return head + len(v.Value)
	case *types.AttributeValueMemberS:
		return head + len(v.Value)
	case *types.AttributeValueMemberBOOL, *types.AttributeValueMemberNULL:
		return head
	case *types.AttributeValueMemberL:
		n := head
		for _, member := range v.Value {
			n += flatSize(member)
		}
		return n
	case *types.AttributeValueMemberM:
		n := head
		for key, member := range v.Value {
			n += 2*head + len(key) + flatSize(member)
		}
		return n
	}
	return flatSize(v)
}

// flatSize is Hint for what is not to be looked into any more.
func flatSize(v types.AttributeValue) int {
	if crypto.IsNil(v) {
		return 0
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberB:
		return 6 + len(v.Value)
	case *types.AttributeValueMemberS:
		return 6 + len(v.Value)
	}
	return 48
}
