package directkms_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/providers/directkms"
)

// The fake behaves as a key service does, in what the other tests rely on. The
// same is asked of a real one where DDBENC_KMS_ENDPOINT names it.
func TestTheFakeBehavesAsAKeyService(t *testing.T) {
	t.Run("fake", func(t *testing.T) { testKeyService(t, newKMS(), keyARN) })
	t.Run("real", func(t *testing.T) {
		endpoint := os.Getenv("DDBENC_KMS_ENDPOINT")
		if endpoint == "" {
			t.Skip("DDBENC_KMS_ENDPOINT is not set: make interop runs this against a key service")
		}
		client := kms.New(kms.Options{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: aws.CredentialsProviderFunc(
			func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
			})})
		key, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{})
		check(t, err)
		testKeyService(t, client, *key.KeyMetadata.Arn)
	})
}

func testKeyService(t *testing.T, client directkms.Client, keyID string) {
	context := map[string]string{"a": "1", "b": "2"}
	made, err := client.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{KeyId: &keyID, NumberOfBytes: aws.Int32(32), EncryptionContext: context})
	check(t, err)
	if len(made.Plaintext) != 32 || *made.KeyId != keyID || bytes.Contains(made.CiphertextBlob, made.Plaintext) {
		t.Errorf("a data key of %d bytes, by key %s", len(made.Plaintext), *made.KeyId)
	}
	got, err := client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: &keyID, CiphertextBlob: made.CiphertextBlob, EncryptionContext: context})
	check(t, err)
	if !bytes.Equal(got.Plaintext, made.Plaintext) || *got.KeyId != keyID {
		t.Errorf("another data key comes back, by key %s", *got.KeyId)
	}
	damaged := bytes.Clone(made.CiphertextBlob)
	damaged[len(damaged)-1] ^= 1
	for name, in := range map[string]*kms.DecryptInput{
		"another value":   {KeyId: &keyID, CiphertextBlob: made.CiphertextBlob, EncryptionContext: map[string]string{"a": "1", "b": "3"}},
		"a value missing": {KeyId: &keyID, CiphertextBlob: made.CiphertextBlob, EncryptionContext: map[string]string{"a": "1"}},
		"no context":      {KeyId: &keyID, CiphertextBlob: made.CiphertextBlob},
		"damaged":         {KeyId: &keyID, CiphertextBlob: damaged, EncryptionContext: context},
	} {
		_, err := client.Decrypt(t.Context(), in)
		var invalid *kmstypes.InvalidCiphertextException
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
