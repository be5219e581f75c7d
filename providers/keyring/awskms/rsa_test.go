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
	"github.com/ddbenc/ddbenc/providers/internal/keytest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

var private = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// world returns an RSA key and a KMS that holds it.
func world(t testing.TB) (*rsa.PrivateKey, *providertest.KMS) {
	t.Helper()
	key, err := private()
	keytest.Check(t, err)
	return key, keytest.NewKMS(key)
}

func newRSA(t testing.TB, padding awskms.Padding, public *rsa.PublicKey, client awskms.Decrypter, options ...awskms.Option) *awskms.RSA {
	t.Helper()
	k, err := awskms.NewRSA(keytest.RSAKey, padding, public, client, options...)
	keytest.Check(t, err)
	return k
}

func TestRSA_TakesNoCallToSealAndOneToOpen(t *testing.T) {
	key, s := world(t)
	for padding, algorithm := range map[awskms.Padding]kmstypes.EncryptionAlgorithmSpec{
		awskms.OAEPWithSHA256: kmstypes.EncryptionAlgorithmSpecRsaesOaepSha256,
		awskms.OAEPWithSHA1:   kmstypes.EncryptionAlgorithmSpecRsaesOaepSha1,
	} {
		sealed := keytest.Seal(t, keytest.Context(), newRSA(t, padding, &key.PublicKey, nil))
		edk := sealed.EncryptedDataKeys()[0]
		if edk.ProviderID != "aws-kms-rsa" || string(edk.ProviderInfo) != keytest.RSAKey {
			t.Errorf("sealed by %q, %q", edk.ProviderID, edk.ProviderInfo)
		}
		client := s.In(here)
		keytest.Opens(t, newRSA(t, padding, nil, client, awskms.WithGrantTokens("token")), sealed, 0)
		wrapped, err := edk.Wrapped()
		keytest.Check(t, err)
		if len(decrypted(client)) != 1 {
			t.Fatalf("%d calls", len(decrypted(client)))
		}
		in := decrypted(client)[0]
		if *in.KeyId != keytest.RSAKey || in.EncryptionAlgorithm != algorithm || in.EncryptionContext != nil || !bytes.Equal(in.CiphertextBlob, wrapped) || !slices.Equal(in.GrantTokens, []string{"token"}) {
			t.Errorf("KMS was asked for %+v", in)
		}
	}
}

// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-rsa-keyring.md#onencrypt)
func TestRSA_WrapsADigestOfTheContext(t *testing.T) {
	key, _ := world(t)
	sealed := keytest.Seal(t, keytest.Context(), newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, nil))
	edk := sealed.EncryptedDataKeys()[0]
	wrapped, err := edk.Wrapped()
	keytest.Check(t, err)
	message, err := rsa.DecryptOAEP(sha256.New(), nil, key, wrapped, nil)
	keytest.Check(t, err)
	// The serialization, written out: two entries in order, each with its lengths.
	digest := sha512.Sum384([]byte("\x00\x02" + "\x00\x12aws-crypto-attr.id" + "\x00\x04AAEx" + "\x00\x15aws-crypto-table-name" + "\x00\x08accounts"))
	if len(message) != 48+32 || !bytes.Equal(message[:48], digest[:]) {
		t.Errorf("%d bytes that begin with %x", len(message), message[:48])
	}
	opened, err := keyring.NewDecryptionMaterials(keytest.Context())
	keytest.Check(t, err)
	keytest.Check(t, opened.Unwrap(edk, message[48:]))
}

func TestRSA_RejectsChangedDataKeys(t *testing.T) {
	key, s := world(t)
	k := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, s.In(here))
	edk := keytest.Seal(t, keytest.Context(), k).EncryptedDataKeys()[0]
	for _, ec := range []keyring.EncryptionContext{nil, {"aws-crypto-table-name": "accounts"}, {"aws-crypto-table-name": "accounts", "aws-crypto-attr.id": "AAEy"}} {
		keytest.Refuses(t, k, crypto.ErrTampered, ec, edk)
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
			keytest.Refuses(t, k, crypto.ErrTampered, keytest.Context(), changed)
		})
	}
	// A single data key without a key ARN makes the item fail, as specified.
	unnamed := edk
	unnamed.ProviderInfo = []byte("1234abcd")
	keytest.Refuses(t, k, crypto.ErrTampered, keytest.Context(), edk, unnamed)
	other := newRSA(t, awskms.OAEPWithSHA1, nil, s.In(here))
	keytest.Refuses(t, other, crypto.ErrTampered, keytest.Context(), edk)
}

// If only a part of the digest were compared, an item could be moved.
func TestRSA_ComparesEachBitOfTheDigest(t *testing.T) {
	key, s := world(t)
	k := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, s.In(here))
	sealed := keytest.Seal(t, keytest.Context(), k)
	wrapped, err := sealed.EncryptedDataKeys()[0].Wrapped()
	keytest.Check(t, err)
	message, err := rsa.DecryptOAEP(sha256.New(), nil, key, wrapped, nil)
	keytest.Check(t, err)
	for bit := range 48 * 8 {
		client := s.In(here)
		changed := bytes.Clone(message)
		changed[bit/8] ^= 1 << (bit % 8)
		client.OnReply(holding(changed))
		keytest.Refuses(t, newRSA(t, awskms.OAEPWithSHA256, nil, client), crypto.ErrTampered, keytest.Context(), sealed.EncryptedDataKeys()...)
	}
	for _, wrong := range [][]byte{{}, message[48:], message[:79], append(bytes.Clone(message), 0)} {
		client := s.In(here)
		client.OnReply(holding(wrong))
		keytest.Refuses(t, newRSA(t, awskms.OAEPWithSHA256, nil, client), crypto.ErrTampered, keytest.Context(), sealed.EncryptedDataKeys()...)
	}
}

