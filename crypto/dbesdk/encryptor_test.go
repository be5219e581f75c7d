package dbesdk_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// asked remembers the encryption contexts that a keyring got.
type asked struct {
	keyring.Keyring
	sealing, opening keyring.EncryptionContext
}

func (k *asked) OnEncrypt(ctx context.Context, m *keyring.EncryptionMaterials) error {
	k.sealing = m.Context()
	return k.Keyring.OnEncrypt(ctx, m)
}

func (k *asked) OnDecrypt(ctx context.Context, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	k.opening = m.Context()
	return k.Keyring.OnDecrypt(ctx, m, keys)
}

// fake is a keyring made of two functions.
type fake struct {
	encrypt func(context.Context, *keyring.EncryptionMaterials) error
	decrypt func(context.Context, *keyring.DecryptionMaterials, []keyring.EncryptedDataKey) error
}

func (f fake) OnEncrypt(ctx context.Context, m *keyring.EncryptionMaterials) error {
	return f.encrypt(ctx, m)
}

func (f fake) OnDecrypt(ctx context.Context, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	return f.decrypt(ctx, m, keys)
}

func TestASealedItemHidesWhatIsEncryptedAndNothingElse(t *testing.T) {
	for _, suite := range suites {
		e := newEncryptor(t, rawAES(t, "key"), dbesdk.WithSuite(suite))
		item, actions := itemtest.Every(true)
		sealed := seal(t, e, actions, item)
		if len(sealed) != len(item)+2 || !e.Recognizes(sealed) || e.SignatureAttribute() != dbesdk.FootAttribute {
			t.Errorf("%d attributes become %d", len(item), len(sealed))
		}
		for name, v := range item {
			if actions.Of(name) != crypto.Encrypt {
				if !reflect.DeepEqual(sealed[name], v) {
					t.Errorf("%s changed to %#v", name, sealed[name])
				}
				continue
			}
			if b := stored(t, sealed, name); len(b) < 2+16 {
				t.Errorf("%s is stored as %x", name, b)
			}
		}
		for name, v := range sealed {
			if b, ok := v.(*types.AttributeValueMemberB); ok && actions.Of(name) == crypto.Encrypt &&
				strings.Contains(string(b.Value), "encrypted-") {
				t.Errorf("%s shows a value: %q", name, b.Value)
			}
		}
	}
}

func TestNoMessageIDOrCiphertextComesTwice(t *testing.T) {
	for _, suite := range suites {
		e := newEncryptor(t, rawAES(t, "key"), dbesdk.WithSuite(suite))
		seen := make(map[string]bool)
		for range 50 { // more key pairs than are made ahead
			item := itemtest.Account()
			item["mails"] = item["email"] // as long a name, the same value
			sealed := seal(t, e, itemtest.Actions(), item)
			head := dissectHead(t, stored(t, sealed, dbesdk.HeadAttribute))
			random := [][]byte{stored(t, sealed, "email"), stored(t, sealed, "mails"), stored(t, sealed, dbesdk.FootAttribute)}
			for _, p := range head {
				switch p.name {
				case "message ID", "ciphertext", "provider info", "commitment", "stored context value":
					random = append(random, p.bytes)
				}
			}
			for _, b := range random {
				if seen[string(b)] {
					t.Errorf("%v: %x was there before", suite, b)
				}
				seen[string(b)] = true
			}
		}
	}
}

func TestASignatureHasTheOneSizeThatOthersRead(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	for range 40 { // half of all signatures have another size at first
		if foot := stored(t, seal(t, e, itemtest.Actions(), itemtest.Account()), dbesdk.FootAttribute); len(foot) != 48+103 {
			t.Fatalf("the foot has %d bytes", len(foot))
		}
	}
}

