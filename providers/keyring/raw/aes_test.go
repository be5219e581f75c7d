package raw_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/encryptioncontext"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

var itemContext = keyring.EncryptionContext{"id": "a-1", "table": "accounts"}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newAES(t testing.TB, namespace, name string, key []byte) *raw.AES {
	t.Helper()
	k, err := raw.NewAES(namespace, name, key)
	check(t, err)
	return k
}

func sealed(t testing.TB, keyrings ...keyring.Keyring) *keyring.EncryptionMaterials {
	t.Helper()
	m, err := keyring.NewEncryptionMaterials(itemContext)
	check(t, err)
	for _, k := range keyrings {
		check(t, k.OnEncrypt(t.Context(), m))
	}
	return m
}

func open(t testing.TB, k keyring.Keyring, ec keyring.EncryptionContext, keys []keyring.EncryptedDataKey) (*keyring.DecryptionMaterials, error) {
	t.Helper()
	m, err := keyring.NewDecryptionMaterials(ec)
	check(t, err)
	err = k.OnDecrypt(t.Context(), m, keys)
	if (err == nil) != (m.DataKey() != nil) {
		t.Errorf("a data key of %d bytes comes with %v", len(m.DataKey()), err)
	}
	return m, err
}

func TestAES_TakesKeysOfEachSize(t *testing.T) {
	for _, size := range []int{16, 24, 32} {
		k := newAES(t, "acme", "2026-11", keyring.NewIntermediateKey()[:size])
		m := sealed(t, k)
		o, err := open(t, k, itemContext, m.EncryptedDataKeys())
		check(t, err)
		if !bytes.Equal(o.DataKey(), m.DataKey()) || !bytes.Equal(o.SigningKey(), m.SigningKeys()[0]) {
			t.Errorf("%d bytes: other keys come out", size)
		}
	}
}

func TestAES_WritesTheSpecifiedDataKey(t *testing.T) {
	key := bytes.Repeat([]byte{5}, 32)
	m := sealed(t, newAES(t, "acme", "2026-11", key))
	if len(m.EncryptedDataKeys()) != 1 {
		t.Fatalf("%d keys are added", len(m.EncryptedDataKeys()))
	}
	got := m.EncryptedDataKeys()[0]
	nonce, ok := bytes.CutPrefix(got.ProviderInfo, []byte("2026-11\x00\x00\x00\x80\x00\x00\x00\x0c"))
	if got.ProviderID != "acme" || !ok || len(nonce) != 12 {
		t.Fatalf("ID %q, info %q", got.ProviderID, got.ProviderInfo)
	}
	wrapped, err := got.Wrapped()
	check(t, err)
	block, err := aes.NewCipher(key)
	check(t, err)
	aead, err := cipher.NewGCM(block)
	check(t, err)
	aad, err := encryptioncontext.Marshal(itemContext)
	check(t, err)
	intermediate, err := aead.Open(nil, nonce, wrapped, aad)
	check(t, err)
	o, err := keyring.NewDecryptionMaterials(itemContext)
	check(t, err)
	check(t, o.Unwrap(got, intermediate))
	if !bytes.Equal(o.DataKey(), m.DataKey()) {
		t.Error("another data key comes out")
	}

	seen := make(map[string]bool)
	for range 50 {
		info := string(sealed(t, newAES(t, "acme", "2026-11", key)).EncryptedDataKeys()[0].ProviderInfo)
		if seen[info] {
			t.Fatal("a nonce is repeated")
		}
		seen[info] = true
	}
}

func TestAES_RejectsOtherKeysAndNames(t *testing.T) {
	key := keyring.NewIntermediateKey()
	m := sealed(t, newAES(t, "acme", "2026-11", key))
	for name, c := range map[string]struct {
		keyring *raw.AES
		want    error
	}{
		"the same":                 {newAES(t, "acme", "2026-11", key), nil},
		"another key":              {newAES(t, "acme", "2026-11", keyring.NewIntermediateKey()), crypto.ErrTampered},
		"half of the key":          {newAES(t, "acme", "2026-11", key[:16]), crypto.ErrTampered},
		"another namespace":        {newAES(t, "ACME", "2026-11", key), crypto.ErrNoUsableKey},
		"another name":             {newAES(t, "acme", "2026-12", key), crypto.ErrNoUsableKey},
		"a name that begins so":    {newAES(t, "acme", "2026-1", key), crypto.ErrNoUsableKey},
		"a longer name":            {newAES(t, "acme", "2026-111", key), crypto.ErrNoUsableKey},
		"a name with what follows": {newAES(t, "acme", "2026-11\x00", key), crypto.ErrNoUsableKey},
	} {
		_, err := open(t, c.keyring, itemContext, m.EncryptedDataKeys())
		if !errors.Is(err, c.want) || c.want != nil && errors.Is(err, crypto.ErrTampered) != (c.want == crypto.ErrTampered) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	for name, ec := range map[string]keyring.EncryptionContext{"another item's": {"id": "a-2", "table": "accounts"}, "another table's": {"id": "a-1", "table": "Accounts"}, "no": nil} {
		if _, err := open(t, newAES(t, "acme", "2026-11", key), ec, m.EncryptedDataKeys()); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s context: got %v, want ErrTampered", name, err)
		}
	}
}

