package mostrecent_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/internal/virtualtime"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
	"github.com/ddbenc/ddbenc/providers/static"
)

// inner is an inner provider that, like one over a key service, takes some time
// and can be denied access. It counts its calls.
type inner struct {
	providers.Provider
	calls   atomic.Int64
	revoked atomic.Bool
	takes   time.Duration
}

var errRevoked = fmt.Errorf("%w: access denied", crypto.ErrNoUsableKey)

func (i *inner) DecryptionMaterials(ctx context.Context, ec providers.EncryptionContext, d providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
	i.calls.Add(1)
	time.Sleep(i.takes)
	if i.revoked.Load() {
		return nil, errRevoked
	}
	return i.Provider.DecryptionMaterials(ctx, ec, d)
}

type world struct {
	*inner
	db    *mappertest.DB
	store *metastore.Store
}

func newWorld(t testing.TB) *world {
	t.Helper()
	key := make([]byte, 32)
	signing, err := providers.NewHMAC("HmacSHA256", key)
	check(t, err)
	keys, err := static.New(key, signing, signing)
	check(t, err)
	w := &world{inner: &inner{Provider: keys}, db: mappertest.New()}
	w.store, err = metastore.New(w.db, "keys", w.inner)
	check(t, err)
	check(t, w.store.CreateTable(t.Context()))
	return w
}

func (w *world) encryptor(t testing.TB, ttl time.Duration, options ...mostrecent.Option) *ddbec.Encryptor {
	t.Helper()
	p, err := mostrecent.New(w.store, "k", ttl, options...)
	check(t, err)
	e, err := ddbec.New(p)
	check(t, err)
	return e
}

var (
	table   = crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions = crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	item    = crypto.Item{"id": &types.AttributeValueMemberS{Value: "1"}, "email": &types.AttributeValueMemberS{Value: "ada@example.com"}}
)

func seal(t testing.TB, e *ddbec.Encryptor) crypto.Item {
	t.Helper()
	sealed, err := e.EncryptItem(t.Context(), table, actions, item)
	check(t, err)
	return sealed
}

func open(t testing.TB, e *ddbec.Encryptor, sealed crypto.Item) error {
	t.Helper()
	_, err := e.DecryptItem(t.Context(), table, actions, sealed)
	return err
}

