package hierarchical_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/internal/virtualtime"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// world is a key store and its key service, both in memory.
type world struct {
	kms   *providertest.KMS
	db    *mappertest.DB
	store *keystore.Store
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{kms: providertest.NewKMS(), db: mappertest.New()}
	var err error
	w.store, err = keystore.New(w.db, "branch-keys", w.kms, providertest.KeyARN)
	check(t, err)
	check(t, w.store.CreateTable(t.Context()))
	return w
}

func (w *world) branchKey(t *testing.T) string {
	t.Helper()
	id, err := w.store.Create(t.Context(), "", nil)
	check(t, err)
	return id
}

// reads returns the number of reads of the store.
func (w *world) reads() int { return w.db.Calls("GetItem") }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newKeyring(t *testing.T, store hierarchical.Store, supplier hierarchical.Supplier, ttl time.Duration, options ...hierarchical.Option) *hierarchical.Keyring {
	t.Helper()
	k, err := hierarchical.New(store, supplier, ttl, options...)
	check(t, err)
	return k
}

// seal returns a wrapped data key and its encryption context.
func seal(t *testing.T, k keyring.Keyring) ([]keyring.EncryptedDataKey, keyring.EncryptionContext) {
	t.Helper()
	ec := keyring.EncryptionContext{"table": "accounts"}
	m, err := keyring.NewEncryptionMaterials(ec)
	check(t, err)
	check(t, k.OnEncrypt(t.Context(), m))
	return m.EncryptedDataKeys(), ec
}

func open(t *testing.T, k keyring.Keyring, keys []keyring.EncryptedDataKey, ec keyring.EncryptionContext) error {
	t.Helper()
	m, err := keyring.NewDecryptionMaterials(ec)
	check(t, err)
	return k.OnDecrypt(t.Context(), m, keys)
}

var (
	table   = crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions = crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
)

func account(n int) crypto.Item {
	return crypto.Item{"id": &types.AttributeValueMemberN{Value: fmt.Sprint(n)}, "email": &types.AttributeValueMemberS{Value: "ada@example.com"}}
}

func TestTenThousandItemsCostOneKMSCallAndOneRead(t *testing.T) {
	const items = 10_000
	w := newWorld(t)
	writer, err := dbesdk.New(newKeyring(t, w.store, hierarchical.BranchKey(w.branchKey(t)), time.Hour), dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	id := ""
	sealed := make([]crypto.Item, items)
	for n := range sealed {
		sealed[n], err = writer.EncryptItem(t.Context(), table, actions, account(n))
		check(t, err)
	}
	if seen, err := dbesdk.Inspect(sealed[0]); err != nil {
		t.Fatal(err)
	} else {
		id = seen.DataKeys[0].KeyID
	}

	calls, reads := w.kms.Calls("Decrypt"), w.reads()
	reader, err := dbesdk.New(newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour))
	check(t, err)
	var group sync.WaitGroup
	for worker := range 64 {
		group.Go(func() {
			for n := worker; n < items; n += 64 {
				if _, err := reader.DecryptItem(t.Context(), table, actions, sealed[n]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	calls, reads = w.kms.Calls("Decrypt")-calls, w.reads()-reads
	if calls != 1 || reads != 1 {
		t.Errorf("opening %d items took %d calls to KMS and %d reads of the key store, want 1 and 1", items, calls, reads)
	}
}

func TestWhatIsSealedOpensAfterRotations(t *testing.T) {
	w := newWorld(t)
	id := w.branchKey(t)
	var sealed [][]keyring.EncryptedDataKey
	var ec keyring.EncryptionContext
	for range 3 {
		var keys []keyring.EncryptedDataKey
		keys, ec = seal(t, newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour))
		sealed = append(sealed, keys)
		check(t, w.store.Rotate(t.Context(), id))
	}
	versions := make(map[string]bool)
	reader := newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour)
	for _, keys := range sealed {
		check(t, open(t, reader, keys, ec))
		versions[string(keys[0].Ciphertext[48+28:48+44])] = true
	}
	if len(versions) != 3 {
		t.Errorf("three rotations make %d versions", len(versions))
	}
}

func TestRevocationTakesEffectWithinOneTimeToLive(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := newWorld(t)
		const ttl = 10 * time.Minute
		k := newKeyring(t, w.store, hierarchical.BranchKey(w.branchKey(t)), ttl)
		keys, ec := seal(t, k)
		check(t, open(t, k, keys, ec))

		denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "access denied"}
		w.kms.Fail(denied)
		both := func() (sealing, opening error) {
			m, err := keyring.NewEncryptionMaterials(ec)
			check(t, err)
			return k.OnEncrypt(t.Context(), m), open(t, k, keys, ec)
		}
		for _, age := range []time.Duration{time.Minute, 8 * time.Minute, ttl - time.Millisecond - 9*time.Minute} {
			time.Sleep(age)
			synctest.Wait()
			if sealing, opening := both(); sealing != nil || opening != nil {
				t.Errorf("before the time to live is over: %v, %v", sealing, opening)
			}
		}
		time.Sleep(time.Millisecond)
		sealing, opening := both()
		for what, err := range map[string]error{"sealing": sealing, "opening": opening} {
			if !errors.Is(err, crypto.ErrNoUsableKey) || !errors.Is(err, denied) {
				t.Errorf("%s after the time to live: %v, want ErrNoUsableKey with KMS's own error", what, err)
			}
		}

		w.kms.Fail(nil)
		if sealing, opening := both(); sealing != nil || opening != nil {
			t.Errorf("with access again: %v, %v", sealing, opening)
		}
	})
}

