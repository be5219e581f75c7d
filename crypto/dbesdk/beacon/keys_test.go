package beacon_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func emailOnly() beacon.Config {
	return beacon.Config{Standard: []beacon.Standard{{Name: "email", Length: 16}}}
}

func TestKeys_RefuseInvalidArguments(t *testing.T) {
	for name, make := range map[string]func() (*beacon.Keys, error){
		"single, no store":         func() (*beacon.Keys, error) { return beacon.SingleKeyStore(nil, "a", time.Minute) },
		"single, no branch key":    func() (*beacon.Keys, error) { return beacon.SingleKeyStore(secretKey, "", time.Minute) },
		"single, no time to live":  func() (*beacon.Keys, error) { return beacon.SingleKeyStore(secretKey, "a", 0) },
		"multi, no store":          func() (*beacon.Keys, error) { return beacon.MultiKeyStore(nil, "tenant", time.Minute) },
		"multi, no field":          func() (*beacon.Keys, error) { return beacon.MultiKeyStore(secretKey, "", time.Minute) },
		"multi, negative lifetime": func() (*beacon.Keys, error) { return beacon.MultiKeyStore(secretKey, "tenant", -1) },
		"multi, no capacity": func() (*beacon.Keys, error) {
			return beacon.MultiKeyStore(secretKey, "tenant", time.Minute, beacon.WithCapacity(0))
		},
	} {
		if keys, err := make(); keys != nil || !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v, %v, want ErrPolicy", name, keys, err)
		}
	}
	if _, err := beacon.New(nil, emailOnly()); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("no keys: got %v, want ErrPolicy", err)
	}
	if got := single(t).Field(); got != "" {
		t.Errorf("a single key store has the field %q", got)
	}
}

func TestKeys_LoadAKeyOnceWithinItsTimeToLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := providertest.NewKeyStore("tenant-1")
		keys, err := beacon.SingleKeyStore(store, "tenant-1", 10*time.Minute)
		check(t, err)
		s, err := beacon.New(keys, emailOnly())
		check(t, err)
		another, err := beacon.New(keys, emailOnly())
		check(t, err)
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				stored(t, s, ada())
				stored(t, another, ada())
			})
		}
		group.Wait()
		if store.Loads() != 1 {
			t.Errorf("the store was read %d times, want once", store.Loads())
		}
		time.Sleep(11 * time.Minute)
		store.Remove("tenant-1")
		if _, err := s.Stored(t.Context(), ada(), nil); !errors.Is(err, keystore.ErrNoKey) {
			t.Errorf("after the time to live: got %v, want ErrNoKey", err)
		}
	})
}

func TestKeys_KeepTheKindsOfErrors(t *testing.T) {
	store := providertest.NewKeyStore("tenant-1")
	keys, err := beacon.SingleKeyStore(store, "tenant-1", time.Minute)
	check(t, err)
	s, err := beacon.New(keys, emailOnly())
	check(t, err)
	store.Fail(errors.New("KMS is unreachable"))
	for range 2 { // errors are not kept
		if _, err := s.Stored(t.Context(), ada(), nil); !errors.Is(err, crypto.ErrKeyUnavailable) {
			t.Errorf("got %v, want ErrKeyUnavailable", err)
		}
	}
	if _, err := s.SameBeacons(t.Context(), ada(), nil); !errors.Is(err, crypto.ErrKeyUnavailable) {
		t.Errorf("SameBeacons: got %v, want ErrKeyUnavailable", err)
	}
	if _, err := s.Key(t.Context(), ""); !errors.Is(err, crypto.ErrKeyUnavailable) {
		t.Errorf("Key: got %v, want ErrKeyUnavailable", err)
	}
	store.Fail(nil)
	stored(t, s, ada())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newSearch(t, emailOnly()).Key(ctx, ""); err != nil && !errors.Is(err, crypto.ErrKeyUnavailable) {
		t.Errorf("a context that ended: got %v", err)
	}
}

// wrongKey is a key store that returns another key.
type wrongKey struct{ key *keystore.BeaconKey }

func (k wrongKey) BeaconKey(context.Context, string) (*keystore.BeaconKey, error) { return k.key, nil }

func TestKeys_RefuseAnotherKey(t *testing.T) {
	other, err := keystore.NewBeaconKey("tenant-2", secretKey.key)
	check(t, err)
	for _, key := range []*keystore.BeaconKey{nil, {}, {ID: "tenant-1"}, other} {
		keys, err := beacon.SingleKeyStore(wrongKey{key}, "tenant-1", time.Minute)
		check(t, err)
		s, err := beacon.New(keys, emailOnly())
		check(t, err)
		if _, err := s.Key(t.Context(), ""); !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("%v: got %v, want ErrNoUsableKey", key, err)
		}
	}
}

