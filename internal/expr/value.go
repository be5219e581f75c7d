package expr

import (
	"bytes"
	"math/big"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// TypeName returns DynamoDB's name for the type of a value.
func TypeName(v types.AttributeValue) string {
	switch v.(type) {
	case *types.AttributeValueMemberS:
		return "S"
	case *types.AttributeValueMemberN:
		return "N"
	case *types.AttributeValueMemberB:
		return "B"
	case *types.AttributeValueMemberBOOL:
		return "BOOL"
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberSS:
		return "SS"
	case *types.AttributeValueMemberNS:
		return "NS"
	case *types.AttributeValueMemberBS:
		return "BS"
	case *types.AttributeValueMemberL:
		return "L"
	case *types.AttributeValueMemberM:
		return "M"
	}
	return "unknown"
}

// Compare compares two values of the same type, S, N or B, as DynamoDB does:
// strings and binaries by their bytes, numbers by value. ok is false for other
// types and for different types.
func Compare(a, b types.AttributeValue) (cmp int, ok bool) {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return strings.Compare(a.Value, b.Value), true
		}
	case *types.AttributeValueMemberB:
		if b, ok := b.(*types.AttributeValueMemberB); ok {
			return bytes.Compare(a.Value, b.Value), true
		}
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			x, y := rational(a.Value), rational(b.Value)
			if x != nil && y != nil {
				return x.Cmp(y), true
			}
		}
	}
	return 0, false
}

// rational returns the exact value of a number, or nil if s is not a number.
func rational(s string) *big.Rat {
	normal, err := crypto.NormalizeNumber(s)
	if err != nil {
		return nil
	}
	r, ok := new(big.Rat).SetString(normal)
	if !ok {
		return nil
	}
	return r
}

// Equal reports whether two values are equal as DynamoDB defines it: numbers by
// value, sets regardless of order, lists and maps by their contents.
func Equal(a, b types.AttributeValue) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberS, *types.AttributeValueMemberN, *types.AttributeValueMemberB:
		cmp, ok := Compare(a, b)
		return ok && cmp == 0
	case *types.AttributeValueMemberBOOL:
		b, ok := b.(*types.AttributeValueMemberBOOL)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberNULL:
		_, ok := b.(*types.AttributeValueMemberNULL)
		return ok
	case *types.AttributeValueMemberL:
		b, ok := b.(*types.AttributeValueMemberL)
		return ok && slices.EqualFunc(a.Value, b.Value, Equal)
	case *types.AttributeValueMemberM:
		b, ok := b.(*types.AttributeValueMemberM)
		if !ok || len(a.Value) != len(b.Value) {
			return false
		}
		for k, v := range a.Value {
			if other, ok := b.Value[k]; !ok || !Equal(v, other) {
				return false
			}
		}
		return true
	}
	return isSet(a) && TypeName(a) == TypeName(b) &&
		slices.Equal(slices.Sorted(slices.Values(members(a))), slices.Sorted(slices.Values(members(b))))
}

func isSet(v types.AttributeValue) bool {
	switch v.(type) {
	case *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
		return true
	}
	return false
}

// members returns the members of a set as strings. Equal members have equal
// strings.
func members(set types.AttributeValue) []string {
	switch set := set.(type) {
	case *types.AttributeValueMemberSS:
		return slices.Clone(set.Value)
	case *types.AttributeValueMemberNS:
		all := make([]string, len(set.Value))
		for i, n := range set.Value {
			all[i] = normal(n)
		}
		return all
	case *types.AttributeValueMemberBS:
		all := make([]string, len(set.Value))
		for i, b := range set.Value {
			all[i] = string(b)
		}
		return all
	}
	return nil
}

// setOf is the inverse of members. It returns a set of the same type as like.
func setOf(like types.AttributeValue, members []string) types.AttributeValue {
	switch like.(type) {
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: members}
	case *types.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: members}
	}
	all := make([][]byte, len(members))
	for i, m := range members {
		all[i] = []byte(m)
	}
	return &types.AttributeValueMemberBS{Value: all}
}

// normal returns a number in normal form. Non-numbers are returned unchanged.
func normal(s string) string {
	if n, err := crypto.NormalizeNumber(s); err == nil {
		return n
	}
	return s
}

// sizeOf implements the size function: the number of characters of a string, of
// bytes of a binary, or of members of a container. It returns nil for other
// types.
func sizeOf(v types.AttributeValue) types.AttributeValue {
	n := 0
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		n = len(utf16.Encode([]rune(v.Value)))
	case *types.AttributeValueMemberB:
		n = len(v.Value)
	case *types.AttributeValueMemberL:
		n = len(v.Value)
	case *types.AttributeValueMemberM:
		n = len(v.Value)
	default:
		if !isSet(v) {
			return nil
		}
		n = len(members(v))
	}
	return &types.AttributeValueMemberN{Value: big.NewInt(int64(n)).String()}
}

func hasPrefix(v, prefix types.AttributeValue) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		p, ok := prefix.(*types.AttributeValueMemberS)
		return ok && strings.HasPrefix(v.Value, p.Value)
	case *types.AttributeValueMemberB:
		p, ok := prefix.(*types.AttributeValueMemberB)
		return ok && bytes.HasPrefix(v.Value, p.Value)
	}
	return false
}

// contains implements the contains function: it finds a substring, a part of a
// binary, or a member of a set or list.
func contains(v, part types.AttributeValue) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		p, ok := part.(*types.AttributeValueMemberS)
		return ok && strings.Contains(v.Value, p.Value)
	case *types.AttributeValueMemberB:
		p, ok := part.(*types.AttributeValueMemberB)
		return ok && bytes.Contains(v.Value, p.Value)
	case *types.AttributeValueMemberSS:
		p, ok := part.(*types.AttributeValueMemberS)
		return ok && slices.Contains(v.Value, p.Value)
	case *types.AttributeValueMemberNS:
		p, ok := part.(*types.AttributeValueMemberN)
		return ok && slices.Contains(members(v), normal(p.Value))
	case *types.AttributeValueMemberBS:
		p, ok := part.(*types.AttributeValueMemberB)
		return ok && slices.Contains(members(v), string(p.Value))
	case *types.AttributeValueMemberL:
		return part != nil && slices.ContainsFunc(v.Value, func(m types.AttributeValue) bool { return Equal(m, part) })
	}
	return false
}

// add returns a + b, or a - b, exactly.
func add(a, b string, subtract bool) (string, error) {
	x, y := rational(a), rational(b)
	if x == nil || y == nil {
		return "", &Error{"The parameter cannot be converted to a numeric value"}
	}
	if subtract {
		y.Neg(y)
	}
	sum := x.Add(x, y)
	// The sum is a finite decimal fraction with at most 168 places, like both
	// operands.
	s, err := crypto.NormalizeNumber(sum.FloatString(168))
	if err == nil {
		return s, nil
	}
	switch size := new(big.Rat).Abs(sum); {
	case size.Cmp(new(big.Rat).Mul(rational("1E125"), big.NewRat(10, 1))) >= 0:
		return "", &Error{"Number overflow. Attempting to store a number with magnitude larger than supported range"}
	case size.Cmp(rational("1E-130")) < 0:
		return "", &Error{"Number underflow. Attempting to store a number with magnitude smaller than supported range"}
	}
	return "", &Error{"DynamoDB only supports precision up to 38 digits"}
}
