package ddbec

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
)

var (
	plainTable = crypto.TableInfo{Name: "t", PartitionKey: "id"}
	allSigned  = crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}, Default: crypto.Sign}
)

// counting counts what a verifier is asked, and may answer itself.
type counting struct {
	*providers.HMAC
	asked  int
	answer error
}

func (c *counting) Verify(algorithm string, message, signature []byte) error {
	c.asked++
	if c.answer != nil {
		return c.answer
	}
	return c.HMAC.Verify(algorithm, message, signature)
}

func newCounting(t *testing.T) (*counting, *Encryptor) {
	t.Helper()
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	verifier := &counting{HMAC: hmac}
	provider, err := static.New(make([]byte, 32), hmac, verifier)
	if err != nil {
		t.Fatal(err)
	}
	encryptor, err := New(provider)
	if err != nil {
		t.Fatal(err)
	}
	return verifier, encryptor
}

func withID(name string, v types.AttributeValue) crypto.Item {
	return crypto.Item{"id": &types.AttributeValueMemberS{Value: "i"}, name: v}
}

// resigned returns an item with the signature of another reading.
func resigned(t *testing.T, c *counting, item crypto.Item, actions crypto.Actions, as reading) crypto.Item {
	t.Helper()
	message, err := stringToSign(plainTable.Name, item, actions, as, func(name string) bool {
		return name == SignatureAttribute || name == DescriptionAttribute
	})
	if err != nil {
		t.Fatal(err)
	}
	signature, err := c.Sign(message)
	if err != nil {
		t.Fatal(err)
	}
	item[SignatureAttribute] = &types.AttributeValueMemberB{Value: signature}
	return item
}

func TestDecryptItem_NegativeZeroAsPythonSignsIt(t *testing.T) {
	negative := &types.AttributeValueMemberN{Value: "-0"}
	for what, v := range map[string]types.AttributeValue{
		"in a list":     &types.AttributeValueMemberL{Value: []types.AttributeValue{negative}},
		"in a map":      &types.AttributeValueMemberM{Value: crypto.Item{"m": negative}},
		"in both":       &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{Value: crypto.Item{"m": &types.AttributeValueMemberN{Value: "-0.00"}}}}},
		"in a set":      &types.AttributeValueMemberNS{Value: []string{"-0", "1"}},
		"by itself":     negative,
		"with an order": &types.AttributeValueMemberM{Value: crypto.Item{"\uffee": negative, "😀": negative}},
	} {
		verifier, encryptor := newCounting(t)
		sealed, err := encryptor.EncryptItem(t.Context(), plainTable, allSigned, withID("x", v))
		if err != nil {
			t.Fatal(err)
		}
		before := sealed[SignatureAttribute]
		if _, err := encryptor.DecryptItem(t.Context(), plainTable, allSigned, sealed); err != nil || verifier.asked != 1 {
			t.Errorf("%s, ours: %v after %d readings", what, err, verifier.asked)
		}
		resigned(t, verifier, sealed, allSigned, pythonNegative)
		if reflect.DeepEqual(sealed[SignatureAttribute], before) {
			t.Errorf("%s: the readings do not differ", what)
		}
		if _, err := encryptor.DecryptItem(t.Context(), plainTable, allSigned, sealed); err != nil {
			t.Errorf("%s, Python's: %v", what, err)
		}
		// The other way round there is nothing to try: 0 was signed as 0.
		sealed["x"] = &types.AttributeValueMemberN{Value: "0"}
		if _, err := encryptor.DecryptItem(t.Context(), plainTable, allSigned, sealed); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s, changed to 0: %v", what, err)
		}
	}
}

func TestDecryptItem_TriesOnlyReadingsThatDiffer(t *testing.T) {
	for what, c := range map[string]struct {
		value types.AttributeValue
		asked int
	}{
		"zero":          {&types.AttributeValueMemberN{Value: "0"}, 1},
		"minus one":     {&types.AttributeValueMemberN{Value: "-1"}, 1},
		"negative zero": {&types.AttributeValueMemberN{Value: "-0"}, 2},
		"an order":      {&types.AttributeValueMemberSS{Value: []string{"\uffee", "😀"}}, 2},
		"both": {&types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberN{Value: "-0"}, &types.AttributeValueMemberSS{Value: []string{"\uffee", "😀"}}}}, 3},
	} {
		verifier, encryptor := newCounting(t)
		sealed, err := encryptor.EncryptItem(t.Context(), plainTable, allSigned, withID("x", c.value))
		if err != nil {
			t.Fatal(err)
		}
		sealed[SignatureAttribute] = &types.AttributeValueMemberB{Value: make([]byte, 32)}
		if _, err := encryptor.DecryptItem(t.Context(), plainTable, allSigned, sealed); !errors.Is(err,
			crypto.ErrTampered) || verifier.asked != c.asked {
			t.Errorf("%s: %v after %d readings, want ErrTampered after %d", what, err, verifier.asked, c.asked)
		}
	}
}

