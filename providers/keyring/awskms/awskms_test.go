package awskms_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/kmstest"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

var _ awskms.Client = (*kms.Client)(nil)

const here, there = "eu-west-1", "us-east-1"

func newKeyring(t testing.TB, client awskms.Client, key string, options ...awskms.Option) *awskms.Keyring {
	t.Helper()
	k, err := awskms.New(client, key, options...)
	kmstest.Check(t, err)
	return k
}

func TestKeyring_TakesOneCallToSealAndOneToOpen(t *testing.T) {
	client := kmstest.New(nil).In(here)
	k := newKeyring(t, client, kmstest.Key, awskms.WithGrantTokens("one"), awskms.WithGrantTokens("two"))
	sealed := kmstest.Seal(t, kmstest.Context(), k)
	kmstest.Opens(t, k, sealed, 0)

	if len(client.Generated) != 1 || len(client.Decrypted) != 1 {
		t.Fatalf("%d and %d calls", len(client.Generated), len(client.Decrypted))
	}
	tokens := []string{"one", "two"}
	made, asked := client.Generated[0], client.Decrypted[0]
	if *made.KeyId != kmstest.Key || *made.NumberOfBytes != 32 || made.KeySpec != "" || !maps.Equal(made.EncryptionContext, kmstest.Context()) || !slices.Equal(made.GrantTokens, tokens) {
		t.Errorf("GenerateDataKey was asked for %+v", made)
	}
	if *asked.KeyId != kmstest.Key || !maps.Equal(asked.EncryptionContext, kmstest.Context()) || !slices.Equal(asked.GrantTokens, tokens) {
		t.Errorf("Decrypt was asked for %+v", asked)
	}
	key := sealed.EncryptedDataKeys()[0]
	if key.ProviderID != "aws-kms" || string(key.ProviderInfo) != kmstest.Key {
		t.Errorf("sealed by %q, %q", key.ProviderID, key.ProviderInfo)
	}
	if wrapped, err := key.Wrapped(); err != nil || !bytes.Equal(wrapped, asked.CiphertextBlob) {
		t.Error("Decrypt was asked for another ciphertext")
	}
}

// As in the official clients, so that a policy for them does here too: with
// intermediate keys there is no use for kms:Encrypt.
func TestKeyring_GeneratesAnIntermediateKeyForEachKey(t *testing.T) {
	client := kmstest.New(nil).In(here)
	raw, err := raw.NewAES("tests", "raw", keyring.NewIntermediateKey())
	kmstest.Check(t, err)
	one, other := newKeyring(t, client, kmstest.Key), newKeyring(t, client, kmstest.OtherKey)
	all, err := multi.New(raw, one, other)
	kmstest.Check(t, err)
	sealed := kmstest.Seal(t, kmstest.Context(), all)
	for i, k := range []keyring.Keyring{raw, one, other} {
		kmstest.Opens(t, k, sealed, i)
	}
	if len(client.Generated) != 2 || len(client.Decrypted) != 2 {
		t.Errorf("%d and %d calls", len(client.Generated), len(client.Decrypted))
	}
}

func TestKeyring_OpensWithItsOwnKeyOnly(t *testing.T) {
	s := kmstest.New(nil)
	client := s.In(here)
	k := newKeyring(t, client, kmstest.Key)
	for name, by := range map[string]keyring.Keyring{
		"another key":    newKeyring(t, s.In(here), kmstest.OtherKey),
		"another Region": newKeyring(t, s.In("us-east-1"), kmstest.KeyElse),
		"another owner":  newKeyring(t, s.In(here), kmstest.ForeignKey),
	} {
		t.Run(name, func(t *testing.T) {
			kmstest.Refuses(t, k, crypto.ErrNoUsableKey, kmstest.Context(), kmstest.Seal(t, kmstest.Context(), by).EncryptedDataKeys()...)
		})
	}
	replica := newKeyring(t, client, kmstest.MRK)
	kmstest.Refuses(t, replica, crypto.ErrNoUsableKey, kmstest.Context(), kmstest.Seal(t, kmstest.Context(), newKeyring(t, s.In("us-east-1"), kmstest.Replica)).EncryptedDataKeys()...)
	kmstest.Refuses(t, k, crypto.ErrNoUsableKey, kmstest.Context())
	key := kmstest.Seal(t, kmstest.Context(), newKeyring(t, s.In(here), kmstest.Key)).EncryptedDataKeys()[0]
	key.ProviderID = "aws-kms-rsa"
	kmstest.Refuses(t, k, crypto.ErrNoUsableKey, kmstest.Context(), key)
	if len(client.Decrypted) != 0 {
		t.Error("KMS was asked")
	}
}

