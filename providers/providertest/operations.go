package providertest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
)

// GenerateDataKey returns a new key, and the same key encrypted.
func (k *KMS) GenerateDataKey(ctx context.Context, in *kms.GenerateDataKeyInput,
	_ ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	return serve(ctx, k, "GenerateDataKey", in, func() (*kms.GenerateDataKeyOutput, error) {
		key, err := newDataKey(in.NumberOfBytes, in.KeySpec)
		if err != nil {
			return nil, err
		}
		arn, ciphertext, err := k.encrypt(in.KeyId, "", in.EncryptionContext, key)
		if err != nil {
			return nil, err
		}
		return &kms.GenerateDataKeyOutput{KeyId: &arn, Plaintext: key, CiphertextBlob: ciphertext}, nil
	})
}

// GenerateDataKeyWithoutPlaintext returns a new key, encrypted.
func (k *KMS) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput,
	_ ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	const operation = "GenerateDataKeyWithoutPlaintext"
	return serve(ctx, k, operation, in, func() (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
		key, err := newDataKey(in.NumberOfBytes, in.KeySpec)
		if err != nil {
			return nil, err
		}
		arn, ciphertext, err := k.encrypt(in.KeyId, "", in.EncryptionContext, key)
		if err != nil {
			return nil, err
		}
		return &kms.GenerateDataKeyWithoutPlaintextOutput{KeyId: &arn, CiphertextBlob: ciphertext}, nil
	})
}

// Encrypt encrypts a plaintext of up to 4096 bytes.
func (k *KMS) Encrypt(ctx context.Context, in *kms.EncryptInput, _ ...func(*kms.Options)) (*kms.EncryptOutput, error) {
	return serve(ctx, k, "Encrypt", in, func() (*kms.EncryptOutput, error) {
		if len(in.Plaintext) < 1 || len(in.Plaintext) > 4096 {
			return nil, invalid("a plaintext of %d bytes", len(in.Plaintext))
		}
		arn, ciphertext, err := k.encrypt(in.KeyId, in.EncryptionAlgorithm, in.EncryptionContext, in.Plaintext)
		if err != nil {
			return nil, err
		}
		return &kms.EncryptOutput{
			KeyId: &arn, CiphertextBlob: ciphertext, EncryptionAlgorithm: algorithm(in.EncryptionAlgorithm),
		}, nil
	})
}

// Decrypt decrypts a ciphertext. Without a key ID it uses the symmetric key
// that encrypted it.
func (k *KMS) Decrypt(ctx context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	return serve(ctx, k, "Decrypt", in, func() (*kms.DecryptOutput, error) {
		arn, plaintext, err := k.decrypt(in.KeyId, in.EncryptionAlgorithm, in.EncryptionContext, in.CiphertextBlob)
		if err != nil {
			return nil, err
		}
		return &kms.DecryptOutput{
			KeyId: &arn, Plaintext: plaintext, EncryptionAlgorithm: algorithm(in.EncryptionAlgorithm),
		}, nil
	})
}

// ReEncrypt decrypts a ciphertext and encrypts the plaintext again.
func (k *KMS) ReEncrypt(ctx context.Context, in *kms.ReEncryptInput,
	_ ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	return serve(ctx, k, "ReEncrypt", in, func() (*kms.ReEncryptOutput, error) {
		from, plaintext, err := k.decrypt(in.SourceKeyId, in.SourceEncryptionAlgorithm, in.SourceEncryptionContext,
			in.CiphertextBlob)
		if err != nil {
			return nil, err
		}
		to, ciphertext, err := k.encrypt(in.DestinationKeyId, in.DestinationEncryptionAlgorithm,
			in.DestinationEncryptionContext, plaintext)
		if err != nil {
			return nil, err
		}
		return &kms.ReEncryptOutput{SourceKeyId: &from, KeyId: &to, CiphertextBlob: ciphertext}, nil
	})
}

// GetPublicKey returns the public key of an RSA key.
func (k *KMS) GetPublicKey(ctx context.Context, in *kms.GetPublicKeyInput,
	_ ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error) {
	return serve(ctx, k, "GetPublicKey", in, func() (*kms.GetPublicKeyOutput, error) {
		arn, err := k.find(in.KeyId)
		if err != nil {
			return nil, err
		}
		private := k.keys.rsa[arn]
		if private == nil {
			return nil, &types.UnsupportedOperationException{Message: aws.String("the key is symmetric")}
		}
		der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
		if err != nil {
			return nil, err
		}
		return &kms.GetPublicKeyOutput{KeyId: &arn, PublicKey: der, KeyUsage: types.KeyUsageTypeEncryptDecrypt}, nil
	})
}

