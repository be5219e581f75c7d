package expr

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// LegacyUpdate translates AttributeUpdates. It returns nil if there are no
// updates. Its errors and those of [Update.Apply] are *[Error] with the
// server's complete message.
func LegacyUpdate(updates map[string]types.AttributeValueUpdate) (*Update, error) {
	if len(updates) == 0 {
		return nil, nil
	}
	u := &Update{}
	for _, name := range slices.Sorted(maps.Keys(updates)) {
		path := Path{{Name: name}}
		a, err := legacyAction(path, updates[name])
		if err != nil {
			return nil, err
		}
		u.actions = append(u.actions, a)
		u.uses = append(u.uses, Use{path, Write})
	}
	return u, nil
}

func legacyAction(path Path, u types.AttributeValueUpdate) (action, error) {
	kind := ""
	if !crypto.IsNil(u.Value) {
		kind = TypeName(u.Value)
	}
	switch u.Action {
	case "", types.AttributeActionPut, types.AttributeActionAdd:
		if kind == "" {
			return action{}, legacyError("Only DELETE action is allowed when no attribute value is specified")
		}
	}
	switch u.Action {
	case "", types.AttributeActionPut:
		return action{path: path, value: plain{operand{literal: u.Value}}.eval}, nil
	case types.AttributeActionAdd:
		if !slices.Contains([]string{"N", "SS", "NS", "BS", "L"}, kind) {
			return action{}, legacyError("ADD action is not supported for the type %s", kind)
		}
		if kind == "L" {
			return action{path: path, value: appended(path, u.Value)}, nil
		}
		return action{path: path, value: sameType(added(path, u.Value))}, nil
	case types.AttributeActionDelete:
		if kind == "" {
			return action{path: path, value: nothing, removes: true}, nil
		}
		if !slices.Contains([]string{"SS", "NS", "BS"}, kind) {
			return action{}, legacyError("DELETE action with value is not supported for the type %s", kind)
		}
		return action{path: path, value: sameType(deleted(path, u.Value)), removes: true}, nil
	}
	return action{}, legacyError("Unknown Action: %s", u.Action)
}

var errLegacyType = &Error{"Type mismatch for attribute to update"}

// sameType replaces the error for an operand of the wrong type with the one for
// AttributeUpdates.
func sameType(value func(crypto.Item) (types.AttributeValue, error)) func(crypto.Item) (types.AttributeValue, error) {
	return func(old crypto.Item) (types.AttributeValue, error) {
		v, err := value(old)
		if err == errType {
			err = errLegacyType
		}
		return v, err
	}
}

// appended implements ADD for a list, which only AttributeUpdates supports.
func appended(path Path, list types.AttributeValue) func(crypto.Item) (types.AttributeValue, error) {
	return func(old crypto.Item) (types.AttributeValue, error) {
		there := lookup(old, path)
		if there == nil {
			return list, nil
		}
		if TypeName(there) != "L" {
			return nil, errLegacyType
		}
		return listAppend{plain{operand{literal: there}}, plain{operand{literal: list}}}.eval(old)
	}
}
