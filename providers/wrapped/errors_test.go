package wrapped_test

import (
	stdcrypto "crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"math/big"
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// decrypter is a private key that is not an RSA key.
type decrypter struct{}

func (decrypter) Public() stdcrypto.PublicKey { return &ecdsa.PublicKey{} }

func (decrypter) Decrypt(io.Reader, []byte, stdcrypto.DecrypterOpts) ([]byte, error) {
	return nil, io.EOF
}

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	key, other := make([]byte, 32), make([]byte, 32)
	other[0] = 1
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public := &rsa.PublicKey{N: new(big.Int).Add(private.N, big.NewInt(2)), E: private.E}
	made := func(p *wrapped.Provider, err error) *wrapped.Provider {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	provider := made(wrapped.NewAES(key, hmac, hmac))
	ec := providers.EncryptionContext{}
	open := func(p *wrapped.Provider, name, value string) error {
		t.Helper()
		materials, err := provider.EncryptionMaterials(t.Context(), ec)
		if err != nil {
			t.Fatal(err)
		}
		if name != "" {
			materials.Description[name] = value
		}
		return second(p.DecryptionMaterials(t.Context(), ec, materials.Description))
	}
	reserved := providers.MaterialDescription{"amzn-ddb-env-key": ""}
	errtest.Golden(t, map[string]error{
		"AES: key size":               second(wrapped.NewAES(make([]byte, 5), hmac, hmac)),
		"AES: PKCS #1 v1.5":           second(wrapped.NewAES(key, hmac, hmac, wrapped.WithPKCS1v15())),
		"no signer or verifier":       second(wrapped.NewAES(key, nil, nil)),
		"reserved entry":              second(wrapped.NewAES(key, hmac, hmac, wrapped.WithDescription(reserved))),
		"RSA: no key":                 second(wrapped.NewRSA(nil, nil, hmac, hmac)),
		"RSA: short key":              second(wrapped.NewRSA(&rsa.PublicKey{N: big.NewInt(3), E: 3}, nil, hmac, hmac)),
		"RSA: nil key":                second(wrapped.NewRSA(nil, (*rsa.PrivateKey)(nil), hmac, hmac)),
		"RSA: another key":            second(wrapped.NewRSA(public, private, hmac, hmac)),
		"RSA: another kind of key":    second(wrapped.NewRSA(nil, decrypter{}, hmac, hmac)),
		"RSA: PKCS #1 v1.5":           open(made(wrapped.NewRSA(nil, private, hmac, hmac)), "amzn-ddb-wrap-alg", "RSA"),
		"sealing without signer":      second(made(wrapped.NewAES(key, nil, hmac)).EncryptionMaterials(t.Context(), ec)),
		"opening without verifier":    open(made(wrapped.NewAES(key, hmac, nil)), "", ""),
		"opening: no wrapped key":     second(provider.DecryptionMaterials(t.Context(), ec, nil)),
		"opening: another key":        open(made(wrapped.NewAES(other, hmac, hmac)), "", ""),
		"opening: malformed":          open(provider, "amzn-ddb-env-key", "."),
		"opening: key type":           open(provider, "amzn-ddb-env-alg", "DES"),
		"opening: key length":         open(provider, "amzn-ddb-env-alg", "AES/1"),
		"opening: wrapping algorithm": open(provider, "amzn-ddb-wrap-alg", "RSA"),
	})
}
