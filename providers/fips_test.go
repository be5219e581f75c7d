package providers_test

import (
	"bytes"
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// The test runs itself again with GODEBUG=fips140=only, because docs/security.md
// says what works in that mode.
func TestFIPSOnlyMode_WorksOrSaysWhyNot(t *testing.T) {
	if !fips140.Enforced() {
		again := exec.Command(os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
		again.Env = append(os.Environ(), "GODEBUG=fips140=only")
		if out, err := again.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 14))
	check(t, err)
	provider, err := wrapped.NewAES(make([]byte, 32), hmac, hmac)
	check(t, err)
	encryptor, err := ddbec.New(provider)
	check(t, err)
	sealed, err := encryptor.EncryptItem(t.Context(), deviceTable, deviceActions, deviceItem)
	check(t, err)
	opened, err := encryptor.DecryptItem(t.Context(), deviceTable, deviceActions, sealed)
	check(t, err)
	if email, ok := opened["email"].(*types.AttributeValueMemberS); !ok || email.Value != "ada@example.com" {
		t.Error("another item comes out")
	}

	if _, err := providers.NewHMAC("HmacSHA256", make([]byte, 13)); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("a short HMAC key: got %v, want ErrNoUsableKey", err)
	}
	key := rsaKey(t)
	_, wrappedRSA := wrapped.NewRSA(&key.PublicKey, key, hmac, hmac)
	_, oaepSHA1 := raw.NewRSA("acme", "key", raw.OAEPWithSHA1, &key.PublicKey, key)
	_, pkcs1 := raw.NewRSA("acme", "key", raw.PKCS1v15, nil, key)
	_, kmsSHA1 := awskms.NewRSA("arn:aws:kms:eu-west-1:111122223333:key/1234abcd", awskms.OAEPWithSHA1, &key.PublicKey, nil)
	for what, err := range map[string]error{"wrapped": wrappedRSA, "raw RSA with SHA-1": oaepSHA1, "raw RSA with PKCS #1 v1.5": pkcs1, "RSA in KMS with SHA-1": kmsSHA1} {
		if !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v, want ErrPolicy", what, err)
		}
	}
	_, err = raw.NewRSA("acme", "key", raw.OAEPWithSHA256, &key.PublicKey, key)
	check(t, err)
}
