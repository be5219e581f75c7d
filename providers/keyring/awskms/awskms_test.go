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
	"github.com/ddbenc/ddbenc/providers/internal/keytest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

var _ awskms.Client = (*kms.Client)(nil)

const here, there = "eu-west-1", "us-east-1"

func newKeyring(t testing.TB, client awskms.Client, key string, options ...awskms.Option) *awskms.Keyring {
	t.Helper()
	k, err := awskms.New(client, key, options...)
	keytest.Check(t, err)
	return k
}

func TestKeyring_TakesOneCallToSealAndOneToOpen(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	k := newKeyring(t, client, keytest.Key, awskms.WithGrantTokens("one"), awskms.WithGrantTokens("two"))
	sealed := keytest.Seal(t, keytest.Context(), k)
	keytest.Opens(t, k, sealed, 0)

	if len(generated(client)) != 1 || len(decrypted(client)) != 1 {
		t.Fatalf("%d and %d calls", len(generated(client)), len(decrypted(client)))
	}
	tokens := []string{"one", "two"}
	made, asked := generated(client)[0], decrypted(client)[0]
	if *made.KeyId != keytest.Key || *made.NumberOfBytes != 32 || made.KeySpec != "" || !maps.Equal(made.EncryptionContext, keytest.Context()) || !slices.Equal(made.GrantTokens, tokens) {
		t.Errorf("GenerateDataKey was asked for %+v", made)
	}
	if *asked.KeyId != keytest.Key || !maps.Equal(asked.EncryptionContext, keytest.Context()) || !slices.Equal(asked.GrantTokens, tokens) {
		t.Errorf("Decrypt was asked for %+v", asked)
	}
	key := sealed.EncryptedDataKeys()[0]
	if key.ProviderID != "aws-kms" || string(key.ProviderInfo) != keytest.Key {
		t.Errorf("sealed by %q, %q", key.ProviderID, key.ProviderInfo)
	}
	if wrapped, err := key.Wrapped(); err != nil || !bytes.Equal(wrapped, asked.CiphertextBlob) {
		t.Error("Decrypt was asked for another ciphertext")
	}
}

// The official clients do the same, so a key policy for them works here too: with
// intermediate keys, kms:Encrypt is not needed.
func TestKeyring_GeneratesAnIntermediateKeyForEachKey(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	raw, err := raw.NewAES("tests", "raw", keyring.NewIntermediateKey())
	keytest.Check(t, err)
	one, other := newKeyring(t, client, keytest.Key), newKeyring(t, client, keytest.OtherKey)
	all, err := multi.New(raw, one, other)
	keytest.Check(t, err)
	sealed := keytest.Seal(t, keytest.Context(), all)
	for i, k := range []keyring.Keyring{raw, one, other} {
		keytest.Opens(t, k, sealed, i)
	}
	if len(generated(client)) != 2 || len(decrypted(client)) != 2 {
		t.Errorf("%d and %d calls", len(generated(client)), len(decrypted(client)))
	}
}

func TestKeyring_OpensWithItsOwnKeyOnly(t *testing.T) {
	s := keytest.NewKMS(nil)
	client := s.In(here)
	k := newKeyring(t, client, keytest.Key)
	for name, by := range map[string]keyring.Keyring{
		"another key":    newKeyring(t, s.In(here), keytest.OtherKey),
		"another Region": newKeyring(t, s.In("us-east-1"), keytest.KeyElse),
		"another owner":  newKeyring(t, s.In(here), keytest.ForeignKey),
	} {
		t.Run(name, func(t *testing.T) {
			keytest.Refuses(t, k, crypto.ErrNoUsableKey, keytest.Context(), keytest.Seal(t, keytest.Context(), by).EncryptedDataKeys()...)
		})
	}
	replica := newKeyring(t, client, keytest.MRK)
	keytest.Refuses(t, replica, crypto.ErrNoUsableKey, keytest.Context(), keytest.Seal(t, keytest.Context(), newKeyring(t, s.In("us-east-1"), keytest.Replica)).EncryptedDataKeys()...)
	keytest.Refuses(t, k, crypto.ErrNoUsableKey, keytest.Context())
	key := keytest.Seal(t, keytest.Context(), newKeyring(t, s.In(here), keytest.Key)).EncryptedDataKeys()[0]
	key.ProviderID = "aws-kms-rsa"
	keytest.Refuses(t, k, crypto.ErrNoUsableKey, keytest.Context(), key)
	if len(decrypted(client)) != 0 {
		t.Error("KMS was asked")
	}
}

