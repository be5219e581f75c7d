// Package attribute encodes attribute values as the format dbesdk encrypts, signs
// and hashes them.
package attribute

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/encoding"
)

// maxDepth limits the nesting of a value, including the value itself.
const maxDepth = 32

// Type is the two-byte type of a value.
// (specification/dynamodb-encryption-client/ddb-attribute-serialization.md)
type Type uint16

// The types of values.
const (
	Null      Type = 0x0000
	String    Type = 0x0001
	Number    Type = 0x0002
	Boolean   Type = 0x0004
	StringSet Type = 0x0101
	NumberSet Type = 0x0102
	BinarySet Type = 0x01ff
	Map       Type = 0x0200
	List      Type = 0x0300
	Binary    Type = 0xffff
)

var (
	// ErrNil is the error for a value that is nil.
	ErrNil     = fmt.Errorf("%w: nil value", crypto.ErrInvalidItem)
	errNotUTF8 = fmt.Errorf("%w: string is not valid UTF-8", crypto.ErrInvalidItem)
	errDeep    = fmt.Errorf("%w: lists and maps are nested more than %d levels deep", crypto.ErrInvalidItem, maxDepth-1)
)

// Encoded is an encoded value: its type, and either Data or, for a [String],
// Text, so that encoding a string does not copy it. Data may be shared with the
// value.
type Encoded struct {
	Type Type
	Data []byte
	Text string
}

// Len returns the size of the value without the type.
func (e Encoded) Len() int { return len(e.Data) + len(e.Text) }

// Value returns the value without the type. It copies a string.
func (e Encoded) Value() []byte {
	if e.Type == String {
		return []byte(e.Text)
	}
	return e.Data
}

// Bytes returns the type followed by the value.
func (e Encoded) Bytes() []byte {
	b := binary.BigEndian.AppendUint16(make([]byte, 0, 2+e.Len()), uint16(e.Type))
	return append(append(b, e.Data...), e.Text...)
}

// Encode encodes a value. The error wraps [crypto.ErrInvalidItem] and reveals
// nothing about the value.
func Encode(v types.AttributeValue) (Encoded, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberB:
		if v != nil {
			return Encoded{Type: Binary, Data: v.Value}, nil
		}
	case *types.AttributeValueMemberS:
		if v != nil && utf8.ValidString(v.Value) {
			return Encoded{Type: String, Text: v.Value}, nil
		}
	}
	id, value, err := appendValue(make([]byte, 0, encoding.SizeHint(v)), v, 1)
	return Encoded{Type: id, Data: value}, err
}

// EncodeWithRoom returns the type and the encoded value in a new slice with
// room for a tag of n more bytes.
func EncodeWithRoom(v types.AttributeValue, n int) ([]byte, error) {
	buffer := make([]byte, 2, 2+encoding.SizeHint(v)+n)
	id, buffer, err := appendValue(buffer, v, 1)
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint16(buffer, uint16(id))
	return slices.Grow(buffer, n), nil
}

// appendValue appends a value without its type. It returns the type.
func appendValue(dst []byte, v types.AttributeValue, depth int) (Type, []byte, error) {
	if crypto.IsNil(v) {
		return 0, nil, ErrNil
	}
	if depth > maxDepth {
		return 0, nil, errDeep
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberB:
		return Binary, append(dst, v.Value...), nil
	case *types.AttributeValueMemberS:
		if !utf8.ValidString(v.Value) {
			return 0, nil, errNotUTF8
		}
		return String, append(dst, v.Value...), nil
	case *types.AttributeValueMemberN:
		number, err := crypto.NormalizeNumber(v.Value)
		return Number, append(dst, number...), err
	case *types.AttributeValueMemberBOOL:
		b := byte(0)
		if v.Value {
			b = 1
		}
		return Boolean, append(dst, b), nil
	case *types.AttributeValueMemberNULL:
		if !v.Value {
			return 0, nil, fmt.Errorf("%w: NULL is not true", crypto.ErrInvalidItem)
		}
		return Null, dst, nil
	case *types.AttributeValueMemberBS:
		dst, err := appendSet(dst, v.Value, bytes.Compare)
		return BinarySet, dst, err
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			if !utf8.ValidString(s) {
				return 0, nil, errNotUTF8
			}
		}
		dst, err := appendSet(dst, v.Value, encoding.CompareUTF16)
		return StringSet, dst, err
	case *types.AttributeValueMemberNS:
		numbers := make([]string, len(v.Value))
		for i, n := range v.Value {
			var err error
			if numbers[i], err = crypto.NormalizeNumber(n); err != nil {
				return 0, nil, err
			}
		}
		dst, err := appendSet(dst, numbers, strings.Compare)
		return NumberSet, dst, err
	case *types.AttributeValueMemberL:
		dst = appendCount(dst, len(v.Value))
		var err error
		for _, member := range v.Value {
			if dst, err = appendMember(dst, member, depth+1); err != nil {
				return 0, nil, err
			}
		}
		return List, dst, nil
	case *types.AttributeValueMemberM:
		dst, err := appendMap(dst, v.Value, depth)
		return Map, dst, err
	}
	return 0, nil, fmt.Errorf("%w: unknown value type %T", crypto.ErrInvalidItem, v)
}

// appendMember appends a value with its type and length.
func appendMember(dst []byte, v types.AttributeValue, depth int) ([]byte, error) {
	start := len(dst)
	id, dst, err := appendValue(append(dst, make([]byte, 6)...), v, depth)
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint16(dst[start:], uint16(id))
	binary.BigEndian.PutUint32(dst[start+2:], uint32(len(dst)-start-6))
	return dst, nil
}

func appendMap(dst []byte, m crypto.Item, depth int) ([]byte, error) {
	keys := make([]string, 0, len(m))
	for key := range m {
		if !utf8.ValidString(key) {
			return nil, errNotUTF8
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, encoding.CompareUTF16)
	dst = appendCount(dst, len(keys))
	var err error
	for _, key := range keys {
		dst = binary.BigEndian.AppendUint16(dst, uint16(String))
		dst = appendBytes(dst, key)
		if dst, err = appendMember(dst, m[key], depth+1); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// appendCount appends a count or a length. It does not check for overflow: 32
// bits are far more than the 400 KB that DynamoDB stores.
func appendCount(dst []byte, n int) []byte { return binary.BigEndian.AppendUint32(dst, uint32(n)) }

func appendBytes[T []byte | string](dst []byte, b T) []byte {
	return append(appendCount(dst, len(b)), b...)
}

// appendSet appends the members of a set, sorted.
func appendSet[T []byte | string](dst []byte, members []T, compare func(a, b T) int) ([]byte, error) {
	if len(members) == 0 {
		return nil, fmt.Errorf("%w: set is empty", crypto.ErrInvalidItem)
	}
	sorted := slices.SortedFunc(slices.Values(members), compare)
	dst = appendCount(dst, len(sorted))
	for i, member := range sorted {
		if i > 0 && compare(sorted[i-1], member) == 0 {
			return nil, fmt.Errorf("%w: set has duplicate members", crypto.ErrInvalidItem)
		}
		dst = appendBytes(dst, member)
	}
	return dst, nil
}