func TestAVersionCostsOneInnerCallForEachTimeToLive(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.takes = 20 * time.Millisecond
		_, err := w.store.NewVersion(t.Context(), "k")
		check(t, err)
		e := w.encryptor(t, time.Minute, mostrecent.WithGracePeriod(0))
		for round := range int64(3) {
			var group sync.WaitGroup
			for range 64 {
				group.Go(func() {
					for range 20 {
						if err := open(t, e, seal(t, e)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
			if calls := w.calls.Load(); calls != round+1 {
				t.Errorf("round %d: %d calls of the inner provider", round, calls)
			}
			if queries := w.db.Calls("Query"); queries != int(round)+2 { // one of them by NewVersion
				t.Errorf("round %d: %d queries for the highest version", round, queries)
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestTheFirstVersionIsMadeWhenThereIsNone(t *testing.T) {
	w := newWorld(t)
	a, b := w.encryptor(t, time.Minute), w.encryptor(t, time.Minute)
	check(t, open(t, b, seal(t, a)))
	check(t, open(t, a, seal(t, b)))
	if v, err := w.store.MaxVersion(t.Context(), "k"); err != nil || v != 0 {
		t.Errorf("highest version %d, %v", v, err)
	}
}

func TestARotationIsNoticedWithinTheTimeToLive(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := newWorld(t)
		e := w.encryptor(t, time.Minute, mostrecent.WithGracePeriod(0))
		old := seal(t, e)
		_, err := w.store.NewVersion(t.Context(), "k")
		check(t, err)
		version := func(sealed crypto.Item) int64 {
			for v := range int64(2) {
				p, err := w.store.Provider(t.Context(), "k", v)
				check(t, err)
				single, err := ddbec.New(p)
				check(t, err)
				if open(t, single, sealed) == nil {
					return v
				}
			}
			return -1
		}
		time.Sleep(59 * time.Second)
		if v := version(seal(t, e)); v != 0 {
			t.Errorf("within the time to live: sealed under version %d", v)
		}
		time.Sleep(2 * time.Second)
		if v := version(seal(t, e)); v != 1 {
			t.Errorf("after the time to live: sealed under version %d", v)
		}
		check(t, open(t, e, old))
	})
}

func TestRefreshNoticesARotationAtOnce(t *testing.T) {
	w := newWorld(t)
	p, err := mostrecent.New(w.store, "k", time.Hour)
	check(t, err)
	e, err := ddbec.New(p)
	check(t, err)
	seal(t, e)
	_, err = w.store.NewVersion(t.Context(), "k")
	check(t, err)
	p.Refresh()
	one, err := w.store.Provider(t.Context(), "k", 1)
	check(t, err)
	single, err := ddbec.New(one)
	check(t, err)
	check(t, open(t, single, seal(t, e)))
}

func TestRevokingTheInnerKeyTakesEffectWithinTheTimeToLive(t *testing.T) {
	for _, grace := range []time.Duration{0, 5 * time.Second} {
		virtualtime.Test(t, func(t *testing.T) {
			w := newWorld(t)
			e := w.encryptor(t, time.Minute, mostrecent.WithGracePeriod(grace))
			sealed := seal(t, e)
			w.revoked.Store(true)
			time.Sleep(59 * time.Second)
			check(t, open(t, e, sealed))
			time.Sleep(time.Second)
			if grace > 0 {
				check(t, open(t, e, sealed)) // still works, and starts a new load
				synctest.Wait()
				time.Sleep(grace)
			}
			for range 2 {
				if err := open(t, e, sealed); !errors.Is(err, errRevoked) || !errors.Is(err, crypto.ErrNoUsableKey) {
					t.Errorf("grace period %v: opening after the time to live: %v", grace, err)
				}
				if _, err := e.EncryptItem(t.Context(), table, actions, item); !errors.Is(err, errRevoked) {
					t.Errorf("grace period %v: sealing after the time to live: %v", grace, err)
				}
			}
			w.revoked.Store(false)
			check(t, open(t, e, sealed))
		})
	}
}

func TestNobodyWaitsInTheGracePeriod(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := newWorld(t)
		e := w.encryptor(t, time.Minute, mostrecent.WithGracePeriod(10*time.Second))
		sealed := seal(t, e)
		calls := w.calls.Load()
		w.takes = 3 * time.Second
		time.Sleep(time.Minute)
		start := time.Now()
		for range 10 {
			check(t, open(t, e, sealed))
		}
		if waited := time.Since(start); waited > 0 {
			t.Errorf("readers waited for %v", waited)
		}
		time.Sleep(4 * time.Second)
		if got := w.calls.Load() - calls; got != 1 {
			t.Errorf("%d loads, want 1", got)
		}
		time.Sleep(50 * time.Second) // the age counts from the start of the new load
		check(t, open(t, e, sealed))
		if got := w.calls.Load() - calls; got != 1 {
			t.Errorf("%d loads, want 1 still", got)
		}
	})
}

func TestAWaitingCallerGoesWithItsOwnContext(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sealed := seal(t, w.encryptor(t, time.Minute))
		w.takes = time.Second
		e := w.encryptor(t, time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() { // starts the load, and does not wait for it
			if _, err := e.DecryptItem(ctx, table, actions, sealed); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the caller in a hurry: %v", err)
			}
		})
		synctest.Wait()
		calls := w.calls.Load()
		check(t, open(t, e, sealed))
		if w.calls.Load() != calls {
			t.Error("the load was started again")
		}
		group.Wait()
	})
}

func TestOldVersionsFallOut(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	var sealed []crypto.Item
	for range 3 {
		_, err := w.store.NewVersion(ctx, "k")
		check(t, err)
		sealed = append(sealed, seal(t, w.encryptor(t, time.Hour)))
	}
	e := w.encryptor(t, time.Hour, mostrecent.WithCacheSize(2))
	w.calls.Store(0)
	for _, v := range []int{0, 1, 0, 1, 2, 1, 2, 1} { // 0 is evicted
		check(t, open(t, e, sealed[v]))
	}
	if calls := w.calls.Load(); calls != 3 {
		t.Errorf("%d loads, want 3", calls)
	}
	check(t, open(t, e, sealed[0]))
	if calls := w.calls.Load(); calls != 4 {
		t.Errorf("%d loads, want 4", calls)
	}
}

func TestUnknownVersionsAndNamesAreMissingKeys(t *testing.T) {
	w := newWorld(t)
	e := w.encryptor(t, time.Minute)
	sealed := seal(t, e)
	other, err := mostrecent.New(w.store, "other", time.Minute)
	check(t, err)
	stranger, err := ddbec.New(other)
	check(t, err)
	seal(t, stranger)
	if err := open(t, stranger, sealed); !errors.Is(err, crypto.ErrNoUsableKey) || !strings.Contains(err.Error(), "a key of another name") {
		t.Errorf("another material's item: %v", err)
	}
	p, err := mostrecent.New(w.store, "k", time.Minute)
	check(t, err)
	_, err = p.DecryptionMaterials(t.Context(), providers.EncryptionContext{Table: table}, providers.MaterialDescription{metastore.EntryID: "k#7"})
	if !errors.Is(err, crypto.ErrNoUsableKey) || !errors.Is(err, metastore.ErrNoVersion) {
		t.Errorf("a version that is not there: %v", err)
	}
	if v, err := w.store.MaxVersion(t.Context(), "k"); err != nil || v != 0 {
		t.Errorf("reading made a version: highest is %d, %v", v, err)
	}
}

func TestProvider_StoreThatIsAway(t *testing.T) {
	down := errors.New("the table is away")
	var away atomic.Value // the operation that fails, or "all"
	away.Store("")
	db := mappertest.New(mappertest.WithFault(func(_ context.Context, operation string, _ any) error {
		if of := away.Load(); of == "all" || of == operation {
			return down
		}
		return nil
	}))
	store, err := metastore.New(db, "keys", newWorld(t).inner)
	check(t, err)
	check(t, store.CreateTable(t.Context()))
	p, err := mostrecent.New(store, "k", time.Minute)
	check(t, err)
	e, err := ddbec.New(p)
	check(t, err)
	sealed := seal(t, e)
	away.Store("Query")
	p.Refresh()
	check(t, open(t, e, sealed)) // which needs no look-up of the most recent version
	if _, err := e.EncryptItem(t.Context(), table, actions, item); !errors.Is(err, down) {
		t.Errorf("sealing without knowing the version: got %v, want the cause", err)
	}
	away.Store("all")
	check(t, open(t, e, sealed)) // from the cache
	p.Refresh()
	_, sealing := e.EncryptItem(t.Context(), table, actions, item)
	for what, err := range map[string]error{"sealing": sealing, "opening": open(t, e, sealed)} {
		if !errors.Is(err, down) || !errors.Is(err, crypto.ErrKeyUnavailable) || errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("%s: got %v, want ErrKeyUnavailable with the cause", what, err)
		}
	}
}

func TestProvidersThatCannotWorkAreRefused(t *testing.T) {
	w := newWorld(t)
	for name, make := range map[string]func() (*mostrecent.Provider, error){
		"no store": func() (*mostrecent.Provider, error) { return mostrecent.New(nil, "k", time.Minute) },
		"no name":  func() (*mostrecent.Provider, error) { return mostrecent.New(w.store, "", time.Minute) },
		"bad name": func() (*mostrecent.Provider, error) { return mostrecent.New(w.store, "a#b", time.Minute) },
		"no time":  func() (*mostrecent.Provider, error) { return mostrecent.New(w.store, "k", 0) },
		"no cache": func() (*mostrecent.Provider, error) {
			return mostrecent.New(w.store, "k", 1, mostrecent.WithCacheSize(0))
		},
		"bad grace": func() (*mostrecent.Provider, error) {
			return mostrecent.New(w.store, "k", 1, mostrecent.WithGracePeriod(-1))
		},
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	p, err := mostrecent.New(w.store, "k", time.Minute)
	check(t, err)
	if got := fmt.Sprintf("%v %#v", p, p); got != `most recent provider for "k" most recent provider for "k"` {
		t.Errorf("got %s", got)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
