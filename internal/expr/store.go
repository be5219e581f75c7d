package expr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

const (
	maxName    = 64<<10 - 1 // bytes
	maxNesting = 32
)

// Store returns a deep copy of an item as DynamoDB stores it, with numbers in
// normal form. The error, for values that DynamoDB would not store, is an
// *[Error].
func Store(item crypto.Item) (crypto.Item, error) {
	return storeMap(item, 1)
}

// StoreValue is like [Store] for the value of an attribute.
func StoreValue(v types.AttributeValue) (types.AttributeValue, error) { return storeValue(v, 1) }

func storeMap(m crypto.Item, depth int) (crypto.Item, error) {
	stored := make(crypto.Item, len(m))
	for name, v := range m {
		switch {
		case name == "":
			return nil, refused("Empty attribute name")
		case len(name) > maxName:
			return nil, refused("Attribute name is too large, must be less than %d bytes", maxName+1)
		}
		kept, err := storeValue(v, depth)
		if err != nil {
			return nil, err
		}
		stored[name] = kept
	}
	return stored, nil
}

// storeValue copies a value at a nesting depth. The depth of an attribute's
// value is 1.
func storeValue(v types.AttributeValue, depth int) (types.AttributeValue, error) {
	if depth > maxNesting {
		return nil, wrong("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels " +
			"beyond supported limit")
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
			break // The SDK sends null, which is not a binary.
		}
		return &types.AttributeValueMemberB{Value: append([]byte{}, v.Value...)}, nil
	case *types.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}, nil
	case *types.AttributeValueMemberNULL:
		if !v.Value {
			return nil, refused("Null attribute value types must have the value of true")
		}
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.Clone(v.Value)},
			checkSet(v.Value, "An string set  may not be empty")
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
	return nil, wrong("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

func checkSet(members []string, empty string) error {
	if len(members) == 0 {
		return refused("%s", empty)
	}
	sorted := slices.Sorted(slices.Values(members))
	if len(slices.Compact(sorted)) < len(members) {
		return refused("Input collection [%s] contains duplicates.", strings.Join(members, ", "))
	}
	return nil
}

var decimal = regexp.MustCompile(`^[-+]?(\d+\.?\d*|\.\d+)([eE]([-+]?)\d+)?$`)

// storeNumber returns a number in normal form. If DynamoDB would not accept it,
// the error has the server's message.
func storeNumber(s string) (string, error) {
	n, err := crypto.NormalizeNumber(s)
	if err == nil {
		return n, nil
	}
	parts := decimal.FindStringSubmatch(s)
	if parts == nil {
		return "", wrong("The parameter cannot be converted to a numeric value")
	}
	digits := strings.Trim(strings.Replace(parts[1], ".", "", 1), "0")
	switch {
	case len(digits) > 38:
		return "", wrong("Attempting to store more than 38 significant digits in a Number")
	case parts[3] == "-" || parts[2] == "" && strings.HasPrefix(strings.TrimLeft(parts[1], "0"), "."):
		return "", wrong("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	}
	return "", wrong("Number overflow. Attempting to store a number with magnitude larger than supported range")
}

func wrong(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// refused returns an error that begins like most of the server's messages.
func refused(format string, args ...any) error {
	return wrong("One or more parameter values were invalid: "+format, args...)
}