func TestAES_FindsItsDataKeyAmongOthers(t *testing.T) {
	key := keyring.NewIntermediateKey()
	mine, theirs, imposter := newAES(t, "acme", "mine", key), newAES(t, "acme", "theirs", key), newAES(t, "acme", "mine", keyring.NewIntermediateKey())
	m := sealed(t, theirs, imposter, mine, mine)
	o, err := open(t, mine, itemContext, m.EncryptedDataKeys())
	check(t, err)
	if !bytes.Equal(o.SigningKey(), m.SigningKeys()[2]) {
		t.Error("the key is not that of the first data key that unwraps")
	}
	if _, err := open(t, mine, itemContext, m.EncryptedDataKeys()[:2]); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("without it: got %v, want ErrTampered", err)
	}
	if _, err := open(t, mine, itemContext, m.EncryptedDataKeys()[:1]); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("with another's alone: got %v, want ErrNoUsableKey", err)
	}
	if _, err := open(t, mine, itemContext, nil); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("without any: got %v, want ErrNoUsableKey", err)
	}
}

func TestAES_RejectsEveryChangedBit(t *testing.T) {
	k := newAES(t, "acme", "2026-11", keyring.NewIntermediateKey())
	whole := sealed(t, k).EncryptedDataKeys()[0]
	refused := func(what string, key keyring.EncryptedDataKey) {
		t.Helper()
		if _, err := open(t, k, itemContext, []keyring.EncryptedDataKey{key}); !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("%s: got %v, want an error", what, err)
		}
	}
	for bit := range 8 * len(whole.ProviderInfo) {
		key := whole
		key.ProviderInfo = slices.Clone(key.ProviderInfo)
		key.ProviderInfo[bit/8] ^= 1 << (bit % 8)
		refused(fmt.Sprintf("provider info, bit %d", bit), key)
	}
	for bit := range 8 * len(whole.Ciphertext) {
		key := whole
		key.Ciphertext = slices.Clone(key.Ciphertext)
		key.Ciphertext[bit/8] ^= 1 << (bit % 8)
		refused(fmt.Sprintf("ciphertext, bit %d", bit), key)
	}
	for n := range whole.ProviderInfo {
		key := whole
		key.ProviderInfo = key.ProviderInfo[:n]
		refused(fmt.Sprintf("%d bytes of provider info", n), key)
	}
	for n := range whole.Ciphertext {
		key := whole
		key.Ciphertext = key.Ciphertext[:n]
		refused(fmt.Sprintf("%d bytes of ciphertext", n), key)
	}
	longer := whole
	longer.ProviderInfo = append(slices.Clone(whole.ProviderInfo), 0)
	refused("more provider info", longer)
	longer = whole
	longer.Ciphertext = append(slices.Clone(whole.Ciphertext), 0)
	refused("more ciphertext", longer)
}

func TestNewAES_ValidatesArguments(t *testing.T) {
	key := keyring.NewIntermediateKey()
	for name, c := range map[string]struct {
		namespace, name string
		key             []byte
		want            error
	}{
		"no namespace":     {"", "name", key, crypto.ErrPolicy},
		"no name":          {"acme", "", key, crypto.ErrPolicy},
		"a KMS namespace":  {"aws-kms", "name", key, crypto.ErrPolicy},
		"another of KMS":   {"aws-kms-hierarchy", "name", key, crypto.ErrPolicy},
		"no text":          {"acme", "\xff", key, crypto.ErrPolicy},
		"too long a name":  {"acme", strings.Repeat("n", 1<<16-1-20+1), key, crypto.ErrPolicy},
		"no key":           {"acme", "name", nil, crypto.ErrNoUsableKey},
		"too short a key":  {"acme", "name", key[:15], crypto.ErrNoUsableKey},
		"too long a key":   {"acme", "name", append(slices.Clone(key), 0), crypto.ErrNoUsableKey},
		"a key in between": {"acme", "name", key[:17], crypto.ErrNoUsableKey},
	} {
		if k, err := raw.NewAES(c.namespace, c.name, c.key); k != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	// The longest name that is allowed fits into an item.
	k := newAES(t, "acme", strings.Repeat("n", 1<<16-1-20), key)
	_, err := open(t, k, itemContext, sealed(t, k).EncryptedDataKeys())
	check(t, err)
}

// The caller may wipe or reuse its copy of the key.
func TestNewAES_CopiesTheKey(t *testing.T) {
	key := keyring.NewIntermediateKey()
	k := newAES(t, "acme", "2026-11", key)
	m := sealed(t, k)
	clear(key)
	_, err := open(t, k, itemContext, m.EncryptedDataKeys())
	check(t, err)
}
