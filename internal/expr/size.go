package expr

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// StoredSize returns the approximate size that DynamoDB counts for a value, in
// bytes. The size of an item also includes the names of its attributes.
// (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats")
func StoredSize(v types.AttributeValue) int {
	size := 0
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return storedNumber(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			size += len(s)
		}
	case *types.AttributeValueMemberNS:
		for _, s := range v.Value {
			size += storedNumber(s)
		}
	case *types.AttributeValueMemberBS:
		for _, b := range v.Value {
			size += len(b)
		}
	case *types.AttributeValueMemberL:
		size = 3
		for _, e := range v.Value {
			size += 1 + StoredSize(e)
		}
	case *types.AttributeValueMemberM:
		size = 3
		for name, e := range v.Value {
			size += 1 + len(name) + StoredSize(e)
		}
	default:
		return 1 // true, false, null
	}
	return size
}

// storedNumber returns the size of a number: one byte for each two significant
// digits, and one more.
func storedNumber(s string) int {
	digits := strings.Trim(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s), "0")
	return (len(digits)+1)/2 + 1
}
