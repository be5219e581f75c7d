package expr

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// lookup returns what is at a path, nil if there is nothing.
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

// Clone copies a value, so that nothing of it is shared.
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

// put sets what is at a path. What the path goes through must be there; a list
// grows by one for any index beyond its end.
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

// remove removes what is at a path, if there is something.
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

// checkParent refuses a path below the top level whose last step the container
// before it cannot take: one that is missing, or not of the right type.
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
