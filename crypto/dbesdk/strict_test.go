package dbesdk_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

func TestAKeyringThatAppendsToADataKeyDoesNotChangeTheItem(t *testing.T) {
	real := rawAES(t, "key")
	e := newEncryptor(t,
		fake{real.OnEncrypt,
			func(ctx context.Context, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
				_, _ = append(keys[0].ProviderInfo, "more"...), append(keys[0].Ciphertext, "more"...)
				return real.OnDecrypt(ctx, m, keys)
			}})
	sealed := seal(t, e, itemtest.Actions(), itemtest.Account())
	before := bytes.Clone(stored(t, sealed, dbesdk.HeadAttribute))
	_, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
	itemtest.Check(t, err)
	if !bytes.Equal(before, stored(t, sealed, dbesdk.HeadAttribute)) {
		t.Error("the head changed")
	}
}

func TestAttributes_FailsWithAnItemError(t *testing.T) {
	base64Of := func(b ...byte) string { return base64.StdEncoding.EncodeToString(b) }
	for what, ec := range map[string]keyring.EncryptionContext{
		"nothing":             nil,
		"no attribute":        {"aws-crypto-table-name": "t"},
		"no number":           {"aws-crypto-attr.id": "x", "aws-crypto-legend": "N"},
		"a letter more":       {"aws-crypto-attr.id": "x", "aws-crypto-legend": "SS"},
		"a letter less":       {"aws-crypto-attr.id": "x", "aws-crypto-legend": ""},
		"no such letter":      {"aws-crypto-attr.id": "x", "aws-crypto-legend": "X"},
		"no such literal":     {"aws-crypto-attr.id": "x", "aws-crypto-legend": "L"},
		"no base64":           {"aws-crypto-attr.id": "%"},
		"no type":             {"aws-crypto-attr.id": base64Of(0)},
		"no such type":        {"aws-crypto-attr.id": base64Of(9, 9)},
		"what is not sealed":  {"aws-crypto-attr.id": base64Of(1, 1, 0, 0, 0, 0)},
		"base64 of two lines": {"aws-crypto-attr.id": "AAE\nx"},
	} {
		attributes, err := dbesdk.Attributes(ec)
		if _, ok := errors.AsType[*crypto.ItemError](err); !ok || attributes != nil ||
			!errors.Is(err, crypto.ErrInvalidItem) {
			t.Errorf("%s: got %v, %v, want an ItemError with ErrInvalidItem", what, attributes, err)
		}
	}
}

func TestWhatCouldNotBeOpenedIsNotSealed(t *testing.T) {
	e := newEncryptor(t, several(t, rawAES(t, "key"), storing("\xff", nil, nil)))
	if _, err := e.EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), itemtest.Account()); !errors.Is(err,
		crypto.ErrPolicy) {
		t.Errorf("a provider ID that is no text: got %v, want ErrPolicy", err)
	}
	item := itemtest.Account()
	item["name\xff"] = text("x")
	if _, err := newEncryptor(t, rawAES(t, "key")).EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(),
		item); !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("a name that is no text: got %v, want ErrInvalidItem", err)
	}
}
