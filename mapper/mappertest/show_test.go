package mappertest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// show prints an item for a failed test.
func show(i item) string {
	if i == nil {
		return "no item"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(i)) {
		parts = append(parts, name+": "+showValue(i[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func showValue(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		return show(v.Value)
	case *types.AttributeValueMemberL:
		var parts []string
		for _, element := range v.Value {
			parts = append(parts, showValue(element))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("%.40q", v.Value)
	case *types.AttributeValueMemberN:
		return v.Value
	case nil:
		return "nothing"
	}
	return fmt.Sprintf("%.60v", v)
}
