package ddbec_test

import (
	"crypto/rand"
	"errors"
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
			t.Errorf("%s: the error contains the value: %v", name, err)
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