func TestKeyring_RejectsChangedDataKeys(t *testing.T) {
	client := kmstest.New(nil).In(here)
	k := newKeyring(t, client, kmstest.Key)
	sealed := kmstest.Seal(t, kmstest.Context(), k).EncryptedDataKeys()[0]
	moved := kmstest.Context()
	moved["aws-crypto-attr.id"] = "AAEy"
	less := kmstest.Context()
	delete(less, "aws-crypto-attr.id")
	for name, ec := range map[string]keyring.EncryptionContext{"another value": moved, "a value missing": less, "none": nil} {
		err := kmstest.Refuses(t, k, crypto.ErrTampered, ec, sealed)
		if _, invalid := errors.AsType[*types.InvalidCiphertextException](err); !invalid {
			t.Errorf("%s: %v does not say what KMS does", name, err)
		}
	}
	for name, change := range map[string]func(*keyring.EncryptedDataKey){
		"the data key":          func(k *keyring.EncryptedDataKey) { k.Ciphertext[0] ^= 1 },
		"the ciphertext of KMS": func(k *keyring.EncryptedDataKey) { k.Ciphertext[len(k.Ciphertext)-1] ^= 1 },
		"too short":             func(k *keyring.EncryptedDataKey) { k.Ciphertext = k.Ciphertext[:47] },
		"no ciphertext of KMS":  func(k *keyring.EncryptedDataKey) { k.Ciphertext = k.Ciphertext[:48] },
		"more than KMS takes":   func(k *keyring.EncryptedDataKey) { k.Ciphertext = make([]byte, 48+6145) },
		"an alias for the key": func(k *keyring.EncryptedDataKey) {
			k.ProviderInfo = []byte("arn:aws:kms:eu-west-1:111122223333:alias/a")
		},
		"no ARN":                  func(k *keyring.EncryptedDataKey) { k.ProviderInfo = []byte("1234abcd") },
		"no text":                 func(k *keyring.EncryptedDataKey) { k.ProviderInfo = append([]byte(kmstest.Key), 0xff) },
		"no provider information": func(k *keyring.EncryptedDataKey) { k.ProviderInfo = nil },
	} {
		t.Run(name, func(t *testing.T) {
			changed := sealed
			changed.Ciphertext = bytes.Clone(sealed.Ciphertext)
			change(&changed)
			kmstest.Refuses(t, k, crypto.ErrTampered, kmstest.Context(), changed)
		})
	}
}

// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-keyring.md#ondecrypt)
func TestKeyring_RejectsItemsWithADataKeyOfNoKMSKey(t *testing.T) {
	client := kmstest.New(nil).In(here)
	k := newKeyring(t, client, kmstest.Key)
	good := kmstest.Seal(t, kmstest.Context(), k).EncryptedDataKeys()[0]
	bad := keyring.EncryptedDataKey{ProviderID: "aws-kms", ProviderInfo: []byte("alias/a"), Ciphertext: good.Ciphertext}
	kmstest.Refuses(t, k, crypto.ErrTampered, kmstest.Context(), good, bad)
	if len(client.Decrypted) != 0 {
		t.Error("KMS was asked")
	}
}

func TestKeyring_UsesTheFirstDataKeyThatUnwraps(t *testing.T) {
	client := kmstest.New(nil).In(here)
	k := newKeyring(t, client, kmstest.Key)
	sealed := kmstest.Seal(t, kmstest.Context(), k, k, k)
	keys := sealed.EncryptedDataKeys()
	keys[0].Ciphertext[60] ^= 1
	kmstest.Opens(t, k, sealed, 1)
	if len(client.Decrypted) != 2 {
		t.Errorf("%d calls", len(client.Decrypted))
	}
}

