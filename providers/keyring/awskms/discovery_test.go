package awskms_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/kmstest"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

var ours = awskms.Accounts("aws", "999999999999", "111122223333")

func newDiscovery(t testing.TB, client awskms.Decrypter, filter awskms.Filter, options ...awskms.Option) *awskms.Discovery {
	t.Helper()
	k, err := awskms.NewDiscovery(client, filter, options...)
	kmstest.Check(t, err)
	return k
}

// sealedBy returns materials that were sealed with a KMS key.
func sealedBy(t testing.TB, s *kmstest.Service, region string, keys ...string) *keyring.EncryptionMaterials {
	t.Helper()
	var keyrings []keyring.Keyring
	for _, key := range keys {
		k, err := awskms.New(s.In(region), key)
		kmstest.Check(t, err)
		keyrings = append(keyrings, k)
	}
	return kmstest.Seal(t, kmstest.Context(), keyrings...)
}

func TestDiscovery_TakesTheKeyFromTheItem(t *testing.T) {
	s := kmstest.New(nil)
	for _, key := range []string{kmstest.Key, kmstest.OtherKey, kmstest.MRK} {
		client := s.In(here)
		kmstest.Opens(t, newDiscovery(t, client, ours, awskms.WithGrantTokens("token")), sealedBy(t, s, here, key), 0)
		if len(client.Decrypted) != 1 || *client.Decrypted[0].KeyId != key || !maps.Equal(client.Decrypted[0].EncryptionContext, kmstest.Context()) || !slices.Equal(client.Decrypted[0].GrantTokens, []string{"token"}) {
			t.Errorf("%s: KMS was asked for %+v", key, client.Decrypted)
		}
	}
}

func TestDiscovery_SealsNothing(t *testing.T) {
	k := newDiscovery(t, kmstest.New(nil).In(here), ours)
	materials, err := keyring.NewEncryptionMaterials(kmstest.Context())
	kmstest.Check(t, err)
	if err := k.OnEncrypt(t.Context(), materials); !errors.Is(err, crypto.ErrPolicy) || len(materials.EncryptedDataKeys()) != 0 {
		t.Errorf("%v", err)
	}
}

func TestDiscovery_AcceptsKeysOfTheFilterOnly(t *testing.T) {
	s := kmstest.New(nil)
	own, foreign := sealedBy(t, s, here, kmstest.Key).EncryptedDataKeys(), sealedBy(t, s, here, kmstest.ForeignKey).EncryptedDataKeys()
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
				_, err := kmstest.Open(t.Context(), t, kmstest.Context(), k, of.keys...)
				kmstest.Check(t, err)
				continue
			}
			kmstest.Refuses(t, k, crypto.ErrNoUsableKey, kmstest.Context(), of.keys...)
			if len(client.Decrypted) != 0 {
				t.Errorf("%v: KMS was asked for a key of %s", c.filter, of.keys[0].ProviderInfo)
			}
		}
	}
}

func TestNewDiscovery_RequiresAFilter(t *testing.T) {
	client := kmstest.New(nil).In(here)
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
	s := kmstest.New(nil)
	accounts := []string{"111122223333"}
	k := newDiscovery(t, s.In(here), awskms.Accounts("aws", accounts...))
	accounts[0] = "444455556666"
	kmstest.Opens(t, k, sealedBy(t, s, here, kmstest.Key), 0)
}

// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-mrk-discovery-keyring.md#ondecrypt)
func TestDiscovery_AsksOnlyForMultiRegionKeysOfOtherRegions(t *testing.T) {
	s := kmstest.New(nil)
	for _, c := range []struct{ region, sealedBy, asked string }{
		{here, kmstest.Key, kmstest.Key},
		{here, kmstest.MRK, kmstest.MRK},
		{there, kmstest.MRK, kmstest.Replica},
		{there, kmstest.Key, ""},
	} {
		client := s.In(c.region)
		k := newDiscovery(t, client, ours, awskms.WithRegion(c.region))
		sealed := sealedBy(t, s, here, c.sealedBy)
		if c.asked == "" {
			kmstest.Refuses(t, k, crypto.ErrNoUsableKey, kmstest.Context(), sealed.EncryptedDataKeys()...)
			if len(client.Decrypted) != 0 {
				t.Errorf("in %s, %s: KMS was asked", c.region, c.sealedBy)
			}
			continue
		}
		kmstest.Opens(t, k, sealed, 0)
		if len(client.Decrypted) != 1 || *client.Decrypted[0].KeyId != c.asked {
			t.Errorf("in %s, %s: KMS was asked for %+v", c.region, c.sealedBy, client.Decrypted)
		}
	}
	kmstest.Refuses(t, newDiscovery(t, s.In(there), awskms.Accounts("aws", "444455556666"), awskms.WithRegion(there)),
		crypto.ErrNoUsableKey, kmstest.Context(), sealedBy(t, s, here, kmstest.MRK).EncryptedDataKeys()...)
}

