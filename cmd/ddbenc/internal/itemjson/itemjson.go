// Package itemjson reads and writes DynamoDB items as DynamoDB JSON:
// {"id":{"S":"a-1"}}. This is what AWS's tools write. It is strict: anything
// else is an error, and no error shows a value.
package itemjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Parse reads one item: a JSON object of attribute values by attribute name.
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

// checkText refuses text that is not Unicode, which encoding/json would replace
// silently.
func checkText(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	// A backslash is in a string, and begins an escape.
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
			return errors.New("not Unicode: half of a surrogate pair")
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

// parseItem reads an item from JSON that a scanner has kept.
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

// recordOf reads an item that may be wrapped as {"Item":{…}}. An item with a
// single attribute of that name is not: nothing is both an attribute value and a
// map of attribute values.
func recordOf(data []byte) (Record, error) {
	if err := checkText(data); err != nil {
		return Record{}, err
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

// parser takes JSON apart that is known to be valid and without white space
// between its parts, in one pass.
type parser struct {
	data []byte
	at   int
}

// is takes a byte if it is next.
func (p *parser) is(c byte) bool {
	if p.at < len(p.data) && p.data[p.at] == c {
		p.at++
		return true
	}
	return false
}

// members calls read for each member of an object, behind its colon.
func (p *parser) members(read func(name string) error) error {
	if !p.is('{') {
		return errNotObject
	}
	for seen := make(map[string]bool); !p.is('}'); p.is(',') {
		name, err := p.text()
		if err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("%q is there twice", name)
		}
		seen[name] = true
		p.at++ // the colon
		if err := read(name); err != nil {
			return err
		}
	}
	return nil
}

// elements calls read for each element of an array. It reports false for
// anything else.
func (p *parser) elements(read func() error) (ok bool, err error) {
	if !p.is('[') {
		return false, nil
	}
	for !p.is(']') {
		if err := read(); err != nil {
			return true, err
		}
		p.is(',')
	}
	return true, nil
}

// raw returns a string as it is written, with its quotes; nil for another kind
// of value.
func (p *parser) raw() []byte {
	from := p.at
	if !p.is('"') {
		return nil
	}
	for p.data[p.at] != '"' {
		if p.data[p.at] == '\\' {
			p.at++
		}
		p.at++
	}
	p.at++
	return p.data[from:p.at]
}

// text returns a string.
func (p *parser) text() (string, error) {
	raw := p.raw()
	if raw == nil {
		return "", errNotText
	}
	if !bytes.ContainsRune(raw, '\\') {
		return string(raw[1 : len(raw)-1]), nil
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err
}

var errNotText = errors.New("not a JSON string")

// skip goes past any value.
func (p *parser) skip() {
	depth := 0
	for {
		switch p.data[p.at] {
		case '{', '[':
			depth++
			p.at++
		case '}', ']':
			depth--
			p.at++
		case '"':
			p.raw()
		case ',', ':':
			p.at++
			continue
		default:
			for p.at < len(p.data) && inWord(p.data[p.at]) {
				p.at++
			}
		}
		if depth <= 0 {
			return
		}
	}
}

// wrapped returns the value of the member Item, if there is no other beside it
// but ConsumedCapacity.
func (p *parser) wrapped() (inner []byte, ok bool) {
	errOther := errors.New("another member")
	err := p.members(func(name string) error {
		from := p.at
		p.skip()
		switch name {
		case "Item":
			inner = p.data[from:p.at]
		case "ConsumedCapacity":
		default:
			return errOther
		}
		return nil
	})
	return inner, err == nil && inner != nil
}

// item reads attribute values by name.
func (p *parser) item(depth int) (map[string]types.AttributeValue, error) {
	item := make(map[string]types.AttributeValue)
	err := p.members(func(name string) error {
		v, err := p.value(depth)
		if err != nil && depth == 0 {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		item[name] = v
		return err
	})
	return item, err
}

// value reads an attribute value.
func (p *parser) value(depth int) (types.AttributeValue, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	if !p.is('{') {
		return nil, errNotValue
	}
	kind, err := p.text()
	if err != nil {
		return nil, errNotValue
	}
	p.at++ // the colon
	v, err := p.content(kind, depth)
	if err == nil && !p.is('}') {
		return nil, errNotValue
	}
	return v, err
}

// content reads what an attribute value of a type holds.
func (p *parser) content(kind string, depth int) (types.AttributeValue, error) {
	switch kind {
	case "S":
		v, err := p.textOf(kind)
		return &types.AttributeValueMemberS{Value: v}, err
	case "N":
		v, err := p.number(kind)
		return &types.AttributeValueMemberN{Value: v}, err
	case "B":
		v, err := p.binary(kind)
		return &types.AttributeValueMemberB{Value: v}, err
	case "BOOL":
		v, err := p.boolean(kind)
		return &types.AttributeValueMemberBOOL{Value: v}, err
	case "NULL":
		v, err := p.boolean(kind)
		if err == nil && !v {
			err = errors.New("NULL is always true")
		}
		return &types.AttributeValueMemberNULL{Value: v}, err
	case "SS":
		v, err := elementsOf(p, kind, p.textOf)
		return &types.AttributeValueMemberSS{Value: v}, err
	case "NS":
		v, err := elementsOf(p, kind, p.number)
		return &types.AttributeValueMemberNS{Value: v}, err
	case "BS":
		v, err := elementsOf(p, kind, p.binary)
		return &types.AttributeValueMemberBS{Value: v}, err
	case "L":
		values := []types.AttributeValue{}
		ok, err := p.elements(func() error {
			v, err := p.value(depth + 1)
			values = append(values, v)
			return err
		})
		if !ok {
			err = errNotOfType(kind)
		}
		return &types.AttributeValueMemberL{Value: values}, err
	case "M":
		values, err := p.item(depth + 1)
		return &types.AttributeValueMemberM{Value: values}, err
	}
	return nil, fmt.Errorf("there is no attribute type %q", kind)
}

func errNotOfType(kind string) error {
	return fmt.Errorf("what is given for the type %s is not of that type", kind)
}

func (p *parser) textOf(kind string) (string, error) {
	text, err := p.text()
	if err != nil {
		return "", errNotOfType(kind)
	}
	return text, nil
}

// number returns a number as it is written.
func (p *parser) number(kind string) (string, error) {
	text, err := p.textOf(kind)
	if err != nil {
		return "", err
	}
	_, err = crypto.NormalizeNumber(text)
	return text, err
}

func (p *parser) binary(kind string) ([]byte, error) {
	text, err := p.textOf(kind)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errors.New("binary is not base64")
	}
	return b, nil
}

func (p *parser) boolean(kind string) (bool, error) {
	for _, b := range []bool{true, false} {
		if rest, ok := bytes.CutPrefix(p.data[p.at:], strconv.AppendBool(nil, b)); ok {
			p.at = len(p.data) - len(rest)
			return b, nil
		}
	}
	return false, errNotOfType(kind)
}

// elementsOf reads a set.
func elementsOf[T any](p *parser, kind string, read func(kind string) (T, error)) ([]T, error) {
	var all []T
	ok, err := p.elements(func() error {
		v, err := read(kind)
		all = append(all, v)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, errNotOfType(kind)
	case len(all) == 0:
		return nil, errors.New("a set is empty")
	}
	return all, nil
}
