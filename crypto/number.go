package crypto

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxNumberDigits = 38  // significant digits that DynamoDB keeps
	maxNumberScale  = 125 // largest power of ten of the first digit
	minNumberScale  = -130
)

// NormalizeNumber returns a DynamoDB number (an N value) in normal form: plain
// decimal digits, without an exponent and without leading or trailing zeros.
// Zero is "0" and never negative.
//
// DynamoDB normalizes numbers when it stores them. Code that signs numbers or
// compares them as text therefore has to normalize them first.
//
// The error wraps [ErrInvalidItem] and does not contain the number.
// NormalizeNumber rejects whatever DynamoDB rejects: text that is not a decimal
// number, more than 38 significant digits, and magnitudes outside of 1E-130 to
// 9.9…E+125.
func NormalizeNumber(s string) (string, error) {
	if isPlainInteger(s) {
		return s, nil
	}
	mantissa, negative := s, false
	if mantissa != "" && (mantissa[0] == '-' || mantissa[0] == '+') {
		negative = mantissa[0] == '-'
		mantissa = mantissa[1:]
	}

	exponent := 0
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		e, err := parseExponent(mantissa[i+1:])
		if err != nil {
			return "", err
		}
		exponent, mantissa = e, mantissa[:i]
	}

	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole == "" && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return "", errNotANumber
	}

	// value = 0.digits × 10^point
	digits := whole + fraction
	point := len(whole) + exponent
	trimmed := strings.TrimLeft(digits, "0")
	point -= len(digits) - len(trimmed)
	digits = strings.TrimRight(trimmed, "0")
	if digits == "" {
		return "0", nil
	}
	if len(digits) > maxNumberDigits {
		return "", fmt.Errorf("%w: a number has more than %d significant digits", ErrInvalidItem, maxNumberDigits)
	}
	if scale := point - 1; scale > maxNumberScale || scale < minNumberScale {
		return "", fmt.Errorf("%w: a number is outside the range of DynamoDB", ErrInvalidItem)
	}

	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	switch {
	case point <= 0:
		b.WriteString("0.")
		b.WriteString(strings.Repeat("0", -point))
		b.WriteString(digits)
	case point >= len(digits):
		b.WriteString(digits)
		b.WriteString(strings.Repeat("0", point-len(digits)))
	default:
		b.WriteString(digits[:point])
		b.WriteByte('.')
		b.WriteString(digits[point:])
	}
	return b.String(), nil
}

// isPlainInteger reports whether s is an integer in normal form already, as
// most numbers are.
func isPlainInteger(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return len(digits) > 0 && len(digits) <= maxNumberDigits && digits[0] != '0' && allDigits(digits)
}

var errNotANumber = fmt.Errorf("%w: not a decimal number", ErrInvalidItem)

// parseExponent parses an optionally signed decimal integer. An exponent that
// does not fit an int is out of range for every mantissa except zero, and
// DynamoDB does not accept it for zero either.
func parseExponent(s string) (int, error) {
	digits := s
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		digits = digits[1:]
	}
	if digits == "" || !allDigits(digits) {
		return 0, errNotANumber
	}
	e, err := strconv.Atoi(s)
	if errors.Is(err, strconv.ErrRange) || e > 1000 || e < -1000 {
		return 0, fmt.Errorf("%w: a number's exponent is out of range", ErrInvalidItem)
	}
	return e, err
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
