package dbesdk_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

func TestAKeyringThatAppendsToADataKeyDoesNotChangeTheItem(t *testing.T) {
	real := rawAES(t, "key")
	e := newEncryptor(t, fake{real.OnEncrypt, func(ctx context.Context, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
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

func TestAttributesFailsWithErrInvalidItem(t *testing.T) {
	if _, err := dbesdk.Attributes(keyring.EncryptionContext{"aws-crypto-attr.id": "x", "aws-crypto-legend": "N"}); !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("got %v, want ErrInvalidItem", err)
	}
}

func TestWhatCouldNotBeOpenedIsNotSealed(t *testing.T) {
	e := newEncryptor(t, several(t, rawAES(t, "key"), storing("\xff", nil, nil)))
	if _, err := e.EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), itemtest.Account()); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("a provider ID that is no text: got %v, want ErrPolicy", err)
	}
	item := itemtest.Account()
	item["name\xff"] = text("x")
	if _, err := newEncryptor(t, rawAES(t, "key")).EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), item); !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("a name that is no text: got %v, want ErrInvalidItem", err)
	}
}
