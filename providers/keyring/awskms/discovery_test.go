package awskms_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/keytest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

var ours = awskms.Accounts("aws", "999999999999", "111122223333")

func newDiscovery(t testing.TB, client awskms.Decrypter, filter awskms.Filter, options ...awskms.Option) *awskms.Discovery {
	t.Helper()
	k, err := awskms.NewDiscovery(client, filter, options...)
	keytest.Check(t, err)
	return k
}

// sealedBy returns materials sealed with a KMS key.
func sealedBy(t testing.TB, s *providertest.KMS, region string, keys ...string) *keyring.EncryptionMaterials {
	t.Helper()
	var keyrings []keyring.Keyring
	for _, key := range keys {
		k, err := awskms.New(s.In(region), key)
		keytest.Check(t, err)
		keyrings = append(keyrings, k)
	}
	return keytest.Seal(t, keytest.Context(), keyrings...)
}

func TestDiscovery_TakesTheKeyFromTheItem(t *testing.T) {
	s := keytest.NewKMS(nil)
	for _, key := range []string{keytest.Key, keytest.OtherKey, keytest.MRK} {
		client := s.In(here)
		keytest.Opens(t, newDiscovery(t, client, ours, awskms.WithGrantTokens("token")), sealedBy(t, s, here, key), 0)
		if len(decrypted(client)) != 1 || *decrypted(client)[0].KeyId != key || !maps.Equal(decrypted(client)[0].EncryptionContext, keytest.Context()) || !slices.Equal(decrypted(client)[0].GrantTokens, []string{"token"}) {
			t.Errorf("%s: KMS was asked for %+v", key, decrypted(client))
		}
	}
}

func TestDiscovery_SealsNothing(t *testing.T) {
	k := newDiscovery(t, keytest.NewKMS(nil).In(here), ours)
	materials, err := keyring.NewEncryptionMaterials(keytest.Context())
	keytest.Check(t, err)
	if err := k.OnEncrypt(t.Context(), materials); !errors.Is(err, crypto.ErrPolicy) || len(materials.EncryptedDataKeys()) != 0 {
		t.Errorf("%v", err)
	}
}

func TestDiscovery_AcceptsKeysOfTheFilterOnly(t *testing.T) {
	s := keytest.NewKMS(nil)
	own, foreign := sealedBy(t, s, here, keytest.Key).EncryptedDataKeys(), sealedBy(t, s, here, keytest.ForeignKey).EncryptedDataKeys()
	for _, c := range []struct {
		filter       awskms.Filter
		own, foreign bool
	}{
		{ours, true, false},
		{awskms.Accounts("aws", "444455556666"), false, true},
		{awskms.Accounts("aws", "444455556666", "111122223333"), true, true},
		{awskms.Accounts("aws", "1111222233334"), false, false},
		{awskms.Accounts("aws", "11112222333"), false, false},
		{awskms.Accounts("aws-cn", "111122223333", "444455556666"), false, false},
		{awskms.AnyAccount(), true, true},
	} {
		for _, of := range []struct {
			keys     []keyring.EncryptedDataKey
			accepted bool
		}{{own, c.own}, {foreign, c.foreign}} {
			client := s.In(here)
			k := newDiscovery(t, client, c.filter)
			if of.accepted {
				_, err := keytest.Open(t.Context(), t, keytest.Context(), k, of.keys...)
				keytest.Check(t, err)
				continue
			}
			keytest.Refuses(t, k, crypto.ErrNoUsableKey, keytest.Context(), of.keys...)
			if len(decrypted(client)) != 0 {
				t.Errorf("%v: KMS was asked for a key of %s", c.filter, of.keys[0].ProviderInfo)
			}
		}
	}
}

func TestNewDiscovery_RequiresAFilter(t *testing.T) {
	client := keytest.NewKMS(nil).In(here)
	for _, filter := range []awskms.Filter{
		{}, awskms.Accounts("aws"), awskms.Accounts("", "111122223333"), awskms.Accounts("aws", ""), awskms.Accounts("aws", "111122223333", ""),
	} {
		if _, err := awskms.NewDiscovery(client, filter); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%v: %v", filter, err)
		}
	}
	if _, err := awskms.NewDiscovery(nil, ours); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("no client: %v", err)
	}
	if _, err := awskms.NewDiscovery(client, ours, awskms.WithRegion("")); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("no Region: %v", err)
	}
}

