package mappertest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

const (
	maxItemSize = 400 << 10  // bytes
	maxName     = 64<<10 - 1 // bytes
	maxNesting  = 32
)

// store returns a copy of an item as the server keeps it: nothing of it is
// shared, and numbers are in normal form.
func store(item crypto.Item) (crypto.Item, error) {
	return storeMap(item, 1)
}

func storeMap(m crypto.Item, depth int) (crypto.Item, error) {
	stored := make(crypto.Item, len(m))
	for name, v := range m {
		switch {
		case name == "":
			return nil, parameters("Empty attribute name")
		case len(name) > maxName:
			return nil, parameters("Attribute name is too large, must be less than %d bytes", maxName+1)
		}
		kept, err := storeValue(v, depth)
		if err != nil {
			return nil, err
		}
		stored[name] = kept
	}
	return stored, nil
}

// storeValue copies a value at a depth, which is 1 for that of an attribute.
func storeValue(v types.AttributeValue, depth int) (types.AttributeValue, error) {
	if depth > maxNesting {
		return nil, invalid("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit")
	}
	if crypto.IsNil(v) {
		v = nil
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}, nil
	case *types.AttributeValueMemberN:
		n, err := storeNumber(v.Value)
		return &types.AttributeValueMemberN{Value: n}, err
	case *types.AttributeValueMemberB:
		if v.Value == nil {
			break // The SDK sends null, which is no binary.
		}
		return &types.AttributeValueMemberB{Value: append([]byte{}, v.Value...)}, nil
	case *types.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}, nil
	case *types.AttributeValueMemberNULL:
		if !v.Value {
			return nil, parameters("Null attribute value types must have the value of true")
		}
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.Clone(v.Value)}, checkSet(v.Value, "An string set  may not be empty")
	case *types.AttributeValueMemberNS:
		numbers := make([]string, len(v.Value))
		for i, n := range v.Value {
			var err error
			if numbers[i], err = storeNumber(n); err != nil {
				return nil, err
			}
		}
		return &types.AttributeValueMemberNS{Value: numbers}, checkSet(numbers, "An number set  may not be empty")
	case *types.AttributeValueMemberBS:
		members, texts := make([][]byte, len(v.Value)), make([]string, len(v.Value))
		for i, b := range v.Value {
			members[i], texts[i] = append([]byte{}, b...), string(b)
		}
		return &types.AttributeValueMemberBS{Value: members}, checkSet(texts, "Binary sets should not be empty")
	case *types.AttributeValueMemberL:
		members := make([]types.AttributeValue, len(v.Value))
		for i, member := range v.Value {
			var err error
			if members[i], err = storeValue(member, depth+1); err != nil {
				return nil, err
			}
		}
		return &types.AttributeValueMemberL{Value: members}, nil
	case *types.AttributeValueMemberM:
		members, err := storeMap(v.Value, depth+1)
		return &types.AttributeValueMemberM{Value: members}, err
	}
	return nil, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

func checkSet(members []string, empty string) error {
	if len(members) == 0 {
		return parameters("%s", empty)
	}
	sorted := slices.Sorted(slices.Values(members))
	if len(slices.Compact(sorted)) < len(members) {
		return parameters("Input collection [%s] contains duplicates.", strings.Join(members, ", "))
	}
	return nil
}

// copyItem copies a stored item for the outside. Nil stays nil.
func copyItem(item crypto.Item) crypto.Item {
	if item == nil {
		return nil
	}
	copied := make(crypto.Item, len(item))
	for name, v := range item {
		copied[name] = expr.Clone(v)
	}
	return copied
}

// itemSize is about what the server says an item's size is, in bytes.
func itemSize(item crypto.Item) int {
	size := 0
	for name, v := range item {
		size += len(name) + expr.StoredSize(v)
	}
	return size
}
