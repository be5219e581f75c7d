package wrapped_test

import (
	"bytes"
	stdcrypto "crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

const (
	envKey  = "amzn-ddb-env-key"
	envAlg  = "amzn-ddb-env-alg"
	wrapAlg = "amzn-ddb-wrap-alg"

	oaep     = "RSA/ECB/OAEPWithSHA-256AndMGF1Padding"
	pkcs1v15 = "RSA/ECB/PKCS1Padding"
)

var (
	ec  = providers.EncryptionContext{Table: crypto.TableInfo{Name: "t", PartitionKey: "id"}}
	kek = bytes.Repeat([]byte{7}, 32)

	// All tests share one RSA key, because generating one is slow.
	rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
)

func signing(t *testing.T) *providers.HMAC {
	t.Helper()
	h, err := providers.NewHMAC("HmacSHA256", []byte("a signing key of thirty-two byte"))
	check(t, err)
	return h
}

func key(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	k, err := rsaKey()
	check(t, err)
	return k
}

func open(t *testing.T, p *wrapped.Provider, d providers.MaterialDescription) ([]byte, error) {
	t.Helper()
	m, err := p.DecryptionMaterials(t.Context(), ec, d)
	if err != nil {
		return nil, err
	}
	return m.DecryptionKey, nil
}

func TestEachItemHasAKeyOfItsOwnThatUnwraps(t *testing.T) {
	s := signing(t)
	withAES, err := wrapped.NewAES(kek, s, s)
	check(t, err)
	withRSA, err := wrapped.NewRSA(&key(t).PublicKey, key(t), s, s)
	check(t, err)
	for algorithm, p := range map[string]*wrapped.Provider{"AESWrap": withAES, oaep: withRSA} {
		seen := make(map[string]bool)
		for range 3 {
			m, err := p.EncryptionMaterials(t.Context(), ec)
			check(t, err)
			if len(m.EncryptionKey) != 32 || seen[string(m.EncryptionKey)] {
				t.Errorf("%s: a key of %d bytes, seen before: %v", algorithm, len(m.EncryptionKey), seen[string(m.EncryptionKey)])
			}
			seen[string(m.EncryptionKey)] = true
			if m.Description[wrapAlg] != algorithm {
				t.Errorf("the description names the algorithm %q, want %q", m.Description[wrapAlg], algorithm)
			}
			got, err := open(t, p, m.Description)
			if err != nil || !bytes.Equal(got, m.EncryptionKey) {
				t.Errorf("%s: another key comes back, %v", algorithm, err)
			}
		}
	}
}

// Java uses SHA-1 for MGF1, whatever hash the name of the transformation says.
func TestOAEPIsJavas(t *testing.T) {
	s, private := signing(t), key(t)
	p, err := wrapped.NewRSA(&private.PublicKey, private, s, s)
	check(t, err)
	m, err := p.EncryptionMaterials(t.Context(), ec)
	check(t, err)
	ciphertext, err := base64.StdEncoding.DecodeString(m.Description[envKey])
	check(t, err)
	got, err := private.Decrypt(nil, ciphertext, &rsa.OAEPOptions{Hash: stdcrypto.SHA256, MGFHash: stdcrypto.SHA1})
	if err != nil || !bytes.Equal(got, m.EncryptionKey) {
		t.Errorf("not wrapped with OAEP, SHA-256 and MGF1 with SHA-1: %v", err)
	}
	for name, hash := range map[string]stdcrypto.Hash{
		"RSA/ECB/OAEPWithSHA-1AndMGF1Padding": stdcrypto.SHA1, oaep: stdcrypto.SHA256,
		"RSA/ECB/OAEPWithSHA-384AndMGF1Padding": stdcrypto.SHA384, "RSA/ECB/OAEPWithSHA-512AndMGF1Padding": stdcrypto.SHA512,
	} {
		ciphertext, err := rsa.EncryptOAEPWithOptions(rand.Reader, &private.PublicKey, kek, &rsa.OAEPOptions{Hash: hash, MGFHash: stdcrypto.SHA1})
		check(t, err)
		got, err := open(t, p, describe(ciphertext, "AES", name))
		if err != nil || !bytes.Equal(got, kek) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func describe(wrappedKey []byte, keyType, algorithm string) providers.MaterialDescription {
	d := providers.MaterialDescription{envKey: base64.StdEncoding.EncodeToString(wrappedKey), envAlg: keyType}
	if algorithm != "" {
		d[wrapAlg] = algorithm
	}
	return d
}

func TestTheDescriptionCannotChooseAnotherKindOfUnwrapping(t *testing.T) {
	s := signing(t)
	withAES, err := wrapped.NewAES(kek, s, s)
	check(t, err)
	withRSA, err := wrapped.NewRSA(&key(t).PublicKey, key(t), s, s)
	check(t, err)
	for name, p := range map[string]*wrapped.Provider{"AES": withAES, "RSA": withRSA} {
		m, err := p.EncryptionMaterials(t.Context(), ec)
		check(t, err)
		own := m.Description[wrapAlg]
		for _, algorithm := range []string{"AESWrap", oaep, pkcs1v15, "AES/ECB/PKCS5Padding", "RSA/ECB/NoPadding", "kms", "none", "OAEPWithSHA-256AndMGF1Padding"} {
			if algorithm == own {
				continue
			}
			d := maps.Clone(m.Description)
			d[wrapAlg] = algorithm
			if _, err := open(t, p, d); !errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("%s key, %s: got %v, want ErrNoUsableKey", name, algorithm, err)
			}
		}
	}
}

func TestAContentKeyHasTheLengthThatIsNamed(t *testing.T) {
	s := signing(t)
	p, err := wrapped.NewRSA(&key(t).PublicKey, key(t), s, s)
	check(t, err)
	for _, size := range []int{16, 24, 32, 0, 8, 33} {
		ciphertext, err := rsa.EncryptOAEPWithOptions(rand.Reader, &key(t).PublicKey, make([]byte, size), &rsa.OAEPOptions{Hash: stdcrypto.SHA256, MGFHash: stdcrypto.SHA1})
		check(t, err)
		for keyType, ok := range map[string]bool{
			"AES": size == 16 || size == 24 || size == 32, "AES/128": size == 16, "AES/192": size == 24, "AES/256": size == 32,
			"AES/512": false, "AES/": false, "AES/x": false, "DESede": false, "aes": false,
		} {
			_, err := open(t, p, describe(ciphertext, keyType, oaep))
			if unknown := strings.HasPrefix(keyType, "AES/") && !slices.Contains([]string{"AES/128", "AES/192", "AES/256"}, keyType); unknown && !strings.Contains(err.Error(), "unknown type") {
				t.Errorf("%s: got %v, want that it is unknown", keyType, err)
			}
			if ok != (err == nil) || err != nil && !errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("%d bytes as %s: %v", size, keyType, err)
			}
		}
	}
}

func TestWhatIsNoWrappedKeyIsRefused(t *testing.T) {
	s := signing(t)
	p, err := wrapped.NewAES(kek, s, s)
	check(t, err)
	for name, d := range map[string]providers.MaterialDescription{
		"nothing":     {},
		"empty":       {envKey: "", envAlg: "AES"},
		"no base64":   {envKey: "!", envAlg: "AES"},
		"not wrapped": describe(make([]byte, 40), "AES", "AESWrap"),
		"too long":    describe(make([]byte, 1<<14), "AES", "AESWrap"),
	} {
		if _, err := open(t, p, d); !errors.Is(err, crypto.ErrNoUsableKey) || strings.Contains(err.Error(), "malformed") != (name == "no base64" || name == "too long") {
			t.Errorf("%s: got %v, want ErrNoUsableKey", name, err)
		}
	}
}

func TestPKCS1v15IsReadOnlyIfAllowed(t *testing.T) {
	s, private := signing(t), key(t)
	//lint:ignore SA1019 old items are wrapped with it
	ciphertext, err := rsa.EncryptPKCS1v15(rand.Reader, &private.PublicKey, kek)
	check(t, err)

	strict, err := wrapped.NewRSA(&private.PublicKey, private, s, s)
	check(t, err)
	allowed, err := wrapped.NewRSA(&private.PublicKey, private, s, s, wrapped.WithPKCS1v15())
	check(t, err)
	for _, algorithm := range []string{pkcs1v15, "", "RSA"} {
		d := describe(ciphertext, "AES", algorithm)
		if _, err := open(t, strict, d); !errors.Is(err, crypto.ErrNoUsableKey) || !strings.Contains(err.Error(), "WithPKCS1v15") {
			t.Errorf("not allowed, algorithm %q: got %v, want ErrNoUsableKey and what to do", algorithm, err)
		}
		if got, err := open(t, allowed, d); err != nil || !bytes.Equal(got, kek) {
			t.Errorf("allowed, algorithm %q: %v", algorithm, err)
		}
	}
	m, err := allowed.EncryptionMaterials(t.Context(), ec)
	check(t, err)
	if m.Description[wrapAlg] != oaep {
		t.Errorf("with the option, keys are wrapped with %s", m.Description[wrapAlg])
	}
	if _, err := wrapped.NewAES(kek, s, s, wrapped.WithPKCS1v15()); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("for an AES key: got %v, want ErrNoUsableKey", err)
	}
}

