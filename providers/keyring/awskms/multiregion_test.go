package awskms_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/kmstest"
)

func newMultiRegion(t testing.TB, client awskms.Client, key string, options ...awskms.Option) *awskms.Keyring {
	t.Helper()
	k, err := awskms.NewMultiRegion(client, key, options...)
	kmstest.Check(t, err)
	return k
}

func TestMultiRegion_OpensWhatAReplicaSealed(t *testing.T) {
	s := kmstest.New(nil)
	sealer := newMultiRegion(t, s.In(here), kmstest.MRK)
	sealed := kmstest.Seal(t, kmstest.Context(), sealer)
	if info := sealed.EncryptedDataKeys()[0].ProviderInfo; string(info) != kmstest.MRK {
		t.Errorf("sealed by %s", info)
	}
	kmstest.Opens(t, sealer, sealed, 0)

	client := s.In(there)
	kmstest.Opens(t, newMultiRegion(t, client, kmstest.Replica, awskms.WithGrantTokens("token")), sealed, 0)
	if len(client.Decrypted) != 1 || *client.Decrypted[0].KeyId != kmstest.Replica || !slices.Equal(client.Decrypted[0].GrantTokens, []string{"token"}) {
		t.Errorf("KMS was asked for %+v", client.Decrypted)
	}
	strict, err := awskms.New(s.In(there), kmstest.Replica)
	kmstest.Check(t, err)
	kmstest.Refuses(t, strict, crypto.ErrNoUsableKey, kmstest.Context(), sealed.EncryptedDataKeys()...)
}

func TestMultiRegion_MatchesReplicasOnly(t *testing.T) {
	s := kmstest.New(nil)
	sealed := kmstest.Seal(t, kmstest.Context(), newMultiRegion(t, s.In(here), kmstest.MRK)).EncryptedDataKeys()[0]
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
		_, err := kmstest.Open(t.Context(), t, kmstest.Context(), newMultiRegion(t, client, c.configured), key)
		if (err == nil) != c.asked || len(client.Decrypted) != 0 != c.asked {
			t.Errorf("%s for %s: %d calls, %v", c.configured, c.sealedBy, len(client.Decrypted), err)
		}
	}
}

func TestMultiRegion_TakesASingleRegionKey(t *testing.T) {
	k := newMultiRegion(t, kmstest.New(nil).In(here), kmstest.Key)
	kmstest.Opens(t, k, kmstest.Seal(t, kmstest.Context(), k), 0)
}

func TestMultiRegion_RejectsChangedDataKeys(t *testing.T) {
	s := kmstest.New(nil)
	replica := newMultiRegion(t, s.In(there), kmstest.Replica)
	sealed := kmstest.Seal(t, kmstest.Context(), newMultiRegion(t, s.In(here), kmstest.MRK)).EncryptedDataKeys()[0]
	kmstest.Refuses(t, replica, crypto.ErrTampered, keyring.EncryptionContext{"aws-crypto-table-name": "others"}, sealed)
	changed := sealed
	changed.Ciphertext = bytes.Clone(sealed.Ciphertext)
	changed.Ciphertext[50] ^= 1
	kmstest.Refuses(t, replica, crypto.ErrTampered, kmstest.Context(), changed)
	alias := sealed
	alias.ProviderInfo = []byte("arn:aws:kms:eu-west-1:111122223333:alias/mrk-a")
	kmstest.Refuses(t, replica, crypto.ErrTampered, kmstest.Context(), alias)
}

func TestMultiRegion_ChecksReplies(t *testing.T) {
	s := kmstest.New(nil)
	sealed := kmstest.Seal(t, kmstest.Context(), newMultiRegion(t, s.In(here), kmstest.MRK)).EncryptedDataKeys()
	client := s.In(there)
	client.ReplyAs = kmstest.MRK // the related key, and not the one that was asked
	kmstest.Refuses(t, newMultiRegion(t, client, kmstest.Replica), crypto.ErrTampered, kmstest.Context(), sealed...)
	denied := s.In(there)
	denied.Err = kmstest.AccessDenied
	if err := kmstest.Refuses(t, newMultiRegion(t, denied, kmstest.Replica), crypto.ErrNoUsableKey, kmstest.Context(), sealed...); !errors.Is(err, kmstest.AccessDenied) {
		t.Errorf("the cause is lost: %v", err)
	}
	materials, err := keyring.NewEncryptionMaterials(kmstest.Context())
	kmstest.Check(t, err)
	if err := newMultiRegion(t, denied, kmstest.Replica).OnEncrypt(t.Context(), materials); !errors.Is(err, kmstest.AccessDenied) || !errors.Is(err, crypto.ErrNoUsableKey) || len(materials.EncryptedDataKeys()) != 0 {
		t.Errorf("sealing: %v", err)
	}
}

func TestNewMultiRegion_RequiresAnARN(t *testing.T) {
	client := kmstest.New(nil).In(here)
	for _, name := range []string{"", "mrk-1234abcd12ab34cd56ef1234567890ab", "alias/mrk-a", "arn:aws:kms:eu-west-1:111122223333:alias/mrk-a"} {
		if _, err := awskms.NewMultiRegion(client, name); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := awskms.NewMultiRegion(nil, kmstest.MRK); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("no client: %v", err)
	}
}

func TestMultiRegion_PrintsNoSecret(t *testing.T) {
	client := kmstest.New(nil).In(here)
	client.Plaintext = []byte("0123456789abcdef0123456789ABCDEF")
	k := newMultiRegion(t, client, kmstest.MRK, awskms.WithGrantTokens("a-grant-token"))
	kmstest.Seal(t, kmstest.Context(), k)
	kmstest.Silent(t, kmstest.MRK, k, client.Plaintext, []byte("a-grant-token"))
	kmstest.Silent(t, kmstest.MRK, *k, client.Plaintext, []byte("a-grant-token"))
}
