package providertest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"hash"
	"os"
	"strings"
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

var ec = map[string]string{"a": "1", "b": "2"}

// client has the operations that the fake shares with *kms.Client.
type client interface {
	awskms.Client
	GenerateDataKeyWithoutPlaintext(context.Context, *kms.GenerateDataKeyWithoutPlaintextInput, ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error)
	Encrypt(context.Context, *kms.EncryptInput, ...func(*kms.Options)) (*kms.EncryptOutput, error)
	ReEncrypt(context.Context, *kms.ReEncryptInput, ...func(*kms.Options)) (*kms.ReEncryptOutput, error)
	GetPublicKey(context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
}

// contract is a key service with keys in two Regions. mrk is a multi-Region key
// with replicas in both, and rsa an RSA key. The service that make interop
// starts creates such keys but cannot decrypt with them, so only the fake has them.
type contract struct {
	clients                         map[string]client
	key, other, elsewhere, mrk, rsa string
}

// TestKMS_BehavesAsAKeyService also runs against a real service if
// DDBENC_KMS_ENDPOINT names one.
func TestKMS_BehavesAsAKeyService(t *testing.T) {
	t.Run("fake", func(t *testing.T) {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		check(t, err)
		s := keytest.NewKMS(private)
		testService(t, contract{
			map[string]client{primary: s.In(primary), secondary: s.In(secondary)},
			keytest.Key, keytest.OtherKey, keytest.KeyElse, keytest.MRK, keytest.RSAKey,
		})
	})
	t.Run("real", func(t *testing.T) {
		endpoint := os.Getenv("DDBENC_KMS_ENDPOINT")
		if endpoint == "" {
			t.Skip("DDBENC_KMS_ENDPOINT is not set: make interop runs this against a key service")
		}
		first, second := realClient(endpoint, primary), realClient(endpoint, secondary)
		create := func(client *kms.Client, in *kms.CreateKeyInput) string {
			made, err := client.CreateKey(t.Context(), in)
			check(t, err)
			return *made.KeyMetadata.Arn
		}
		testService(t, contract{
			map[string]client{primary: first, secondary: second},
			create(first, &kms.CreateKeyInput{}), create(first, &kms.CreateKeyInput{}), create(second, &kms.CreateKeyInput{}), "", "",
		})
	})
}

func realClient(endpoint, region string) *kms.Client {
	return kms.New(kms.Options{Region: region, BaseEndpoint: &endpoint, RetryMaxAttempts: 1, Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		})})
}

func testService(t *testing.T, c contract) {
	t.Run("data keys", func(t *testing.T) { testDataKeys(t, c) })
	t.Run("encrypting again", func(t *testing.T) { testReEncrypt(t, c) })
	if c.rsa != "" {
		t.Run("RSA", func(t *testing.T) { testRSA(t, c) })
	}
	t.Run("keyrings", func(t *testing.T) { testKeyrings(t, c) })
}