func TestNobodyWaitsForAKeyThatIsRefreshedAhead(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := newWorld(t)
		slow := func(context.Context, string, any) error { time.Sleep(time.Second); return nil }
		k := newKeyring(t, w.store, hierarchical.BranchKey(w.branchKey(t)), time.Minute, hierarchical.WithRefreshAhead(5*time.Second))
		keys, ec := seal(t, k)
		check(t, open(t, k, keys, ec))
		w.kms.OnRequest(slow)
		before := w.kms.Calls("Decrypt")
		for range 120 {
			time.Sleep(time.Second)
			start := time.Now()
			check(t, open(t, k, keys, ec))
			if waited := time.Since(start); waited != 0 {
				t.Fatalf("a reader waited %v", waited)
			}
		}
		synctest.Wait()
		if calls := w.kms.Calls("Decrypt") - before; calls != 2 {
			t.Errorf("%d calls in two times to live, want 2", calls)
		}
	})
}

func TestOneLoadIsInFlightForEachVersion(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := newWorld(t)
		k := newKeyring(t, w.store, hierarchical.BranchKey(w.branchKey(t)), time.Minute)
		keys, ec := seal(t, k)
		k.Clear()
		slow := func(context.Context, string, any) error { time.Sleep(time.Second); return nil }
		w.kms.OnRequest(slow)
		calls, reads := w.kms.Calls("Decrypt"), w.reads()
		var group sync.WaitGroup
		for range 64 {
			group.Go(func() {
				if err := open(t, k, keys, ec); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if calls, reads := w.kms.Calls("Decrypt")-calls, w.reads()-reads; calls != 1 || reads != 1 {
			t.Errorf("64 at once took %d calls and %d reads, want 1 and 1", calls, reads)
		}
	})
}

func TestACacheServesAllTablesOverOneStoreAndNoOther(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	id := w.branchKey(t)
	cache := hierarchical.NewCache(100)
	first := newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour, hierarchical.WithCache(cache))
	second := newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour, hierarchical.WithCache(cache))
	keys, ec := seal(t, first)
	check(t, open(t, first, keys, ec))
	calls := w.kms.Calls("Decrypt")
	check(t, open(t, second, keys, ec))
	seal(t, second)
	if more := w.kms.Calls("Decrypt") - calls; more != 0 {
		t.Errorf("the second keyring asked KMS %d times for what the first has", more)
	}

	stranger := newKeyring(t, other.store, hierarchical.BranchKey(id), time.Hour, hierarchical.WithCache(cache))
	if err := open(t, stranger, keys, ec); !errors.Is(err, keystore.ErrNoKey) || !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("a keyring over another store: %v, want ErrNoKey", err)
	}
}