// clumsy is a decrypter that reports a bad padding and does not support session
// keys.
type clumsy struct{ *rsa.PrivateKey }

func (c clumsy) Decrypt(random io.Reader, ciphertext []byte, opts stdcrypto.DecrypterOpts) ([]byte, error) {
	//lint:ignore SA1019 old items are wrapped with it
	if _, ok := opts.(*rsa.PKCS1v15DecryptOptions); ok {
		opts = nil
	}
	return c.PrivateKey.Decrypt(random, ciphertext, opts)
}

// Someone who stores a wrapped key must not learn whether its padding is valid.
// Every ciphertext unwraps to a key of the expected length, and a wrong key is
// only detected when the item does not verify.
func TestUnwrappingPKCS1v15IsNoPaddingOracle(t *testing.T) {
	s, private := signing(t), key(t)
	wrapPKCS1v15 := func(key []byte) []byte {
		//lint:ignore SA1019 old items are wrapped with it
		ciphertext, err := rsa.EncryptPKCS1v15(rand.Reader, &private.PublicKey, key)
		check(t, err)
		return ciphertext
	}
	bad := wrapPKCS1v15(kek)
	bad[100] ^= 1
	for name, decrypter := range map[string]stdcrypto.Decrypter{"crypto/rsa": private, "another decrypter": clumsy{private}} {
		p, err := wrapped.NewRSA(nil, decrypter, nil, s, wrapped.WithPKCS1v15())
		check(t, err)
		for what, ciphertext := range map[string][]byte{
			"a good padding": wrapPKCS1v15(kek), "a bad padding": bad,
			"a good padding, 16 bytes": wrapPKCS1v15(kek[:16]), "a good padding, nothing": wrapPKCS1v15(nil),
			"too short": {1}, "too long": make([]byte, 300),
		} {
			got, err := open(t, p, describe(ciphertext, "AES/256", pkcs1v15))
			if err != nil || len(got) != 32 {
				t.Errorf("%s, %s: %d bytes, %v", name, what, len(got), err)
			}
			if bytes.Equal(got, kek) != (what == "a good padding") {
				t.Errorf("%s, %s: unwraps to the key: %v", name, what, bytes.Equal(got, kek))
			}
		}
		again, err := open(t, p, describe(bad, "AES/256", pkcs1v15))
		check(t, err)
		if first, err := open(t, p, describe(bad, "AES/256", pkcs1v15)); err != nil || bytes.Equal(first, again) {
			t.Errorf("%s: the key in place of one that does not unwrap is not random", name)
		}
	}
}

