package ddbec_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
)

// symmetric returns a static provider whose keys are random.
func symmetric(t testing.TB) providers.Provider {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	hmac, err := providers.NewHMAC("HmacSHA256", key)
	itemtest.Check(t, err)
	provider, err := static.New(key, hmac, hmac)
	itemtest.Check(t, err)
	return provider
}

func TestASealedItemHidesWhatIsEncryptedAndNothingElse(t *testing.T) {
	encryptor := newEncryptor(t, symmetric(t))
	item := itemtest.Account()
	sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
	itemtest.Check(t, err)
	if !reflect.DeepEqual(item, itemtest.Account()) {
		t.Error("sealing changed the item that it was given")
	}
	for name, v := range item {
		if actions.Of(name) != crypto.Encrypt {
			if !reflect.DeepEqual(sealed[name], v) {
				t.Errorf("%s changed to %#v", name, sealed[name])
			}
			continue
		}
		b, ok := sealed[name].(*types.AttributeValueMemberB)
		if !ok || len(b.Value) < 32 || len(b.Value)%16 != 0 {
			t.Errorf("%s is stored as %#v", name, sealed[name])
		}
	}
	before := maps.Clone(sealed)
	opened, err := encryptor.DecryptItem(t.Context(), table, actions, sealed)
	itemtest.Check(t, err)
	itemtest.EqualItems(t, opened, item)
	if !reflect.DeepEqual(sealed, before) {
		t.Error("opening changed the item that it was given")
	}
}

func TestNoCiphertextComesTwice(t *testing.T) {
	encryptor := newEncryptor(t, symmetric(t))
	seen := make(map[string]bool)
	for range 20 {
		item := itemtest.Account()
		item["same"] = item["email"]
		sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
		itemtest.Check(t, err)
		for _, name := range []string{"email", "same"} {
			iv := string(sealed[name].(*types.AttributeValueMemberB).Value[:16])
			if seen[iv] {
				t.Error("an IV was used twice")
			}
			seen[iv] = true
		}
	}
}

func TestActionsThatDoNotFitAreRefused(t *testing.T) {
	encryptor := newEncryptor(t, symmetric(t))
	sealed, err := encryptor.EncryptItem(t.Context(), table, actions, itemtest.Account())
	itemtest.Check(t, err)
	with := func(name string, action crypto.Action) crypto.Actions {
		a := crypto.Actions{Attributes: maps.Clone(actions.Attributes)}
		a.Attributes[name] = action
		return a
	}
	keyless := crypto.Actions{Attributes: maps.Clone(actions.Attributes)}
	delete(keyless.Attributes, "opened")
	for name, c := range map[string]struct {
		table   crypto.TableInfo
		actions crypto.Actions
	}{
		"an encrypted key":        {table, with("id", crypto.Encrypt)},
		"a key left alone":        {table, with("opened", crypto.None)},
		"a key that nobody names": {table, keyless},
		"nothing signed":          {table, crypto.Actions{Default: crypto.None}},
		"in context":              {table, with("plan", crypto.SignInContext)},
		"a key in context":        {table, with("id", crypto.SignInContext)},
		"default in context":      {table, crypto.Actions{Attributes: actions.Attributes, Default: crypto.SignInContext}},
		"no such action":          {table, with("plan", crypto.Action(9))},
		"no such key action":      {table, with("id", crypto.Action(9))},
		"no such default":         {table, crypto.Actions{Attributes: actions.Attributes, Default: crypto.Action(200)}},
		"the signature attribute": {table, with(ddbec.SignatureAttribute, crypto.Sign)},
		"no table name":           {crypto.TableInfo{PartitionKey: "id"}, actions},
		"no partition key":        {crypto.TableInfo{Name: "t"}, actions},
	} {
		err := encryptor.Check(c.table, c.actions)
		if at, ok := errors.AsType[*crypto.ItemError](err); !ok || at.Op != "check" || at.Table != c.table.Name ||
			!errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s, Check: got %v, want an ItemError with ErrPolicy", name, err)
		}
		if _, err := encryptor.EncryptItem(t.Context(), c.table, c.actions, itemtest.Account()); !errors.Is(err,
			crypto.ErrPolicy) {
			t.Errorf("%s, EncryptItem: got %v, want ErrPolicy", name, err)
		}
		if _, err := encryptor.DecryptItem(t.Context(), c.table, c.actions, sealed); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s, DecryptItem: got %v, want ErrPolicy", name, err)
		}
	}
	if err := encryptor.Check(table, actions); err != nil {
		t.Errorf("fitting actions: %v", err)
	}
}

