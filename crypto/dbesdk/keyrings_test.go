package dbesdk_test

import (
	stdcrypto "crypto"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

var suites = []dbesdk.Suite{dbesdk.SuiteECDSA, dbesdk.SuiteHMAC}

// rawAES returns a keyring with a random key.
func rawAES(t testing.TB, name string) keyring.Keyring {
	t.Helper()
	keys, err := raw.NewAES("tests", name, keyring.NewIntermediateKey())
	itemtest.Check(t, err)
	return keys
}

var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// rawRSA returns a keyring with the one RSA key of these tests.
func rawRSA(t testing.TB, name string) keyring.Keyring {
	t.Helper()
	private, err := rsaKey()
	itemtest.Check(t, err)
	keys, err := raw.NewRSA("tests", name, raw.OAEPWithSHA256, &private.PublicKey, &remembering{Decrypter: private})
	itemtest.Check(t, err)
	return keys
}

// remembering uses a private key once for each ciphertext that unwraps, so
// that opening one item often is fast.
type remembering struct {
	stdcrypto.Decrypter
	seen sync.Map
}

func (r *remembering) Decrypt(random io.Reader, ciphertext []byte, options stdcrypto.DecrypterOpts) ([]byte, error) {
	if key, ok := r.seen.Load(string(ciphertext)); ok {
		return key.([]byte), nil
	}
	key, err := r.Decrypter.Decrypt(random, ciphertext, options)
	if err == nil {
		r.seen.Store(string(ciphertext), key)
	}
	return key, err
}

func several(t testing.TB, generator keyring.Keyring, children ...keyring.Keyring) keyring.Keyring {
	t.Helper()
	keys, err := multi.New(generator, children...)
	itemtest.Check(t, err)
	return keys
}

func newEncryptor(t testing.TB, keys keyring.Keyring, options ...dbesdk.Option) *dbesdk.Encryptor {
	t.Helper()
	e, err := dbesdk.New(keys, options...)
	itemtest.Check(t, err)
	t.Cleanup(func() { e.Close() })
	return e
}

// inVersion returns actions for the items of [itemtest.Account] under which
// they get a header of this version.
func inVersion(version int) crypto.Actions {
	actions := itemtest.Actions()
	if version == 2 {
		actions.Attributes["plan"] = crypto.SignInContext
	}
	return actions
}

func seal(t testing.TB, e *dbesdk.Encryptor, actions crypto.Actions, item crypto.Item) crypto.Item {
	t.Helper()
	sealed, err := e.EncryptItem(t.Context(), itemtest.Table(), actions, item)
	itemtest.Check(t, err)
	return sealed
}

func stored(t testing.TB, item crypto.Item, name string) []byte {
	t.Helper()
	b, ok := item[name].(*types.AttributeValueMemberB)
	if !ok {
		t.Fatalf("%s is %T", name, item[name])
	}
	return b.Value
}

func binaryValue(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }
