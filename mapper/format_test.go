package mapper_test

import (
	"fmt"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/static"
)

// format is an item format to run a test over.
type format struct {
	name string

	// header and signature are the attributes that the format adds.
	header, signature string

	// encryptor returns an encryptor whose keys follow from seed.
	encryptor func(t testing.TB, seed byte) crypto.ItemEncryptor

	// otherKey is the kind of error for an item sealed under another seed.
	otherKey error

	// context is true if the format can bind attributes into its encryption
	// context.
	context bool
}

var (
	ddbecFormat = format{
		name: "ddbec", header: ddbec.DescriptionAttribute, signature: ddbec.SignatureAttribute,
		encryptor: ddbecEncryptor, otherKey: crypto.ErrTampered,
	}
	dbesdkFormat = format{
		name: "dbesdk", header: dbesdk.HeadAttribute, signature: dbesdk.FootAttribute,
		encryptor: func(t testing.TB, seed byte) crypto.ItemEncryptor {
			return sdkEncryptor(t, fmt.Sprintf("key %d", seed))
		},
		otherKey: crypto.ErrNoUsableKey, context: true,
	}
)

// forEachFormat runs a test over both item formats.
func forEachFormat(t *testing.T, test func(t *testing.T, f format)) {
	t.Helper()
	for _, f := range []format{ddbecFormat, dbesdkFormat} {
		t.Run(f.name, func(t *testing.T) { test(t, f) })
	}
}

// ddbecEncryptor returns an encryptor with static keys.
func ddbecEncryptor(t testing.TB, seed byte) crypto.ItemEncryptor {
	t.Helper()
	key := make([]byte, 32)
	for i := range key {
		key[i] = seed
	}
	signing, err := providers.NewHMAC("HmacSHA256", key)
	check(t, err)
	provider, err := static.New(key, signing, signing)
	check(t, err)
	e, err := ddbec.New(provider)
	check(t, err)
	return e
}

// sdkEncryptor returns an encryptor of the Database Encryption SDK format
// whose key is called name. It makes no ECDSA signatures, which are slow under
// the race detector and tested with the format.
func sdkEncryptor(t testing.TB, name string) *dbesdk.Encryptor {
	t.Helper()
	key := make([]byte, 32)
	copy(key, name)
	keys, err := raw.NewAES("test", name, key)
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	t.Cleanup(func() { check(t, e.Close()) })
	return e
}