func TestAKeyringKeepsToItsOwnTimeToLiveInASharedCache(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.branchKey(t)
		cache := hierarchical.NewCache(100)
		long := newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour, hierarchical.WithCache(cache))
		short := newKeyring(t, w.store, hierarchical.BranchKey(id), time.Minute, hierarchical.WithCache(cache))
		keys, ec := seal(t, long)
		check(t, open(t, long, keys, ec))
		time.Sleep(2 * time.Minute)
		denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "access denied"}
		w.kms.Fail(denied)
		check(t, open(t, long, keys, ec))
		if err := open(t, short, keys, ec); !errors.Is(err, denied) {
			t.Errorf("the keyring with a time to live of one minute used a key after two: %v", err)
		}
	})
}

func TestASupplierPicksTheKeyByTheItem(t *testing.T) {
	w := newWorld(t)
	ids := map[string]string{"acme": w.branchKey(t), "initech": w.branchKey(t)}
	supplier := func(_ context.Context, ec keyring.EncryptionContext) (string, error) {
		attributes, err := dbesdk.Attributes(ec)
		if err != nil {
			return "", err
		}
		tenant, _ := attributes["tenant"].(*types.AttributeValueMemberS)
		if tenant == nil || ids[tenant.Value] == "" {
			return "", errors.New("no such tenant")
		}
		return ids[tenant.Value], nil
	}
	encryptor, err := dbesdk.New(newKeyring(t, w.store, supplier, time.Hour))
	check(t, err)
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "tenant": crypto.SignInContext}}
	for tenant, id := range ids {
		item := account(1)
		item["tenant"] = &types.AttributeValueMemberS{Value: tenant}
		sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
		check(t, err)
		seen, err := dbesdk.Inspect(sealed)
		check(t, err)
		if seen.DataKeys[0].KeyID != id {
			t.Errorf("an item of %s is sealed under the branch key %s", tenant, seen.DataKeys[0].KeyID)
		}
		_, err = encryptor.DecryptItem(t.Context(), table, actions, sealed)
		check(t, err)

		for _, other := range []string{"acme", "initech", "nobody"} {
			if other == tenant {
				continue
			}
			sealed["tenant"] = &types.AttributeValueMemberS{Value: other}
			if opened, err := encryptor.DecryptItem(t.Context(), table, actions, sealed); opened != nil || !errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("an item of %s passed off as one of %s: %v", tenant, other, err)
			}
		}
	}
	item := account(1)
	if _, err := encryptor.EncryptItem(t.Context(), table, actions, item); !errors.Is(err, crypto.ErrNoUsableKey) || !strings.Contains(err.Error(), "no such tenant") {
		t.Errorf("without a tenant: %v", err)
	}
}

func TestAChangedDataKeyIsNoticed(t *testing.T) {
	w := newWorld(t)
	id := w.branchKey(t)
	k := newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour)
	keys, ec := seal(t, k)
	check(t, open(t, k, keys, ec))
	for bit := range 8 * len(keys[0].Ciphertext) {
		changed := keys[0]
		changed.Ciphertext = append([]byte{}, changed.Ciphertext...)
		changed.Ciphertext[bit/8] ^= 1 << (bit % 8)
		err := open(t, k, []keyring.EncryptedDataKey{changed}, ec)
		// The store has no key for a changed version.
		if !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, keystore.ErrNoKey) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	for size := range len(keys[0].Ciphertext) {
		short := keys[0]
		short.Ciphertext = short.Ciphertext[:size]
		if err := open(t, k, []keyring.EncryptedDataKey{short}, ec); !errors.Is(err, crypto.ErrTampered) {
			t.Fatalf("%d bytes: %v", size, err)
		}
	}
	if err := open(t, k, keys, keyring.EncryptionContext{"table": "others"}); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("another encryption context: %v", err)
	}
	other := newKeyring(t, w.store, hierarchical.BranchKey(w.branchKey(t)), time.Hour)
	if err := open(t, other, keys, ec); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("another branch key: %v", err)
	}
}

// lying is a store that returns the same key for every request.
type lying struct{ key *keystore.BranchKey }

func (l *lying) Active(context.Context, string) (*keystore.BranchKey, error) { return l.key, nil }
func (l *lying) Version(context.Context, string, string) (*keystore.BranchKey, error) {
	return l.key, nil
}

