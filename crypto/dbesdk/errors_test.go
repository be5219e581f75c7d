package dbesdk_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	keys := rawAES(t, "key")
	e := newEncryptor(t, keys, dbesdk.WithUnsigned("visits"))
	table := itemtest.Table()
	sealed := seal(t, e, itemtest.Actions(), itemtest.Account())

	sealing := func(name string, v types.AttributeValue) error {
		item := itemtest.Account()
		item[name] = v
		return second(e.EncryptItem(t.Context(), table, itemtest.Actions(), item))
	}
	opening := func(name string, v types.AttributeValue) error {
		item := maps.Clone(sealed)
		if item[name] = v; v == nil {
			delete(item, name)
		}
		return second(e.DecryptItem(t.Context(), table, itemtest.Actions(), item))
	}
	checking := func(name string, action crypto.Action) error {
		return e.Check(table, with(itemtest.Actions(), name, action))
	}
	inspecting := func(name string, v types.AttributeValue) error {
		item := maps.Clone(sealed)
		if item[name] = v; v == nil {
			delete(item, name)
		}
		return second(dbesdk.Inspect(item))
	}
	nested := text("x")
	for range 32 {
		nested = &types.AttributeValueMemberL{Value: []types.AttributeValue{nested}}
	}
	errtest.Golden(t, map[string]error{
		"New: no keyring":          second(dbesdk.New(nil)),
		"New: suite":               second(dbesdk.New(keys, dbesdk.WithSuite(1))),
		"New: number of data keys": second(dbesdk.New(keys, dbesdk.WithMaxDataKeys(256))),

		"Check: no table":          e.Check(crypto.TableInfo{}, crypto.Actions{}),
		"Check: encrypted key":     checking("id", crypto.Encrypt),
		"Check: reserved":          checking(dbesdk.HeadAttribute, crypto.Sign),
		"Check: reserved, context": checking("aws-crypto-x", crypto.Sign),
		"Check: unsigned":          checking("visits", crypto.Sign),
		"Check: unknown action":    checking("plan", crypto.Action(9)),
		"Check: unknown default":   e.Check(table, crypto.Actions{Attributes: itemtest.Actions().Attributes, Default: 9}),

		"EncryptItem: empty name":   sealing("", text("x")),
		"EncryptItem: long name":    sealing(strings.Repeat("x", 1<<16), text("x")),
		"EncryptItem: invalid name": sealing("\xff", text("x")),
		"EncryptItem: no key":       sealing("id", &types.AttributeValueMemberBOOL{}),
		"EncryptItem: reserved":     sealing(dbesdk.FootAttribute, text("x")),
		"EncryptItem: nil":          sealing("email", nil),
		"EncryptItem: not UTF-8":    sealing("email", text("\xff")),
		"EncryptItem: not a number": sealing("email", number("x")),
		"EncryptItem: NULL":         sealing("email", &types.AttributeValueMemberNULL{}),
		"EncryptItem: empty set":    sealing("email", &types.AttributeValueMemberSS{}),
		"EncryptItem: duplicates":   sealing("email", &types.AttributeValueMemberSS{Value: []string{"x", "x"}}),
		"EncryptItem: too deep":     sealing("email", nested),

		"DecryptItem: not sealed": second(e.DecryptItem(t.Context(), table, itemtest.Actions(), itemtest.Account())),
		"DecryptItem: changed":    opening("plan", text("x")),
		"DecryptItem: added":      opening("new", text("x")),
		"DecryptItem: removed":    opening("plan", nil),

		"Inspect: not sealed":     second(dbesdk.Inspect(itemtest.Account())),
		"Inspect: no foot":        inspecting(dbesdk.FootAttribute, nil),
		"Inspect: malformed head": inspecting(dbesdk.HeadAttribute, binaryValue([]byte("x"))),
		"Inspect: option":         second(dbesdk.Inspect(sealed, dbesdk.WithSuite(1))),

		"Attributes: another context": second(dbesdk.Attributes(keyring.EncryptionContext{"x": "y"})),
	})
}