func TestKeyring_RejectsChangedDataKeys(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	k := newKeyring(t, client, keytest.Key)
	sealed := keytest.Seal(t, keytest.Context(), k).EncryptedDataKeys()[0]
	moved := keytest.Context()
	moved["aws-crypto-attr.id"] = "AAEy"
	less := keytest.Context()
	delete(less, "aws-crypto-attr.id")
	for name, ec := range map[string]keyring.EncryptionContext{"another value": moved, "a value missing": less, "none": nil} {
		err := keytest.Refuses(t, k, crypto.ErrTampered, ec, sealed)
		if _, invalid := errors.AsType[*types.InvalidCiphertextException](err); !invalid {
			t.Errorf("%s: %v does not wrap the error of KMS", name, err)
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
		"no text":                 func(k *keyring.EncryptedDataKey) { k.ProviderInfo = append([]byte(keytest.Key), 0xff) },
		"no provider information": func(k *keyring.EncryptedDataKey) { k.ProviderInfo = nil },
	} {
		t.Run(name, func(t *testing.T) {
			changed := sealed
			changed.Ciphertext = bytes.Clone(sealed.Ciphertext)
			change(&changed)
			keytest.Refuses(t, k, crypto.ErrTampered, keytest.Context(), changed)
		})
	}
}

// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-keyring.md#ondecrypt)
func TestKeyring_RejectsItemsWithADataKeyOfNoKMSKey(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	k := newKeyring(t, client, keytest.Key)
	good := keytest.Seal(t, keytest.Context(), k).EncryptedDataKeys()[0]
	bad := keyring.EncryptedDataKey{ProviderID: "aws-kms", ProviderInfo: []byte("alias/a"), Ciphertext: good.Ciphertext}
	keytest.Refuses(t, k, crypto.ErrTampered, keytest.Context(), good, bad)
	if len(decrypted(client)) != 0 {
		t.Error("KMS was asked")
	}
}

func TestKeyring_UsesTheFirstDataKeyThatUnwraps(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	k := newKeyring(t, client, keytest.Key)
	sealed := keytest.Seal(t, keytest.Context(), k, k, k)
	keys := sealed.EncryptedDataKeys()
	keys[0].Ciphertext[60] ^= 1
	keytest.Opens(t, k, sealed, 1)
	if len(decrypted(client)) != 2 {
		t.Errorf("%d calls", len(decrypted(client)))
	}
}

func TestKeyring_ChecksReplies(t *testing.T) {
	s := keytest.NewKMS(nil)
	sealed := keytest.Seal(t, keytest.Context(), newKeyring(t, s.In(here), keytest.Key)).EncryptedDataKeys()
	for name, c := range map[string]struct {
		reply   func(output any)
		fault   error
		opening error
	}{
		"from another key":      {from(keytest.OtherKey), nil, crypto.ErrTampered},
		"from a replica":        {from(keytest.KeyElse), nil, crypto.ErrTampered},
		"of another algorithm":  {by(types.EncryptionAlgorithmSpecRsaesOaepSha1), nil, crypto.ErrTampered},
		"from an alias":         {from("alias/a"), nil, crypto.ErrTampered},
		"too long":              {holding(make([]byte, 33)), nil, crypto.ErrTampered},
		"too short":             {holding(make([]byte, 16)), nil, crypto.ErrTampered},
		"empty":                 {holding([]byte{}), nil, crypto.ErrTampered},
		"that access is denied": {nil, providertest.ErrDenied, crypto.ErrNoUsableKey},
		"that it is disabled":   {nil, &types.DisabledException{}, crypto.ErrNoUsableKey},
		"that it is throttled":  {nil, providertest.ErrThrottled, crypto.ErrKeyUnavailable},
		"that it broke":         {nil, &types.KMSInternalException{}, crypto.ErrKeyUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			client := s.In(here)
			client.OnReply(c.reply)
			client.Fail(c.fault)
			k := newKeyring(t, client, keytest.Key)
			opening := keytest.Refuses(t, k, c.opening, keytest.Context(), sealed...)
			materials, err := keyring.NewEncryptionMaterials(keytest.Context())
			keytest.Check(t, err)
			sealing := k.OnEncrypt(t.Context(), materials)
			want := crypto.ErrNoUsableKey
			if c.opening == crypto.ErrKeyUnavailable {
				want = c.opening
			}
			if name == "of another algorithm" {
				keytest.Check(t, sealing) // a reply to GenerateDataKey has no algorithm
				return
			}
			if !errors.Is(sealing, want) || len(materials.EncryptedDataKeys()) != 0 {
				t.Errorf("sealing: %v", sealing)
			}
			if c.fault != nil && (!errors.Is(opening, c.fault) || !errors.Is(sealing, c.fault)) {
				t.Errorf("the cause is lost: %v; %v", opening, sealing)
			}
			for _, err := range []error{opening, sealing} {
				if !strings.Contains(err.Error(), keytest.Key) {
					t.Errorf("%v does not say which key", err)
				}
			}
		})
	}
	client := s.In(here)
	client.Fail(providertest.ErrDenied)
	err := keytest.Refuses(t, newKeyring(t, client, keytest.Key), crypto.ErrNoUsableKey, keytest.Context(), sealed...)
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "AccessDeniedException" {
		t.Errorf("the code of KMS is lost: %v", err)
	}
}

