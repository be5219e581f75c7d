package itemjson

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Append appends an item to b as DynamoDB JSON in one line, without a line
// ending. Names are sorted, and unprintable characters are escaped so that a
// terminal shows them. The error is for text that is not Unicode.
func Append(b []byte, item crypto.Item) ([]byte, error) {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(item)) {
		var err error
		if b, err = appendMember(b, i, name, item[name]); err != nil {
			return nil, fmt.Errorf("attribute %q: %w", name, err)
		}
	}
	return append(b, '}'), nil
}

// AppendValue appends an attribute value to b.
func AppendValue(b []byte, v types.AttributeValue) ([]byte, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return wrap(b, "S", v.Value, appendText)
	case *types.AttributeValueMemberN:
		return wrap(b, "N", v.Value, appendText)
	case *types.AttributeValueMemberB:
		return wrap(b, "B", v.Value, appendBinary)
	case *types.AttributeValueMemberBOOL:
		return wrap(b, "BOOL", v.Value, appendBool)
	case *types.AttributeValueMemberNULL:
		return wrap(b, "NULL", v.Value, appendBool)
	case *types.AttributeValueMemberSS:
		return wrap(b, "SS", v.Value, appendAll(appendText))
	case *types.AttributeValueMemberNS:
		return wrap(b, "NS", v.Value, appendAll(appendText))
	case *types.AttributeValueMemberBS:
		return wrap(b, "BS", v.Value, appendAll(appendBinary))
	case *types.AttributeValueMemberL:
		return wrap(b, "L", v.Value, appendAll(AppendValue))
	case *types.AttributeValueMemberM:
		return wrap(b, "M", v.Value, Append)
	}
	return nil, fmt.Errorf("not an attribute value: %T", v)
}

func wrap[T any](b []byte, kind string, v T, appendContent func([]byte, T) ([]byte, error)) ([]byte, error) {
	b = append(b, `{"`+kind+`":`...)
	b, err := appendContent(b, v)
	return append(b, '}'), err
}

func appendMember(b []byte, i int, name string, v types.AttributeValue) ([]byte, error) {
	if i > 0 {
		b = append(b, ',')
	}
	b, err := appendText(b, name)
	if err != nil {
		return nil, err
	}
	return AppendValue(append(b, ':'), v)
}

func appendAll[T any](appendOne func([]byte, T) ([]byte, error)) func([]byte, []T) ([]byte, error) {
	return func(b []byte, all []T) ([]byte, error) {
		b = append(b, '[')
		for i, v := range all {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = appendOne(b, v); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
}

func appendBool(b []byte, v bool) ([]byte, error) { return strconv.AppendBool(b, v), nil }

func appendBinary(b []byte, v []byte) ([]byte, error) {
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, v)
	return append(b, '"'), nil
}

func appendText(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errors.New("text is not UTF-8")
	}
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case strconv.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return append(b, '"'), nil
}