func TestAccounts_CopiesItsArguments(t *testing.T) {
	s := keytest.NewKMS(nil)
	accounts := []string{"111122223333"}
	k := newDiscovery(t, s.In(here), awskms.Accounts("aws", accounts...))
	accounts[0] = "444455556666"
	keytest.Opens(t, k, sealedBy(t, s, here, keytest.Key), 0)
}

// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-mrk-discovery-keyring.md#ondecrypt)
func TestDiscovery_AsksOnlyForMultiRegionKeysOfOtherRegions(t *testing.T) {
	s := keytest.NewKMS(nil)
	for _, c := range []struct{ region, sealedBy, asked string }{
		{here, keytest.Key, keytest.Key},
		{here, keytest.MRK, keytest.MRK},
		{there, keytest.MRK, keytest.Replica},
		{there, keytest.Key, ""},
	} {
		client := s.In(c.region)
		k := newDiscovery(t, client, ours, awskms.WithRegion(c.region))
		sealed := sealedBy(t, s, here, c.sealedBy)
		if c.asked == "" {
			keytest.Refuses(t, k, crypto.ErrNoUsableKey, keytest.Context(), sealed.EncryptedDataKeys()...)
			if len(decrypted(client)) != 0 {
				t.Errorf("in %s, %s: KMS was asked", c.region, c.sealedBy)
			}
			continue
		}
		keytest.Opens(t, k, sealed, 0)
		if len(decrypted(client)) != 1 || *decrypted(client)[0].KeyId != c.asked {
			t.Errorf("in %s, %s: KMS was asked for %+v", c.region, c.sealedBy, decrypted(client))
		}
	}
	keytest.Refuses(t, newDiscovery(t, s.In(there), awskms.Accounts("aws", "444455556666"), awskms.WithRegion(there)),
		crypto.ErrNoUsableKey, keytest.Context(), sealedBy(t, s, here, keytest.MRK).EncryptedDataKeys()...)
}

func TestNewDiscoveryForRegions_UsesTheClientOfEachRegion(t *testing.T) {
	s := keytest.NewKMS(nil)
	clients := map[string]*providertest.KMS{here: s.In(here), there: s.In(there)}
	supply := func(_ context.Context, region string) (awskms.Decrypter, error) { return clients[region], nil }
	k, err := awskms.NewDiscoveryForRegions(t.Context(), supply, []string{there, here}, ours, awskms.WithGrantTokens("token"))
	keytest.Check(t, err)
	keytest.Opens(t, k, sealedBy(t, s, here, keytest.Key), 0)
	keytest.Opens(t, k, sealedBy(t, s, there, keytest.KeyElse), 0)
	keytest.Opens(t, k, sealedBy(t, s, here, keytest.MRK), 0)
	if len(decrypted(clients[here])) != 1 || len(decrypted(clients[there])) != 2 || !slices.Equal(decrypted(clients[there])[1].GrantTokens, []string{"token"}) {
		t.Errorf("%d and %d calls", len(decrypted(clients[here])), len(decrypted(clients[there])))
	}
	keytest.Refuses(t, k, crypto.ErrNoUsableKey, keytest.Context(), sealedBy(t, s, here, keytest.ForeignKey).EncryptedDataKeys()...)
}

// An attacker may have written the item, and a Region becomes part of a host name.
func TestNewDiscoveryForRegions_TakesNoRegionFromItems(t *testing.T) {
	s := keytest.NewKMS(nil)
	var asked []string
	supply := func(_ context.Context, region string) (awskms.Decrypter, error) {
		asked = append(asked, region)
		return s.In(region), nil
	}
	k, err := awskms.NewDiscoveryForRegions(t.Context(), supply, []string{here, there}, awskms.AnyAccount())
	keytest.Check(t, err)
	key := sealedBy(t, s, here, keytest.Key).EncryptedDataKeys()[0]
	key.ProviderInfo = []byte("arn:aws:kms:example.com/#:111122223333:key/1234abcd")
	keytest.Refuses(t, k, crypto.ErrNoUsableKey, keytest.Context(), key)
	if !slices.Equal(asked, []string{here, there}) {
		t.Errorf("clients for %q", asked)
	}
}

func TestNewDiscoveryForRegions_ValidatesArguments(t *testing.T) {
	s := keytest.NewKMS(nil)
	supply := func(_ context.Context, region string) (awskms.Decrypter, error) { return s.In(region), nil }
	for _, regions := range [][]string{nil, {""}, {here, ""}, {here, there, here}} {
		if _, err := awskms.NewDiscoveryForRegions(t.Context(), supply, regions, ours); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%q: %v", regions, err)
		}
	}
	if _, err := awskms.NewDiscoveryForRegions(t.Context(), supply, []string{here}, awskms.Filter{}); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("no filter: %v", err)
	}
	if _, err := awskms.NewDiscoveryForRegions(t.Context(), nil, []string{here}, ours); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("no supplier: %v", err)
	}
	for reason, regions := range map[string][]string{"no Region": nil, "given twice": {here, here}} {
		if _, err := awskms.NewDiscoveryForRegions(t.Context(), supply, regions, ours); !errors.Is(err, crypto.ErrPolicy) || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", reason, err)
		}
	}
	cause := errors.New("no such Region")
	for _, supply := range []awskms.Clients{
		func(context.Context, string) (awskms.Decrypter, error) { return nil, cause },
		func(context.Context, string) (awskms.Decrypter, error) { return nil, nil },
	} {
		_, err := awskms.NewDiscoveryForRegions(t.Context(), supply, []string{here}, ours)
		if _, failure := supply(t.Context(), here); !errors.Is(err, crypto.ErrNoUsableKey) || failure != nil && !errors.Is(err, failure) {
			t.Errorf("%v", err)
		}
	}
}

func TestDiscovery_IgnoresOtherProviders(t *testing.T) {
	s := keytest.NewKMS(nil)
	raw, err := raw.NewAES("tests", "raw", keyring.NewIntermediateKey())
	keytest.Check(t, err)
	sealer, err := awskms.New(s.In(here), keytest.Key)
	keytest.Check(t, err)
	keytest.Opens(t, newDiscovery(t, s.In(here), ours), keytest.Seal(t, keytest.Context(), raw, sealer), 1)
	keytest.Refuses(t, newDiscovery(t, s.In(here), ours), crypto.ErrNoUsableKey, keytest.Context(), keytest.Seal(t, keytest.Context(), raw).EncryptedDataKeys()...)
}

func TestDiscovery_RejectsChangedDataKeys(t *testing.T) {
	s := keytest.NewKMS(nil)
	k := newDiscovery(t, s.In(here), awskms.AnyAccount())
	key := sealedBy(t, s, here, keytest.Key).EncryptedDataKeys()[0]
	keytest.Refuses(t, k, crypto.ErrTampered, keyring.EncryptionContext{"aws-crypto-table-name": "others"}, key)
	for _, info := range []string{"", "1234abcd", "alias/a", "arn:aws:kms:eu-west-1:111122223333:alias/a", keytest.Key + " "} {
		changed := key
		changed.ProviderInfo = []byte(info)
		keytest.Refuses(t, k, crypto.ErrTampered, keytest.Context(), changed)
	}
}

func TestDiscovery_ChecksReplies(t *testing.T) {
	s := keytest.NewKMS(nil)
	sealed := sealedBy(t, s, here, keytest.Key).EncryptedDataKeys()
	client := s.In(here)
	client.OnReply(from(keytest.OtherKey))
	keytest.Refuses(t, newDiscovery(t, client, ours), crypto.ErrTampered, keytest.Context(), sealed...)
	denied := s.In(here)
	denied.Fail(providertest.ErrDenied)
	if err := keytest.Refuses(t, newDiscovery(t, denied, ours), crypto.ErrNoUsableKey, keytest.Context(), sealed...); !errors.Is(err, providertest.ErrDenied) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestDiscovery_PrintsNoSecret(t *testing.T) {
	k := newDiscovery(t, keytest.NewKMS(nil).In(here), ours, awskms.WithGrantTokens("a-grant-token"), awskms.WithRegion(here))
	keytest.Silent(t, "aws: 999999999999, 111122223333; eu-west-1", k, []byte("a-grant-token"))
	keytest.Silent(t, "any account", *newDiscovery(t, keytest.NewKMS(nil).In(here), awskms.AnyAccount(), awskms.WithGrantTokens("a-grant-token")), []byte("a-grant-token"))
}
