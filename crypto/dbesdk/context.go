package dbesdk

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Names in the encryption context.
const (
	contextTable     = "aws-crypto-table-name"
	contextPartition = "aws-crypto-partition-name"
	contextSort      = "aws-crypto-sort-name"
	contextAttribute = "aws-crypto-attr." // followed by the attribute's name
	contextLegend    = "aws-crypto-legend"
	contextPublicKey = "aws-crypto-public-key"
	contextReserved  = "aws-crypto-" // prefix of all names
)

// The letters of the legend of the context.
const (
	legendString  = 'S'
	legendNumber  = 'N'
	legendLiteral = 'L'
	legendBinary  = 'B'
)

// baseContext returns the part of the encryption context that is derived from
// the item and never stored: the table's name and, in version 1, the primary
// key; in version 2, every attribute whose letter in the legend is
// legendContext.
// (specification/dynamodb-encryption-client/encrypt-item.md#dynamodb-item-base-context)
func baseContext(version byte, table crypto.TableInfo, signed []field, legend []byte) keyring.EncryptionContext {
	context := keyring.EncryptionContext{contextTable: table.Name, contextPartition: table.PartitionKey}
	if table.SortKey != "" {
		context[contextSort] = table.SortKey
	}
	letters := make(map[string]byte)
	for i, f := range signed {
		switch {
		case version == versionPlain && table.IsKey(f.name):
			context[contextAttribute+f.name] = base64.StdEncoding.EncodeToString(f.Bytes())
		case version == versionContext && legend[i] == legendContext:
			context[contextAttribute+f.name], letters[f.name] = contextValue(f.Encoded)
		}
	}
	if version == versionContext {
		var typed []byte
		for _, name := range slices.Sorted(maps.Keys(letters)) {
			typed = append(typed, letters[name])
		}
		context[contextLegend] = string(typed)
	}
	return context
}

// contextValue returns a value and its letter as they appear in a version 2
// context.
func contextValue(e attribute.Encoded) (value string, letter byte) {
	switch e.Type {
	case attribute.String:
		return e.Text, legendString
	case attribute.Number:
		return string(e.Data), legendNumber
	case attribute.Null:
		return "null", legendLiteral
	case attribute.Boolean:
		if e.Data[0] == 0 {
			return "false", legendLiteral
		}
		return "true", legendLiteral
	}
	return base64.StdEncoding.EncodeToString(e.Bytes()), legendBinary
}

// Attributes returns the attributes in an encryption context of this format:
// the item's primary key and the attributes with the action "sign,context". Use
// it in the branch key supplier of a hierarchical keyring, to select a branch
// key by attributes:
//
//	func(_ context.Context, ec keyring.EncryptionContext) (string, error) {
//		attributes, err := dbesdk.Attributes(ec)
//		…
//	}
//
// If ec is not an encryption context of this format, the error is a
// [*crypto.ItemError] that wraps [crypto.ErrInvalidItem].
func Attributes(ec keyring.EncryptionContext) (crypto.Item, error) {
	legend, typed := ec[contextLegend]
	attributes := make(crypto.Item)
	for _, name := range slices.Sorted(maps.Keys(ec)) {
		attribute, ok := strings.CutPrefix(name, contextAttribute)
		if !ok {
			continue
		}
		letter := byte(legendBinary)
		if typed {
			if legend == "" {
				return nil, contextError(ec, attribute)
			}
			letter, legend = legend[0], legend[1:]
		}
		v, err := parseContextValue(ec[name], letter)
		if err != nil {
			return nil, contextError(ec, attribute)
		}
		attributes[attribute] = v
	}
	if legend != "" || len(attributes) == 0 {
		return nil, contextError(ec, "")
	}
	return attributes, nil
}

func contextError(ec keyring.EncryptionContext, attribute string) error {
	return &crypto.ItemError{Op: "read the encryption context", Table: ec[contextTable], Attribute: attribute,
		Err: errContext}
}

var errContext = fmt.Errorf("%w: not an encryption context of the Database Encryption SDK format",
	crypto.ErrInvalidItem)

func parseContextValue(value string, letter byte) (types.AttributeValue, error) {
	id, data := attribute.String, []byte(value)
	switch letter {
	case legendString:
	case legendNumber:
		id = attribute.Number
	case legendLiteral:
		switch value {
		case "null":
			return &types.AttributeValueMemberNULL{Value: true}, nil
		case "true", "false":
			return &types.AttributeValueMemberBOOL{Value: value == "true"}, nil
		}
		return nil, errContext
	case legendBinary:
		encoded, err := decodeBase64(value)
		if err != nil || len(encoded) < 2 {
			return nil, errContext
		}
		id, data = attribute.Type(binary.BigEndian.Uint16(encoded)), encoded[2:]
	default:
		return nil, errContext
	}
	v, err := attribute.Decode(id, data)
	if err != nil {
		return nil, errContext
	}
	// A context holds values that were sealed, which is stricter than what can
	// be opened.
	if _, err := attribute.Encode(v); err != nil {
		return nil, errContext
	}
	return v, nil
}

// decodeBase64 decodes base64 strictly. Package base64 would ignore line
// breaks.
func decodeBase64(text string) ([]byte, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, err
	}
	if base64.StdEncoding.EncodedLen(len(data)) != len(text) {
		return nil, errors.New("base64 with line breaks")
	}
	return data, nil
}
