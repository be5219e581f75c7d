package providers_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// JSON encoding does not call the methods that fmt calls: it writes exported
// fields unless the type has a MarshalJSON or MarshalText method.
func TestNothingThatIsLoggedShowsAKey(t *testing.T) {
	secret := bytes.Repeat([]byte("K3y!"), 8)
	hmac, err := providers.NewHMAC("HmacSHA256", secret)
	check(t, err)
	fixed, err := static.New(secret, hmac, hmac)
	check(t, err)
	withAES, err := wrapped.NewAES(secret, hmac, hmac)
	check(t, err)
	sealing := &providers.EncryptionMaterials{EncryptionKey: secret, Signer: hmac, Description: providers.MaterialDescription{"version": "1"}}
	opening := &providers.DecryptionMaterials{DecryptionKey: secret, Verifier: hmac}

	var out bytes.Buffer
	for name, v := range map[string]any{
		"HMAC": hmac, "static": fixed, "wrapped": withAES,
		"encryption materials": sealing, "encryption materials value": *sealing,
		"decryption materials": opening, "decryption materials value": *opening,
		"in a struct": struct {
			P providers.Provider
			M *providers.EncryptionMaterials
			D providers.DecryptionMaterials
		}{fixed, sealing, *opening},
		"in a map": map[string]any{"m": []any{sealing, opening}},
	} {
		for handler, logger := range map[string]func(io.Writer) slog.Handler{
			"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
			"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
		} {
			out.Reset()
			slog.New(logger(&out)).Info("made", "it", v)
			refuseSecret(t, name+", slog "+handler, out.String())
		}
		encoded, err := json.Marshal(v)
		check(t, err)
		refuseSecret(t, name+", JSON", string(encoded))
	}
	if encoded, err := json.Marshal(opening); err != nil || string(encoded) != `"decryption materials (key of 32 bytes)"` {
		t.Errorf("decryption materials are logged as %s, %v", encoded, err)
	}
}

func refuseSecret(t *testing.T, what, shown string) {
	t.Helper()
	for _, s := range []string{"K3y!", base64.StdEncoding.EncodeToString([]byte("K3y!K3y!K3y!"))} {
		if strings.Contains(shown, s) {
			t.Errorf("%s shows a key: %s", what, shown)
		}
	}
}
