// Package keys makes throw-away keys for the examples. A service loads its keys
// from where it keeps its secrets instead: without them, its items cannot be
// read again.
package keys

import (
	"crypto/rand"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// Encryptor returns an item encryptor with a wrapping key and a signing key
// that nobody else has.
func Encryptor() (crypto.ItemEncryptor, error) {
	wrappingKey, signingKey := make([]byte, 32), make([]byte, 32)
	rand.Read(wrappingKey)
	rand.Read(signingKey)
	hmac, err := providers.NewHMAC("HmacSHA256", signingKey)
	if err != nil {
		return nil, err
	}
	provider, err := wrapped.NewAES(wrappingKey, hmac, hmac)
	if err != nil {
		return nil, err
	}
	return ddbec.New(provider)
}
