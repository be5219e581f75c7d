package encryptioncontext_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/encryptioncontext"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

func TestMarshal_FollowsTheSpecification(t *testing.T) {
	for want, ec := range map[string]map[string]string{
		"":                            nil,
		"\x00\x01\x00\x00\x00\x00":    {"": ""},
		"\x00\x01\x00\x01a\x00\x02bc": {"a": "bc"},
		"\x00\x03\x00\x01a\x00\x011\x00\x02ab\x00\x00\x00\x01b\x00\x02\xc3\xa9": {"b": "é", "ab": "", "a": "1"},
	} {
		if got, err := encryptioncontext.Marshal(ec); err != nil || string(got) != want {
			t.Errorf("%v is %q, %v; want %q", ec, got, err, want)
		}
	}
	// In the order of bytes, which is not that of UTF-16.
	got, err := encryptioncontext.Marshal(map[string]string{"😀": "", "\uffee": ""})
	if want := "\x00\x02\x00\x03\uffee\x00\x00\x00\x04😀\x00\x00"; err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if got, err := encryptioncontext.Marshal(map[string]string{}); err != nil || len(got) != 0 {
		t.Errorf("an empty context is %q, %v", got, err)
	}
}

func TestMarshal_RejectsWhatDoesNotFit(t *testing.T) {
	many := make(map[string]string)
	for i := range 1 << 16 {
		many[fmt.Sprint(i)] = ""
	}
	for name, ec := range map[string]map[string]string{
		"name that is no text":  {"secret\xff": ""},
		"value that is no text": {"a": "secret\xff"},
		"long name":             {strings.Repeat("secret", 11000): ""},
		"long value":            {"a": strings.Repeat("secret", 11000)},
		"too many":              many,
	} {
		_, err := encryptioncontext.Marshal(ec)
		_, sealing := keyring.NewEncryptionMaterials(ec)
		_, opening := keyring.NewDecryptionMaterials(ec)
		for _, err := range []error{err, sealing, opening} {
			if !errors.Is(err, crypto.ErrInvalidItem) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: got %v, want ErrInvalidItem without the text", name, err)
			}
		}
	}
	longest := map[string]string{strings.Repeat("n", 1<<16-1): strings.Repeat("v", 1<<16-1)}
	if _, err := encryptioncontext.Marshal(longest); err != nil {
		t.Errorf("as long as it may be: %v", err)
	}
}

func TestParse_RejectsMalformedContexts(t *testing.T) {
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
		if ec, ok := encryptioncontext.Parse(&s); ok {
			t.Errorf("%s parses as %v", name, ec)
		}
	}
}

func TestParse_ReadsWhatMarshalWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ec := rapid.MapOfN(rapid.String(), rapid.String(), 1, 8).Draw(t, "context")
		data, err := encryptioncontext.Marshal(ec)
		if err != nil {
			t.Fatal(err)
		}
		s := cryptobyte.String(append(data, "rest"...))
		if got, ok := encryptioncontext.Parse(&s); !ok || !maps.Equal(got, ec) || string(s) != "rest" {
			t.Fatalf("%v becomes %v, %v, and leaves %q", ec, got, ok, s)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x01a\x00\x02bc"))
	f.Add([]byte("\x00\x02\x00\x01a\x00\x00\x00\x01b\x00\x00rest"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := cryptobyte.String(data)
		ec, ok := encryptioncontext.Parse(&s)
		if !ok {
			return
		}
		again, err := encryptioncontext.Marshal(ec)
		if err != nil || string(again)+string(s) != string(data) {
			t.Fatalf("%x becomes %x and leaves %x, %v", data, again, s, err)
		}
	})
}
