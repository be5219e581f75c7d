// Package keys makes throw-away keys for the examples. A service keeps its keys
// in KMS, or where it keeps its secrets: without them, its items cannot be read
// again.
package keys

import (
	"crypto/rand"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// Encryptor returns an item encryptor with new random keys, in the format for
// new tables.
func Encryptor() (crypto.ItemEncryptor, error) { return EncryptorOf("dbesdk") }

// EncryptorOf is Encryptor for either item format, "dbesdk" or "ddbec".
func EncryptorOf(format string) (crypto.ItemEncryptor, error) {
	switch format {
	case "dbesdk":
		keys, err := raw.NewAES("examples", "throw-away", random())
		if err != nil {
			return nil, err
		}
		return dbesdk.New(keys)
	case "ddbec":
		signing, err := providers.NewHMAC("HmacSHA256", random())
		if err != nil {
			return nil, err
		}
		provider, err := wrapped.NewAES(random(), signing, signing)
		if err != nil {
			return nil, err
		}
		return ddbec.New(provider)
	}
	return nil, fmt.Errorf("unknown item format %q: dbesdk or ddbec", format)
}

func random() []byte {
	key := make([]byte, 32)
	rand.Read(key)
	return key
}
