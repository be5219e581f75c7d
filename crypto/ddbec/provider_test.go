package ddbec_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
)

// fake is a provider made of two functions.
type fake struct {
	encrypt func(context.Context, providers.EncryptionContext) (*providers.EncryptionMaterials, error)
	decrypt func(context.Context, providers.EncryptionContext,
		providers.MaterialDescription) (*providers.DecryptionMaterials, error)
}

func (f fake) EncryptionMaterials(
	ctx context.Context, ec providers.EncryptionContext,
) (*providers.EncryptionMaterials, error) {
	return f.encrypt(ctx, ec)
}

func (f fake) DecryptionMaterials(
	ctx context.Context, ec providers.EncryptionContext, d providers.MaterialDescription,
) (*providers.DecryptionMaterials, error) {
	return f.decrypt(ctx, ec, d)
}

func TestAProviderGetsToKnowTableAndKeyOnly(t *testing.T) {
	real := symmetric(t)
	var got []providers.EncryptionContext
	var stored providers.MaterialDescription
	encryptor := newEncryptor(t, fake{
		func(ctx context.Context, ec providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
			got = append(got, ec)
			m, err := real.EncryptionMaterials(ctx, ec)
			m.Description = providers.MaterialDescription{"mine": "here"}
			return m, err
		},
		func(ctx context.Context, ec providers.EncryptionContext,
			d providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
			got, stored = append(got, ec), d
			return real.DecryptionMaterials(ctx, ec, d)
		},
	})
	item := itemtest.Account()
	item["opened"] = &types.AttributeValueMemberN{Value: "2e1"}
	sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
	itemtest.Check(t, err)
	_, err = encryptor.DecryptItem(t.Context(), table, actions, sealed)
	itemtest.Check(t, err)
	for _, ec := range got {
		if ec.Table != table {
			t.Errorf("table %v", ec.Table)
		}
		// The number in its normal form, so that it is the same on reading.
		itemtest.EqualItems(t, ec.Key, crypto.Item{"id": itemtest.Account()["id"],
			"opened": &types.AttributeValueMemberN{Value: "20"}})
	}
	if want := (providers.MaterialDescription{"mine": "here", "amzn-ddb-map-sym-mode": "/CBC/PKCS5Padding",
		"amzn-ddb-map-signingAlg": "HmacSHA256"}); !maps.Equal(stored, want) {
		t.Errorf("stored is the description %v, want %v", stored, want)
	}
}

func TestUnfitMaterialsAreRefused(t *testing.T) {
	real := symmetric(t)
	ec := providers.EncryptionContext{Table: table}
	sealing, err := real.EncryptionMaterials(t.Context(), ec)
	itemtest.Check(t, err)
	opening, err := real.DecryptionMaterials(t.Context(), ec, nil)
	itemtest.Check(t, err)
	sealed, err := newEncryptor(t, real).EncryptItem(t.Context(), table, actions, itemtest.Account())
	itemtest.Check(t, err)
	cause := errors.New("the cause")

	for name, c := range map[string]struct {
		sealing *providers.EncryptionMaterials
		opening *providers.DecryptionMaterials
		err     error
		want    error
	}{
		"an error of no kind": {nil, nil, cause, crypto.ErrKeyUnavailable},
		"an outage":           {nil, nil, fmt.Errorf("%w: %w", crypto.ErrKeyUnavailable, cause), crypto.ErrKeyUnavailable},
		"a canceled call":     {nil, nil, context.Canceled, crypto.ErrKeyUnavailable},
		"an error of a kind":  {nil, nil, fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, cause), cause},
		"no materials":        {nil, nil, nil, crypto.ErrNoUsableKey},
		"nobody to sign": {&providers.EncryptionMaterials{EncryptionKey: sealing.EncryptionKey},
			&providers.DecryptionMaterials{DecryptionKey: opening.DecryptionKey}, nil, crypto.ErrNoUsableKey},
		"no encryption key": {&providers.EncryptionMaterials{Signer: sealing.Signer},
			&providers.DecryptionMaterials{Verifier: opening.Verifier}, nil, crypto.ErrNoUsableKey},
		"a key of wrong size": {&providers.EncryptionMaterials{EncryptionKey: make([]byte, 20), Signer: sealing.Signer},
			&providers.DecryptionMaterials{DecryptionKey: make([]byte, 20), Verifier: opening.Verifier}, nil,
			crypto.ErrNoUsableKey},
		"an empty key": {&providers.EncryptionMaterials{EncryptionKey: []byte{}, Signer: sealing.Signer},
			&providers.DecryptionMaterials{DecryptionKey: []byte{}, Verifier: opening.Verifier}, nil, crypto.ErrNoUsableKey},
		"the cause is in it":    {nil, nil, cause, cause},
		"a canceled call in it": {nil, nil, context.Canceled, context.Canceled},
	} {
		encryptor := newEncryptor(t, fake{
			func(context.Context, providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
				return c.sealing, c.err
			},
			func(context.Context, providers.EncryptionContext, providers.MaterialDescription) (*providers.DecryptionMaterials,
				error) {
				return c.opening, c.err
			},
		})
		_, sealingErr := encryptor.EncryptItem(t.Context(), table, actions, itemtest.Account())
		_, openingErr := encryptor.DecryptItem(t.Context(), table, actions, sealed)
		for _, err := range []error{sealingErr, openingErr} {
			if !errors.Is(err, c.want) || errors.Is(err, crypto.ErrNoUsableKey) && errors.Is(err, crypto.ErrKeyUnavailable) {
				t.Errorf("%s: got %v, want %v", name, err, c.want)
			}
			if _, ok := errors.AsType[*crypto.ItemError](err); !ok {
				t.Errorf("%s: %v is not an ItemError", name, err)
			}
		}
	}

	for _, name := range []string{"amzn-ddb-map-sym-mode", "amzn-ddb-map-signingAlg"} {
		encryptor := newEncryptor(t,
			fake{encrypt: func(context.Context, providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
				return &providers.EncryptionMaterials{EncryptionKey: sealing.EncryptionKey, Signer: sealing.Signer,
					Description: providers.MaterialDescription{name: "x"}}, nil
			}})
		if _, err := encryptor.EncryptItem(t.Context(), table, actions, itemtest.Account()); err == nil ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("a description with %s: got %v", name, err)
		}
	}
}

