package keyring_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

func TestNothingThatIsPrintedOrLoggedShowsAKey(t *testing.T) {
	secret := keyring.NewIntermediateKey()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	withAES, err := raw.NewAES("acme", "2026-11", secret)
	check(t, err)
	withRSA, err := raw.NewRSA("acme", "2026-11", raw.OAEPWithSHA256, &private.PublicKey, private)
	check(t, err)
	both, err := multi.New(withAES, withRSA)
	check(t, err)
	encryptor, err := dbesdk.New(both)
	check(t, err)
	defer encryptor.Close()
	m := sealing(t, keyring.EncryptionContext{"id": "a-1"})
	check(t, both.OnEncrypt(t.Context(), m))
	empty, o := opening(t, keyring.EncryptionContext{"id": "a-1"}), opening(t, keyring.EncryptionContext{"id": "a-1"})
	check(t, both.OnDecrypt(t.Context(), o, m.EncryptedDataKeys()))

	var shown []string
	for _, k := range slices.Concat([][]byte{secret, m.DataKey(), private.D.Bytes(), private.Primes[0].Bytes()}, m.SigningKeys()) {
		shown = append(shown,
			string(k[4:12]), hex.EncodeToString(k[4:12]), base64.StdEncoding.EncodeToString(k[3:12]),
			strings.Trim(fmt.Sprint(k[4:12]), "[]"), strings.Trim(fmt.Sprintf("%#v", k[4:12]), "[]byte{}"), fmt.Sprintf("% x", k[4:12]))
	}
	shown = append(shown, private.D.String()[:20], private.Primes[0].String()[:20])
	refuse := func(what, printed string) {
		t.Helper()
		for _, s := range shown {
			if strings.Contains(strings.ToLower(printed), strings.ToLower(s)) {
				t.Errorf("%s shows a key: %.200s", what, printed)
			}
		}
	}

	for name, v := range map[string]any{
		"raw AES": withAES, "raw AES value": *withAES, "raw RSA": withRSA, "raw RSA value": *withRSA, "multi": both, "multi value": *both,
		"encryptor": encryptor, "encryption materials": m, "encryption materials value": *m,
		"decryption materials": o, "decryption materials value": *o, "decryption materials without a key": empty,
		"in a struct": struct {
			K keyring.Keyring
			M any
			D keyring.DecryptionMaterials
		}{withAES, m, *o},
		"in a map": map[string]any{"m": []any{m, *m, o, *o, both}},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%p", "%t"} {
			refuse(name+" with "+verb, fmt.Sprintf(verb, v))
		}
		encoded, err := json.Marshal(v)
		check(t, err)
		refuse(name+" in JSON", string(encoded))
		for handler, logger := range map[string]func(io.Writer) slog.Handler{
			"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
			"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
		} {
			var out bytes.Buffer
			slog.New(logger(&out)).Info("made", "it", v)
			refuse(name+", slog "+handler, out.String())
		}
	}
	// They print a description instead.
	for want, v := range map[string]any{
		`raw AES keyring "2026-11" of "acme"`:                                                        withAES,
		`raw RSA keyring "2026-11" of "acme"`:                                                        withRSA,
		`multi-keyring of [raw AES keyring "2026-11" of "acme" raw RSA keyring "2026-11" of "acme"]`: both,
		"dbesdk(*multi.Keyring)":                                                                     encryptor,
		"encryption materials (2 encrypted data keys)":                                               m,
		"decryption materials (data key unwrapped)":                                                  o,
		"decryption materials (no data key yet)":                                                     empty,
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, v); got != want {
				t.Errorf("%s: got %s, want %s", verb, got, want)
			}
		}
	}
}
