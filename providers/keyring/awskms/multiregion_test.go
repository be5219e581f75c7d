package awskms_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/keytest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func newMultiRegion(t testing.TB, client awskms.Client, key string, options ...awskms.Option) *awskms.Keyring {
	t.Helper()
	k, err := awskms.NewMultiRegion(client, key, options...)
	keytest.Check(t, err)
	return k
}

func TestMultiRegion_OpensWhatAReplicaSealed(t *testing.T) {
	s := keytest.NewKMS(nil)
	sealer := newMultiRegion(t, s.In(here), keytest.MRK)
	sealed := keytest.Seal(t, keytest.Context(), sealer)
	if info := sealed.EncryptedDataKeys()[0].ProviderInfo; string(info) != keytest.MRK {
		t.Errorf("sealed by %s", info)
	}
	keytest.Opens(t, sealer, sealed, 0)

	client := s.In(there)
	keytest.Opens(t, newMultiRegion(t, client, keytest.Replica, awskms.WithGrantTokens("token")), sealed, 0)
	if len(decrypted(client)) != 1 || *decrypted(client)[0].KeyId != keytest.Replica || !slices.Equal(decrypted(client)[0].GrantTokens, []string{"token"}) {
		t.Errorf("KMS was asked for %+v", decrypted(client))
	}
	strict, err := awskms.New(s.In(there), keytest.Replica)
	keytest.Check(t, err)
	keytest.Refuses(t, strict, crypto.ErrNoUsableKey, keytest.Context(), sealed.EncryptedDataKeys()...)
}

func TestMultiRegion_MatchesReplicasOnly(t *testing.T) {
	s := keytest.NewKMS(nil)
	sealed := keytest.Seal(t, keytest.Context(), newMultiRegion(t, s.In(here), keytest.MRK)).EncryptedDataKeys()[0]
	for _, c := range []struct {
		configured, region, sealedBy string
		asked                        bool
	}{
		{keytest.MRK, here, keytest.MRK, true},
		{keytest.MRK, here, keytest.Replica, true},
		{keytest.MRK, here, "arn:aws:kms:us-east-1:444455556666:key/mrk-1234abcd12ab34cd56ef1234567890ab", false},
		{keytest.MRK, here, "arn:aws-cn:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab", false},
		{keytest.MRK, here, "arn:aws:kms:us-east-1:111122223333:key/mrk-ffffabcd12ab34cd56ef1234567890ab", false},
		{keytest.MRK, here, keytest.Key, false},
		{keytest.Key, here, keytest.MRK, false},
		{keytest.Key, here, keytest.KeyElse, false},
		{keytest.KeyElse, there, keytest.Key, false},
	} {
		client := s.In(c.region)
		key := sealed
		key.ProviderInfo = []byte(c.sealedBy)
		_, err := keytest.Open(t.Context(), t, keytest.Context(), newMultiRegion(t, client, c.configured), key)
		if (err == nil) != c.asked || len(decrypted(client)) != 0 != c.asked {
			t.Errorf("%s for %s: %d calls, %v", c.configured, c.sealedBy, len(decrypted(client)), err)
		}
	}
}

func TestMultiRegion_TakesASingleRegionKey(t *testing.T) {
	k := newMultiRegion(t, keytest.NewKMS(nil).In(here), keytest.Key)
	keytest.Opens(t, k, keytest.Seal(t, keytest.Context(), k), 0)
}

func TestMultiRegion_RejectsChangedDataKeys(t *testing.T) {
	s := keytest.NewKMS(nil)
	replica := newMultiRegion(t, s.In(there), keytest.Replica)
	sealed := keytest.Seal(t, keytest.Context(), newMultiRegion(t, s.In(here), keytest.MRK)).EncryptedDataKeys()[0]
	keytest.Refuses(t, replica, crypto.ErrTampered, keyring.EncryptionContext{"aws-crypto-table-name": "others"}, sealed)
	changed := sealed
	changed.Ciphertext = bytes.Clone(sealed.Ciphertext)
	changed.Ciphertext[50] ^= 1
	keytest.Refuses(t, replica, crypto.ErrTampered, keytest.Context(), changed)
	alias := sealed
	alias.ProviderInfo = []byte("arn:aws:kms:eu-west-1:111122223333:alias/mrk-a")
	keytest.Refuses(t, replica, crypto.ErrTampered, keytest.Context(), alias)
}

func TestMultiRegion_ChecksReplies(t *testing.T) {
	s := keytest.NewKMS(nil)
	sealed := keytest.Seal(t, keytest.Context(), newMultiRegion(t, s.In(here), keytest.MRK)).EncryptedDataKeys()
	client := s.In(there)
	client.OnReply(from(keytest.MRK)) // the related key instead of the requested one
	keytest.Refuses(t, newMultiRegion(t, client, keytest.Replica), crypto.ErrTampered, keytest.Context(), sealed...)
	denied := s.In(there)
	denied.Fail(providertest.ErrDenied)
	if err := keytest.Refuses(t, newMultiRegion(t, denied, keytest.Replica), crypto.ErrNoUsableKey, keytest.Context(), sealed...); !errors.Is(err, providertest.ErrDenied) {
		t.Errorf("the cause is lost: %v", err)
	}
	materials, err := keyring.NewEncryptionMaterials(keytest.Context())
	keytest.Check(t, err)
	if err := newMultiRegion(t, denied, keytest.Replica).OnEncrypt(t.Context(), materials); !errors.Is(err, providertest.ErrDenied) || !errors.Is(err, crypto.ErrNoUsableKey) || len(materials.EncryptedDataKeys()) != 0 {
		t.Errorf("sealing: %v", err)
	}
}

func TestNewMultiRegion_RequiresAnARN(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	for _, name := range []string{"", "mrk-1234abcd12ab34cd56ef1234567890ab", "alias/mrk-a", "arn:aws:kms:eu-west-1:111122223333:alias/mrk-a"} {
		if _, err := awskms.NewMultiRegion(client, name); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := awskms.NewMultiRegion(nil, keytest.MRK); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("no client: %v", err)
	}
}

func TestMultiRegion_PrintsNoSecret(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	key := []byte("0123456789abcdef0123456789ABCDEF")
	client.OnReply(holding(key))
	k := newMultiRegion(t, client, keytest.MRK, awskms.WithGrantTokens("a-grant-token"))
	keytest.Seal(t, keytest.Context(), k)
	keytest.Silent(t, keytest.MRK, k, key, []byte("a-grant-token"))
	keytest.Silent(t, keytest.MRK, *k, key, []byte("a-grant-token"))
}
