package keyring_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha512"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/encryptioncontext"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sealing(t testing.TB, ec keyring.EncryptionContext) *keyring.EncryptionMaterials {
	t.Helper()
	m, err := keyring.NewEncryptionMaterials(ec)
	check(t, err)
	return m
}

func opening(t testing.TB, ec keyring.EncryptionContext) *keyring.DecryptionMaterials {
	t.Helper()
	m, err := keyring.NewDecryptionMaterials(ec)
	check(t, err)
	return m
}

// derived derives a key from an intermediate key as specified.
func derived(t testing.TB, intermediate []byte, purpose string) []byte {
	t.Helper()
	key, err := hkdf.Key(sha512.New, intermediate, nil, purpose, 32)
	check(t, err)
	return key
}

func gcm(t testing.TB, key []byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(key)
	check(t, err)
	aead, err := cipher.NewGCM(block)
	check(t, err)
	return aead
}

func TestADataKeyIsWrappedAsSpecified(t *testing.T) {
	ec := keyring.EncryptionContext{"table": "accounts", "id": "a-1"}
	m := sealing(t, ec)
	aad, err := encryptioncontext.Marshal(ec)
	check(t, err)
	if !bytes.Equal(m.AAD(), aad) || len(m.DataKey()) != 32 {
		t.Errorf("the AAD is %x and the data key has %d bytes", m.AAD(), len(m.DataKey()))
	}
	intermediate := bytes.Repeat([]byte{9}, 32)
	check(t, m.Add("provider", []byte("info"), intermediate, []byte("as the keyring wrapped it")))
	if len(m.EncryptedDataKeys()) != 1 || len(m.SigningKeys()) != 1 {
		t.Fatalf("%d keys are added", len(m.EncryptedDataKeys()))
	}
	key := m.EncryptedDataKeys()[0]
	want := gcm(t, derived(t, intermediate, "AWS_MPL_INTERMEDIATE_KEYWRAP_ENC")).Seal(nil, make([]byte, 12), m.DataKey(), aad)
	want = append(want, "as the keyring wrapped it"...)
	if key.ProviderID != "provider" || string(key.ProviderInfo) != "info" || !bytes.Equal(key.Ciphertext, want) {
		t.Errorf("the encrypted data key is %+v, want %x", key, want)
	}
	signing := derived(t, intermediate, "AWS_MPL_INTERMEDIATE_KEYWRAP_MAC")
	if !bytes.Equal(m.SigningKeys()[0], signing) {
		t.Errorf("the signing key is %x, want %x", m.SigningKeys()[0], signing)
	}
	if wrapped, err := key.Wrapped(); err != nil || string(wrapped) != "as the keyring wrapped it" {
		t.Errorf("wrapped is %q, %v", wrapped, err)
	}

	o := opening(t, ec)
	if o.DataKey() != nil || o.SigningKey() != nil {
		t.Error("there are keys before any is unwrapped")
	}
	check(t, o.Unwrap(key, intermediate))
	if !bytes.Equal(o.DataKey(), m.DataKey()) || !bytes.Equal(o.SigningKey(), signing) {
		t.Error("what is unwrapped is not what was wrapped")
	}
	if err := o.Unwrap(key, intermediate); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("a second time: got %v, want ErrPolicy", err)
	}
}

