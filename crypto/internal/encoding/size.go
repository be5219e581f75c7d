package encoding

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// SizeHint returns the approximate size of an encoded value in either format, so
// that one allocation is usually enough. It examines only two levels, because
// values may be nested deeply.
func SizeHint(v types.AttributeValue) int {
	const head = 2 + 4 // a type and a length
	if crypto.IsNil(v) {
		return 0 // encoding it will fail
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

// flatSize is like SizeHint but does not examine the members of a value.
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
