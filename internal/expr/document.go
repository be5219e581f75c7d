package expr

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// lookup returns the value at a path, or nil if there is none.
func lookup(item crypto.Item, path Path) types.AttributeValue {
	v := item[path.Root()]
	for _, e := range path[1:] {
		switch container := v.(type) {
		case *types.AttributeValueMemberM:
			if e.Name == "" {
				return nil
			}
			v = container.Value[e.Name]
		case *types.AttributeValueMemberL:
			if e.Name != "" || e.Index >= len(container.Value) {
				return nil
			}
			v = container.Value[e.Index]
		default:
			return nil
		}
	}
	return v
}

// CloneItem copies an item deeply. The copy of nil is nil.
func CloneItem(item crypto.Item) crypto.Item {
	if item == nil {
		return nil
	}
	clone := make(crypto.Item, len(item))
	for name, value := range item {
		clone[name] = Clone(value)
	}
	return clone
}

// Clone returns a deep copy of a value.
func Clone(v types.AttributeValue) types.AttributeValue {
	if crypto.IsNil(v) {
		return nil
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}
	case *types.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}
	case *types.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: slices.Clone(v.Value)}
	case *types.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}
	case *types.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: v.Value}
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.Clone(v.Value)}
	case *types.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: slices.Clone(v.Value)}
	case *types.AttributeValueMemberBS:
		all := make([][]byte, len(v.Value))
		for i, b := range v.Value {
			all[i] = slices.Clone(b)
		}
		return &types.AttributeValueMemberBS{Value: all}
	case *types.AttributeValueMemberL:
		all := make([]types.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			all[i] = Clone(e)
		}
		return &types.AttributeValueMemberL{Value: all}
	case *types.AttributeValueMemberM:
		all := make(crypto.Item, len(v.Value))
		for k, e := range v.Value {
			all[k] = Clone(e)
		}
		return &types.AttributeValueMemberM{Value: all}
	}
	return v
}

// put sets the value at a path. The containers on the path must exist. A list
// grows by one element for any index beyond its end.
func put(item crypto.Item, path Path, v types.AttributeValue) error {
	if len(path) == 1 {
		item[path.Root()] = v
		return nil
	}
	if err := checkParent(item, path); err != nil {
		return err
	}
	last := path[len(path)-1]
	switch container := lookup(item, path[:len(path)-1]).(type) {
	case *types.AttributeValueMemberM:
		container.Value[last.Name] = v
	case *types.AttributeValueMemberL:
		if last.Index < len(container.Value) {
			container.Value[last.Index] = v
		} else {
			container.Value = append(container.Value, v)
		}
	}
	return nil
}

// remove removes the value at a path, if there is one.
func remove(item crypto.Item, path Path) error {
	if len(path) == 1 {
		delete(item, path.Root())
		return nil
	}
	if err := checkParent(item, path); err != nil {
		return err
	}
	last := path[len(path)-1]
	switch container := lookup(item, path[:len(path)-1]).(type) {
	case *types.AttributeValueMemberM:
		delete(container.Value, last.Name)
	case *types.AttributeValueMemberL:
		if last.Index < len(container.Value) {
			container.Value = slices.Delete(container.Value, last.Index, last.Index+1)
		}
	}
	return nil
}

// checkParent returns an error for a nested path whose container is missing or
// of the wrong type.
func checkParent(item crypto.Item, path Path) error {
	isName := path[len(path)-1].Name != ""
	switch lookup(item, path[:len(path)-1]).(type) {
	case *types.AttributeValueMemberM:
		if isName {
			return nil
		}
	case *types.AttributeValueMemberL:
		if !isName {
			return nil
		}
	}
	return errPath
}
