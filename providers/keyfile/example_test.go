package keyfile_test

import (
	"crypto/ecdsa"
	"fmt"

	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyfile"
)

// A public key as openssl writes it. The key pair was made for this example.
const examplePublicKey = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEDSgmrtpyQuzXVew2+Fktohn+0MLk
t/1ShZP4wn6TIWtyxO5rGK1q/f6Lr9tetaQNOW9GP/fE9Iu5fLP4gDghUQ==
-----END PUBLIC KEY-----
`

// A process that only reads items needs no more than the public key.
func ExamplePublic() {
	public, err := keyfile.Public([]byte(examplePublicKey))
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := providers.NewVerifier("SHA256withECDSA", public)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verifier, "with", public.(*ecdsa.PublicKey).Curve.Params().Name)
	// Output: SHA256withECDSA with P-256
}
