package keyring_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestContextsAreSerializedAsSpecified(t *testing.T) {
	for want, ec := range map[string]keyring.EncryptionContext{
		"":                            nil,
		"\x00\x01\x00\x00\x00\x00":    {"": ""},
		"\x00\x01\x00\x01a\x00\x02bc": {"a": "bc"},
		"\x00\x03\x00\x01a\x00\x011\x00\x02ab\x00\x00\x00\x01b\x00\x02\xc3\xa9": {"b": "é", "ab": "", "a": "1"},
	} {
		if got, err := ec.Marshal(); err != nil || string(got) != want {
			t.Errorf("%v is %q, %v; want %q", ec, got, err, want)
		}
	}
	// In the order of bytes, which is not that of UTF-16.
	got, err := keyring.EncryptionContext{"😀": "", "\uffee": ""}.Marshal()
	if want := "\x00\x02\x00\x03\uffee\x00\x00\x00\x04😀\x00\x00"; err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if got, err := (keyring.EncryptionContext{}).Marshal(); err != nil || len(got) != 0 {
		t.Errorf("an empty context is %q, %v", got, err)
	}
}

func TestContextsThatCannotBeSerializedAreErrors(t *testing.T) {
	many := make(keyring.EncryptionContext)
	for i := range 1 << 16 {
		many[fmt.Sprint(i)] = ""
	}
	for name, ec := range map[string]keyring.EncryptionContext{
		"name that is no text":  {"secret\xff": ""},
		"value that is no text": {"a": "secret\xff"},
		"long name":             {strings.Repeat("secret", 11000): ""},
		"long value":            {"a": strings.Repeat("secret", 11000)},
		"too many":              many,
	} {
		_, err := ec.Marshal()
		_, sealing := keyring.NewEncryptionMaterials(ec)
		_, opening := keyring.NewDecryptionMaterials(ec)
		for _, err := range []error{err, sealing, opening} {
			if !errors.Is(err, crypto.ErrInvalidItem) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: got %v, want ErrInvalidItem without the text", name, err)
			}
		}
	}
	if _, err := (keyring.EncryptionContext{strings.Repeat("n", 1<<16-1): strings.Repeat("v", 1<<16-1)}).Marshal(); err != nil {
		t.Errorf("as long as it may be: %v", err)
	}
}

func TestMalformedContextsDoNotParse(t *testing.T) {
	for name, data := range map[string]string{
		"empty":                "",
		"short count":          "\x00",
		"no entries":           "\x00\x00",
		"count beyond the end": "\x00\x02\x00\x00\x00\x00",
		"largest count":        "\xff\xff\x00\x00\x00\x00",
		"name cut off":         "\x00\x01\x00\x05a\x00\x00",
		"no value":             "\x00\x01\x00\x03abc",
		"value cut off":        "\x00\x01\x00\x01a\x00\x02b",
		"name no text":         "\x00\x01\x00\x01\xff\x00\x00",
		"value no text":        "\x00\x01\x00\x00\x00\x01\xff",
		"twice":                "\x00\x02\x00\x01a\x00\x00\x00\x01a\x00\x00",
		"out of order":         "\x00\x02\x00\x01b\x00\x00\x00\x01a\x00\x00",
		"empty name twice":     "\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00",
	} {
		s := cryptobyte.String(data)
		if ec, ok := keyring.ParseEncryptionContext(&s); ok {
			t.Errorf("%s parses as %v", name, ec)
		}
	}
}

func TestAnyContextParsesAsItWasSerialized(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ec := keyring.EncryptionContext(rapid.MapOfN(rapid.String(), rapid.String(), 1, 8).Draw(t, "context"))
		data, err := ec.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		s := cryptobyte.String(append(data, "rest"...))
		if got, ok := keyring.ParseEncryptionContext(&s); !ok || !maps.Equal(got, ec) || string(s) != "rest" {
			t.Fatalf("%v becomes %v, %v, and leaves %q", ec, got, ok, s)
		}
	})
}

func FuzzParseEncryptionContext(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x01a\x00\x02bc"))
	f.Add([]byte("\x00\x02\x00\x01a\x00\x00\x00\x01b\x00\x00rest"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := cryptobyte.String(data)
		ec, ok := keyring.ParseEncryptionContext(&s)
		if !ok {
			return
		}
		again, err := ec.Marshal()
		if err != nil || string(again)+string(s) != string(data) {
			t.Fatalf("%x becomes %x and leaves %x, %v", data, again, s, err)
		}
	})
}