func testDataKeys(t *testing.T, c contract) {
	client := c.clients[primary]
	made, err := client.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{KeyId: &c.key, NumberOfBytes: aws.Int32(32), EncryptionContext: ec})
	check(t, err)
	if len(made.Plaintext) != 32 || *made.KeyId != c.key || bytes.Contains(made.CiphertextBlob, made.Plaintext) {
		t.Errorf("a data key of %d bytes, by key %s", len(made.Plaintext), *made.KeyId)
	}
	for name, keyID := range map[string]*string{"by ARN": &c.key, "by ID": aws.String(c.key[strings.LastIndex(c.key, "/")+1:]), "without a key ID": nil} {
		got, err := client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: keyID, CiphertextBlob: made.CiphertextBlob, EncryptionContext: ec})
		check(t, err)
		if !bytes.Equal(got.Plaintext, made.Plaintext) || *got.KeyId != c.key ||
			// The service that make interop starts returns no algorithm.
			got.EncryptionAlgorithm != types.EncryptionAlgorithmSpecSymmetricDefault && got.EncryptionAlgorithm != "" {
			t.Errorf("%s: by key %s with %s", name, *got.KeyId, got.EncryptionAlgorithm)
		}
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
	for name, keyID := range map[string]string{"of another Region": c.elsewhere, "missing": strings.Replace(c.key, "key/", "key/0", 1)} {
		_, err := client.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{KeyId: &keyID, NumberOfBytes: aws.Int32(32)})
		if _, missing := errors.AsType[*types.NotFoundException](err); !missing {
			t.Errorf("a key that is %s: %v", name, err)
		}
	}
	for name, in := range map[string]*kms.GenerateDataKeyInput{
		"no size": {KeyId: &c.key}, "two sizes": {KeyId: &c.key, NumberOfBytes: aws.Int32(32), KeySpec: types.DataKeySpecAes256},
		"too large": {KeyId: &c.key, NumberOfBytes: aws.Int32(1025)},
	} {
		if _, err := client.GenerateDataKey(t.Context(), in); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Decrypt(ctx, &kms.DecryptInput{KeyId: &c.key, CiphertextBlob: made.CiphertextBlob, EncryptionContext: ec}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func testReEncrypt(t *testing.T, c contract) {
	client := c.clients[primary]
	made, err := client.GenerateDataKeyWithoutPlaintext(t.Context(), &kms.GenerateDataKeyWithoutPlaintextInput{KeyId: &c.key, NumberOfBytes: aws.Int32(32), EncryptionContext: ec})
	check(t, err)
	before, err := client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: &c.key, CiphertextBlob: made.CiphertextBlob, EncryptionContext: ec})
	check(t, err)
	again := &kms.ReEncryptInput{
		CiphertextBlob: made.CiphertextBlob, SourceKeyId: &c.key, SourceEncryptionContext: ec,
		DestinationKeyId: &c.other, DestinationEncryptionContext: map[string]string{"c": "3"},
	}
	rewrapped, err := client.ReEncrypt(t.Context(), again)
	check(t, err)
	if *rewrapped.SourceKeyId != c.key || *rewrapped.KeyId != c.other || bytes.Equal(rewrapped.CiphertextBlob, made.CiphertextBlob) {
		t.Errorf("from %s to %s", *rewrapped.SourceKeyId, *rewrapped.KeyId)
	}
	after, err := client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: &c.other, CiphertextBlob: rewrapped.CiphertextBlob, EncryptionContext: map[string]string{"c": "3"}})
	check(t, err)
	if len(before.Plaintext) != 32 || !bytes.Equal(before.Plaintext, after.Plaintext) {
		t.Error("encrypted again, the key is another one")
	}
	again.SourceEncryptionContext = nil
	if _, err := client.ReEncrypt(t.Context(), again); err == nil {
		t.Error("encrypted again without the encryption context")
	}

	encrypted, err := client.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &c.key, Plaintext: []byte("text"), EncryptionContext: ec})
	check(t, err)
	opened, err := client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: &c.key, CiphertextBlob: encrypted.CiphertextBlob, EncryptionContext: ec})
	check(t, err)
	if string(opened.Plaintext) != "text" || *encrypted.KeyId != c.key {
		t.Errorf("%q by key %s", opened.Plaintext, *encrypted.KeyId)
	}
	for _, size := range []int{0, 4097} {
		if _, err := client.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &c.key, Plaintext: make([]byte, size)}); err == nil {
			t.Errorf("%d bytes are encrypted", size)
		}
	}
}

func testRSA(t *testing.T, c contract) {
	client := c.clients[primary]
	known, err := client.GetPublicKey(t.Context(), &kms.GetPublicKeyInput{KeyId: &c.rsa})
	check(t, err)
	public, err := x509.ParsePKIXPublicKey(known.PublicKey)
	check(t, err)
	for algorithm, h := range map[types.EncryptionAlgorithmSpec]func() hash.Hash{
		types.EncryptionAlgorithmSpecRsaesOaepSha1: sha1.New, types.EncryptionAlgorithmSpecRsaesOaepSha256: sha256.New,
	} {
		sealed, err := rsa.EncryptOAEP(h(), rand.Reader, public.(*rsa.PublicKey), []byte("text"), nil)
		check(t, err)
		opened, err := client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: &c.rsa, CiphertextBlob: sealed, EncryptionAlgorithm: algorithm})
		check(t, err)
		if string(opened.Plaintext) != "text" || *opened.KeyId != c.rsa || opened.EncryptionAlgorithm != algorithm {
			t.Errorf("%q by key %s with %s", opened.Plaintext, *opened.KeyId, opened.EncryptionAlgorithm)
		}
		encrypted, err := client.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &c.rsa, Plaintext: []byte("text"), EncryptionAlgorithm: algorithm})
		check(t, err)
		opened, err = client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: &c.rsa, CiphertextBlob: encrypted.CiphertextBlob, EncryptionAlgorithm: algorithm})
		check(t, err)
		if string(opened.Plaintext) != "text" {
			t.Errorf("%q", opened.Plaintext)
		}
	}
	if _, err := client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: &c.rsa, CiphertextBlob: make([]byte, 256), EncryptionAlgorithm: types.EncryptionAlgorithmSpecRsaesOaepSha256}); err == nil {
		t.Error("zeros are decrypted")
	}
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
