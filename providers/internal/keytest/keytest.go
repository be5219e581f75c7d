// Package keytest has ARNs and assertions about materials for the tests of
// keyrings.
package keytest

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// ARNs of the keys that [NewKMS] returns.
const (
	Key        = providertest.KeyARN
	OtherKey   = "arn:aws:kms:eu-west-1:111122223333:key/ffffffff-12ab-34cd-56ef-1234567890ab"
	KeyElse    = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	ForeignKey = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	MRK        = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	Replica    = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	RSAKey     = "arn:aws:kms:eu-west-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"
)

// NewKMS returns a KMS with the keys above, and private as [RSAKey] if it is
// not nil.
func NewKMS(private *rsa.PrivateKey) *providertest.KMS {
	s := providertest.NewKMS(OtherKey, KeyElse, ForeignKey, MRK, Replica)
	if private != nil {
		s.AddRSAKey(RSAKey, private)
	}
	return s
}

// Check fails the test on an error.
func Check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Context returns an encryption context.
func Context() keyring.EncryptionContext {
	return keyring.EncryptionContext{"aws-crypto-table-name": "accounts", "aws-crypto-attr.id": "AAEx"}
}

// Seal returns materials with the encrypted data keys of the keyrings.
func Seal(t testing.TB, ec keyring.EncryptionContext, keyrings ...keyring.Keyring) *keyring.EncryptionMaterials {
	t.Helper()
	materials, err := keyring.NewEncryptionMaterials(ec)
	Check(t, err)
	for _, k := range keyrings {
		Check(t, k.OnEncrypt(t.Context(), materials))
	}
	return materials
}

// Open returns the materials of encrypted data keys.
func Open(ctx context.Context, t testing.TB, ec keyring.EncryptionContext, k keyring.Keyring,
	keys ...keyring.EncryptedDataKey) (*keyring.DecryptionMaterials, error) {
	t.Helper()
	materials, err := keyring.NewDecryptionMaterials(ec)
	Check(t, err)
	err = k.OnDecrypt(ctx, materials, keys)
	if (err == nil) != (materials.DataKey() != nil) {
		t.Errorf("the error is %v, and the data key is there: %t", err, materials.DataKey() != nil)
	}
	return materials, err
}

// Opens fails the test unless k unwraps the data key, and the signing key of the
// i-th encrypted data key.
func Opens(t testing.TB, k keyring.Keyring, sealed *keyring.EncryptionMaterials, i int) {
	t.Helper()
	opened, err := Open(t.Context(), t, sealed.Context(), k, sealed.EncryptedDataKeys()...)
	Check(t, err)
	if !bytes.Equal(opened.DataKey(), sealed.DataKey()) || !bytes.Equal(opened.SigningKey(), sealed.SigningKeys()[i]) {
		t.Error("other keys come out")
	}
}

// Refuses fails the test unless k returns an error of that kind and of no other.
func Refuses(t testing.TB, k keyring.Keyring, kind error, ec keyring.EncryptionContext,
	keys ...keyring.EncryptedDataKey) error {
	t.Helper()
	_, err := Open(t.Context(), t, ec, k, keys...)
	for _, other := range []error{crypto.ErrTampered, crypto.ErrNoUsableKey, crypto.ErrKeyUnavailable, crypto.ErrPolicy} {
		if errors.Is(err, other) != (other == kind) {
			t.Errorf("%v, want %v only", err, kind)
		}
	}
	return err
}

// Silent fails the test if printing a value shows one of the secrets.
func Silent(t testing.TB, shows string, value any, secrets ...[]byte) {
	t.Helper()
	printed := fmt.Sprintf("%v %+v %#v %s %x %d", value, value, value, value, value, value)
	encoded, err := json.Marshal(value)
	Check(t, err)
	if !strings.Contains(printed, shows) {
		t.Errorf("it does not show %q: %s", shows, printed)
	}
	printed += string(encoded)
	for _, secret := range secrets {
		decimal := strings.Trim(fmt.Sprint(secret), "[]")
		for _, form := range []string{
			string(secret), hex.EncodeToString(secret), base64.StdEncoding.EncodeToString(secret),
			decimal, strings.ReplaceAll(decimal, " ", ", "),
		} {
			if strings.Contains(strings.ToLower(printed), strings.ToLower(form)) {
				t.Errorf("a secret shows: %s", printed)
			}
		}
	}
}
