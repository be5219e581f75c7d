package static_test

import (
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	reads, err := static.New(nil, nil, hmac)
	if err != nil {
		t.Fatal(err)
	}
	writes, err := static.New(nil, hmac, nil)
	if err != nil {
		t.Fatal(err)
	}
	errtest.Golden(t, map[string]error{
		"key size":                 second(static.New(make([]byte, 5), hmac, hmac)),
		"no signer or verifier":    second(static.New(nil, nil, nil)),
		"sealing without signer":   second(reads.EncryptionMaterials(t.Context(), providers.EncryptionContext{})),
		"opening without verifier": second(writes.DecryptionMaterials(t.Context(), providers.EncryptionContext{}, nil)),
	})
}
