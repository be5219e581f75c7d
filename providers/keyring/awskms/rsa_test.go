package awskms_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"math/big"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/kmstest"
)

var private = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// world returns the RSA key and a service that has it.
func world(t testing.TB) (*rsa.PrivateKey, *kmstest.Service) {
	t.Helper()
	key, err := private()
	kmstest.Check(t, err)
	return key, kmstest.New(key)
}

func newRSA(t testing.TB, padding awskms.Padding, public *rsa.PublicKey, client awskms.Decrypter, options ...awskms.Option) *awskms.RSA {
	t.Helper()
	k, err := awskms.NewRSA(kmstest.RSAKey, padding, public, client, options...)
	kmstest.Check(t, err)
	return k
}

func TestRSA_TakesNoCallToSealAndOneToOpen(t *testing.T) {
	key, s := world(t)
	for padding, algorithm := range map[awskms.Padding]kmstypes.EncryptionAlgorithmSpec{
		awskms.OAEPWithSHA256: kmstypes.EncryptionAlgorithmSpecRsaesOaepSha256,
		awskms.OAEPWithSHA1:   kmstypes.EncryptionAlgorithmSpecRsaesOaepSha1,
	} {
		sealed := kmstest.Seal(t, kmstest.Context(), newRSA(t, padding, &key.PublicKey, nil))
		edk := sealed.EncryptedDataKeys()[0]
		if edk.ProviderID != "aws-kms-rsa" || string(edk.ProviderInfo) != kmstest.RSAKey {
			t.Errorf("sealed by %q, %q", edk.ProviderID, edk.ProviderInfo)
		}
		client := s.In(here)
		kmstest.Opens(t, newRSA(t, padding, nil, client, awskms.WithGrantTokens("token")), sealed, 0)
		wrapped, err := edk.Wrapped()
		kmstest.Check(t, err)
		if len(client.Decrypted) != 1 {
			t.Fatalf("%d calls", len(client.Decrypted))
		}
		in := client.Decrypted[0]
		if *in.KeyId != kmstest.RSAKey || in.EncryptionAlgorithm != algorithm || in.EncryptionContext != nil || !bytes.Equal(in.CiphertextBlob, wrapped) || !slices.Equal(in.GrantTokens, []string{"token"}) {
			t.Errorf("KMS was asked for %+v", in)
		}
	}
}

// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-rsa-keyring.md#onencrypt)
func TestRSA_WrapsADigestOfTheContext(t *testing.T) {
	key, _ := world(t)
	sealed := kmstest.Seal(t, kmstest.Context(), newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, nil))
	edk := sealed.EncryptedDataKeys()[0]
	wrapped, err := edk.Wrapped()
	kmstest.Check(t, err)
	message, err := rsa.DecryptOAEP(sha256.New(), nil, key, wrapped, nil)
	kmstest.Check(t, err)
	// The serialization, spelled out: two entries in order, with lengths.
	digest := sha512.Sum384([]byte("\x00\x02" + "\x00\x12aws-crypto-attr.id" + "\x00\x04AAEx" + "\x00\x15aws-crypto-table-name" + "\x00\x08accounts"))
	if len(message) != 48+32 || !bytes.Equal(message[:48], digest[:]) {
		t.Errorf("%d bytes that begin with %x", len(message), message[:48])
	}
	opened, err := keyring.NewDecryptionMaterials(kmstest.Context())
	kmstest.Check(t, err)
	kmstest.Check(t, opened.Unwrap(edk, message[48:]))
}

