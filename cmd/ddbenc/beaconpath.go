package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// documentPath is a path to a value in an item. Unlike in an expression, names
// can be reserved words and have any characters but the separators.
type documentPath []pathElement

type pathElement struct {
	name  string
	index int // if there is no name
}

var errPath = errors.New("not an attribute or a path such as address.city or phones[0]")

func parsePath(text string) (documentPath, error) {
	var path documentPath
	for part := range strings.SplitSeq(text, ".") {
		name, rest, more := strings.Cut(part, "[")
		if name == "" {
			return nil, errPath
		}
		path = append(path, pathElement{name: name})
		for more {
			digits, after, ok := strings.Cut(rest, "]")
			index, err := strconv.ParseUint(digits, 10, 31)
			if !ok || err != nil {
				return nil, errPath
			}
			path = append(path, pathElement{index: int(index)})
			if after == "" {
				break
			}
			if rest, ok = strings.CutPrefix(after, "["); !ok {
				return nil, errPath
			}
		}
	}
	return path, nil
}

// of returns the value at the path, or nil if there is none. A top-level
// attribute whose name is the text of the whole path comes first.
func (p documentPath) of(item crypto.Item, whole string) types.AttributeValue {
	if v, ok := item[whole]; ok {
		return v
	}
	v := item[p[0].name]
	for _, e := range p[1:] {
		switch container := v.(type) {
		case *types.AttributeValueMemberM:
			v = nil
			if e.name != "" {
				v = container.Value[e.name]
			}
		case *types.AttributeValueMemberL:
			v = nil
			if e.name == "" && e.index < len(container.Value) {
				v = container.Value[e.index]
			}
		default:
			return nil
		}
	}
	return v
}
