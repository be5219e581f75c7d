package keyring_test

import (
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	ec := keyring.EncryptionContext{"aws-crypto-table-name": "accounts"}
	sealing, err := keyring.NewEncryptionMaterials(ec)
	if err != nil {
		t.Fatal(err)
	}
	opening, err := keyring.NewDecryptionMaterials(ec)
	if err != nil {
		t.Fatal(err)
	}
	key := keyring.NewIntermediateKey()
	if err := sealing.Add("a", nil, key, nil); err != nil {
		t.Fatal(err)
	}
	sealed := sealing.EncryptedDataKeys()[0]
	other := func(keyring.EncryptedDataKey) ([]byte, error) { return nil, keyring.ErrNotOurs }
	wrong := func(keyring.EncryptedDataKey) ([]byte, error) { return keyring.NewIntermediateKey(), nil }
	errs := map[string]error{
		"ErrNotOurs":                   keyring.ErrNotOurs,
		"encryption context":           second(keyring.NewEncryptionMaterials(keyring.EncryptionContext{"\xff": ""})),
		"adding: provider ID":          sealing.Add("\xff", nil, key, nil),
		"adding: intermediate key":     sealing.Add("a", nil, key[:5], nil),
		"adding: size":                 sealing.Add("a", nil, key, make([]byte, 1<<16)),
		"wrapped: short ciphertext":    second(keyring.EncryptedDataKey{}.Wrapped()),
		"unwrapping: short ciphertext": opening.Unwrap(keyring.EncryptedDataKey{}, key),
		"unwrapping: wrong key":        opening.Unwrap(sealed, keyring.NewIntermediateKey()),
		"unwrapping: other keyrings":   keyring.Unwrapping(t.Context(), "mine", opening, sealing.EncryptedDataKeys(), other),
		"unwrapping: one of the keys":  keyring.Unwrapping(t.Context(), "mine", opening, sealing.EncryptedDataKeys(), wrong),
	}
	if err := opening.Unwrap(sealed, key); err != nil {
		t.Fatal(err)
	}
	errs["unwrapping: twice"] = opening.Unwrap(sealed, key)
	errtest.Golden(t, errs)
}