func TestRSA_RejectsChangedDataKeys(t *testing.T) {
	key, s := world(t)
	k := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, s.In(here))
	edk := kmstest.Seal(t, kmstest.Context(), k).EncryptedDataKeys()[0]
	for _, ec := range []keyring.EncryptionContext{nil, {"aws-crypto-table-name": "accounts"}, {"aws-crypto-table-name": "accounts", "aws-crypto-attr.id": "AAEy"}} {
		kmstest.Refuses(t, k, crypto.ErrTampered, ec, edk)
	}
	for name, change := range map[string]func(*keyring.EncryptedDataKey){
		"the data key":          func(k *keyring.EncryptedDataKey) { k.Ciphertext[0] ^= 1 },
		"the ciphertext of KMS": func(k *keyring.EncryptedDataKey) { k.Ciphertext[len(k.Ciphertext)-1] ^= 1 },
		"too short":             func(k *keyring.EncryptedDataKey) { k.Ciphertext = k.Ciphertext[:47] },
		"no ciphertext of KMS":  func(k *keyring.EncryptedDataKey) { k.Ciphertext = k.Ciphertext[:48] },
		"no ARN":                func(k *keyring.EncryptedDataKey) { k.ProviderInfo = []byte("1234abcd") },
		"an alias": func(k *keyring.EncryptedDataKey) {
			k.ProviderInfo = []byte("arn:aws:kms:eu-west-1:111122223333:alias/a")
		},
	} {
		t.Run(name, func(t *testing.T) {
			changed := edk
			changed.Ciphertext = bytes.Clone(edk.Ciphertext)
			change(&changed)
			kmstest.Refuses(t, k, crypto.ErrTampered, kmstest.Context(), changed)
		})
	}
	// One without a key's ARN spoils an item, as the specification says.
	unnamed := edk
	unnamed.ProviderInfo = []byte("1234abcd")
	kmstest.Refuses(t, k, crypto.ErrTampered, kmstest.Context(), edk, unnamed)
	other := newRSA(t, awskms.OAEPWithSHA1, nil, s.In(here))
	kmstest.Refuses(t, other, crypto.ErrTampered, kmstest.Context(), edk)
}

// The comparison has to be of the whole digest, or an item could be moved.
func TestRSA_ComparesEachBitOfTheDigest(t *testing.T) {
	key, s := world(t)
	k := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, s.In(here))
	sealed := kmstest.Seal(t, kmstest.Context(), k)
	wrapped, err := sealed.EncryptedDataKeys()[0].Wrapped()
	kmstest.Check(t, err)
	message, err := rsa.DecryptOAEP(sha256.New(), nil, key, wrapped, nil)
	kmstest.Check(t, err)
	for bit := range 48 * 8 {
		client := s.In(here)
		client.Plaintext = bytes.Clone(message)
		client.Plaintext[bit/8] ^= 1 << (bit % 8)
		kmstest.Refuses(t, newRSA(t, awskms.OAEPWithSHA256, nil, client), crypto.ErrTampered, kmstest.Context(), sealed.EncryptedDataKeys()...)
	}
	for _, wrong := range [][]byte{{}, message[48:], message[:79], append(bytes.Clone(message), 0)} {
		client := s.In(here)
		client.Plaintext = wrong
		kmstest.Refuses(t, newRSA(t, awskms.OAEPWithSHA256, nil, client), crypto.ErrTampered, kmstest.Context(), sealed.EncryptedDataKeys()...)
	}
}

func TestRSA_ChecksReplies(t *testing.T) {
	key, s := world(t)
	sealed := kmstest.Seal(t, kmstest.Context(), newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, nil)).EncryptedDataKeys()
	client := s.In(here)
	client.ReplyAs = kmstest.Key
	kmstest.Refuses(t, newRSA(t, awskms.OAEPWithSHA256, nil, client), crypto.ErrTampered, kmstest.Context(), sealed...)
	for algorithm, ok := range map[kmstypes.EncryptionAlgorithmSpec]bool{
		kmstypes.EncryptionAlgorithmSpecRsaesOaepSha256:  true,
		kmstypes.EncryptionAlgorithmSpecRsaesOaepSha1:    false,
		kmstypes.EncryptionAlgorithmSpecSymmetricDefault: false,
	} {
		client := s.In(here)
		client.Algorithm = algorithm
		k := newRSA(t, awskms.OAEPWithSHA256, nil, client)
		if _, err := kmstest.Open(t.Context(), t, kmstest.Context(), k, sealed...); (err == nil) != ok || err != nil && !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("replied as %s: %v", algorithm, err)
		}
	}
	denied := s.In(here)
	denied.Err = kmstest.AccessDenied
	if err := kmstest.Refuses(t, newRSA(t, awskms.OAEPWithSHA256, nil, denied), crypto.ErrNoUsableKey, kmstest.Context(), sealed...); !errors.Is(err, kmstest.AccessDenied) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestRSA_IgnoresOtherKeys(t *testing.T) {
	key, s := world(t)
	symmetric, err := awskms.New(s.In(here), kmstest.Key)
	kmstest.Check(t, err)
	client := s.In(here)
	k := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, client)
	kmstest.Opens(t, k, kmstest.Seal(t, kmstest.Context(), symmetric, k), 1)
	edk := kmstest.Seal(t, kmstest.Context(), k).EncryptedDataKeys()[0]
	client.Decrypted = nil
	for _, info := range []string{kmstest.Key, "arn:aws:kms:us-east-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"} {
		edk.ProviderInfo = []byte(info)
		kmstest.Refuses(t, k, crypto.ErrNoUsableKey, kmstest.Context(), edk)
	}
	if len(client.Decrypted) != 0 {
		t.Error("KMS was asked")
	}
}

