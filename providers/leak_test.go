package providers_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

func TestNothingThatIsPrintedShowsAKey(t *testing.T) {
	secret := bytes.Repeat([]byte{0xC3}, 32)
	hmac, err := providers.NewHMAC("HmacSHA256", secret)
	check(t, err)
	staticProvider, err := static.New(secret, hmac, hmac)
	check(t, err)
	wrappedProvider, err := wrapped.NewAES(secret, hmac, hmac)
	check(t, err)
	key := rsaKey(t)
	rsaSigner, err := providers.NewSigner("SHA256withRSA", key)
	check(t, err)
	rsaProvider, err := wrapped.NewRSA(&key.PublicKey, key, rsaSigner, hmac)
	check(t, err)
	encryptor, err := ddbec.New(staticProvider)
	check(t, err)
	ec := providers.EncryptionContext{Table: crypto.TableInfo{Name: "t", PartitionKey: "id"}}
	sealing, err := staticProvider.EncryptionMaterials(context.Background(), ec)
	check(t, err)
	opening, err := staticProvider.DecryptionMaterials(context.Background(), ec, nil)
	check(t, err)

	var shown []string
	for _, k := range [][]byte{secret, key.D.Bytes(), key.Primes[0].Bytes()} {
		shown = append(shown,
			string(k[4:12]), hex.EncodeToString(k[4:12]), base64.StdEncoding.EncodeToString(k[3:12]),
			strings.Trim(fmt.Sprint(k[4:12]), "[]"), strings.Trim(fmt.Sprintf("%#v", k[4:12]), "[]byte{}"), strings.Trim(fmt.Sprintf("% x", k[4:12]), " "))
	}
	shown = append(shown, key.D.String()[:20], new(big.Int).Set(key.Primes[0]).String()[:20])

	for name, v := range map[string]any{
		"HMAC": hmac, "HMAC value": *hmac, "static": staticProvider, "static value": *staticProvider,
		"wrapped AES": wrappedProvider, "wrapped AES value": *wrappedProvider, "wrapped RSA": rsaProvider, "wrapped RSA value": *rsaProvider,
		"RSA signer": rsaSigner, "encryptor": encryptor, "encryptor value": *encryptor,
		"encryption materials": sealing, "encryption materials value": *sealing,
		"decryption materials": opening, "decryption materials value": *opening,
		"in a struct": struct{ P, M any }{staticProvider, sealing},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			printed := fmt.Sprintf(verb, v)
			for _, s := range shown {
				if strings.Contains(strings.ToLower(printed), strings.ToLower(s)) {
					t.Errorf("%s with %s shows a key: %.200s", name, verb, printed)
				}
			}
		}
	}
}
