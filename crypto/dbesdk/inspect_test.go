package dbesdk_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// storing is a keyring that leaves an encrypted data key of any kind.
func storing(id string, info, wrapped []byte) keyring.Keyring {
	return fake{encrypt: func(_ context.Context, m *keyring.EncryptionMaterials) error {
		return m.Add(id, info, keyring.NewIntermediateKey(), wrapped)
	}}
}

func TestInspectTellsWhatAnItemSaysOfItself(t *testing.T) {
	version := append(make([]byte, 16+12), 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0, 0x11, 0x22, 0x33, 0x44,
		0x55, 0x66, 0x77)
	version = append(version, make([]byte, 48)...) // the wrapped key
	arn := "arn:aws:kms:eu-central-1:111122223333:key/1234"
	keys := several(t, rawAES(t, "2026-11"), rawRSA(t, "recovery"),
		storing("aws-kms-hierarchy", []byte("branch"), version),
		storing("aws-kms-hierarchy", []byte("cut off"), version[:40]), storing("aws-kms", []byte(arn),
			make([]byte, 184)), storing("aws-kms-rsa", []byte(arn), nil), storing("acme", []byte{0xff}, nil))
	for _, suite := range suites {
		for headVersion := 1; headVersion <= 2; headVersion++ {
			actions := inVersion(headVersion)
			sealed := seal(t, newEncryptor(t, keys, dbesdk.WithSuite(suite)), actions, itemtest.Account())
			before := expr.CloneItem(sealed)
			in, err := dbesdk.Inspect(sealed, dbesdk.WithUnsigned("visits", "absent"))
			itemtest.Check(t, err)
			head := dissectHead(t, stored(t, sealed, dbesdk.HeadAttribute))
			wantContext := 0
			if suite == dbesdk.SuiteECDSA {
				wantContext = 1
			}
			if in.Version != headVersion || in.Suite != suite ||
				!bytes.Equal(in.MessageID, head[head.find(t, "message ID")].bytes) || len(in.StoredContext) != wantContext ||
				in.Legend != string(head[head.find(t, "legend")].bytes) || in.HeadSize != len(head.join()) ||
				in.FootSize != 7*48+103*wantContext {
				t.Errorf("it says %+v", in)
			}
			want := maps.Clone(actions.Attributes)
			for _, name := range []string{"email", "score", "secret"} {
				want[name] = crypto.Encrypt
			}
			if headVersion == 2 {
				want["id"], want["opened"] = crypto.SignInContext, crypto.SignInContext
			}
			if !maps.Equal(in.Actions, want) {
				t.Errorf("the actions are %v, want %v", in.Actions, want)
			}
			var got []dbesdk.DataKey
			size := 0
			for _, key := range in.DataKeys {
				size += key.Size
				key.Size = 0
				got = append(got, key)
			}
			if want := []dbesdk.DataKey{
				{ProviderID: "tests", KeyID: "2026-11"}, {ProviderID: "tests", KeyID: "recovery"},
				{ProviderID: "aws-kms-hierarchy", KeyID: "branch", Version: "01234567-89ab-cdef-0011-223344556677"},
				{ProviderID: "aws-kms-hierarchy", KeyID: "cut off"},
				{ProviderID: "aws-kms", KeyID: arn}, {ProviderID: "aws-kms-rsa", KeyID: arn}, {ProviderID: "acme", KeyID: "\ufffd"},
			}; !slices.Equal(got, want) {
				t.Errorf("the data keys are %+v, want %+v", got, want)
			}
			start, end := head.find(t, "count of data keys")+1, head.find(t, "commitment")
			if want := len(head[start:end].join()); size != want {
				t.Errorf("the data keys take %d bytes, want %d", size, want)
			}
			clear(in.MessageID)
			if !reflect.DeepEqual(sealed, before) {
				t.Error("what Inspect returns is part of the item")
			}

			// An item of which something is missing says less.
			partly := maps.Clone(sealed)
			delete(partly, "secret") // the last, so that all others have letters
			in, err = dbesdk.Inspect(partly, dbesdk.WithUnsigned("visits"))
			itemtest.Check(t, err)
			if in.Actions != nil {
				t.Errorf("without an attribute the actions are %v", in.Actions)
			}

			// Without a word of what is not signed the legend does not fit.
			in, err = dbesdk.Inspect(sealed, dbesdk.WithUnsignedPrefix("vis"))
			itemtest.Check(t, err)
			if in.Actions["visits"] != crypto.None {
				t.Errorf("with a prefix, the actions are %v", in.Actions)
			}
			in, err = dbesdk.Inspect(sealed)
			itemtest.Check(t, err)
			if in.Actions != nil {
				t.Errorf("the actions are %v", in.Actions)
			}
		}
	}
}

