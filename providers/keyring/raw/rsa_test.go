package raw_test

import (
	"bytes"
	stdcrypto "crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

var (
	rsaKey   = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	otherKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
)

func keys(t testing.TB) (own, other *rsa.PrivateKey) {
	t.Helper()
	own, err := rsaKey()
	check(t, err)
	other, err = otherKey()
	check(t, err)
	return own, other
}

func newRSA(t testing.TB, padding raw.Padding, public *rsa.PublicKey, private stdcrypto.Decrypter) *raw.RSA {
	t.Helper()
	k, err := raw.NewRSA("acme", "2026-11", padding, public, private)
	check(t, err)
	return k
}

var paddings = []raw.Padding{raw.OAEPWithSHA1, raw.OAEPWithSHA256, raw.OAEPWithSHA384, raw.OAEPWithSHA512}

func TestRSA_OpensItsOwnPaddingOnly(t *testing.T) {
	own, _ := keys(t)
	for _, written := range paddings {
		m := sealed(t, newRSA(t, written, &own.PublicKey, nil))
		if key := m.EncryptedDataKeys()[0]; key.ProviderID != "acme" || string(key.ProviderInfo) != "2026-11" || len(key.Ciphertext) != 48+256 {
			t.Errorf("the encrypted data key is for %q of %q and has %d bytes", key.ProviderInfo, key.ProviderID, len(key.Ciphertext))
		}
		for _, read := range append(slices.Clone(paddings), raw.PKCS1v15) {
			o, err := open(t, newRSA(t, read, nil, own), itemContext, m.EncryptedDataKeys())
			switch {
			case read == written && (err != nil || !bytes.Equal(o.DataKey(), m.DataKey()) || !bytes.Equal(o.SigningKey(), m.SigningKeys()[0])):
				t.Errorf("padding %d: %v", written, err)
			case read != written && !errors.Is(err, crypto.ErrNoUsableKey) && !errors.Is(err, crypto.ErrTampered):
				t.Errorf("padding %d read as %d: got %v, want an error", written, read, err)
			}
		}
	}
}

// Other clients wrap the intermediate key itself, and use the same hash for OAEP
// and MGF1.
func TestRSA_OpensWhatOthersWrapped(t *testing.T) {
	own, _ := keys(t)
	intermediate := keyring.NewIntermediateKey()
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, &own.PublicKey, intermediate, nil)
	check(t, err)
	m := sealed(t)
	check(t, m.Add("acme", []byte("2026-11"), intermediate, wrapped))
	o, err := open(t, newRSA(t, raw.OAEPWithSHA256, nil, own), itemContext, m.EncryptedDataKeys())
	check(t, err)
	if !bytes.Equal(o.DataKey(), m.DataKey()) {
		t.Error("another data key comes out")
	}
}

func TestRSA_SealsOrOpensWithHalfOfTheKey(t *testing.T) {
	own, _ := keys(t)
	public, private := newRSA(t, raw.OAEPWithSHA256, &own.PublicKey, nil), newRSA(t, raw.OAEPWithSHA256, nil, own)
	m := sealed(t, public)
	_, err := open(t, private, itemContext, m.EncryptedDataKeys())
	check(t, err)
	if _, err := open(t, public, itemContext, m.EncryptedDataKeys()); !errors.Is(err, crypto.ErrNoUsableKey) || !strings.Contains(err.Error(), "no private key") {
		t.Errorf("opening with the public key: got %v, want ErrNoUsableKey", err)
	}
	if err := private.OnEncrypt(t.Context(), m); !errors.Is(err, crypto.ErrNoUsableKey) || !strings.Contains(err.Error(), "no public key") || len(m.EncryptedDataKeys()) != 1 {
		t.Errorf("sealing with the private key: got %v, want ErrNoUsableKey", err)
	}
}

func TestRSA_RejectsOtherKeysAndNames(t *testing.T) {
	own, other := keys(t)
	m := sealed(t, newRSA(t, raw.OAEPWithSHA256, &own.PublicKey, nil))
	named := func(namespace, name string) *raw.RSA {
		k, err := raw.NewRSA(namespace, name, raw.OAEPWithSHA256, nil, own)
		check(t, err)
		return k
	}
	for name, k := range map[string]*raw.RSA{
		"another key": newRSA(t, raw.OAEPWithSHA256, nil, other), "another namespace": named("ACME", "2026-11"),
		"another name": named("acme", "2026-12"), "a name that begins so": named("acme", "2026-1"), "a longer name": named("acme", "2026-111"),
	} {
		if _, err := open(t, k, itemContext, m.EncryptedDataKeys()); !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("%s: got %v, want ErrNoUsableKey", name, err)
		}
	}
	// RSA does not bind the encryption context; the wrapping around it does.
	for name, ec := range map[string]keyring.EncryptionContext{"another item's": {"id": "a-2", "table": "accounts"}, "no": nil} {
		if _, err := open(t, named("acme", "2026-11"), ec, m.EncryptedDataKeys()); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s context: got %v, want ErrTampered", name, err)
		}
	}
}

