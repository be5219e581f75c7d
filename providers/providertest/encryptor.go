package providertest

import (
	"crypto/sha256"
	"testing"

	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

// Encryptor returns an encryptor with a fixed key, so that encryptors of
// different tests open each other's items, and items kept in test data stay
// readable. It uses the suite without ECDSA, which is faster.
//
// The key is public: never protect anything with it. The test closes the
// encryptor when it ends.
func Encryptor(t testing.TB) *dbesdk.Encryptor {
	t.Helper()
	key := sha256.Sum256([]byte("the key of ddbenc's test encryptor, which is not secret"))
	keys, err := raw.NewAES("providertest", "fixed", key[:])
	if err != nil {
		t.Fatal(err)
	}
	encryptor, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { encryptor.Close() })
	return encryptor
}
