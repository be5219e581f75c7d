package providertest_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/keytest"
	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
)

const primary, secondary = "eu-west-1", "us-east-1"

// contract is what the fake and a real key service have in common: two Regions
// with keys, and a multi-Region key in both. The service that make interop
// starts makes such a key and then cannot unwrap with it, so that the fake
// alone is asked about it.
type contract struct {
	clients                    map[string]awskms.Client
	key, other, elsewhere, mrk string
}

// The same is asked of a real one where DDBENC_KMS_ENDPOINT names it.
func TestTheFakeBehavesAsAKeyService(t *testing.T) {
	t.Run("fake", func(t *testing.T) {
		s := keytest.NewKMS(nil)
		testService(t, contract{map[string]awskms.Client{primary: s.In(primary), secondary: s.In(secondary)}, keytest.Key, keytest.OtherKey, keytest.KeyElse, keytest.MRK})
	})
	t.Run("real", func(t *testing.T) {
		endpoint := os.Getenv("DDBENC_KMS_ENDPOINT")
		if endpoint == "" {
			t.Skip("DDBENC_KMS_ENDPOINT is not set: make interop runs this against a key service")
		}
		first, second := realClient(endpoint, primary), realClient(endpoint, secondary)
		key, err := first.CreateKey(t.Context(), &kms.CreateKeyInput{})
		check(t, err)
		elsewhere, err := second.CreateKey(t.Context(), &kms.CreateKeyInput{})
		check(t, err)
		other, err := first.CreateKey(t.Context(), &kms.CreateKeyInput{})
		check(t, err)
		testService(t, contract{map[string]awskms.Client{primary: first, secondary: second}, *key.KeyMetadata.Arn, *other.KeyMetadata.Arn, *elsewhere.KeyMetadata.Arn, ""})
	})
}

func realClient(endpoint, region string) *kms.Client {
	return kms.New(kms.Options{Region: region, BaseEndpoint: &endpoint, RetryMaxAttempts: 1, Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		})})
}

func testService(t *testing.T, c contract) {
	client, ec := c.clients[primary], map[string]string{"a": "1", "b": "2"}
	made, err := client.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{KeyId: &c.key, NumberOfBytes: aws.Int32(32), EncryptionContext: ec})
	check(t, err)
	if len(made.Plaintext) != 32 || *made.KeyId != c.key || bytes.Contains(made.CiphertextBlob, made.Plaintext) {
		t.Errorf("a data key of %d bytes, by key %s", len(made.Plaintext), *made.KeyId)
	}
	damaged := bytes.Clone(made.CiphertextBlob)
	damaged[len(damaged)-1] ^= 1
	for name, in := range map[string]*kms.DecryptInput{
		"another value":   {KeyId: &c.key, CiphertextBlob: made.CiphertextBlob, EncryptionContext: map[string]string{"a": "1", "b": "3"}},
		"a value missing": {KeyId: &c.key, CiphertextBlob: made.CiphertextBlob, EncryptionContext: map[string]string{"a": "1"}},
		"no context":      {KeyId: &c.key, CiphertextBlob: made.CiphertextBlob},
		"damaged":         {KeyId: &c.key, CiphertextBlob: damaged, EncryptionContext: ec},
	} {
		_, err := client.Decrypt(t.Context(), in)
		if _, invalid := errors.AsType[*types.InvalidCiphertextException](err); !invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: &c.other, CiphertextBlob: made.CiphertextBlob, EncryptionContext: ec}); err == nil {
		t.Error("decrypted with another key")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Decrypt(ctx, &kms.DecryptInput{KeyId: &c.key, CiphertextBlob: made.CiphertextBlob, EncryptionContext: ec}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}

	t.Run("keyrings", func(t *testing.T) { testKeyrings(t, c) })
}

type pair struct{ seals, opens keyring.Keyring }

func testKeyrings(t *testing.T, c contract) {
	one, err := awskms.New(c.clients[primary], c.key)
	check(t, err)
	elsewhere, err := awskms.New(c.clients[secondary], c.elsewhere)
	check(t, err)
	aware, err := awskms.NewMultiRegion(c.clients[primary], c.key)
	check(t, err)
	discovery, err := awskms.NewDiscoveryForRegions(t.Context(), func(_ context.Context, region string) (awskms.Decrypter, error) { return c.clients[region], nil },
		[]string{secondary, primary}, awskms.AnyAccount())
	check(t, err)
	pairs := map[string]pair{
		"the key":                       {one, one},
		"the key, multi-Region aware":   {aware, aware},
		"discovery":                     {one, discovery},
		"discovery in the other Region": {elsewhere, discovery},
	}
	if c.mrk != "" {
		here, err := awskms.NewMultiRegion(c.clients[primary], c.mrk)
		check(t, err)
		there, err := awskms.NewMultiRegion(c.clients[secondary], in(t, c.mrk, secondary))
		check(t, err)
		pairs["the replica"] = pair{here, there}
		pairs["the primary"] = pair{there, here}
		pairs["discovery of a replica"] = pair{here, discovery}
	}
	for name, of := range pairs {
		ec := keyring.EncryptionContext{"table": "accounts", "key": name}
		sealed, err := keyring.NewEncryptionMaterials(ec)
		check(t, err)
		check(t, of.seals.OnEncrypt(t.Context(), sealed))
		opened, err := keyring.NewDecryptionMaterials(ec)
		check(t, err)
		if err := of.opens.OnDecrypt(t.Context(), opened, sealed.EncryptedDataKeys()); err != nil || !bytes.Equal(opened.DataKey(), sealed.DataKey()) {
			t.Errorf("%s: %v", name, err)
		}
		moved, err := keyring.NewDecryptionMaterials(keyring.EncryptionContext{"table": "accounts", "key": "another"})
		check(t, err)
		if err := of.opens.OnDecrypt(t.Context(), moved, sealed.EncryptedDataKeys()); !errors.Is(err, crypto.ErrTampered) || moved.DataKey() != nil {
			t.Errorf("%s: in another context: %v", name, err)
		}
	}
}

func in(t *testing.T, text, region string) string {
	t.Helper()
	key, err := kmskey.ParseARN(text)
	check(t, err)
	return key.In(region).String()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