func TestRSA_FindsItsDataKeyAmongOthers(t *testing.T) {
	own, other := keys(t)
	imposter := newRSA(t, raw.OAEPWithSHA256, &other.PublicKey, nil)
	theirs, err := raw.NewRSA("acme", "theirs", raw.OAEPWithSHA256, &own.PublicKey, nil)
	check(t, err)
	mine := newRSA(t, raw.OAEPWithSHA256, &own.PublicKey, own)
	m := sealed(t, theirs, imposter, mine)
	o, err := open(t, mine, itemContext, m.EncryptedDataKeys())
	check(t, err)
	if !bytes.Equal(o.SigningKey(), m.SigningKeys()[2]) {
		t.Error("another data key was taken")
	}
	if _, err := open(t, mine, itemContext, m.EncryptedDataKeys()[:2]); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("without it: got %v, want ErrNoUsableKey", err)
	}
	if _, err := open(t, mine, itemContext, nil); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("without any: got %v, want ErrNoUsableKey", err)
	}
	short := keyring.EncryptedDataKey{ProviderID: "acme", ProviderInfo: []byte("2026-11"), Ciphertext: make([]byte, 47)}
	if _, err := open(t, mine, itemContext, []keyring.EncryptedDataKey{short}); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("cut off: got %v, want ErrTampered", err)
	}
}

func TestRSA_SealsNothingWithPKCS1v15(t *testing.T) {
	own, _ := keys(t)
	m := sealed(t)
	if err := newRSA(t, raw.PKCS1v15, &own.PublicKey, own).OnEncrypt(t.Context(), m); !errors.Is(err, crypto.ErrPolicy) || len(m.EncryptedDataKeys()) != 0 {
		t.Errorf("got %v, want ErrPolicy", err)
	}
}

// frank is a private key in a device that, unlike crypto/rsa, reports a bad
// padding.
type frank struct {
	*rsa.PrivateKey
	answer []byte
}

func (f frank) Decrypt(random io.Reader, ciphertext []byte, _ stdcrypto.DecrypterOpts) ([]byte, error) {
	if f.answer != nil {
		return f.answer, nil
	}
	return f.PrivateKey.Decrypt(random, ciphertext, nil)
}

// An attacker who learns whether a padding is valid can decrypt with that.
func TestRSA_HidesWhetherPKCS1v15PaddingIsValid(t *testing.T) {
	own, other := keys(t)
	intermediate := keyring.NewIntermediateKey()
	pad := func(key []byte, public *rsa.PublicKey) []byte {
		//lint:ignore SA1019 items with this padding exist
		wrapped, err := rsa.EncryptPKCS1v15(rand.Reader, public, key)
		check(t, err)
		return wrapped
	}
	with := func(wrapped []byte) *keyring.EncryptionMaterials {
		m := sealed(t)
		check(t, m.Add("acme", []byte("2026-11"), intermediate, wrapped))
		return m
	}
	good := with(pad(intermediate, &own.PublicKey))
	flipped := pad(intermediate, &own.PublicKey)
	flipped[17] ^= 1
	for device, private := range map[string]stdcrypto.Decrypter{"crypto/rsa": own, "a device": frank{PrivateKey: own}} {
		k := newRSA(t, raw.PKCS1v15, nil, private)
		o, err := open(t, k, itemContext, good.EncryptedDataKeys())
		check(t, err)
		if !bytes.Equal(o.DataKey(), good.DataKey()) {
			t.Errorf("%s: another data key comes out", device)
		}
		texts := make(map[string]bool)
		for name, m := range map[string]*keyring.EncryptionMaterials{
			"another good key":      with(pad(keyring.NewIntermediateKey(), &own.PublicKey)),
			"a shorter key":         with(pad(intermediate[:31], &own.PublicKey)),
			"a longer key":          with(pad(append(slices.Clone(intermediate), 0), &own.PublicKey)),
			"nothing":               with(pad(nil, &own.PublicKey)),
			"for another key":       with(pad(intermediate, &other.PublicKey)),
			"a bad padding":         with(flipped),
			"zeros":                 with(make([]byte, 256)),
			"more than the modulus": with(bytes.Repeat([]byte{0xff}, 256)),
			"another length":        with(make([]byte, 255)),
			"no ciphertext":         with(nil),
			"OAEP":                  sealed(t, newRSA(t, raw.OAEPWithSHA256, &own.PublicKey, nil)),
		} {
			_, err := open(t, k, itemContext, m.EncryptedDataKeys())
			if !errors.Is(err, crypto.ErrTampered) || errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("%s, %s: got %v, want ErrTampered", device, name, err)
				continue
			}
			texts[err.Error()] = true
		}
		if len(texts) != 1 {
			t.Errorf("%s: the errors differ: %q", device, slices.Sorted(maps.Keys(texts)))
		}
	}
	// A device that returns a key of another size is treated the same.
	for _, answer := range [][]byte{{}, intermediate[:16], make([]byte, 64)} {
		if _, err := open(t, newRSA(t, raw.PKCS1v15, nil, frank{own, answer}), itemContext, good.EncryptedDataKeys()); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("an answer of %d bytes: got %v, want ErrTampered", len(answer), err)
		}
	}
}

