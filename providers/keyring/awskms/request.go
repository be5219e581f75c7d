package awskms

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// providerID marks encrypted data keys of symmetric KMS keys.
const providerID = "aws-kms"

// seal adds the data key under an intermediate key that KMS generates.
func seal(ctx context.Context, client Client, key kmskey.ARN, grantTokens []string,
	materials *keyring.EncryptionMaterials) error {
	out, err := client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId:             aws.String(key.String()),
		NumberOfBytes:     aws.Int32(keyring.KeySize),
		EncryptionContext: materials.Context(),
		GrantTokens:       slices.Clone(grantTokens),
	})
	if err != nil {
		return service.KMS(err)
	}
	defer clear(out.Plaintext)
	if aws.ToString(out.KeyId) != key.String() || len(out.Plaintext) != keyring.KeySize ||
		!kmskey.IsCiphertext(out.CiphertextBlob) {
		return fmt.Errorf("%w: the reply of KMS has no data key of %s", crypto.ErrNoUsableKey, key)
	}
	return materials.Add(providerID, []byte(key.String()), out.Plaintext, out.CiphertextBlob)
}

// opener opens what symmetric KMS keys sealed.
type opener struct {
	client      Decrypter
	grantTokens []string
	name        string // the keyring's, for errors
}

// open unwraps the first encrypted data key of a symmetric KMS key that it
// can. choose returns the key to decrypt with for the key that sealed, or false
// to ignore the data key.
func (o opener) open(ctx context.Context, materials *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey,
	choose func(sealedBy kmskey.ARN) (kmskey.ARN, bool)) error {
	if err := checkInfo(providerID, keys); err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	return keyring.Unwrapping(ctx, o.name, materials, keys, func(key keyring.EncryptedDataKey) ([]byte, error) {
		sealedBy, err := sealedBy(providerID, key)
		if err != nil {
			return nil, err
		}
		chosen, ok := choose(sealedBy)
		if !ok {
			return nil, keyring.ErrNotOurs
		}
		wrapped, err := key.Wrapped()
		if err != nil {
			return nil, err
		}
		return kmskey.Decrypt(ctx, o.client, keyring.KeySize, &kms.DecryptInput{
			KeyId:             aws.String(chosen.String()),
			CiphertextBlob:    wrapped,
			EncryptionContext: materials.Context(),
			GrantTokens:       slices.Clone(o.grantTokens),
		})
	})
}

// checkInfo rejects an item if one of its encrypted data keys has the provider
// ID and does not name a KMS key.
func checkInfo(providerID string, keys []keyring.EncryptedDataKey) error {
	for i, key := range keys {
		if _, err := sealedBy(providerID, key); err != nil && !errors.Is(err, keyring.ErrNotOurs) {
			return fmt.Errorf("encrypted data key %d: %w", i+1, err)
		}
	}
	return nil
}

// sealedBy returns the KMS key that wrapped an encrypted data key, or
// [keyring.ErrNotOurs] if the data key has another provider ID.
func sealedBy(providerID string, key keyring.EncryptedDataKey) (kmskey.ARN, error) {
	if key.ProviderID != providerID {
		return kmskey.ARN{}, keyring.ErrNotOurs
	}
	a, err := kmskey.ParseARN(string(key.ProviderInfo))
	if err != nil {
		return kmskey.ARN{}, fmt.Errorf("%w: its provider info is %w", crypto.ErrTampered, err)
	}
	return a, nil
}