func TestKeysThatCannotBeAddedAreErrors(t *testing.T) {
	large := make([]byte, 1<<16)
	key := keyring.NewIntermediateKey()
	for name, c := range map[string]struct {
		id                          string
		info, intermediate, wrapped []byte
		want                        error
	}{
		"no intermediate key":      {"p", nil, nil, nil, crypto.ErrTampered},
		"a short intermediate key": {"p", nil, key[:31], nil, crypto.ErrTampered},
		"a long intermediate key":  {"p", nil, append(slices.Clone(key), 0), nil, crypto.ErrTampered},
		"a large provider ID":      {strings.Repeat("p", 1<<16), nil, key, nil, crypto.ErrPolicy},
		"a provider ID in no text": {"\xff", nil, key, nil, crypto.ErrPolicy},
		"a large provider info":    {"p", large, key, nil, crypto.ErrPolicy},
		"a large ciphertext":       {"p", nil, key, large[:1<<16-48], crypto.ErrPolicy},
	} {
		m := sealing(t, nil)
		if err := m.Add(c.id, c.info, c.intermediate, c.wrapped); !errors.Is(err, c.want) || len(m.EncryptedDataKeys()) != 0 || len(m.SigningKeys()) != 0 {
			t.Errorf("%s: got %v, want %v and nothing added", name, err, c.want)
		}
	}
	m := sealing(t, nil)
	check(t, m.Add(strings.Repeat("p", 1<<16-1), large[:1<<16-1], key, large[:1<<16-1-48]))
	for range 254 {
		check(t, m.Add("p", nil, keyring.NewIntermediateKey(), nil))
	}
	if err := m.Add("p", nil, keyring.NewIntermediateKey(), nil); !errors.Is(err, crypto.ErrPolicy) || len(m.EncryptedDataKeys()) != 255 || len(m.SigningKeys()) != 255 {
		t.Errorf("key 256: got %v, want ErrPolicy", err)
	}
}

func TestWhatDoesNotUnwrapIsTamperedWith(t *testing.T) {
	ec := keyring.EncryptionContext{"id": "a-1"}
	m := sealing(t, ec)
	intermediate := keyring.NewIntermediateKey()
	check(t, m.Add("p", nil, intermediate, []byte("wrapped")))
	key := m.EncryptedDataKeys()[0]
	cut := func(n int) keyring.EncryptedDataKey { return keyring.EncryptedDataKey{Ciphertext: key.Ciphertext[:n]} }
	refused := func(what string, ec keyring.EncryptionContext, key keyring.EncryptedDataKey, intermediate []byte) {
		t.Helper()
		o := opening(t, ec)
		if err := o.Unwrap(key, intermediate); !errors.Is(err, crypto.ErrTampered) || o.DataKey() != nil || o.SigningKey() != nil {
			t.Errorf("%s: got %v, want ErrTampered and no key", what, err)
		}
	}
	refused("another intermediate key", ec, key, keyring.NewIntermediateKey())
	refused("no intermediate key", ec, key, nil)
	refused("a short intermediate key", ec, key, intermediate[:16])
	for name, other := range map[string]keyring.EncryptionContext{"another value": {"id": "a-2"}, "another name": {"ID": "a-1"}, "more": {"id": "a-1", "b": ""}, "nothing": nil} {
		refused("context: "+name, other, key, intermediate)
	}
	for n := range 48 {
		refused(fmt.Sprintf("%d bytes", n), ec, cut(n), intermediate)
		if _, err := cut(n).Wrapped(); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%d bytes: got %v, want ErrTampered", n, err)
		}
		for bit := range 8 {
			flipped := keyring.EncryptedDataKey{Ciphertext: slices.Clone(key.Ciphertext)}
			flipped.Ciphertext[n] ^= 1 << bit
			refused(fmt.Sprintf("bit %d of byte %d", bit, n), ec, flipped, intermediate)
		}
	}
	// The bytes that the keyring wrapped are not authenticated here, because the
	// keyring reads them.
	check(t, opening(t, ec).Unwrap(cut(48), intermediate))
}