func TestNewDiscoveryForRegions_UsesTheClientOfEachRegion(t *testing.T) {
	s := kmstest.New(nil)
	clients := map[string]*kmstest.Client{here: s.In(here), there: s.In(there)}
	supply := func(_ context.Context, region string) (awskms.Decrypter, error) { return clients[region], nil }
	k, err := awskms.NewDiscoveryForRegions(t.Context(), supply, []string{there, here}, ours, awskms.WithGrantTokens("token"))
	kmstest.Check(t, err)
	kmstest.Opens(t, k, sealedBy(t, s, here, kmstest.Key), 0)
	kmstest.Opens(t, k, sealedBy(t, s, there, kmstest.KeyElse), 0)
	kmstest.Opens(t, k, sealedBy(t, s, here, kmstest.MRK), 0)
	if len(clients[here].Decrypted) != 1 || len(clients[there].Decrypted) != 2 || !slices.Equal(clients[there].Decrypted[1].GrantTokens, []string{"token"}) {
		t.Errorf("%d and %d calls", len(clients[here].Decrypted), len(clients[there].Decrypted))
	}
	kmstest.Refuses(t, k, crypto.ErrNoUsableKey, kmstest.Context(), sealedBy(t, s, here, kmstest.ForeignKey).EncryptedDataKeys()...)
}

// An item is an attacker's to write, and its Regions are names of hosts.
func TestNewDiscoveryForRegions_TakesNoRegionFromItems(t *testing.T) {
	s := kmstest.New(nil)
	var asked []string
	supply := func(_ context.Context, region string) (awskms.Decrypter, error) {
		asked = append(asked, region)
		return s.In(region), nil
	}
	k, err := awskms.NewDiscoveryForRegions(t.Context(), supply, []string{here, there}, awskms.AnyAccount())
	kmstest.Check(t, err)
	key := sealedBy(t, s, here, kmstest.Key).EncryptedDataKeys()[0]
	key.ProviderInfo = []byte("arn:aws:kms:example.com/#:111122223333:key/1234abcd")
	kmstest.Refuses(t, k, crypto.ErrNoUsableKey, kmstest.Context(), key)
	if !slices.Equal(asked, []string{here, there}) {
		t.Errorf("clients for %q", asked)
	}
}

func TestNewDiscoveryForRegions_ValidatesArguments(t *testing.T) {
	s := kmstest.New(nil)
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
	s := kmstest.New(nil)
	raw, err := raw.NewAES("tests", "raw", keyring.NewIntermediateKey())
	kmstest.Check(t, err)
	sealer, err := awskms.New(s.In(here), kmstest.Key)
	kmstest.Check(t, err)
	kmstest.Opens(t, newDiscovery(t, s.In(here), ours), kmstest.Seal(t, kmstest.Context(), raw, sealer), 1)
	kmstest.Refuses(t, newDiscovery(t, s.In(here), ours), crypto.ErrNoUsableKey, kmstest.Context(), kmstest.Seal(t, kmstest.Context(), raw).EncryptedDataKeys()...)
}

func TestDiscovery_RejectsChangedDataKeys(t *testing.T) {
	s := kmstest.New(nil)
	k := newDiscovery(t, s.In(here), awskms.AnyAccount())
	key := sealedBy(t, s, here, kmstest.Key).EncryptedDataKeys()[0]
	kmstest.Refuses(t, k, crypto.ErrTampered, keyring.EncryptionContext{"aws-crypto-table-name": "others"}, key)
	for _, info := range []string{"", "1234abcd", "alias/a", "arn:aws:kms:eu-west-1:111122223333:alias/a", kmstest.Key + " "} {
		changed := key
		changed.ProviderInfo = []byte(info)
		kmstest.Refuses(t, k, crypto.ErrTampered, kmstest.Context(), changed)
	}
}

func TestDiscovery_ChecksReplies(t *testing.T) {
	s := kmstest.New(nil)
	sealed := sealedBy(t, s, here, kmstest.Key).EncryptedDataKeys()
	client := s.In(here)
	client.ReplyAs = kmstest.OtherKey
	kmstest.Refuses(t, newDiscovery(t, client, ours), crypto.ErrTampered, kmstest.Context(), sealed...)
	denied := s.In(here)
	denied.Err = kmstest.AccessDenied
	if err := kmstest.Refuses(t, newDiscovery(t, denied, ours), crypto.ErrNoUsableKey, kmstest.Context(), sealed...); !errors.Is(err, kmstest.AccessDenied) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestDiscovery_PrintsNoSecret(t *testing.T) {
	k := newDiscovery(t, kmstest.New(nil).In(here), ours, awskms.WithGrantTokens("a-grant-token"), awskms.WithRegion(here))
	kmstest.Silent(t, "aws: 999999999999, 111122223333; eu-west-1", k, []byte("a-grant-token"))
	kmstest.Silent(t, "any account", *newDiscovery(t, kmstest.New(nil).In(here), awskms.AnyAccount(), awskms.WithGrantTokens("a-grant-token")), []byte("a-grant-token"))
}