func TestRSA_SealsOrOpensWithHalfOfTheKey(t *testing.T) {
	key, s := world(t)
	writer, reader := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, nil), newRSA(t, awskms.OAEPWithSHA256, nil, s.In(here))
	kmstest.Refuses(t, writer, crypto.ErrNoUsableKey, kmstest.Context(), kmstest.Seal(t, kmstest.Context(), writer).EncryptedDataKeys()...)
	materials, err := keyring.NewEncryptionMaterials(kmstest.Context())
	kmstest.Check(t, err)
	if err := reader.OnEncrypt(t.Context(), materials); !errors.Is(err, crypto.ErrNoUsableKey) || len(materials.EncryptedDataKeys()) != 0 {
		t.Errorf("%v", err)
	}
}

// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-rsa-keyring.md#security-considerations)
func TestRSA_RejectsTheSuiteWithSignatures(t *testing.T) {
	key, s := world(t)
	client := s.In(here)
	k := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, client)
	table := crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	item := crypto.Item{"id": &types.AttributeValueMemberS{Value: "1"}, "email": &types.AttributeValueMemberS{Value: "ada@example.com"}}

	signing, err := dbesdk.New(k, dbesdk.WithSuite(dbesdk.SuiteECDSA))
	kmstest.Check(t, err)
	if _, err := signing.EncryptItem(t.Context(), table, actions, item); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("with signatures: %v", err)
	}
	e, err := dbesdk.New(k, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	kmstest.Check(t, err)
	sealed, err := e.EncryptItem(t.Context(), table, actions, item)
	kmstest.Check(t, err)
	opened, err := e.DecryptItem(t.Context(), table, actions, sealed)
	kmstest.Check(t, err)
	if opened["email"].(*types.AttributeValueMemberS).Value != "ada@example.com" {
		t.Error("another item comes out")
	}

	calls := len(client.Decrypted)
	signed := kmstest.Context()
	signed["aws-crypto-public-key"] = "A0UbwFPQvtPQ"
	kmstest.Refuses(t, k, crypto.ErrNoUsableKey, signed, kmstest.Seal(t, kmstest.Context(), k).EncryptedDataKeys()...)
	if len(client.Decrypted) != calls {
		t.Error("KMS was asked for an item with signatures")
	}
}

func TestNewRSA_ValidatesArguments(t *testing.T) {
	key, s := world(t)
	client := s.In(here)
	short := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2046), E: 65537} // 2047 bits
	for name, c := range map[string]struct {
		arn     string
		padding awskms.Padding
		public  *rsa.PublicKey
		client  awskms.Decrypter
		want    error
	}{
		"an alias":                   {"arn:aws:kms:eu-west-1:111122223333:alias/a", awskms.OAEPWithSHA256, &key.PublicKey, client, crypto.ErrPolicy},
		"an ID":                      {"0000abcd-12ab-34cd-56ef-1234567890ab", awskms.OAEPWithSHA256, &key.PublicKey, client, crypto.ErrPolicy},
		"no padding":                 {kmstest.RSAKey, 0, &key.PublicKey, client, crypto.ErrPolicy},
		"an unknown padding":         {kmstest.RSAKey, 3, &key.PublicKey, client, crypto.ErrPolicy},
		"no half of the key":         {kmstest.RSAKey, awskms.OAEPWithSHA256, nil, nil, crypto.ErrNoUsableKey},
		"a public key of 2047 bits":  {kmstest.RSAKey, awskms.OAEPWithSHA256, short, client, crypto.ErrNoUsableKey},
		"a public key of no modulus": {kmstest.RSAKey, awskms.OAEPWithSHA256, &rsa.PublicKey{}, client, crypto.ErrNoUsableKey},
	} {
		if _, err := awskms.NewRSA(c.arn, c.padding, c.public, c.client); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRSA_PrintsNoSecret(t *testing.T) {
	key, s := world(t)
	k := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, s.In(here), awskms.WithGrantTokens("a-grant-token"))
	secrets := [][]byte{[]byte("a-grant-token"), key.D.Bytes(), []byte(key.D.String())}
	kmstest.Silent(t, kmstest.RSAKey, k, secrets...)
	kmstest.Silent(t, kmstest.RSAKey, *k, secrets...)
}
