package beacon

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// step is a key of a map, or an index of a list if key is empty.
type step struct {
	key   string
	index int
}

// path is the document path of a value. The first step is an attribute's name.
type path []step

// parsePath parses a location such as "a.b[1]".
//
// The official clients add up an index from its first digit only: they read "[12]"
// as the index 11, and hash that element. To have the same beacons, so does
// parsePath. The String method of the path has the index that is used.
func parsePath(s string) (path, error) {
	var p path
	for rest := "." + s; rest != ""; {
		end := strings.IndexAny(rest[1:], ".[") + 1
		if end == 0 {
			end = len(rest)
		}
		text := rest[1:end]
		if rest[0] == '.' {
			if text == "" {
				return nil, fmt.Errorf("%q is not a document path: a name is empty", s)
			}
			p = append(p, step{key: text})
		} else {
			digits, closed := strings.CutSuffix(text, "]")
			_, err := strconv.ParseUint(digits, 10, 31)
			if err != nil || !closed {
				return nil, fmt.Errorf("%q is not a document path: an index of a list has the form [0]", s)
			}
			index, _ := strconv.Atoi(strings.Repeat(digits[:1], len(digits))) // too large for any list, if it overflows
			p = append(p, step{index: index})
		}
		rest = rest[end:]
	}
	return p, nil
}

// String returns the path as expressions write it.
func (p path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.key == "":
			fmt.Fprintf(&b, "[%d]", s.index)
		case i > 0:
			b.WriteString("." + s.key)
		default:
			b.WriteString(s.key)
		}
	}
	return b.String()
}

func (p path) root() string { return p[0].key }

// in returns the value at the path, or nil if an item does not have it.
func (p path) in(item crypto.Item) types.AttributeValue {
	v := item[p.root()]
	for _, s := range p[1:] {
		switch container := v.(type) {
		case *types.AttributeValueMemberM:
			if container == nil || s.key == "" {
				return nil
			}
			v = container.Value[s.key]
		case *types.AttributeValueMemberL:
			if container == nil || s.key != "" || s.index >= len(container.Value) {
				return nil
			}
			v = container.Value[s.index]
		default:
			return nil
		}
	}
	return v
}
