package itemjson

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// item parses attribute values by name.
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

// value parses an attribute value.
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

// content parses the contents of an attribute value of a type.
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
			err = errors.New("NULL must be true")
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
	return nil, fmt.Errorf("unknown attribute type %q", kind)
}

func errNotOfType(kind string) error {
	return fmt.Errorf("the value does not have the type %s", kind)
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

// elementsOf parses a set.
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
		return nil, errors.New("set is empty")
	}
	return all, nil
}
