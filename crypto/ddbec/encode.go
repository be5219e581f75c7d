package ddbec

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// maxNesting is DynamoDB's limit for nested lists and maps.
const maxNesting = 32

// The tags of the attribute encoding. Each follows a zero byte.
const (
	tagBinary    = 'b'
	tagBinarySet = 'B'
	tagBoolean   = '?'
	tagList      = 'L'
	tagMap       = 'M'
	tagNull      = 0
	tagNumber    = 'n'
	tagNumberSet = 'N'
	tagString    = 's'
	tagStringSet = 'S'
)

// appendAttribute appends the encoding of a value in one of the readings. The
// error wraps [crypto.ErrInvalidItem] and reveals nothing about the value.
func appendAttribute(dst []byte, v types.AttributeValue, by reading) ([]byte, error) {
	return appendNested(dst, v, by, 0)
}

func appendNested(dst []byte, v types.AttributeValue, by reading, depth int) ([]byte, error) {
	if crypto.IsNil(v) {
		return nil, errNil
	}
	if depth > maxNesting {
		return nil, fmt.Errorf("%w: lists and maps are nested more than %d levels deep", crypto.ErrInvalidItem, maxNesting)
	}
	var err error
	switch v := v.(type) {
	case *types.AttributeValueMemberB:
		return appendBytes(append(dst, 0, tagBinary), v.Value), nil
	case *types.AttributeValueMemberS:
		return appendString(append(dst, 0, tagString), v.Value)
	case *types.AttributeValueMemberN:
		number, err := by.number(v.Value)
		if err != nil {
			return nil, err
		}
		return appendBytes(append(dst, 0, tagNumber), number), nil
	case *types.AttributeValueMemberBOOL:
		b := byte(0)
		if v.Value {
			b = 1
		}
		return append(dst, 0, tagBoolean, b), nil
	case *types.AttributeValueMemberNULL:
		if !v.Value {
			return nil, fmt.Errorf("%w: NULL is not true", crypto.ErrInvalidItem)
		}
		return append(dst, 0, tagNull), nil
	case *types.AttributeValueMemberBS:
		return appendSet(append(dst, 0, tagBinarySet), v.Value, by.compareBinaries)
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			if !utf8.ValidString(s) {
				return nil, errNotUTF8
			}
		}
		return appendSet(append(dst, 0, tagStringSet), v.Value, by.compareStrings)
	case *types.AttributeValueMemberNS:
		numbers := make([]string, len(v.Value))
		for i, n := range v.Value {
			if numbers[i], err = by.number(n); err != nil {
				return nil, err
			}
		}
		return appendSet(append(dst, 0, tagNumberSet), numbers, strings.Compare)
	case *types.AttributeValueMemberL:
		dst = appendCount(append(dst, 0, tagList), len(v.Value))
		for _, member := range v.Value {
			if dst, err = appendNested(dst, member, by, depth+1); err != nil {
				return nil, err
			}
		}
		return dst, nil
	case *types.AttributeValueMemberM:
		dst = appendCount(append(dst, 0, tagMap), len(v.Value))
		for _, key := range sortedNames(v.Value, by) {
			if dst, err = appendString(append(dst, 0, tagString), key); err != nil {
				return nil, err
			}
			if dst, err = appendNested(dst, v.Value[key], by, depth+1); err != nil {
				return nil, err
			}
		}
		return dst, nil
	}
	return nil, fmt.Errorf("%w: unknown value type %T", crypto.ErrInvalidItem, v)
}

var (
	errNil     = fmt.Errorf("%w: nil value", crypto.ErrInvalidItem)
	errNotUTF8 = fmt.Errorf("%w: string is not valid UTF-8", crypto.ErrInvalidItem)
)

func appendCount(dst []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(n))
}

// appendBytes appends a length and the bytes. It does not check for overflow:
// 32 bits are far more than the 400 KB that DynamoDB stores.
func appendBytes[T []byte | string](dst []byte, b T) []byte {
	return append(appendCount(dst, len(b)), b...)
}

func appendString(dst []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errNotUTF8
	}
	return appendBytes(dst, s), nil
}

// appendSet appends the members of a set, sorted.
func appendSet[T []byte | string](dst []byte, members []T, compare func(a, b T) int) ([]byte, error) {
	if len(members) == 0 {
		return nil, fmt.Errorf("%w: set is empty", crypto.ErrInvalidItem)
	}
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, compare)
	dst = appendCount(dst, len(sorted))
	for i, member := range sorted {
		if i > 0 && compare(sorted[i-1], member) == 0 {
			return nil, fmt.Errorf("%w: set has duplicate members", crypto.ErrInvalidItem)
		}
		dst = appendBytes(dst, member)
	}
	return dst, nil
}