func TestKeys_OfManyTenantsAreThoseOfTheItems(t *testing.T) {
	store := providertest.NewKeyStore("tenant-1", "tenant-2")
	keys, err := beacon.MultiKeyStore(store, "tenant", time.Minute)
	check(t, err)
	s, err := beacon.New(keys, emailOnly())
	check(t, err)
	seen := make(map[string]bool)
	for _, id := range []string{"tenant-1", "tenant-2"} {
		// The attribute is not what counts.
		item := with(ada(), "tenant", text("tenant-1"))
		sealed := sealedBy(t, store, item, id)
		beacons, err := s.Stored(t.Context(), item, sealed)
		check(t, err)
		k, err := s.Key(t.Context(), id)
		check(t, err)
		want, _ := s.Beacon("email").Equal(k, 0, text("ada@example.com"))
		if !reflect.DeepEqual(beacons["aws_dbe_b_email"], want) {
			t.Errorf("%s: stored %v, a query looks for %v", id, beacons, want)
		}
		if same, err := s.SameBeacons(t.Context(), item, withAll(sealed, beacons)); err != nil || !same {
			t.Errorf("%s: SameBeacons returns %v, %v", id, same, err)
		}
		if got := s.BranchKeyID(sealed); got != id {
			t.Errorf("the branch key is %q, want %q", got, id)
		}
		seen[textOf(t, want)] = true
	}
	if len(seen) != 2 {
		t.Error("two tenants share a beacon")
	}
	if _, err := s.Key(t.Context(), "tenant-3"); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("a tenant that does not exist: got %v", err)
	}
}

func withAll(item, more crypto.Item) crypto.Item {
	for name, v := range more {
		item = with(item, name, v)
	}
	return item
}

func TestKeys_OfManyTenantsNeedOneHierarchicalKey(t *testing.T) {
	store := providertest.NewKeyStore("tenant-1", "tenant-2")
	keys, err := beacon.MultiKeyStore(store, "tenant", time.Minute)
	check(t, err)
	s, err := beacon.New(keys, emailOnly())
	check(t, err)
	for name, sealed := range map[string]crypto.Item{
		"two keys": sealedBy(t, store, ada(), "tenant-1", "tenant-2"),
		"raw key":  sealedByRawKey(t, ada()),
	} {
		if _, err := s.Stored(t.Context(), ada(), sealed); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v, want ErrPolicy", name, err)
		}
		if _, err := s.SameBeacons(t.Context(), ada(), sealed); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: SameBeacons: got %v, want ErrPolicy", name, err)
		}
		if got := s.BranchKeyID(sealed); got != "" {
			t.Errorf("%s: the branch key is %q", name, got)
		}
	}
	if _, err := s.Stored(t.Context(), ada(), ada()); !errors.Is(err, crypto.ErrNotProtected) {
		t.Errorf("an item that is not sealed: got %v, want ErrNotProtected", err)
	}
	if got := newSearch(t, emailOnly()).BranchKeyID(nil); got != "tenant-1" {
		t.Errorf("the branch key of a single key store is %q", got)
	}
}

func TestTenantsIn_FindsBranchKeysInValues(t *testing.T) {
	keys, err := beacon.MultiKeyStore(secretKey, "tenant", time.Minute)
	check(t, err)
	config := emailOnly()
	config.Compound = []beacon.Compound{
		{Name: "owned", Split: ".",
			Signed:    []beacon.SignedPart{{Name: "owner", Prefix: "T-", Location: "tenant"}, {Name: "day", Prefix: "D-"}},
			Encrypted: []beacon.EncryptedPart{{Name: "email", Prefix: "E-"}}},
		{Name: "signed", Split: ".", Signed: []beacon.SignedPart{{Name: "tenant", Prefix: "T-"}}},
		{Name: "other", Split: ".", Signed: []beacon.SignedPart{{Name: "day", Prefix: "T-"}}},
	}
	s, err := beacon.New(keys, config)
	check(t, err)
	for _, c := range []struct {
		path, value string
		want        []string
	}{
		{"tenant", "a", []string{"a"}},
		{"owned", "T-a.D-1.E-x", []string{"a"}},
		{"owned", "D-1.E-x", nil},
		{"owned", "x.T-a", []string{"a"}},
		{"owned", "T-a.T-b", []string{"a", "b"}},
		{"signed", "T-a", []string{"a"}},
		{"other", "T-a", nil},
		{"email", "T-a", nil},
		{"nothing", "T-a", nil},
	} {
		if got := s.TenantsIn(c.path, text(c.value)); !slices.Equal(got, c.want) {
			t.Errorf("%s = %q: got %q, want %q", c.path, c.value, got, c.want)
		}
	}
	if got := s.TenantsIn("tenant", number("1")); got != nil {
		t.Errorf("a number: got %q", got)
	}
	if got := newSearch(t, config).TenantsIn("tenant", text("a")); got != nil {
		t.Errorf("a single key store: got %q", got)
	}
	if got := keys.Field(); got != "tenant" {
		t.Errorf("the field is %q", got)
	}
}

func TestKeys_AreNeverPrinted(t *testing.T) {
	s := newSearch(t, people())
	stored(t, s, ada())
	keys, k := single(t), keyOf(t, s)
	for _, v := range []any{s, *s, k, keys, *keys, struct{ K *beacon.Key }{k}, s.Beacon("email"), *s.Beacon("email")} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			got := fmt.Sprintf(verb, v)
			if strings.Contains(got, "secret..") || strings.Contains(got, "7365637265742e2e") ||
				strings.Contains(got, "115, 101, 99") {
				t.Errorf("%s of %T prints the key: %s", verb, v, got)
			}
		}
	}
}