func TestBothSuitesAreReadWhicheverIsWritten(t *testing.T) {
	keys := rawAES(t, "key")
	for _, written := range suites {
		sealed := seal(t, newEncryptor(t, keys, dbesdk.WithSuite(written)), itemtest.Actions(), itemtest.Account())
		for _, configured := range suites {
			opened, err := newEncryptor(t, keys, dbesdk.WithSuite(configured)).DecryptItem(t.Context(), itemtest.Table(),
				itemtest.Actions(), sealed)
			itemtest.Check(t, err)
			itemtest.EqualItems(t, opened, itemtest.Account())
		}
	}
	if got := fmt.Sprint(dbesdk.SuiteECDSA, dbesdk.SuiteHMAC); got != "0x6701 0x6700" {
		t.Errorf("the suites are %s", got)
	}
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	keys := rawAES(t, "key")
	for name, c := range map[string]struct {
		keys    keyring.Keyring
		options []dbesdk.Option
	}{
		"no keyring":        {nil, nil},
		"no suite":          {keys, []dbesdk.Option{dbesdk.WithSuite(0)}},
		"another suite":     {keys, []dbesdk.Option{dbesdk.WithSuite(0x0578)}},
		"no data keys":      {keys, []dbesdk.Option{dbesdk.WithMaxDataKeys(0)}},
		"fewer than none":   {keys, []dbesdk.Option{dbesdk.WithMaxDataKeys(-1)}},
		"more than fit":     {keys, []dbesdk.Option{dbesdk.WithMaxDataKeys(256)}},
		"the last one wins": {keys, []dbesdk.Option{dbesdk.WithMaxDataKeys(1), dbesdk.WithMaxDataKeys(1000)}},
	} {
		if e, err := dbesdk.New(c.keys, c.options...); e != nil || !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v, want ErrPolicy", name, err)
		}
	}
}

func TestItemsThatCannotBeSealedAreRefusedByName(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	for name, c := range map[string]struct {
		attribute string
		value     types.AttributeValue
	}{
		"missing key":         {"id", nil},
		"nil key":             {"opened", (*types.AttributeValueMemberN)(nil)},
		"key of another type": {"id", &types.AttributeValueMemberBOOL{Value: true}},
		"key is no number":    {"opened", number("secret")},
		"the head":            {dbesdk.HeadAttribute, binaryValue([]byte("secret"))},
		"the foot":            {dbesdk.FootAttribute, binaryValue([]byte("secret"))},
		"a beacon":            {"aws_dbe_b_email", text("secret")},
		"a version tag":       {"aws_dbe_v_1", text("secret")},
		"the prefix":          {"aws_dbe_", text("secret")},
		"nil, encrypted":      {"email", nil},
		"typed nil":           {"email", (*types.AttributeValueMemberM)(nil)},
		"typed nil, signed":   {"plan", (*types.AttributeValueMemberB)(nil)},
		"typed nil, unsigned": {"visits", (*types.AttributeValueMemberB)(nil)},
		"nil inside": {"email",
			&types.AttributeValueMemberL{Value: []types.AttributeValue{(*types.AttributeValueMemberS)(nil)}}},
		"empty set":         {"email", &types.AttributeValueMemberSS{}},
		"empty set, signed": {"tags", &types.AttributeValueMemberSS{}},
		"member twice":      {"tags", &types.AttributeValueMemberSS{Value: []string{"secret", "secret"}}},
		"number twice":      {"tags", &types.AttributeValueMemberNS{Value: []string{"1", "1.0"}}},
		"no UTF-8":          {"plan", text("secret\xff")},
		"no number":         {"score", number("secret")},
		"NULL false":        {"email", &types.AttributeValueMemberNULL{}},
	} {
		item := itemtest.Account()
		item[c.attribute] = c.value
		if c.value == nil && c.attribute == "id" {
			delete(item, "id")
		}
		sealed, err := e.EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), item)
		var at *crypto.ItemError
		if sealed != nil || !errors.Is(err, crypto.ErrInvalidItem) || !errors.As(err, &at) || at.Attribute != c.attribute ||
			at.Op != "encrypt" || at.Table != "accounts" || !slices.Equal(at.Keys, []string{"id", "opened"}) {
			t.Errorf("%s: got %v, want ErrInvalidItem that names %q", name, err, c.attribute)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error contains the value: %v", name, err)
		}
	}
}

func TestEncryptItem_HasRoomForSoManyAttributesInTheLegend(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	item := itemtest.Account()
	for n := range 1 << 16 {
		item[fmt.Sprint(n)] = text("x")
	}
	if _, err := e.EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), item); !errors.Is(err,
		crypto.ErrInvalidItem) || !strings.Contains(err.Error(), "signed attributes") {
		t.Errorf("got %v, want ErrInvalidItem", err)
	}
}

