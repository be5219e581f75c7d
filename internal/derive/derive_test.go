package derive_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha512"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/internal/derive"
)

func TestKeys_AreThoseOfTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret")
		keys, err := derive.New(secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, purpose := range rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "purposes") {
			want, err := hkdf.Key(sha512.New, secret, nil, purpose, derive.KeySize)
			if err != nil {
				t.Fatal(err)
			}
			if got := keys.Key(purpose); !bytes.Equal(got, want) {
				t.Fatalf("the key for %q is %x, want %x", purpose, got, want)
			}
		}
	})
}

func TestKeys_DoNotShareMemory(t *testing.T) {
	keys, err := derive.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	one := keys.Key("one")
	clear(keys.Key("two"))
	if !bytes.Equal(one, keys.Key("one")) {
		t.Error("a second key changes the first")
	}
}
