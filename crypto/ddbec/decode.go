package ddbec

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/crypto/cryptobyte"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
)

// errEncoding is the error for every malformed encoding. The details matter
// only to whoever created it.
var errEncoding = errors.New("malformed attribute encoding")

// decodeAttribute is the inverse of appendAttribute. It also accepts values
// that other clients encrypt but DynamoDB itself would not store: sets that are
// empty or have duplicate members, numbers of any size, numbers that are not
// numeric, and deep nesting. Sets and maps may be in any order. Numbers are
// returned in normal form if they have one, and unchanged otherwise. The value
// does not share memory with encoded.
//
// The error wraps [crypto.ErrInvalidItem] if the encoding is well-formed but no
// attribute value can hold what it encodes.
func decodeAttribute(encoded []byte) (types.AttributeValue, error) {
	s := cryptobyte.String(encoded)
	v, err := decodeNested(&s, 0)
	if err != nil {
		return nil, err
	}
	if !s.Empty() {
		return nil, fmt.Errorf("%w: trailing bytes", errEncoding)
	}
	return v, nil
}

func decodeNested(s *cryptobyte.String, depth int) (types.AttributeValue, error) {
	var zero, tag uint8
	if depth > failure.MaxNesting {
		return nil, failure.ErrDeep
	}
	if !s.ReadUint8(&zero) || zero != 0 || !s.ReadUint8(&tag) {
		return nil, errEncoding
	}
	switch tag {
	case tagNull:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case tagBoolean:
		var b uint8
		if !s.ReadUint8(&b) || b > 1 {
			return nil, errEncoding
		}
		return &types.AttributeValueMemberBOOL{Value: b == 1}, nil
	case tagBinary:
		b, err := decodeBinary(s)
		return &types.AttributeValueMemberB{Value: b}, err
	case tagString:
		text, err := decodeString(s)
		return &types.AttributeValueMemberS{Value: text}, err
	case tagNumber:
		number, err := decodeNumber(s)
		return &types.AttributeValueMemberN{Value: number}, err
	case tagBinarySet:
		members, err := decodeSet(s, decodeBinary)
		return &types.AttributeValueMemberBS{Value: members}, err
	case tagStringSet:
		members, err := decodeSet(s, decodeString)
		return &types.AttributeValueMemberSS{Value: members}, err
	case tagNumberSet:
		members, err := decodeSet(s, decodeNumber)
		return &types.AttributeValueMemberNS{Value: members}, err
	case tagList:
		return decodeList(s, depth)
	case tagMap:
		return decodeMap(s, depth)
	}
	return nil, errEncoding
}

// decodeBytes reads a length and that many bytes. It does not copy them, so a
// length that exceeds the input allocates nothing.
func decodeBytes(s *cryptobyte.String) ([]byte, error) {
	var n uint32
	if !s.ReadUint32(&n) || int64(n) > int64(len(*s)) {
		return nil, errEncoding
	}
	b := (*s)[:n:n]
	s.Skip(int(n))
	return b, nil
}

// decodeBinary never returns nil without an error, because that is not a
// binary.
func decodeBinary(s *cryptobyte.String) ([]byte, error) {
	b, err := decodeBytes(s)
	if err != nil {
		return nil, err
	}
	return append([]byte{}, b...), nil
}

func decodeString(s *cryptobyte.String) (string, error) {
	b, err := decodeBytes(s)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		return "", failure.ErrNotUTF8
	}
	return string(b), nil
}

func decodeNumber(s *cryptobyte.String) (string, error) {
	text, err := decodeString(s)
	if err != nil {
		return "", err
	}
	if number, err := crypto.NormalizeNumber(text); err == nil {
		return number, nil
	}
	return text, nil
}

// decodeCount reads the number of members. Each of them needs at least size
// bytes of the remaining input.
func decodeCount(s *cryptobyte.String, size int) (int, error) {
	var n uint32
	if !s.ReadUint32(&n) || int64(n)*int64(size) > int64(len(*s)) {
		return 0, errEncoding
	}
	return int(n), nil
}

// decodeSet decodes the members of a set.
func decodeSet[T any](s *cryptobyte.String, decode func(*cryptobyte.String) (T, error)) ([]T, error) {
	n, err := decodeCount(s, 4)
	if err != nil {
		return nil, err
	}
	members := make([]T, n)
	for i := range members {
		if members[i], err = decode(s); err != nil {
			return nil, err
		}
	}
	return members, nil
}

func decodeList(s *cryptobyte.String, depth int) (types.AttributeValue, error) {
	n, err := decodeCount(s, 2)
	if err != nil {
		return nil, err
	}
	members := make([]types.AttributeValue, n)
	for i := range members {
		if members[i], err = decodeNested(s, depth+1); err != nil {
			return nil, err
		}
	}
	return &types.AttributeValueMemberL{Value: members}, nil
}

func decodeMap(s *cryptobyte.String, depth int) (types.AttributeValue, error) {
	n, err := decodeCount(s, 6+2)
	if err != nil {
		return nil, err
	}
	members := make(crypto.Item, n)
	for range n {
		var zero, tag uint8
		if !s.ReadUint8(&zero) || zero != 0 || !s.ReadUint8(&tag) || tag != tagString {
			return nil, errEncoding
		}
		key, err := decodeString(s)
		if err != nil {
			return nil, err
		}
		if _, twice := members[key]; twice {
			return nil, errEncoding
		}
		if members[key], err = decodeNested(s, depth+1); err != nil {
			return nil, err
		}
	}
	return &types.AttributeValueMemberM{Value: members}, nil
}