// locked is a private key that cannot be used.
type locked struct {
	*rsa.PrivateKey
	err error
}

func (l locked) Decrypt(io.Reader, []byte, stdcrypto.DecrypterOpts) ([]byte, error) {
	return nil, l.err
}

func TestRSA_WrapsTheCauseOfAFailure(t *testing.T) {
	own, _ := keys(t)
	cause := errors.New("the device is locked")
	m := sealed(t, newRSA(t, raw.OAEPWithSHA256, &own.PublicKey, nil))
	if _, err := open(t, newRSA(t, raw.OAEPWithSHA256, nil, locked{own, cause}), itemContext, m.EncryptedDataKeys()); !errors.Is(err, cause) || !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("got %v, want ErrNoUsableKey with its cause", err)
	}
	away := fmt.Errorf("%w: the device does not answer", crypto.ErrKeyUnavailable)
	if _, err := open(t, newRSA(t, raw.OAEPWithSHA256, nil, locked{own, away}), itemContext, m.EncryptedDataKeys()); !errors.Is(err, away) || errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("got %v, want ErrKeyUnavailable alone", err)
	}
	// A device that returns a key of another size.
	if _, err := open(t, newRSA(t, raw.OAEPWithSHA256, nil, frank{own, []byte("short")}), itemContext, m.EncryptedDataKeys()); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("a short key: got %v, want ErrTampered", err)
	}
}

// ofCurve is a private key that is not an RSA key.
type ofCurve struct{ *ecdsa.PrivateKey }

func (ofCurve) Decrypt(io.Reader, []byte, stdcrypto.DecrypterOpts) ([]byte, error) { return nil, nil }

func TestNewRSA_ValidatesArguments(t *testing.T) {
	own, other := keys(t)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	small := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2046), E: 65537} // 2047 bits
	smallPrivate := &rsa.PrivateKey{PublicKey: *small}
	for name, c := range map[string]struct {
		namespace, name string
		padding         raw.Padding
		public          *rsa.PublicKey
		private         stdcrypto.Decrypter
		want            error
	}{
		"no namespace":             {"", "name", raw.OAEPWithSHA256, &own.PublicKey, own, crypto.ErrPolicy},
		"no name":                  {"acme", "", raw.OAEPWithSHA256, &own.PublicKey, own, crypto.ErrPolicy},
		"a KMS namespace":          {"aws-kms-rsa", "name", raw.OAEPWithSHA256, &own.PublicKey, own, crypto.ErrPolicy},
		"no padding":               {"acme", "name", 0, &own.PublicKey, own, crypto.ErrPolicy},
		"an unknown padding":       {"acme", "name", 6, &own.PublicKey, own, crypto.ErrPolicy},
		"no key":                   {"acme", "name", raw.OAEPWithSHA256, nil, nil, crypto.ErrNoUsableKey},
		"a small public key":       {"acme", "name", raw.OAEPWithSHA256, small, nil, crypto.ErrNoUsableKey},
		"a small private key":      {"acme", "name", raw.OAEPWithSHA256, nil, smallPrivate, crypto.ErrNoUsableKey},
		"an empty public key":      {"acme", "name", raw.OAEPWithSHA256, &rsa.PublicKey{}, nil, crypto.ErrNoUsableKey},
		"keys of two pairs":        {"acme", "name", raw.OAEPWithSHA256, &own.PublicKey, other, crypto.ErrNoUsableKey},
		"a private key of a curve": {"acme", "name", raw.OAEPWithSHA256, nil, ofCurve{curve}, crypto.ErrNoUsableKey},
	} {
		if k, err := raw.NewRSA(c.namespace, c.name, c.padding, c.public, c.private); k != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestRSA_IsSafeForConcurrentUse(t *testing.T) {
	own, _ := keys(t)
	k := newRSA(t, raw.OAEPWithSHA256, &own.PublicKey, own)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			m, err := keyring.NewEncryptionMaterials(keyring.EncryptionContext{"id": fmt.Sprint(i)})
			if err == nil {
				err = k.OnEncrypt(t.Context(), m)
			}
			if err != nil {
				t.Error(err)
				return
			}
			if o, err := open(t, k, m.Context(), m.EncryptedDataKeys()); err != nil || !bytes.Equal(o.DataKey(), m.DataKey()) {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestNewRSA_RejectsANilPrivateKeyInAnInterface(t *testing.T) {
	own, _ := keys(t)
	var none *rsa.PrivateKey
	if _, err := raw.NewRSA("acme", "2026-11", raw.OAEPWithSHA256, &own.PublicKey, none); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("got %v, want ErrNoUsableKey", err)
	}
}
