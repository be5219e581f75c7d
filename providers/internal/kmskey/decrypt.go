package kmskey

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/service"
)

// maxCiphertext is the size limit of a KMS ciphertext, in bytes.
const maxCiphertext = 6144

// Decrypter is an operation of *kms.Client.
type Decrypter interface {
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Decrypt returns the plaintext of a ciphertext, which is secret. If the reply
// is for another key or algorithm, or does not have size bytes, the error wraps
// [crypto.ErrTampered].
func Decrypt(ctx context.Context, client Decrypter, size int, in *kms.DecryptInput) ([]byte, error) {
	if !IsCiphertext(in.CiphertextBlob) {
		return nil, fmt.Errorf("%w: it has no ciphertext of KMS", crypto.ErrTampered)
	}
	out, err := client.Decrypt(ctx, in)
	if err != nil {
		return nil, service.KMS(err)
	}
	if aws.ToString(out.KeyId) != *in.KeyId || len(out.Plaintext) != size ||
		!isAlgorithm(out.EncryptionAlgorithm, in.EncryptionAlgorithm) {
		clear(out.Plaintext)
		return nil, fmt.Errorf("%w: the reply of KMS has no key of %d bytes, unwrapped by %s",
			crypto.ErrTampered, size, *in.KeyId)
	}
	return out.Plaintext, nil
}

// isAlgorithm reports whether a reply names the requested algorithm, or none:
// some local key services omit it.
func isAlgorithm(answered, asked types.EncryptionAlgorithmSpec) bool {
	if asked == "" {
		asked = types.EncryptionAlgorithmSpecSymmetricDefault
	}
	return answered == "" || answered == asked
}

// IsCiphertext reports whether b has a size that a KMS ciphertext can have.
func IsCiphertext(b []byte) bool { return len(b) > 0 && len(b) <= maxCiphertext }