func TestAStoreThatReturnsAnotherKeyIsNotBelieved(t *testing.T) {
	good, err := keystore.NewBranchKey("id", "e9ce18a3-edb5-4272-9f86-1cacb7997ff6", make([]byte, 32))
	check(t, err)
	otherID, err := keystore.NewBranchKey("other", good.Version, make([]byte, 32))
	check(t, err)
	otherVersion, err := keystore.NewBranchKey("id", "00000000-edb5-4272-9f86-1cacb7997ff6", make([]byte, 32))
	check(t, err)
	odd, err := keystore.NewBranchKey("id", "E9CE18A3-EDB5-4272-9F86-1CACB7997FF6", make([]byte, 32))
	check(t, err)
	keys, ec := seal(t, newKeyring(t, &lying{good}, hierarchical.BranchKey("id"), time.Hour))
	check(t, open(t, newKeyring(t, &lying{good}, hierarchical.BranchKey("id"), time.Hour), keys, ec))
	for name, key := range map[string]*keystore.BranchKey{"another ID": otherID, "another version": otherVersion, "none": nil} {
		if err := open(t, newKeyring(t, &lying{key}, hierarchical.BranchKey("id"), time.Hour), keys, ec); !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, key := range map[string]*keystore.BranchKey{"another ID": otherID, "a version that is no UUID": odd, "none": nil} {
		m, err := keyring.NewEncryptionMaterials(ec)
		check(t, err)
		if err := newKeyring(t, &lying{key}, hierarchical.BranchKey("id"), time.Hour).OnEncrypt(t.Context(), m); !errors.Is(err, crypto.ErrNoUsableKey) || len(m.EncryptedDataKeys()) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWaitingForAKeyEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	k := newKeyring(t, w.store, hierarchical.BranchKey(w.branchKey(t)), time.Hour)
	held := make(chan struct{})
	hold := func(context.Context, string, any) error { <-held; return nil }
	w.kms.OnRequest(hold)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		m, err := keyring.NewEncryptionMaterials(nil)
		if err == nil {
			err = k.OnEncrypt(ctx, m)
		}
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	close(held)
}

func TestBadSettingsAreRefused(t *testing.T) {
	w := newWorld(t)
	one := hierarchical.BranchKey("id")
	for name, make := range map[string]func() (*hierarchical.Keyring, error){
		"no store":        func() (*hierarchical.Keyring, error) { return hierarchical.New(nil, one, time.Hour) },
		"no supplier":     func() (*hierarchical.Keyring, error) { return hierarchical.New(w.store, nil, time.Hour) },
		"no time to live": func() (*hierarchical.Keyring, error) { return hierarchical.New(w.store, one, 0) },
		"refreshed too far ahead": func() (*hierarchical.Keyring, error) {
			return hierarchical.New(w.store, one, time.Minute, hierarchical.WithRefreshAhead(time.Minute))
		},
		"refreshed behind": func() (*hierarchical.Keyring, error) {
			return hierarchical.New(w.store, one, time.Minute, hierarchical.WithRefreshAhead(-1))
		},
		"a store that has no identity": func() (*hierarchical.Keyring, error) { return hierarchical.New(uncomparable{}, one, time.Hour) },
	} {
		if _, err := make(); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type uncomparable struct{ _ []int }

func (uncomparable) Active(context.Context, string) (*keystore.BranchKey, error) { return nil, nil }
func (uncomparable) Version(context.Context, string, string) (*keystore.BranchKey, error) {
	return nil, nil
}

func TestNothingThatIsPrintedHasAKey(t *testing.T) {
	secret := []byte("a branch key that nobody may see")
	key, err := keystore.NewBranchKey("id", "e9ce18a3-edb5-4272-9f86-1cacb7997ff6", secret)
	check(t, err)
	k := newKeyring(t, &lying{key}, hierarchical.BranchKey("id"), time.Hour)
	seal(t, k)
	for _, v := range []any{k, key, *key} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, string(secret)) || strings.Contains(text, fmt.Sprint(secret)[1:40]) {
				t.Errorf("%s of %T shows the key: %s", verb, v, text)
			}
		}
	}
}