func TestReadersAndWritersNeedOnlyTheirOwnKeys(t *testing.T) {
	s, private := signing(t), key(t)
	writer, err := wrapped.NewRSA(&private.PublicKey, nil, s, nil)
	check(t, err)
	reader, err := wrapped.NewRSA(nil, private, nil, s)
	check(t, err)
	m, err := writer.EncryptionMaterials(t.Context(), ec)
	check(t, err)
	if got, err := open(t, reader, m.Description); err != nil || !bytes.Equal(got, m.EncryptionKey) {
		t.Errorf("the reader cannot read what the writer wrote: %v", err)
	}
	if _, err := open(t, writer, m.Description); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("the writer reads: %v", err)
	}
	if _, err := reader.EncryptionMaterials(t.Context(), ec); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("the reader writes: %v", err)
	}
}

func TestUnfitWrappingKeysAreRefused(t *testing.T) {
	s, private := signing(t), key(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	check(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	for name, make := range map[string]func() (*wrapped.Provider, error){
		"no AES key":       func() (*wrapped.Provider, error) { return wrapped.NewAES(nil, s, s) },
		"AES of 20 bytes":  func() (*wrapped.Provider, error) { return wrapped.NewAES(kek[:20], s, s) },
		"AES, no signing":  func() (*wrapped.Provider, error) { return wrapped.NewAES(kek, nil, nil) },
		"no RSA key":       func() (*wrapped.Provider, error) { return wrapped.NewRSA(nil, nil, s, s) },
		"nil private key":  func() (*wrapped.Provider, error) { return wrapped.NewRSA(nil, (*rsa.PrivateKey)(nil), s, s) },
		"private, no RSA":  func() (*wrapped.Provider, error) { return wrapped.NewRSA(nil, ofCurve{}, s, s) },
		"small public key": func() (*wrapped.Provider, error) { return wrapped.NewRSA(&small.PublicKey, nil, s, s) },
		"small RSA key":    func() (*wrapped.Provider, error) { return wrapped.NewRSA(nil, small, s, s) },
		"two RSA keys":     func() (*wrapped.Provider, error) { return wrapped.NewRSA(&other.PublicKey, private, s, s) },
	} {
		if _, err := make(); !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("%s: got %v, want ErrNoUsableKey", name, err)
		}
	}
}

// ofCurve is a key that decrypts, but is not an RSA key.
type ofCurve struct{ stdcrypto.Decrypter }

func (ofCurve) Public() stdcrypto.PublicKey { return &ecdsa.PublicKey{} }

func TestWithDescription_RefusesTheProvidersOwnEntries(t *testing.T) {
	s := signing(t)
	for name, ok := range map[string]bool{"mine": true, envKey: false, envAlg: false, wrapAlg: false} {
		_, err := wrapped.NewAES(kek, s, s, wrapped.WithDescription(providers.MaterialDescription{name: "x"}))
		if (err == nil) != ok || err != nil && !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTheWrappingKeyIsCopied(t *testing.T) {
	s, own := signing(t), bytes.Clone(kek)
	p, err := wrapped.NewAES(own, s, s)
	check(t, err)
	m, err := p.EncryptionMaterials(t.Context(), ec)
	check(t, err)
	clear(own)
	if _, err := open(t, p, m.Description); err != nil {
		t.Error("the key changed with the caller's slice")
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
