// Package kmskey is what the keyrings of AWS KMS share: the ARNs of keys, and
// the requests with everything that has to be checked about their replies.
package kmskey

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// ProviderID marks encrypted data keys of symmetric KMS keys.
const ProviderID = "aws-kms"

// maxCiphertext is how long a ciphertext of KMS can be, in bytes.
const maxCiphertext = 6144

// Generator and Decrypter are single operations of *awskms.Client.
type (
	Generator interface {
		GenerateDataKey(context.Context, *awskms.GenerateDataKeyInput, ...func(*awskms.Options)) (*awskms.GenerateDataKeyOutput, error)
	}
	Decrypter interface {
		Decrypt(context.Context, *awskms.DecryptInput, ...func(*awskms.Options)) (*awskms.DecryptOutput, error)
	}
)

// Seal adds the data key under an intermediate key of KMS.
func Seal(ctx context.Context, client Generator, key ARN, grantTokens []string, materials *keyring.EncryptionMaterials) error {
	out, err := client.GenerateDataKey(ctx, &awskms.GenerateDataKeyInput{
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
		!isCiphertext(out.CiphertextBlob) {
		return fmt.Errorf("%w: the reply of KMS holds no data key of %s", crypto.ErrNoUsableKey, key)
	}
	return materials.Add(ProviderID, []byte(key.String()), out.Plaintext, out.CiphertextBlob)
}

// Open unwraps the first encrypted data key of a symmetric KMS key that it
// can. choose returns which key to ask KMS for to open what another one, or
// the same, has sealed, and false if that is not to be opened. name is the
// keyring's, for errors.
func Open(ctx context.Context, client Decrypter, grantTokens []string, name string, materials *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey, choose func(sealedBy ARN) (ARN, bool)) error {
	if err := CheckInfo(ProviderID, keys); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return keyring.Unwrapping(ctx, name, materials, keys, func(key keyring.EncryptedDataKey) ([]byte, error) {
		sealedBy, err := SealedBy(ProviderID, key)
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
		return Decrypt(ctx, client, keyring.KeySize, &awskms.DecryptInput{
			KeyId:             aws.String(chosen.String()),
			CiphertextBlob:    wrapped,
			EncryptionContext: materials.Context(),
			GrantTokens:       slices.Clone(grantTokens),
		})
	})
}

// CheckInfo refuses an item one of whose encrypted data keys says that it is
// for KMS, and not for which key.
func CheckInfo(providerID string, keys []keyring.EncryptedDataKey) error {
	for i, key := range keys {
		if _, err := SealedBy(providerID, key); err != nil && !errors.Is(err, keyring.ErrNotOurs) {
			return fmt.Errorf("encrypted data key %d: %w", i+1, err)
		}
	}
	return nil
}

// SealedBy returns the key that wrapped an encrypted data key, or
// [keyring.ErrNotOurs] if it has another provider ID.
func SealedBy(providerID string, key keyring.EncryptedDataKey) (ARN, error) {
	if key.ProviderID != providerID {
		return ARN{}, keyring.ErrNotOurs
	}
	a, err := ParseARN(string(key.ProviderInfo))
	if err != nil {
		return ARN{}, fmt.Errorf("%w: its provider info is %w", crypto.ErrTampered, err)
	}
	return a, nil
}

// Decrypt has KMS decrypt a ciphertext and returns the plaintext, of size
// bytes, which is secret. A reply about something else is
// [crypto.ErrTampered].
func Decrypt(ctx context.Context, client Decrypter, size int, in *awskms.DecryptInput) ([]byte, error) {
	if !isCiphertext(in.CiphertextBlob) {
		return nil, fmt.Errorf("%w: it holds no ciphertext of KMS", crypto.ErrTampered)
	}
	out, err := client.Decrypt(ctx, in)
	if err != nil {
		return nil, service.KMS(err)
	}
	if aws.ToString(out.KeyId) != *in.KeyId || len(out.Plaintext) != size ||
		!isAlgorithm(out.EncryptionAlgorithm, in.EncryptionAlgorithm) {
		clear(out.Plaintext)
		return nil, fmt.Errorf("%w: the reply of KMS holds no key of %d bytes that %s unwrapped",
			crypto.ErrTampered, size, *in.KeyId)
	}
	return out.Plaintext, nil
}

// isAlgorithm reports whether a reply names the algorithm that was asked for,
// or none, as some key services that stand in for KMS do.
func isAlgorithm(answered, asked types.EncryptionAlgorithmSpec) bool {
	if asked == "" {
		asked = types.EncryptionAlgorithmSpecSymmetricDefault
	}
	return answered == "" || answered == asked
}

func isCiphertext(b []byte) bool { return len(b) > 0 && len(b) <= maxCiphertext }