func TestItemsThatCannotBeSealedAreRefusedByName(t *testing.T) {
	encryptor := newEncryptor(t, symmetric(t))
	for name, c := range map[string]struct {
		attribute string
		value     types.AttributeValue
	}{
		"missing key":         {"id", nil},
		"nil key":             {"opened", (*types.AttributeValueMemberN)(nil)},
		"key of another type": {"id", &types.AttributeValueMemberBOOL{Value: true}},
		"key is no number":    {"opened", &types.AttributeValueMemberN{Value: "secret"}},
		"reserved":            {ddbec.SignatureAttribute, &types.AttributeValueMemberB{Value: []byte("secret")}},
		"reserved too":        {ddbec.DescriptionAttribute, &types.AttributeValueMemberB{Value: []byte("secret")}},
		"nil, encrypted":      {"email", nil},
		"typed nil":           {"email", (*types.AttributeValueMemberM)(nil)},
		"typed nil, signed":   {"plan", (*types.AttributeValueMemberB)(nil)},
		"typed nil, unsigned": {"visits", (*types.AttributeValueMemberN)(nil)},
		"nil inside": {"email",
			&types.AttributeValueMemberL{Value: []types.AttributeValue{(*types.AttributeValueMemberS)(nil)}}},
		"empty set":         {"email", &types.AttributeValueMemberSS{}},
		"empty set, signed": {"tags", &types.AttributeValueMemberSS{}},
		"member twice":      {"tags", &types.AttributeValueMemberSS{Value: []string{"secret", "secret"}}},
		"no UTF-8":          {"plan", &types.AttributeValueMemberS{Value: "secret\xff"}},
		"no number":         {"score", &types.AttributeValueMemberN{Value: "secret"}},
		"NULL false":        {"email", &types.AttributeValueMemberNULL{}},
	} {
		item := itemtest.Account()
		item[c.attribute] = c.value
		if c.value == nil && c.attribute == "id" {
			delete(item, "id")
		}
		_, err := encryptor.EncryptItem(t.Context(), table, actions, item)
		var at *crypto.ItemError
		if !errors.Is(err, crypto.ErrInvalidItem) || !errors.As(err, &at) || at.Attribute != c.attribute ||
			at.Op != "encrypt" || at.Table != "accounts" || !slices.Equal(at.Keys, []string{"id", "opened"}) {
			t.Errorf("%s: got %v, want ErrInvalidItem that names %q", name, err, c.attribute)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the value: %v", name, err)
		}
	}
}

func TestRenamedAttributesHoldDescriptionAndSignature(t *testing.T) {
	provider := symmetric(t)
	renamed := newEncryptor(t, provider, ddbec.WithDescriptionAttribute("desc"), ddbec.WithSignatureAttribute("sig"),
		ddbec.WithDescriptionBase("our-"))
	usual := newEncryptor(t, provider)
	sealed, err := renamed.EncryptItem(t.Context(), table, actions, itemtest.Account())
	itemtest.Check(t, err)
	if sealed["desc"] == nil || sealed["sig"] == nil || sealed[ddbec.SignatureAttribute] != nil ||
		renamed.SignatureAttribute() != "sig" ||
		!renamed.Reserved("desc") || !renamed.Reserved("sig") || renamed.Reserved(ddbec.SignatureAttribute) ||
		!strings.Contains(string(sealed["desc"].(*types.AttributeValueMemberB).Value), "our-sym-mode") {
		t.Errorf("stored are %v", slices.Sorted(maps.Keys(sealed)))
	}
	opened, err := renamed.DecryptItem(t.Context(), table, actions, sealed)
	itemtest.Check(t, err)
	itemtest.EqualItems(t, opened, itemtest.Account())
	if usual.Recognizes(sealed) {
		t.Error("recognized under the usual names")
	}
	for _, options := range [][]ddbec.Option{
		{ddbec.WithDescriptionAttribute("")}, {ddbec.WithSignatureAttribute("")}, {ddbec.WithDescriptionBase("")},
		{ddbec.WithDescriptionAttribute("x"), ddbec.WithSignatureAttribute("x")},
	} {
		if _, err := ddbec.New(provider, options...); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("got %v, want ErrPolicy", err)
		}
	}
	if _, err := ddbec.New(nil); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("no provider: got %v, want ErrPolicy", err)
	}
}

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