func TestKeyring_ChecksReplies(t *testing.T) {
	s := kmstest.New(nil)
	sealed := kmstest.Seal(t, kmstest.Context(), newKeyring(t, s.In(here), kmstest.Key)).EncryptedDataKeys()
	for name, c := range map[string]struct {
		spoil   func(*kmstest.Client)
		opening error
	}{
		"from another key":      {func(c *kmstest.Client) { c.ReplyAs = kmstest.OtherKey }, crypto.ErrTampered},
		"from a replica":        {func(c *kmstest.Client) { c.ReplyAs = kmstest.KeyElse }, crypto.ErrTampered},
		"of another algorithm":  {func(c *kmstest.Client) { c.Algorithm = types.EncryptionAlgorithmSpecRsaesOaepSha1 }, crypto.ErrTampered},
		"from an alias":         {func(c *kmstest.Client) { c.ReplyAs = "alias/a" }, crypto.ErrTampered},
		"too long":              {func(c *kmstest.Client) { c.Plaintext = make([]byte, 33) }, crypto.ErrTampered},
		"too short":             {func(c *kmstest.Client) { c.Plaintext = make([]byte, 16) }, crypto.ErrTampered},
		"empty":                 {func(c *kmstest.Client) { c.Plaintext = []byte{} }, crypto.ErrTampered},
		"that access is denied": {func(c *kmstest.Client) { c.Err = kmstest.AccessDenied }, crypto.ErrNoUsableKey},
		"that it is disabled":   {func(c *kmstest.Client) { c.Err = &types.DisabledException{} }, crypto.ErrNoUsableKey},
		"that it is throttled":  {func(c *kmstest.Client) { c.Err = &smithy.GenericAPIError{Code: "ThrottlingException"} }, crypto.ErrKeyUnavailable},
		"that it broke":         {func(c *kmstest.Client) { c.Err = &types.KMSInternalException{} }, crypto.ErrKeyUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			client := s.In(here)
			c.spoil(client)
			k := newKeyring(t, client, kmstest.Key)
			opening := kmstest.Refuses(t, k, c.opening, kmstest.Context(), sealed...)
			materials, err := keyring.NewEncryptionMaterials(kmstest.Context())
			kmstest.Check(t, err)
			sealing := k.OnEncrypt(t.Context(), materials)
			want := crypto.ErrNoUsableKey
			if c.opening == crypto.ErrKeyUnavailable {
				want = c.opening
			}
			if name == "of another algorithm" {
				kmstest.Check(t, sealing) // which no algorithm is said of
				return
			}
			if !errors.Is(sealing, want) || len(materials.EncryptedDataKeys()) != 0 {
				t.Errorf("sealing: %v", sealing)
			}
			if client.Err != nil && (!errors.Is(opening, client.Err) || !errors.Is(sealing, client.Err)) {
				t.Errorf("the cause is lost: %v; %v", opening, sealing)
			}
			for _, err := range []error{opening, sealing} {
				if !strings.Contains(err.Error(), kmstest.Key) {
					t.Errorf("%v does not say which key", err)
				}
			}
		})
	}
	client := s.In(here)
	client.Err = kmstest.AccessDenied
	err := kmstest.Refuses(t, newKeyring(t, client, kmstest.Key), crypto.ErrNoUsableKey, kmstest.Context(), sealed...)
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "AccessDeniedException" {
		t.Errorf("the code of KMS is lost: %v", err)
	}
}

func TestKeyring_ReturnsContextErrors(t *testing.T) {
	k := newKeyring(t, kmstest.New(nil).In(here), kmstest.Key)
	sealed := kmstest.Seal(t, kmstest.Context(), k).EncryptedDataKeys()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for ctx, want := range map[context.Context]error{canceled: context.Canceled, late: context.DeadlineExceeded} {
		if _, err := kmstest.Open(ctx, t, kmstest.Context(), k, sealed...); !errors.Is(err, want) {
			t.Errorf("opening: %v, want %v", err, want)
		}
		materials, err := keyring.NewEncryptionMaterials(kmstest.Context())
		kmstest.Check(t, err)
		if err := k.OnEncrypt(ctx, materials); !errors.Is(err, want) {
			t.Errorf("sealing: %v, want %v", err, want)
		}
	}
}

func TestNew_RequiresAnARN(t *testing.T) {
	client := kmstest.New(nil).In(here)
	for _, name := range []string{"", "1234abcd-12ab-34cd-56ef-1234567890ab", "alias/a", "arn:aws:kms:eu-west-1:111122223333:alias/a"} {
		if _, err := awskms.New(client, name); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := awskms.New(nil, kmstest.Key); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("no client: %v", err)
	}
}

func TestKeyring_PrintsNoSecret(t *testing.T) {
	client := kmstest.New(nil).In(here)
	client.Plaintext = []byte("0123456789abcdef0123456789ABCDEF")
	k := newKeyring(t, client, kmstest.Key, awskms.WithGrantTokens("a-grant-token"))
	kmstest.Seal(t, kmstest.Context(), k)
	kmstest.Silent(t, kmstest.Key, k, client.Plaintext, []byte("a-grant-token"))
	kmstest.Silent(t, kmstest.Key, *k, client.Plaintext, []byte("a-grant-token"))
}

func TestKeyring_AsksKMSOnlyAboutCiphertexts(t *testing.T) {
	s := kmstest.New(nil)
	sealed := kmstest.Seal(t, kmstest.Context(), newKeyring(t, s.In(here), kmstest.Key)).EncryptedDataKeys()[0]
	for _, size := range []int{0, 47, 48, 48 + 6145} {
		client := s.In(here)
		changed := sealed
		changed.Ciphertext = make([]byte, size)
		kmstest.Refuses(t, newKeyring(t, client, kmstest.Key), crypto.ErrTampered, kmstest.Context(), changed)
		if len(client.Decrypted) != 0 {
			t.Errorf("%d bytes: KMS was asked", size)
		}
	}
}
