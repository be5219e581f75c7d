package ddbec_test

import (
	"bytes"
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

func sealedBy(t *testing.T, provider providers.Provider, item crypto.Item, options ...ddbec.Option) crypto.Item {
	t.Helper()
	sealed, err := newEncryptor(t, provider, options...).EncryptItem(t.Context(), table, actions, item)
	itemtest.Check(t, err)
	return sealed
}

func TestInspectTellsHowTheKeyIsKept(t *testing.T) {
	signing, err := providers.NewHMAC("HmacSHA256", bytes.Repeat([]byte{1}, 32))
	itemtest.Check(t, err)
	wrapping, err := wrapped.NewAES(bytes.Repeat([]byte{2}, 32), signing, signing)
	itemtest.Check(t, err)
	store, err := metastore.New(mappertest.New(), "keys", wrapping)
	itemtest.Check(t, err)
	itemtest.Check(t, store.CreateTable(t.Context()))
	recent, err := mostrecent.New(store, "accounts", time.Hour)
	itemtest.Check(t, err)
	for name, c := range map[string]struct {
		provider providers.Provider
		want     *ddbec.WrappedKey
	}{
		"static":  {symmetric(t), nil},
		"wrapped": {wrapping, &ddbec.WrappedKey{Provider: "wrapped", Wrapping: "AESWrap", Algorithm: "AES", Size: 40}},
		"most recent": {recent, &ddbec.WrappedKey{Provider: "mostrecent", Wrapping: "AESWrap", Algorithm: "AES",
			Material: "accounts", Size: 40}},
		"direct KMS": {describing(t, providers.MaterialDescription{"amzn-ddb-env-key": "AAAA", "amzn-ddb-env-alg": "AES/256",
			"amzn-ddb-wrap-alg": "kms"}),
			&ddbec.WrappedKey{Provider: "directkms", Wrapping: "kms", Algorithm: "AES/256", Size: 3}},
		"odd": {describing(t, providers.MaterialDescription{"amzn-ddb-env-key": "?", "amzn-ddb-meta-id": "accounts#one"}),
			&ddbec.WrappedKey{Provider: "wrapped"}},
	} {
		in, err := ddbec.Inspect(sealedBy(t, c.provider, itemtest.Account()))
		itemtest.Check(t, err)
		if !reflect.DeepEqual(in.WrappedKey, c.want) {
			t.Errorf("%s: the key is %+v, want %+v", name, in.WrappedKey, c.want)
		}
		if in.Mode != "/CBC/PKCS5Padding" || in.SigningAlgorithm != "HmacSHA256" {
			t.Errorf("%s: encrypted with %q, signed with %q", name, in.Mode, in.SigningAlgorithm)
		}
	}
}

// describing returns a provider that describes its materials so.
func describing(t *testing.T, description providers.MaterialDescription) providers.Provider {
	t.Helper()
	signing, err := providers.NewHMAC("HmacSHA256", bytes.Repeat([]byte{1}, 32))
	itemtest.Check(t, err)
	p, err := static.New(bytes.Repeat([]byte{2}, 32), signing, signing, static.WithDescription(description))
	itemtest.Check(t, err)
	return p
}

func TestInspectNamesWhatIsCertainlyReadable(t *testing.T) {
	item := itemtest.Account()
	item["short"] = &types.AttributeValueMemberB{Value: make([]byte, 16)}
	item["odd"] = &types.AttributeValueMemberB{Value: make([]byte, 33)}
	item["like ciphertext"] = &types.AttributeValueMemberB{Value: make([]byte, 32)}
	mine := crypto.Actions{Default: crypto.Sign, Attributes: map[string]crypto.Action{"email": crypto.Encrypt}}
	encryptor := newEncryptor(t, symmetric(t), ddbec.WithDescriptionAttribute("d"), ddbec.WithSignatureAttribute("s"),
		ddbec.WithDescriptionBase("x-"))
	sealed, err := encryptor.EncryptItem(t.Context(), table, mine, item)
	itemtest.Check(t, err)
	before := expr.CloneItem(sealed)
	in, err := ddbec.Inspect(sealed, ddbec.WithDescriptionAttribute("d"), ddbec.WithSignatureAttribute("s"),
		ddbec.WithDescriptionBase("x-"))
	itemtest.Check(t, err)
	delete(item, "email")
	delete(item, "like ciphertext")
	if want := []string{"email", "like ciphertext"}; !slices.Equal(in.Encrypted, want) {
		t.Errorf("encrypted may be %q, want %q", in.Encrypted, want)
	}
	if want := slices.Sorted(maps.Keys(item)); !slices.Equal(in.Readable, want) {
		t.Errorf("readable is %q, want %q", in.Readable, want)
	}
	description := sealed["d"].(*types.AttributeValueMemberB).Value
	if in.DescriptionSize != len(description) || in.SignatureSize != 32 || len(in.Description) != 2 {
		t.Errorf("got %+v", in)
	}
	in.Description["x-signingAlg"] = "changed"
	if !reflect.DeepEqual(sealed, before) {
		t.Error("what Inspect returns is part of the item")
	}
}

func TestInspectTakesAnItemWithoutDescriptionForOneThatIsNotEncrypted(t *testing.T) {
	sealed := sealedBy(t, symmetric(t), itemtest.Account())
	delete(sealed, ddbec.DescriptionAttribute)
	in, err := ddbec.Inspect(sealed)
	itemtest.Check(t, err)
	if in.Mode != "" || len(in.Encrypted) != 0 || len(in.Readable) != len(itemtest.Account()) ||
		in.DescriptionSize != 0 || in.WrappedKey != nil {
		t.Errorf("got %+v", in)
	}
}

func TestInspectRefusesWhatItCannotRead(t *testing.T) {
	sealed := sealedBy(t, symmetric(t), itemtest.Account())
	description := sealed[ddbec.DescriptionAttribute].(*types.AttributeValueMemberB).Value
	binary := func(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }
	signature := sealed[ddbec.SignatureAttribute]
	for name, c := range map[string]struct {
		item crypto.Item
		want error
	}{
		"plaintext":    {itemtest.Account(), crypto.ErrNotProtected},
		"no item":      {nil, crypto.ErrNotProtected},
		"no signature": {crypto.Item{ddbec.DescriptionAttribute: binary(description)}, crypto.ErrTampered},
		"a text signature": {crypto.Item{ddbec.SignatureAttribute: &types.AttributeValueMemberS{Value: "x"}},
			crypto.ErrTampered},
		"a nil signature": {crypto.Item{ddbec.SignatureAttribute: (*types.AttributeValueMemberB)(nil)},
			crypto.ErrTampered},
		"a text description": {crypto.Item{ddbec.DescriptionAttribute: &types.AttributeValueMemberS{Value: "x"},
			ddbec.SignatureAttribute: signature}, crypto.ErrTampered},
		"a cut description": {crypto.Item{ddbec.DescriptionAttribute: binary(description[:len(description)-1]),
			ddbec.SignatureAttribute: signature}, crypto.ErrTampered},
		"a longer description": {crypto.Item{ddbec.DescriptionAttribute: binary(append(slices.Clone(description), 0)),
			ddbec.SignatureAttribute: signature}, crypto.ErrTampered},
	} {
		if in, err := ddbec.Inspect(c.item); in != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: got %v and %v, want %v", name, in, err, c.want)
		} else if at, ok := errors.AsType[*crypto.ItemError](err); !ok || at.Op != "inspect" {
			t.Errorf("%s: got %v, want an ItemError", name, err)
		}
	}
	invalid := ddbec.WithDescriptionBase("")
	if in, err := ddbec.Inspect(sealed, invalid); in != nil || !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("invalid option: got %v and %v, want ErrPolicy", in, err)
	}
}
