package kmsmrk_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/kmstest"
	"github.com/ddbenc/ddbenc/providers/keyring/kms"
	"github.com/ddbenc/ddbenc/providers/keyring/kmsmrk"
)

var _ kmsmrk.Client = (*awskms.Client)(nil)

const here, there = "eu-west-1", "us-east-1"

func newKeyring(t testing.TB, client kmsmrk.Client, key string, options ...kmsmrk.Option) *kmsmrk.Keyring {
	t.Helper()
	k, err := kmsmrk.New(client, key, options...)
	kmstest.Check(t, err)
	return k
}

func TestAReplicaOpensWhatAnotherSealed(t *testing.T) {
	s := kmstest.New(nil)
	sealer := newKeyring(t, s.In(here), kmstest.MRK)
	sealed := kmstest.Seal(t, kmstest.Context(), sealer)
	if info := sealed.EncryptedDataKeys()[0].ProviderInfo; string(info) != kmstest.MRK {
		t.Errorf("sealed by %s", info)
	}
	kmstest.Opens(t, sealer, sealed, 0)

	client := s.In(there)
	kmstest.Opens(t, newKeyring(t, client, kmstest.Replica, kmsmrk.WithGrantTokens("token")), sealed, 0)
	if len(client.Decrypted) != 1 || *client.Decrypted[0].KeyId != kmstest.Replica || !slices.Equal(client.Decrypted[0].GrantTokens, []string{"token"}) {
		t.Errorf("KMS was asked for %+v", client.Decrypted)
	}
	strict, err := kms.New(s.In(there), kmstest.Replica)
	kmstest.Check(t, err)
	kmstest.Refuses(t, strict, crypto.ErrNoUsableKey, kmstest.Context(), sealed.EncryptedDataKeys()...)
}

func TestWhichKeysMatch(t *testing.T) {
	s := kmstest.New(nil)
	sealed := kmstest.Seal(t, kmstest.Context(), newKeyring(t, s.In(here), kmstest.MRK)).EncryptedDataKeys()[0]
	for _, c := range []struct {
		configured, region, sealedBy string
		asked                        bool
	}{
		{kmstest.MRK, here, kmstest.MRK, true},
		{kmstest.MRK, here, kmstest.Replica, true},
		{kmstest.MRK, here, "arn:aws:kms:us-east-1:444455556666:key/mrk-1234abcd12ab34cd56ef1234567890ab", false},
		{kmstest.MRK, here, "arn:aws-cn:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab", false},
		{kmstest.MRK, here, "arn:aws:kms:us-east-1:111122223333:key/mrk-ffffabcd12ab34cd56ef1234567890ab", false},
		{kmstest.MRK, here, kmstest.Key, false},
		{kmstest.Key, here, kmstest.MRK, false},
		{kmstest.Key, here, kmstest.KeyElse, false},
		{kmstest.KeyElse, there, kmstest.Key, false},
	} {
		client := s.In(c.region)
		key := sealed
		key.ProviderInfo = []byte(c.sealedBy)
		_, err := kmstest.Open(t.Context(), t, kmstest.Context(), newKeyring(t, client, c.configured), key)
		if (err == nil) != c.asked || len(client.Decrypted) != 0 != c.asked {
			t.Errorf("%s for %s: %d calls, %v", c.configured, c.sealedBy, len(client.Decrypted), err)
		}
	}
}

func TestAKeyOfOneRegionWorksToo(t *testing.T) {
	k := newKeyring(t, kmstest.New(nil).In(here), kmstest.Key)
	kmstest.Opens(t, k, kmstest.Seal(t, kmstest.Context(), k), 0)
}

func TestWhatWasChangedIsRefusedAsTampered(t *testing.T) {
	s := kmstest.New(nil)
	replica := newKeyring(t, s.In(there), kmstest.Replica)
	sealed := kmstest.Seal(t, kmstest.Context(), newKeyring(t, s.In(here), kmstest.MRK)).EncryptedDataKeys()[0]
	kmstest.Refuses(t, replica, crypto.ErrTampered, keyring.EncryptionContext{"aws-crypto-table-name": "others"}, sealed)
	changed := sealed
	changed.Ciphertext = bytes.Clone(sealed.Ciphertext)
	changed.Ciphertext[50] ^= 1
	kmstest.Refuses(t, replica, crypto.ErrTampered, kmstest.Context(), changed)
	alias := sealed
	alias.ProviderInfo = []byte("arn:aws:kms:eu-west-1:111122223333:alias/mrk-a")
	kmstest.Refuses(t, replica, crypto.ErrTampered, kmstest.Context(), alias)
}

func TestRepliesAreChecked(t *testing.T) {
	s := kmstest.New(nil)
	sealed := kmstest.Seal(t, kmstest.Context(), newKeyring(t, s.In(here), kmstest.MRK)).EncryptedDataKeys()
	client := s.In(there)
	client.ReplyAs = kmstest.MRK // the related key, and not the one that was asked
	kmstest.Refuses(t, newKeyring(t, client, kmstest.Replica), crypto.ErrTampered, kmstest.Context(), sealed...)
	denied := s.In(there)
	denied.Err = kmstest.AccessDenied
	if err := kmstest.Refuses(t, newKeyring(t, denied, kmstest.Replica), crypto.ErrNoUsableKey, kmstest.Context(), sealed...); !errors.Is(err, kmstest.AccessDenied) {
		t.Errorf("the cause is lost: %v", err)
	}
	materials, err := keyring.NewEncryptionMaterials(kmstest.Context())
	kmstest.Check(t, err)
	if err := newKeyring(t, denied, kmstest.Replica).OnEncrypt(t.Context(), materials); !errors.Is(err, kmstest.AccessDenied) || !errors.Is(err, crypto.ErrNoUsableKey) || len(materials.EncryptedDataKeys()) != 0 {
		t.Errorf("sealing: %v", err)
	}
}

func TestAKeyIsNamedByItsARN(t *testing.T) {
	client := kmstest.New(nil).In(here)
	for _, name := range []string{"", "mrk-1234abcd12ab34cd56ef1234567890ab", "alias/mrk-a", "arn:aws:kms:eu-west-1:111122223333:alias/mrk-a"} {
		if _, err := kmsmrk.New(client, name); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := kmsmrk.New(nil, kmstest.MRK); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("no client: %v", err)
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	client := kmstest.New(nil).In(here)
	client.Plaintext = []byte("0123456789abcdef0123456789ABCDEF")
	k := newKeyring(t, client, kmstest.MRK, kmsmrk.WithGrantTokens("a-grant-token"))
	kmstest.Seal(t, kmstest.Context(), k)
	kmstest.Silent(t, kmstest.MRK, k, client.Plaintext, []byte("a-grant-token"))
	kmstest.Silent(t, kmstest.MRK, *k, client.Plaintext, []byte("a-grant-token"))
}
