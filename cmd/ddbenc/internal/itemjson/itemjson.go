// Package itemjson reads and writes items as DynamoDB JSON, such as
// {"id":{"S":"a-1"}}, the format of AWS's tools. It is strict: anything else is
// an error. Errors never contain values.
package itemjson

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ddbenc/ddbenc/crypto"
)

// Parse parses one item: a JSON object that maps attribute names to attribute
// values.
func Parse(data []byte) (crypto.Item, error) {
	s := newScanner(bytes.NewReader(data))
	s.layout = layoutDocument
	err := s.value(0)
	if s.large {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, err
	}
	if _, err := s.within(); err == nil {
		return nil, errFollows
	}
	return parseItem(s.kept)
}

var (
	errNotObject = errors.New("not a JSON object")
	errNotValue  = errors.New(`not an attribute value such as {"S":"text"}`)
)

// checkText returns an error for text that is not valid Unicode, which
// encoding/json would silently replace.
func checkText(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	// A backslash occurs only in strings, where it begins an escape.
	for i := bytes.IndexByte(data, '\\'); i >= 0 && i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		i++
		first, ok := escaped(data, i)
		if !ok || !utf16.IsSurrogate(first) {
			continue
		}
		second, ok := escaped(data, i+6)
		if !ok || data[i+5] != '\\' || utf16.DecodeRune(first, second) == utf8.RuneError {
			return errors.New("not Unicode: unpaired surrogate")
		}
		i += 6
	}
	return nil
}

// escaped returns the code unit of the escape u0000 at data[i:].
func escaped(data []byte, i int) (rune, bool) {
	if i+5 > len(data) || data[i] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(data[i+1:i+5]), 16, 16)
	return rune(unit), err == nil
}

// parseItem parses an item from JSON that a scanner has kept.
func parseItem(data []byte) (crypto.Item, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	p := parser{data: data}
	item, err := p.item(0)
	if err != nil {
		return nil, err
	}
	return item, nil
}

// recordOf parses an item that may be wrapped as {"Item":{…}}. An item whose
// only attribute has that name is not ambiguous: nothing is both an attribute
// value and a map of attribute values.
func recordOf(data []byte, changes bool) (Record, error) {
	if err := checkText(data); err != nil {
		return Record{}, err
	}
	if changes {
		if change, ok, err := changeOf(data); ok {
			return Record{Change: change}, err
		}
	}
	p := parser{data: data}
	inner, ok := p.wrapped()
	if ok {
		if _, err := (&parser{data: inner}).value(0); err != nil {
			item, err := parseItem(inner)
			return Record{Item: item, Wrapped: true}, err
		}
	}
	item, err := parseItem(data)
	return Record{Item: item}, err
}