func TestKeyring_ReturnsContextErrors(t *testing.T) {
	k := newKeyring(t, keytest.NewKMS(nil).In(here), keytest.Key)
	sealed := keytest.Seal(t, keytest.Context(), k).EncryptedDataKeys()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for ctx, want := range map[context.Context]error{canceled: context.Canceled, late: context.DeadlineExceeded} {
		if _, err := keytest.Open(ctx, t, keytest.Context(), k, sealed...); !errors.Is(err, want) {
			t.Errorf("opening: %v, want %v", err, want)
		}
		materials, err := keyring.NewEncryptionMaterials(keytest.Context())
		keytest.Check(t, err)
		if err := k.OnEncrypt(ctx, materials); !errors.Is(err, want) {
			t.Errorf("sealing: %v, want %v", err, want)
		}
	}
}

func TestNew_RequiresAnARN(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	for _, name := range []string{"", "1234abcd-12ab-34cd-56ef-1234567890ab", "alias/a", "arn:aws:kms:eu-west-1:111122223333:alias/a"} {
		if _, err := awskms.New(client, name); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := awskms.New(nil, keytest.Key); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("no client: %v", err)
	}
}

func TestKeyring_PrintsNoSecret(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	key := []byte("0123456789abcdef0123456789ABCDEF")
	client.OnReply(holding(key))
	k := newKeyring(t, client, keytest.Key, awskms.WithGrantTokens("a-grant-token"))
	keytest.Seal(t, keytest.Context(), k)
	keytest.Silent(t, keytest.Key, k, key, []byte("a-grant-token"))
	keytest.Silent(t, keytest.Key, *k, key, []byte("a-grant-token"))
}

func TestKeyring_AsksKMSOnlyAboutCiphertexts(t *testing.T) {
	s := keytest.NewKMS(nil)
	sealed := keytest.Seal(t, keytest.Context(), newKeyring(t, s.In(here), keytest.Key)).EncryptedDataKeys()[0]
	for _, size := range []int{0, 47, 48, 48 + 6145} {
		client := s.In(here)
		changed := sealed
		changed.Ciphertext = make([]byte, size)
		keytest.Refuses(t, newKeyring(t, client, keytest.Key), crypto.ErrTampered, keytest.Context(), changed)
		if len(decrypted(client)) != 0 {
			t.Errorf("%d bytes: KMS was asked", size)
		}
	}
}
