package attribute

import (
	"errors"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/crypto/cryptobyte"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
)

// ErrMalformed is the error for every malformed encoding. The details matter
// only to whoever created it.
var ErrMalformed = errors.New("malformed attribute encoding")

// Decode is the inverse of [Encode]. It also accepts values that other clients
// encrypt but DynamoDB itself would not store: sets that are empty or have
// duplicate members, numbers of any size, numbers that are not numeric, and
// deep nesting. Sets and maps may be in any order. Numbers are returned in
// normal form if they have one, and unchanged otherwise. The value does not
// share memory with data.
//
// The error wraps [crypto.ErrInvalidItem] if the encoding is well-formed but no
// attribute value can hold what it encodes.
func Decode(id Type, data []byte) (types.AttributeValue, error) {
	return decodeValue(id, cryptobyte.String(data), 0)
}

func decodeValue(id Type, s cryptobyte.String, depth int) (types.AttributeValue, error) {
	if depth > failure.MaxNesting {
		return nil, failure.ErrDeep
	}
	switch id {
	case Null:
		if len(s) != 0 {
			return nil, ErrMalformed
		}
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case Boolean:
		if len(s) != 1 || s[0] > 1 {
			return nil, ErrMalformed
		}
		return &types.AttributeValueMemberBOOL{Value: s[0] == 1}, nil
	case Binary:
		b, err := decodeBinary(s)
		return &types.AttributeValueMemberB{Value: b}, err
	case String:
		text, err := decodeString(s)
		return &types.AttributeValueMemberS{Value: text}, err
	case Number:
		number, err := decodeNumber(s)
		return &types.AttributeValueMemberN{Value: number}, err
	case BinarySet:
		members, err := decodeSet(s, decodeBinary)
		return &types.AttributeValueMemberBS{Value: members}, err
	case StringSet:
		members, err := decodeSet(s, decodeString)
		return &types.AttributeValueMemberSS{Value: members}, err
	case NumberSet:
		members, err := decodeSet(s, decodeNumber)
		return &types.AttributeValueMemberNS{Value: members}, err
	case List:
		return decodeList(s, depth)
	case Map:
		return decodeMap(s, depth)
	}
	return nil, ErrMalformed
}

// readBytes reads a length and that many bytes. It does not copy them, so a
// length that exceeds the input allocates nothing.
func readBytes(s *cryptobyte.String) (b cryptobyte.String, ok bool) {
	var n uint32
	if !s.ReadUint32(&n) || int64(n) > int64(len(*s)) {
		return nil, false
	}
	b = (*s)[:n:n]
	return b, s.Skip(int(n))
}

// readCount reads the number of members. Each of them needs at least size bytes
// of the remaining input.
func readCount(s *cryptobyte.String, size int) (n int, ok bool) {
	var count uint32
	if !s.ReadUint32(&count) || int64(count)*int64(size) > int64(len(*s)) {
		return 0, false
	}
	return int(count), true
}

// decodeBinary never returns nil, which is not a binary.
func decodeBinary(s cryptobyte.String) ([]byte, error) { return append([]byte{}, s...), nil }

func decodeString(s cryptobyte.String) (string, error) {
	if !utf8.Valid(s) {
		return "", failure.ErrNotUTF8
	}
	return string(s), nil
}

func decodeNumber(s cryptobyte.String) (string, error) {
	text, err := decodeString(s)
	if err != nil {
		return "", err
	}
	if number, err := crypto.NormalizeNumber(text); err == nil {
		return number, nil
	}
	return text, nil
}

// decodeSet decodes the members of a set.
func decodeSet[T []byte | string](s cryptobyte.String, decode func(cryptobyte.String) (T, error)) ([]T, error) {
	n, ok := readCount(&s, 4)
	if !ok {
		return nil, ErrMalformed
	}
	members := make([]T, n)
	for i := range members {
		b, ok := readBytes(&s)
		if !ok {
			return nil, ErrMalformed
		}
		var err error
		if members[i], err = decode(b); err != nil {
			return nil, err
		}
	}
	if !s.Empty() {
		return nil, ErrMalformed
	}
	return members, nil
}

// decodeMember decodes a value that is preceded by its type and length.
func decodeMember(s *cryptobyte.String, depth int) (types.AttributeValue, error) {
	var id uint16
	if !s.ReadUint16(&id) {
		return nil, ErrMalformed
	}
	value, ok := readBytes(s)
	if !ok {
		return nil, ErrMalformed
	}
	return decodeValue(Type(id), value, depth)
}

func decodeList(s cryptobyte.String, depth int) (types.AttributeValue, error) {
	n, ok := readCount(&s, 2+4)
	if !ok {
		return nil, ErrMalformed
	}
	members := make([]types.AttributeValue, n)
	for i := range members {
		var err error
		if members[i], err = decodeMember(&s, depth+1); err != nil {
			return nil, err
		}
	}
	if !s.Empty() {
		return nil, ErrMalformed
	}
	return &types.AttributeValueMemberL{Value: members}, nil
}

func decodeMap(s cryptobyte.String, depth int) (types.AttributeValue, error) {
	n, ok := readCount(&s, 2+4+2+4)
	if !ok {
		return nil, ErrMalformed
	}
	members := make(crypto.Item, n)
	for range n {
		var id uint16
		if !s.ReadUint16(&id) || Type(id) != String {
			return nil, ErrMalformed
		}
		key, ok := readBytes(&s)
		if !ok {
			return nil, ErrMalformed
		}
		if !utf8.Valid(key) {
			return nil, failure.ErrNotUTF8
		}
		if _, twice := members[string(key)]; twice {
			return nil, ErrMalformed
		}
		member, err := decodeMember(&s, depth+1)
		if err != nil {
			return nil, err
		}
		members[string(key)] = member
	}
	if !s.Empty() {
		return nil, ErrMalformed
	}
	return &types.AttributeValueMemberM{Value: members}, nil
}
