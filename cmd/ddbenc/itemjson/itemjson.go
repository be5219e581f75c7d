// Package itemjson reads and writes DynamoDB items as DynamoDB JSON:
// {"id":{"S":"a-1"}}. It is what AWS's tools write, and strict: what is not
// such JSON is an error, and no error shows a value.
package itemjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// maxDepth bounds how deep values are nested. DynamoDB stores 32 levels.
const maxDepth = 64

// Parse reads one item: a JSON object of attribute values by attribute name.
func Parse(data []byte) (crypto.Item, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	members, err := object(data)
	if err != nil {
		return nil, err
	}
	return itemOf(members)
}

// checkText refuses text that is no Unicode, which encoding/json would replace
// without a word.
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

// member is a member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

func itemOf(members []member) (crypto.Item, error) {
	item := make(crypto.Item, len(members))
	for _, m := range members {
		v, err := value(m.value, 0)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", m.name, err)
		}
		item[m.name] = v
	}
	return item, nil
}

var (
	errNotObject = errors.New("not a JSON object")
	errNotValue  = errors.New(`not an attribute value such as {"S":"text"}`)
)

// object returns the members of a JSON object, none of them twice.
func object(data []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if token, err := d.Token(); err != nil {
		return nil, syntax(err)
	} else if token != json.Delim('{') {
		return nil, errNotObject
	}
	var members []member
	seen := make(map[string]bool)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, syntax(err)
		}
		name, _ := token.(string)
		if seen[name] {
			return nil, fmt.Errorf("%q is there twice", name)
		}
		seen[name] = true
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, syntax(err)
		}
		members = append(members, member{name, raw})
	}
	if _, err := d.Token(); err != nil {
		return nil, syntax(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the end of the item")
	}
	return members, nil
}

// syntax says that something is not JSON, and nothing that is in it.
func syntax(err error) error {
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON (at byte %d)", s.Offset)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not JSON (it ends too early)")
	}
	return errors.New("not JSON")
}

// value reads an attribute value.
func value(data []byte, depth int) (types.AttributeValue, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deep")
	}
	members, err := object(data)
	if err != nil || len(members) != 1 {
		return nil, errNotValue
	}
	kind, content := members[0].name, members[0].value
	switch kind {
	case "S":
		v, err := decoded[string](kind, content)
		return &types.AttributeValueMemberS{Value: v}, err
	case "N":
		v, err := number(content)
		return &types.AttributeValueMemberN{Value: v}, err
	case "B":
		v, err := binary(kind, content)
		return &types.AttributeValueMemberB{Value: v}, err
	case "BOOL":
		v, err := decoded[bool](kind, content)
		return &types.AttributeValueMemberBOOL{Value: v}, err
	case "NULL":
		v, err := decoded[bool](kind, content)
		if err == nil && !v {
			err = errors.New("NULL is always true")
		}
		return &types.AttributeValueMemberNULL{Value: v}, err
	case "SS", "NS", "BS":
		return set(kind, content)
	case "L":
		return list(content, depth)
	case "M":
		return mapOf(content, depth)
	}
	return nil, fmt.Errorf("there is no attribute type %q", kind)
}

// decoded returns content as Go has it. JSON's null is none of them.
func decoded[T any](kind string, content []byte) (T, error) {
	var v *T
	if err := json.Unmarshal(content, &v); err != nil || v == nil {
		var zero T
		return zero, fmt.Errorf("what is given for the type %s is not of that type", kind)
	}
	return *v, nil
}

// number returns a number as it is written.
func number(content []byte) (string, error) {
	text, err := decoded[string]("N", content)
	if err != nil {
		return "", err
	}
	_, err = crypto.NormalizeNumber(text)
	return text, err
}

func binary(kind string, content []byte) ([]byte, error) {
	text, err := decoded[string](kind, content)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errors.New("binary is not base64")
	}
	return b, nil
}

func set(kind string, content []byte) (types.AttributeValue, error) {
	elements, err := decoded[[]json.RawMessage](kind, content)
	if err != nil {
		return nil, err
	}
	if len(elements) == 0 {
		return nil, errors.New("a set is empty")
	}
	var texts []string
	var binaries [][]byte
	for _, element := range elements {
		if kind == "BS" {
			b, err := binary(kind, element)
			if err != nil {
				return nil, err
			}
			binaries = append(binaries, b)
			continue
		}
		read := func(content []byte) (string, error) { return decoded[string](kind, content) }
		if kind == "NS" {
			read = number
		}
		text, err := read(element)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	switch kind {
	case "SS":
		return &types.AttributeValueMemberSS{Value: texts}, nil
	case "NS":
		return &types.AttributeValueMemberNS{Value: texts}, nil
	}
	return &types.AttributeValueMemberBS{Value: binaries}, nil
}

func list(content []byte, depth int) (types.AttributeValue, error) {
	elements, err := decoded[[]json.RawMessage]("L", content)
	if err != nil {
		return nil, err
	}
	values := make([]types.AttributeValue, len(elements))
	for i, element := range elements {
		if values[i], err = value(element, depth+1); err != nil {
			return nil, err
		}
	}
	return &types.AttributeValueMemberL{Value: values}, nil
}

func mapOf(content []byte, depth int) (types.AttributeValue, error) {
	members, err := object(content)
	if err != nil {
		return nil, err
	}
	values := make(map[string]types.AttributeValue, len(members))
	for _, m := range members {
		if values[m.name], err = value(m.value, depth+1); err != nil {
			return nil, err
		}
	}
	return &types.AttributeValueMemberM{Value: values}, nil
}