func TestACanceledContextEndsTheWork(t *testing.T) {
	real := symmetric(t)
	sealed, err := newEncryptor(t, real).EncryptItem(t.Context(), table, actions, itemtest.Account())
	itemtest.Check(t, err)

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	unasked := newEncryptor(t, fake{}) // would panic if it were asked
	if _, err := unasked.EncryptItem(canceled, table, actions, itemtest.Account()); !errors.Is(err, context.Canceled) {
		t.Errorf("sealing: %v", err)
	}
	if _, err := unasked.DecryptItem(canceled, table, actions, sealed); !errors.Is(err, context.Canceled) {
		t.Errorf("opening: %v", err)
	}

	during, cancel := context.WithCancel(t.Context())
	encryptor := newEncryptor(t, fake{
		func(ctx context.Context, ec providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
			cancel()
			return real.EncryptionMaterials(ctx, ec)
		},
		func(ctx context.Context, ec providers.EncryptionContext,
			d providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
			cancel()
			return real.DecryptionMaterials(ctx, ec, d)
		},
	})
	if _, err := encryptor.EncryptItem(during, table, actions, itemtest.Account()); !errors.Is(err, context.Canceled) {
		t.Errorf("sealing, while the provider works: %v", err)
	}
	during, cancel = context.WithCancel(t.Context())
	defer cancel()
	if _, err := encryptor.DecryptItem(during, table, actions, sealed); !errors.Is(err, context.Canceled) {
		t.Errorf("opening, while the provider works: %v", err)
	}
}

func TestAKeyThatAProviderKeepsIsNotCleared(t *testing.T) {
	key := []byte("a key that the provider returns!")
	hmac, err := providers.NewHMAC("HmacSHA256", key)
	itemtest.Check(t, err)
	encryptor := newEncryptor(t, fake{
		func(context.Context, providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
			return &providers.EncryptionMaterials{EncryptionKey: key, Signer: hmac}, nil
		},
		func(context.Context, providers.EncryptionContext, providers.MaterialDescription) (*providers.DecryptionMaterials,
			error) {
			return &providers.DecryptionMaterials{DecryptionKey: key, Verifier: hmac}, nil
		},
	})
	for range 2 {
		sealed, err := encryptor.EncryptItem(t.Context(), table, actions, itemtest.Account())
		itemtest.Check(t, err)
		_, err = encryptor.DecryptItem(t.Context(), table, actions, sealed)
		itemtest.Check(t, err)
	}
	if string(key) != "a key that the provider returns!" {
		t.Error("it was")
	}
}

func TestASignedItemNeedsNoDescription(t *testing.T) {
	// Java stores none for an item that has a MAC and nothing encrypted.
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	itemtest.Check(t, err)
	provider, err := static.New(nil, hmac, hmac)
	itemtest.Check(t, err)
	encryptor := newEncryptor(t, provider)
	signed := crypto.Actions{Default: crypto.Sign}
	sealed, err := encryptor.EncryptItem(t.Context(), table, signed, itemtest.Account())
	itemtest.Check(t, err)
	delete(sealed, ddbec.DescriptionAttribute)
	opened, err := encryptor.DecryptItem(t.Context(), table, signed, sealed)
	itemtest.Check(t, err)
	itemtest.EqualItems(t, opened, itemtest.Account())

	delete(sealed, ddbec.SignatureAttribute)
	if _, err := encryptor.DecryptItem(t.Context(), table, signed, sealed); !errors.Is(err, crypto.ErrNotProtected) {
		t.Errorf("without a signature: got %v, want ErrNotProtected", err)
	}
}

// unwilling is a signer whose key cannot be used.
type unwilling struct {
	providers.Signer
	err error
}

func (s unwilling) Sign([]byte) ([]byte, error) { return []byte("half a signature"), s.err }

func TestAFailureToSignSealsNothingAndKeepsItsCause(t *testing.T) {
	cause := errors.New("the device is locked")
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	itemtest.Check(t, err)
	provider, err := static.New(make([]byte, 32), unwilling{hmac, cause}, nil)
	itemtest.Check(t, err)
	sealed, err := newEncryptor(t, provider).EncryptItem(t.Context(), table, actions, itemtest.Account())
	if sealed != nil || !errors.Is(err, crypto.ErrKeyUnavailable) || !errors.Is(err, cause) {
		t.Errorf("got %d attributes and %v, want ErrKeyUnavailable with its cause", len(sealed), err)
	}
}