func TestInspectRefusesWhatItCannotRead(t *testing.T) {
	sealed := seal(t, newEncryptor(t, rawAES(t, "key")), itemtest.Actions(), itemtest.Account())
	head := stored(t, sealed, dbesdk.HeadAttribute)
	for name, c := range map[string]struct {
		item crypto.Item
		want error
	}{
		"plaintext": {itemtest.Account(), crypto.ErrNotProtected},
		"no head":   {crypto.Item{dbesdk.FootAttribute: sealed[dbesdk.FootAttribute]}, crypto.ErrTampered},
		"no foot":   {crypto.Item{dbesdk.HeadAttribute: sealed[dbesdk.HeadAttribute]}, crypto.ErrTampered},
		"a text head": {crypto.Item{dbesdk.HeadAttribute: text("x"), dbesdk.FootAttribute: sealed[dbesdk.FootAttribute]},
			crypto.ErrTampered},
		"half a head": {crypto.Item{dbesdk.HeadAttribute: binaryValue(head[:len(head)/2]),
			dbesdk.FootAttribute: sealed[dbesdk.FootAttribute]}, crypto.ErrTampered},
		"a long head": {crypto.Item{dbesdk.HeadAttribute: binaryValue(append(slices.Clone(head), 0)),
			dbesdk.FootAttribute: sealed[dbesdk.FootAttribute]}, crypto.ErrTampered},
	} {
		if in, err := dbesdk.Inspect(c.item); in != nil || !errors.Is(err, c.want) ||
			strings.Contains(err.Error(), "is missing") != slices.Contains([]string{"no head", "no foot", "a text head"}, name) {
			t.Errorf("%s: got %v and %v, want %v", name, in, err, c.want)
		} else if at, ok := errors.AsType[*crypto.ItemError](err); !ok || at.Op != "inspect" {
			t.Errorf("%s: got %v, want an ItemError", name, err)
		}
	}
	if in, err := dbesdk.Inspect(sealed, dbesdk.WithMaxDataKeys(0)); in != nil || !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("invalid option: got %v and %v, want ErrPolicy", in, err)
	}
	// A legend that says of a readable value that it is encrypted.
	sealed["email"] = text("ada@example.com")
	if in, err := dbesdk.Inspect(sealed, dbesdk.WithUnsigned("visits")); err != nil || in.Actions != nil {
		t.Errorf("got %v and %v, want no actions", in, err)
	}
}

func TestAttributesReadsNothingButContextsOfThisFormat(t *testing.T) {
	attribute := func(name, value string) keyring.EncryptionContext {
		return keyring.EncryptionContext{"aws-crypto-table-name": "accounts", "aws-crypto-attr." + name: value}
	}
	typed := func(legend string, ec keyring.EncryptionContext) keyring.EncryptionContext {
		ec["aws-crypto-legend"] = legend
		return ec
	}
	for name, ec := range map[string]keyring.EncryptionContext{
		"nothing":              nil,
		"no attribute":         {"aws-crypto-table-name": "accounts"},
		"another's":            {"tenant": "acme"},
		"no base64":            attribute("id", "?"),
		"no type":              attribute("id", "AA=="),
		"an unknown type":      attribute("id", "CQk="),
		"base64 with bits":     attribute("id", "AAFhLTF="),
		"a malformed value":    attribute("id", "AAQC"),
		"an empty legend":      typed("", attribute("id", "a-1")),
		"a short legend":       typed("S", keyring.EncryptionContext{"aws-crypto-attr.id": "a", "aws-crypto-attr.b": "c"}),
		"a long legend":        typed("SS", attribute("id", "a-1")),
		"an unknown letter":    typed("X", attribute("id", "a-1")),
		"a small letter":       typed("s", attribute("id", "a-1")),
		"a literal of no kind": typed("L", attribute("id", "True")),
		"a number that's none": typed("N", attribute("id", "secret")),
		"text that is none":    typed("S", attribute("id", "secret\xff")),
		"a legend alone":       {"aws-crypto-legend": "S"},
	} {
		got, err := dbesdk.Attributes(ec)
		if got != nil || err == nil {
			t.Errorf("%s: got %v and %v, want an error", name, got, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error contains the value: %v", name, err)
		}
	}
}