// The description is not signed, so the signature alone does not refuse it.
func TestDecryptItem_MalformedDescription(t *testing.T) {
	_, encryptor := newCounting(t)
	sealed, err := encryptor.EncryptItem(t.Context(), plainTable, allSigned,
		withID("x", &types.AttributeValueMemberN{Value: "1"}))
	if err != nil {
		t.Fatal(err)
	}
	for what, v := range map[string]types.AttributeValue{
		"no binary":   &types.AttributeValueMemberS{Value: "x"},
		"a nil":       (*types.AttributeValueMemberB)(nil),
		"cut off":     &types.AttributeValueMemberB{Value: []byte{0, 0, 0}},
		"another one": &types.AttributeValueMemberB{Value: []byte{0, 0, 0, 1}},
	} {
		sealed[DescriptionAttribute] = v
		if _, err := encryptor.DecryptItem(t.Context(), plainTable, allSigned, sealed); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s: got %v, want ErrTampered", what, err)
		}
	}
	delete(sealed, DescriptionAttribute)
	sealed["id"] = (*types.AttributeValueMemberS)(nil)
	if _, err := encryptor.DecryptItem(t.Context(), plainTable, allSigned, sealed); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("a nil key: got %v, want ErrTampered", err)
	}
}

// unasked is a provider that must not be asked.
type unasked struct {
	providers.Provider
	t *testing.T
}

func (u unasked) DecryptionMaterials(
	_ context.Context, ec providers.EncryptionContext, _ providers.MaterialDescription,
) (*providers.DecryptionMaterials, error) {
	u.t.Errorf("the provider was asked for the key of %v", ec.Key)
	return nil, crypto.ErrNoUsableKey
}

func TestDecryptItem_AsksForNoKeyOfAnItemWithoutItsOwn(t *testing.T) {
	_, encryptor := newCounting(t)
	reader, err := New(unasked{t: t})
	if err != nil {
		t.Fatal(err)
	}
	for what, id := range map[string]types.AttributeValue{
		"missing":   nil,
		"a nil":     (*types.AttributeValueMemberS)(nil),
		"a list":    &types.AttributeValueMemberL{},
		"no number": &types.AttributeValueMemberN{Value: "x"},
	} {
		sealed, err := encryptor.EncryptItem(t.Context(), plainTable, allSigned,
			withID("x", &types.AttributeValueMemberN{Value: "1"}))
		if err != nil {
			t.Fatal(err)
		}
		if sealed["id"] = id; id == nil {
			delete(sealed, "id")
		}
		if _, err := reader.DecryptItem(t.Context(), plainTable, allSigned, sealed); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s: got %v, want ErrTampered", what, err)
		}
	}
}

func TestDecryptItem_VerifierThatIsAway(t *testing.T) {
	verifier, encryptor := newCounting(t)
	sealed, err := encryptor.EncryptItem(t.Context(), plainTable, allSigned,
		withID("x", &types.AttributeValueMemberN{Value: "-0"}))
	if err != nil {
		t.Fatal(err)
	}
	verifier.answer = fmt.Errorf("%w: the device does not answer", crypto.ErrKeyUnavailable)
	if _, err := encryptor.DecryptItem(t.Context(), plainTable, allSigned, sealed); !errors.Is(err, verifier.answer) ||
		errors.Is(err, crypto.ErrTampered) || verifier.asked != 1 {
		t.Errorf("got %v after %d readings, want ErrKeyUnavailable after one", err, verifier.asked)
	}
	verifier.answer = errors.New("no")
	if _, err := encryptor.DecryptItem(t.Context(), plainTable, allSigned, sealed); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("got %v, want ErrTampered", err)
	}
}

func TestDecryptItem_ValuesThatDynamoDBWouldRefuse(t *testing.T) {
	block, err := newCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	for what, c := range map[string]struct {
		encoded []byte
		want    types.AttributeValue
		kind    error
	}{
		"an empty set":   {[]byte{0, 'S', 0, 0, 0, 0}, &types.AttributeValueMemberSS{Value: []string{}}, nil},
		"no number":      {[]byte{0, 'n', 0, 0, 0, 3, 'N', 'a', 'N'}, &types.AttributeValueMemberN{Value: "NaN"}, nil},
		"text in no UTF": {[]byte{0, 's', 0, 0, 0, 1, 0xff}, nil, crypto.ErrInvalidItem},
		"no encoding":    {[]byte{0, 'x'}, nil, crypto.ErrTampered},
	} {
		verifier, encryptor := newCounting(t)
		sealed, err := encryptor.EncryptItem(t.Context(), plainTable, actions,
			withID("x", &types.AttributeValueMemberN{Value: "1"}))
		if err != nil {
			t.Fatal(err)
		}
		sealed["x"] = &types.AttributeValueMemberB{Value: encryptBytes(block, c.encoded)}
		opened, err := encryptor.DecryptItem(t.Context(), plainTable, actions, resigned(t, verifier, sealed, actions, ours))
		if c.kind == nil {
			if err != nil || !reflect.DeepEqual(opened["x"], c.want) {
				t.Errorf("%s: got %#v, %v", what, opened["x"], err)
			}
			continue
		}
		at, ok := errors.AsType[*crypto.ItemError](err)
		if opened != nil || !ok || !errors.Is(err, c.kind) || (at.Attribute == "x") != (c.kind == crypto.ErrInvalidItem) {
			t.Errorf("%s: got %v, want %v", what, err, c.kind)
		}
	}
}
