package providers_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	short := &rsa.PublicKey{N: big.NewInt(3), E: 65537}
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	errtest.Golden(t, map[string]error{
		"HMAC: algorithm":     second(providers.NewHMAC("HmacMD5", make([]byte, 32))),
		"HMAC: no key":        second(providers.NewHMAC("HmacSHA256", nil)),
		"signer: no key":      second(providers.NewSigner("SHA256withECDSA", nil)),
		"signer: algorithm":   second(providers.NewSigner("SHA1withECDSA", key)),
		"signer: kind of key": second(providers.NewSigner("SHA256withRSA", key)),
		"verifier: short key": second(providers.NewVerifier("SHA256withRSA", short)),
		"HMAC: signature":     hmac.Verify("", nil, nil),
	})
}