func TestMaterialsShareNothingThatMatters(t *testing.T) {
	m := sealing(t, keyring.EncryptionContext{"id": "a-1"})
	info, wrapped := []byte("info"), []byte("wrapped")
	check(t, m.Add("p", info, keyring.NewIntermediateKey(), wrapped))
	aad := m.AAD()
	m.Context()["id"] = "changed"
	clear(m.AAD())
	clear(info)
	clear(wrapped)
	_ = append(m.EncryptedDataKeys(), keyring.EncryptedDataKey{})
	_ = append(m.SigningKeys(), nil)
	key := m.EncryptedDataKeys()[0]
	if m.Context()["id"] != "a-1" || !bytes.Equal(m.AAD(), aad) || string(key.ProviderInfo) != "info" || !bytes.HasSuffix(key.Ciphertext, []byte("wrapped")) {
		t.Errorf("the materials changed: %v, %x, %+v", m.Context(), m.AAD(), key)
	}
	o := opening(t, keyring.EncryptionContext{"id": "a-1"})
	o.Context()["id"] = "changed"
	clear(o.AAD())
	if o.Context()["id"] != "a-1" || !bytes.Equal(o.AAD(), aad) {
		t.Error("the materials for opening changed")
	}
}

func TestEveryItemHasADataKeyOfItsOwn(t *testing.T) {
	seen := make(map[string]bool)
	for range 50 {
		for _, key := range [][]byte{sealing(t, nil).DataKey(), keyring.NewIntermediateKey()} {
			if len(key) != keyring.KeySize || seen[string(key)] {
				t.Fatalf("the key has %d bytes, or was returned before", len(key))
			}
			seen[string(key)] = true
		}
	}
}

func TestTheFirstDataKeyThatUnwrapsIsTaken(t *testing.T) {
	ec := keyring.EncryptionContext{"id": "a-1"}
	m := sealing(t, ec)
	intermediates := make(map[string][]byte)
	var keys []keyring.EncryptedDataKey
	for _, info := range []string{"theirs", "broken", "locked", "first", "second"} {
		intermediates[info] = keyring.NewIntermediateKey()
		check(t, m.Add("p", []byte(info), intermediates[info], nil))
	}
	keys = m.EncryptedDataKeys()
	locked := errors.New("the device is locked")
	var asked []string
	unwrap := func(key keyring.EncryptedDataKey) ([]byte, error) {
		asked = append(asked, string(key.ProviderInfo))
		switch string(key.ProviderInfo) {
		case "theirs":
			return nil, fmt.Errorf("no: %w", keyring.ErrNotOurs)
		case "broken":
			return keyring.NewIntermediateKey(), nil
		case "locked":
			return nil, locked
		}
		return intermediates[string(key.ProviderInfo)], nil
	}
	o := opening(t, ec)
	check(t, keyring.Unwrapping(t.Context(), "it", o, keys, unwrap))
	if want := []string{"theirs", "broken", "locked", "first"}; !slices.Equal(asked, want) || !bytes.Equal(o.DataKey(), m.DataKey()) || !bytes.Equal(o.SigningKey(), m.SigningKeys()[3]) {
		t.Errorf("asked for were %q, want %q", asked, want)
	}

	err := keyring.Unwrapping(t.Context(), "it", opening(t, ec), keys[:3], unwrap)
	if !errors.Is(err, crypto.ErrTampered) || !errors.Is(err, locked) || errors.Is(err, keyring.ErrNotOurs) || !strings.HasPrefix(err.Error(), "it: ") {
		t.Errorf("got %v, want all reasons of those that are ours", err)
	}
	for _, none := range [][]keyring.EncryptedDataKey{nil, keys[:1]} {
		if err := keyring.Unwrapping(t.Context(), "it", opening(t, ec), none, unwrap); !errors.Is(err, crypto.ErrNoUsableKey) || errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%d keys that are not ours: got %v, want ErrNoUsableKey", len(none), err)
		}
	}

	canceled, cancel := context.WithCancel(t.Context())
	asked = nil
	err = keyring.Unwrapping(canceled, "it", opening(t, ec), keys, func(key keyring.EncryptedDataKey) ([]byte, error) {
		defer cancel()
		return unwrap(key)
	})
	if !errors.Is(err, context.Canceled) || len(asked) != 1 {
		t.Errorf("canceled after the first: got %v after %q", err, asked)
	}
}