// A value in the encryption context has to fit there.
func TestWhatIsInContextIsLimited(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	actions := inVersion(2)
	for _, n := range []int{1<<16 - 1, 1 << 16} {
		item := itemtest.Account()
		item["plan"] = text(strings.Repeat("x", n))
		sealed, err := e.EncryptItem(t.Context(), itemtest.Table(), actions, item)
		if n < 1<<16 {
			itemtest.Check(t, err)
			_, err = e.DecryptItem(t.Context(), itemtest.Table(), actions, sealed)
			itemtest.Check(t, err)
			sealed["plan"] = text(strings.Repeat("x", n+1))
			if _, err := e.DecryptItem(t.Context(), itemtest.Table(), actions, sealed); !errors.Is(err, crypto.ErrTampered) {
				t.Errorf("opened with %d bytes: got %v, want ErrTampered", n+1, err)
			}
		} else if !errors.Is(err, crypto.ErrInvalidItem) {
			t.Errorf("%d bytes: got %v, want ErrInvalidItem", n, err)
		}
	}
}

func TestOtherFormatsAreNotRecognized(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	first := itemtest.Account()
	first["*amzn-ddb-map-desc*"], first["*amzn-ddb-map-sig*"] = binaryValue([]byte{0, 0, 0, 0}), binaryValue([]byte{1})
	for name, item := range map[string]crypto.Item{"plaintext": itemtest.Account(), "the first format's": first,
		"nothing": {}} {
		if e.Recognizes(item) {
			t.Errorf("%s: recognized", name)
		}
		if _, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), item); !errors.Is(err,
			crypto.ErrNotProtected) {
			t.Errorf("%s: got %v, want ErrNotProtected", name, err)
		}
	}
	// The first format's attributes are none of this one's: an item may have
	// them, sealed like any other.
	for _, name := range []string{"*amzn-ddb-map-desc*", "*amzn-ddb-map-sig*", "aws_dbe", "Aws_dbe_head"} {
		if e.Reserved(name) {
			t.Errorf("%s is reserved", name)
		}
	}
	opened, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), seal(t, e, itemtest.Actions(), first))
	itemtest.Check(t, err)
	itemtest.EqualItems(t, opened, first)
}

// Beacons and whatever else other clients put under the reserved names is not
// signed by the footer, and does not come out.
func TestReservedAttributesOfOthersAreLeftOut(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	sealed := seal(t, e, itemtest.Actions(), itemtest.Account())
	sealed["aws_dbe_b_email"], sealed["aws_dbe_v_1"] = text("beacon"), text(" ")
	opened, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
	itemtest.Check(t, err)
	itemtest.EqualItems(t, opened, itemtest.Account())
}

func TestAnItemThatLostHeadOrFootIsNotPlaintext(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	sealed := seal(t, e, itemtest.Actions(), itemtest.Account())
	for _, attribute := range []string{dbesdk.HeadAttribute, dbesdk.FootAttribute} {
		for name, v := range map[string]types.AttributeValue{"missing": nil,
			"a nil binary": (*types.AttributeValueMemberB)(nil), "text": text("x"), "empty": binaryValue(nil)} {
			changed := maps.Clone(sealed)
			changed[attribute] = v
			if name == "missing" {
				delete(changed, attribute)
			}
			if _, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), changed); !e.Recognizes(changed) ||
				!errors.Is(err, crypto.ErrTampered) || err.Error() != itemtest.Refusal {
				t.Errorf("%s %s: got %v, want ErrTampered", attribute, name, err)
			}
		}
	}
}

func TestHowManyDataKeysThereMayBeIsLimited(t *testing.T) {
	keyrings := make([]keyring.Keyring, 21)
	for i := range keyrings {
		keyrings[i] = rawAES(t, fmt.Sprint("key ", i))
	}
	many := several(t, keyrings[0], keyrings[1:]...)
	e := newEncryptor(t, many)
	if _, err := e.EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), itemtest.Account()); !errors.Is(err,
		crypto.ErrPolicy) {
		t.Errorf("21 keys, sealing: got %v, want ErrPolicy", err)
	}
	sealed := seal(t, newEncryptor(t, many, dbesdk.WithMaxDataKeys(21)), itemtest.Actions(), itemtest.Account())
	for max, opens := range map[int]bool{1: false, 20: false, 21: true, 255: true} {
		unasked := fake{decrypt: func(context.Context, *keyring.DecryptionMaterials, []keyring.EncryptedDataKey) error {
			t.Errorf("at most %d keys: the keyring is asked", max)
			return crypto.ErrNoUsableKey
		}}
		if !opens {
			if _, err := newEncryptor(t, unasked, dbesdk.WithMaxDataKeys(max)).DecryptItem(t.Context(), itemtest.Table(),
				itemtest.Actions(), sealed); !errors.Is(err, crypto.ErrTampered) {
				t.Errorf("at most %d keys: got %v, want ErrTampered", max, err)
			}
			continue
		}
		_, err := newEncryptor(t, many, dbesdk.WithMaxDataKeys(max)).DecryptItem(t.Context(), itemtest.Table(),
			itemtest.Actions(), sealed)
		itemtest.Check(t, err)
	}
}

