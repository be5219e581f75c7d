package beacon

import (
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// source is where a beacon gets its value: a document path or a virtual field.
type source struct {
	path    path
	virtual *virtual
}

func (s source) String() string { return s.path.String() }

// roots returns the names of the attributes that the value is computed from.
func (s source) roots() []string {
	if s.virtual != nil {
		return s.virtual.roots()
	}
	return []string{s.path.root()}
}

// value returns the value in an item, or nil if the item does not have it.
func (s source) value(item crypto.Item) (types.AttributeValue, error) {
	if s.virtual == nil {
		return s.path.in(item), nil
	}
	text, ok, err := s.virtual.text(item)
	if err != nil || !ok {
		return nil, err
	}
	return &types.AttributeValueMemberS{Value: text}, nil
}

// text returns the text of the value in an item. ok is false if the item does not
// have it.
func (s source) text(item crypto.Item) (text string, ok bool, err error) {
	if s.virtual != nil {
		return s.virtual.text(item)
	}
	return textAt(s.path, item)
}

// textAt returns the text of the value at a path.
func textAt(p path, item crypto.Item) (text string, ok bool, err error) {
	v := p.in(item)
	if v == nil {
		return "", false, nil
	}
	text, err = textOf(v)
	if err != nil {
		return "", false, &crypto.ItemError{Attribute: p.root(), Err: err}
	}
	return text, true, nil
}

// textOf returns the text of a value in a part or a virtual field. The official
// client takes numbers as the caller wrote them, but DynamoDB does not keep that.
func textOf(v types.AttributeValue) (string, error) {
	if crypto.IsNil(v) {
		return "", fmt.Errorf("%w: nil value", crypto.ErrInvalidItem)
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		if !utf8.ValidString(v.Value) {
			return "", fmt.Errorf("%w: string is not valid UTF-8", crypto.ErrInvalidItem)
		}
		return v.Value, nil
	case *types.AttributeValueMemberN:
		return crypto.NormalizeNumber(v.Value)
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			return "true", nil
		}
		return "false", nil
	case *types.AttributeValueMemberNULL:
		return "null", nil
	}
	return "", fmt.Errorf("%w: a binary, set, list or map has no text for a part or virtual field: use another type",
		crypto.ErrInvalidItem)
}

// refused returns the error for an item that cannot have a beacon. It names the
// attribute if the beacon's value comes from only one.
func refused(beacon string, at source, err error) error {
	e := &crypto.ItemError{Op: opEncrypt, Err: err}
	if inner, ok := err.(*crypto.ItemError); ok {
		e.Attribute, e.Err = inner.Attribute, inner.Err
	} else if roots := at.roots(); len(roots) == 1 {
		e.Attribute = roots[0]
	}
	e.Err = fmt.Errorf("beacon %q: %w", beacon, e.Err)
	return e
}