// newDataKey returns a random key of the size that exactly one of the arguments
// names.
func newDataKey(bytes *int32, spec types.DataKeySpec) ([]byte, error) {
	size := aws.ToInt32(bytes)
	switch {
	case bytes != nil && spec != "":
		return nil, invalid("both NumberOfBytes and KeySpec")
	case spec == types.DataKeySpecAes256:
		size = 32
	case spec == types.DataKeySpecAes128:
		size = 16
	}
	if size < 1 || size > 1024 {
		return nil, invalid("a data key of %d bytes", size)
	}
	key := make([]byte, size)
	rand.Read(key)
	return key, nil
}

func (k *KMS) encrypt(name *string, with types.EncryptionAlgorithmSpec, context map[string]string,
	plaintext []byte) (arn string, ciphertext []byte, err error) {
	if arn, err = k.find(name); err != nil {
		return "", nil, err
	}
	if private := k.keys.rsa[arn]; private != nil {
		h, err := oaep(with, context)
		if err != nil {
			return "", nil, err
		}
		if ciphertext, err = rsa.EncryptOAEP(h, rand.Reader, &private.PublicKey, plaintext, nil); err != nil {
			return "", nil, invalid("a plaintext of %d bytes", len(plaintext))
		}
		return arn, ciphertext, nil
	}
	if algorithm(with) != types.EncryptionAlgorithmSpecSymmetricDefault {
		return "", nil, &types.InvalidKeyUsageException{}
	}
	return arn, k.keys.symmetric[arn].Seal(nil, nil, plaintext, additionalData(context)), nil
}

func (k *KMS) decrypt(name *string, with types.EncryptionAlgorithmSpec, context map[string]string,
	ciphertext []byte) (arn string, plaintext []byte, err error) {
	// KMS finds the key of a symmetric ciphertext.
	candidates := k.arns()
	if name != nil {
		if arn, err = k.find(name); err != nil {
			return "", nil, err
		}
		candidates = []string{arn}
	}
	if private := k.keys.rsa[arn]; private != nil {
		h, err := oaep(with, context)
		if err != nil {
			return "", nil, err
		}
		if plaintext, err = rsa.DecryptOAEP(h, nil, private, ciphertext, nil); err != nil {
			return "", nil, &types.InvalidCiphertextException{}
		}
		return arn, plaintext, nil
	}
	if algorithm(with) != types.EncryptionAlgorithmSpecSymmetricDefault {
		return "", nil, &types.InvalidKeyUsageException{}
	}
	for _, arn := range candidates {
		if plaintext, ok := k.open(arn, context, ciphertext); ok {
			return arn, plaintext, nil
		}
	}
	for arn := range k.keys.symmetric {
		if _, ok := k.open(arn, context, ciphertext); ok {
			return "", nil, &types.IncorrectKeyException{Message: aws.String("another key encrypted the ciphertext")}
		}
	}
	return "", nil, &types.InvalidCiphertextException{}
}

func (k *KMS) open(arn string, context map[string]string, ciphertext []byte) (plaintext []byte, ok bool) {
	aead := k.keys.symmetric[arn]
	if aead == nil {
		return nil, false
	}
	plaintext, err := aead.Open(nil, nil, ciphertext, additionalData(context))
	return plaintext, err == nil
}

// oaep returns the hash of an algorithm for RSA, which takes no encryption
// context.
func oaep(with types.EncryptionAlgorithmSpec, context map[string]string) (hash.Hash, error) {
	switch {
	case len(context) > 0:
		return nil, invalid("an encryption context with an RSA key")
	case with == types.EncryptionAlgorithmSpecRsaesOaepSha256:
		return sha256.New(), nil
	case with == types.EncryptionAlgorithmSpecRsaesOaepSha1:
		return sha1.New(), nil
	}
	return nil, &types.InvalidKeyUsageException{}
}

func algorithm(asked types.EncryptionAlgorithmSpec) types.EncryptionAlgorithmSpec {
	if asked == "" {
		return types.EncryptionAlgorithmSpecSymmetricDefault
	}
	return asked
}

// additionalData serializes an encryption context without ambiguity.
func additionalData(context map[string]string) []byte {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(context)) {
		fmt.Fprintf(&b, "%q=%q;", name, context[name])
	}
	return []byte(b.String())
}

func invalid(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf(format, args...)}
}