func TestRSA_ChecksReplies(t *testing.T) {
	key, s := world(t)
	sealed := keytest.Seal(t, keytest.Context(), newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, nil)).EncryptedDataKeys()
	client := s.In(here)
	client.OnReply(from(keytest.Key))
	keytest.Refuses(t, newRSA(t, awskms.OAEPWithSHA256, nil, client), crypto.ErrTampered, keytest.Context(), sealed...)
	for algorithm, ok := range map[kmstypes.EncryptionAlgorithmSpec]bool{
		kmstypes.EncryptionAlgorithmSpecRsaesOaepSha256:  true,
		kmstypes.EncryptionAlgorithmSpecRsaesOaepSha1:    false,
		kmstypes.EncryptionAlgorithmSpecSymmetricDefault: false,
	} {
		client := s.In(here)
		client.OnReply(by(algorithm))
		k := newRSA(t, awskms.OAEPWithSHA256, nil, client)
		if _, err := keytest.Open(t.Context(), t, keytest.Context(), k, sealed...); (err == nil) != ok || err != nil && !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("replied as %s: %v", algorithm, err)
		}
	}
	denied := s.In(here)
	denied.Fail(providertest.ErrDenied)
	if err := keytest.Refuses(t, newRSA(t, awskms.OAEPWithSHA256, nil, denied), crypto.ErrNoUsableKey, keytest.Context(), sealed...); !errors.Is(err, providertest.ErrDenied) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestRSA_IgnoresOtherKeys(t *testing.T) {
	key, s := world(t)
	symmetric, err := awskms.New(s.In(here), keytest.Key)
	keytest.Check(t, err)
	client := s.In(here)
	k := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, client)
	keytest.Opens(t, k, keytest.Seal(t, keytest.Context(), symmetric, k), 1)
	edk := keytest.Seal(t, keytest.Context(), k).EncryptedDataKeys()[0]
	before := len(decrypted(client))
	for _, info := range []string{keytest.Key, "arn:aws:kms:us-east-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"} {
		edk.ProviderInfo = []byte(info)
		keytest.Refuses(t, k, crypto.ErrNoUsableKey, keytest.Context(), edk)
	}
	if len(decrypted(client)) != before {
		t.Error("KMS was asked")
	}
}

func TestRSA_SealsOrOpensWithHalfOfTheKey(t *testing.T) {
	key, s := world(t)
	writer, reader := newRSA(t, awskms.OAEPWithSHA256, &key.PublicKey, nil), newRSA(t, awskms.OAEPWithSHA256, nil, s.In(here))
	keytest.Refuses(t, writer, crypto.ErrNoUsableKey, keytest.Context(), keytest.Seal(t, keytest.Context(), writer).EncryptedDataKeys()...)
	materials, err := keyring.NewEncryptionMaterials(keytest.Context())
	keytest.Check(t, err)
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
	keytest.Check(t, err)
	if _, err := signing.EncryptItem(t.Context(), table, actions, item); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("with signatures: %v", err)
	}
	e, err := dbesdk.New(k, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	keytest.Check(t, err)
	sealed, err := e.EncryptItem(t.Context(), table, actions, item)
	keytest.Check(t, err)
	opened, err := e.DecryptItem(t.Context(), table, actions, sealed)
	keytest.Check(t, err)
	if opened["email"].(*types.AttributeValueMemberS).Value != "ada@example.com" {
		t.Error("another item comes out")
	}

	calls := len(decrypted(client))
	signed := keytest.Context()
	signed["aws-crypto-public-key"] = "A0UbwFPQvtPQ"
	keytest.Refuses(t, k, crypto.ErrNoUsableKey, signed, keytest.Seal(t, keytest.Context(), k).EncryptedDataKeys()...)
	if len(decrypted(client)) != calls {
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
		"no padding":                 {keytest.RSAKey, 0, &key.PublicKey, client, crypto.ErrPolicy},
		"an unknown padding":         {keytest.RSAKey, 3, &key.PublicKey, client, crypto.ErrPolicy},
		"no half of the key":         {keytest.RSAKey, awskms.OAEPWithSHA256, nil, nil, crypto.ErrNoUsableKey},
		"a public key of 2047 bits":  {keytest.RSAKey, awskms.OAEPWithSHA256, short, client, crypto.ErrNoUsableKey},
		"a public key of no modulus": {keytest.RSAKey, awskms.OAEPWithSHA256, &rsa.PublicKey{}, client, crypto.ErrNoUsableKey},
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
	keytest.Silent(t, keytest.RSAKey, k, secrets...)
	keytest.Silent(t, keytest.RSAKey, *k, secrets...)
}