func TestErrorsOfAKeyringKeepTheirCauseAndGetAKind(t *testing.T) {
	sealed := seal(t, newEncryptor(t, rawAES(t, "key")), itemtest.Actions(), itemtest.Account())
	cause := errors.New("the cause")
	for name, c := range map[string]struct {
		err  error
		want []error
	}{
		"of no kind": {cause, []error{cause, crypto.ErrKeyUnavailable}},
		"final":      {fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, cause), []error{cause, crypto.ErrNoUsableKey}},
		"an outage": {fmt.Errorf("%w: %w", crypto.ErrKeyUnavailable, cause),
			[]error{cause, crypto.ErrKeyUnavailable}},
		"of a kind":            {fmt.Errorf("%w: %w", crypto.ErrTampered, cause), []error{cause, crypto.ErrTampered}},
		"canceled":             {context.Canceled, []error{context.Canceled, crypto.ErrKeyUnavailable}},
		"no error, and no key": {nil, []error{crypto.ErrNoUsableKey}},
	} {
		e := newEncryptor(t, fake{
			func(context.Context, *keyring.EncryptionMaterials) error { return c.err },
			func(context.Context, *keyring.DecryptionMaterials, []keyring.EncryptedDataKey) error { return c.err },
		})
		_, sealing := e.EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), itemtest.Account())
		_, opening := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
		for _, want := range c.want {
			if !errors.Is(sealing, want) {
				t.Errorf("%s, sealing: got %v, want %v", name, sealing, want)
			}
			if !errors.Is(opening, want) {
				t.Errorf("%s, opening: got %v, want %v", name, opening, want)
			}
		}
		for _, err := range []error{sealing, opening} {
			if errors.Is(err, crypto.ErrNoUsableKey) && errors.Is(err, crypto.ErrKeyUnavailable) {
				t.Errorf("%s: %v is final and an outage", name, err)
			}
			if _, ok := errors.AsType[*crypto.ItemError](err); !ok {
				t.Errorf("%s: %v is not an ItemError", name, err)
			}
		}
	}
}

func TestACanceledContextEndsTheWork(t *testing.T) {
	real := rawAES(t, "key")
	sealed := seal(t, newEncryptor(t, real), itemtest.Actions(), itemtest.Account())
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	unasked := newEncryptor(t, fake{}) // would panic if it were asked
	if _, err := unasked.EncryptItem(canceled, itemtest.Table(), itemtest.Actions(), itemtest.Account()); !errors.Is(err,
		context.Canceled) {
		t.Errorf("sealing: %v", err)
	}
	if _, err := unasked.DecryptItem(canceled, itemtest.Table(), itemtest.Actions(), sealed); !errors.Is(err,
		context.Canceled) {
		t.Errorf("opening: %v", err)
	}

	for _, what := range []string{"sealing", "opening"} {
		during, cancel := context.WithCancel(t.Context())
		e := newEncryptor(t, fake{
			func(ctx context.Context, m *keyring.EncryptionMaterials) error {
				cancel()
				return real.OnEncrypt(ctx, m)
			},
			func(ctx context.Context, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
				cancel()
				return real.OnDecrypt(context.WithoutCancel(ctx), m, keys)
			},
		})
		var err error
		if what == "sealing" {
			_, err = e.EncryptItem(during, itemtest.Table(), itemtest.Actions(), itemtest.Account())
		} else {
			_, err = e.DecryptItem(during, itemtest.Table(), itemtest.Actions(), sealed)
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s, while the keyring works: %v", what, err)
		}
		cancel()
	}
}
