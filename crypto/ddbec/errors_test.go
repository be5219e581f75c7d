package ddbec_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	provider := symmetric(t)
	e := newEncryptor(t, provider)
	sealed := sealedBy(t, provider, itemtest.Account())

	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	sealing := func(name string, v types.AttributeValue) error {
		item := itemtest.Account()
		item[name] = v
		return second(e.EncryptItem(t.Context(), table, actions, item))
	}
	changed := func(name string, v types.AttributeValue) crypto.Item {
		item := maps.Clone(sealed)
		if item[name] = v; v == nil {
			delete(item, name)
		}
		return item
	}
	opening := func(name string, v types.AttributeValue) error {
		return second(e.DecryptItem(t.Context(), table, actions, changed(name, v)))
	}
	checking := func(name string, action crypto.Action) error {
		changed := maps.Clone(actions.Attributes)
		changed[name] = action
		return e.Check(table, crypto.Actions{Attributes: changed})
	}
	sealingWith := func(materials *providers.EncryptionMaterials, err error) error {
		e := newEncryptor(t, fake{
			encrypt: func(context.Context, providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
				return materials, err
			},
		})
		return second(e.EncryptItem(t.Context(), table, actions, itemtest.Account()))
	}
	signer, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	itemtest.Check(t, err)
	errtest.Golden(t, map[string]error{
		"New: no provider":       second(ddbec.New(nil)),
		"New: attribute names":   second(ddbec.New(provider, ddbec.WithSignatureAttribute(""))),
		"New: description base":  second(ddbec.New(provider, ddbec.WithDescriptionBase(""))),
		"Check: no table":        e.Check(crypto.TableInfo{}, crypto.Actions{}),
		"Check: unsigned key":    checking("id", crypto.None),
		"Check: context":         checking("plan", crypto.SignInContext),
		"Check: unknown action":  checking("plan", crypto.Action(9)),
		"Check: unknown default": e.Check(table, crypto.Actions{Attributes: actions.Attributes, Default: 9}),
		"Check: reserved":        checking(ddbec.SignatureAttribute, crypto.Sign),

		"EncryptItem: no key":                 sealing("id", &types.AttributeValueMemberBOOL{}),
		"EncryptItem: reserved":               sealing(ddbec.SignatureAttribute, text("x")),
		"EncryptItem: nil":                    sealing("email", nil),
		"EncryptItem: not UTF-8":              sealing("email", text("\xff")),
		"EncryptItem: not a number":           sealing("email", &types.AttributeValueMemberN{Value: "x"}),
		"EncryptItem: NULL":                   sealing("email", &types.AttributeValueMemberNULL{}),
		"EncryptItem: empty set":              sealing("email", &types.AttributeValueMemberSS{}),
		"EncryptItem: duplicates":             sealing("email", &types.AttributeValueMemberSS{Value: []string{"x", "x"}}),
		"EncryptItem: provider fails":         sealingWith(nil, errors.New("no answer")),
		"EncryptItem: no signer":              sealingWith(&providers.EncryptionMaterials{}, nil),
		"EncryptItem: no key to encrypt with": sealingWith(&providers.EncryptionMaterials{Signer: signer}, nil),
		"EncryptItem: key size": sealingWith(&providers.EncryptionMaterials{
			Signer: signer, EncryptionKey: make([]byte, 7),
		}, nil),
		"EncryptItem: reserved description": sealingWith(&providers.EncryptionMaterials{
			Signer: signer, EncryptionKey: make([]byte, 32),
			Description: providers.MaterialDescription{"amzn-ddb-map-x": "y"},
		}, nil),

		"DecryptItem: not sealed": second(e.DecryptItem(t.Context(), table, actions, itemtest.Account())),
		"DecryptItem: changed":    opening("plan", text("x")),
		"DecryptItem: another key": second(newEncryptor(t, symmetric(t)).
			DecryptItem(t.Context(), table, actions, sealed)),

		"Inspect: not sealed":            second(ddbec.Inspect(itemtest.Account())),
		"Inspect: no signature":          second(ddbec.Inspect(changed(ddbec.SignatureAttribute, nil))),
		"Inspect: malformed description": second(ddbec.Inspect(changed(ddbec.DescriptionAttribute, text("x")))),
		"Inspect: option":                second(ddbec.Inspect(sealed, ddbec.WithDescriptionBase(""))),
	})
}
