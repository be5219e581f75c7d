package mapper_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// Tally is an item of the soak test.
type Tally struct {
	Tenant string `dynamo:"tenant,hash"` // its branch key
	Number int    `dynamo:"num,range"`
	Count  int    `dynamo:"n" ddbenc:"encrypt"`
	Label  string `dynamo:"label" ddbenc:"sign"`

	Changes []int64 `dynamo:"changes,omitempty" ddbenc:"encrypt"` // the latest ones by Modify
}

const soakChanges = 20

// change adds 1. It reports whether the change had not been made before.
func (t *Tally) change(id int64) bool {
	fresh := !slices.Contains(t.Changes, id)
	t.Changes = append(t.Changes, id)
	t.Changes = t.Changes[max(0, len(t.Changes)-soakChanges):]
	t.Count++
	return fresh
}

// soakWorld is what all processes of the soak test share.
type soakWorld struct {
	db      *mappertest.DB
	kms     *providertest.KMS
	tenants []string
	outage  atomic.Pointer[error] // of KMS
}

const (
	soakTenants  = 20
	soakCapacity = 8 // of each process's cache: too few for the tenants
	soakTTL      = time.Second
)

func newSoakWorld(t *testing.T) *soakWorld {
	t.Helper()
	w := &soakWorld{db: mappertest.New(), kms: providertest.NewKMS()}
	store := w.store(t, false)
	check(t, store.CreateTable(t.Context()))
	for range soakTenants {
		id, err := store.Create(t.Context(), "", nil)
		check(t, err)
		w.tenants = append(w.tenants, id)
	}
	check(t, dynamo.NewFromIface(w.db).CreateTable(tableName, Tally{}).OnDemand(true).Run(t.Context()))
	return w
}

// store returns a new client of the key store: one with a bad network, or not.
func (w *soakWorld) store(t testing.TB, bad bool) *keystore.Store {
	t.Helper()
	// Each has a KMS client of its own, since the KMS in memory keeps the requests
	// of each client.
	client, kms := keystore.Client(w.db), w.kms.In("eu-west-1")
	if bad {
		client = badNetwork{w.db}
		kms.OnRequest(func(ctx context.Context, _ string, _ any) error {
			if err := w.outage.Load(); err != nil {
				return *err
			}
			if rand.IntN(50) == 0 {
				return providertest.ErrThrottled
			}
			return travel(ctx)
		})
	}
	store, err := keystore.New(client, "branch-keys", kms, providertest.KeyARN)
	check(t, err)
	return store
}

// process returns the tables as a new process has them.
func (w *soakWorld) process(t testing.TB, bad bool) (*dynamo.DB, *mapper.Repository[Tally]) {
	t.Helper()
	keys, err := hierarchical.New(w.store(t, bad), tenantOf, soakTTL,
		hierarchical.WithCache(hierarchical.NewCache(soakCapacity)))
	check(t, err)
	encryptor, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	declared := mapper.TableOf[Tally](tableName, encryptor)
	var db *dynamo.DB
	if bad {
		db, err = mapper.New(badNetwork{w.db}, declared)
	} else {
		db, err = mapper.New(w.db, declared)
	}
	check(t, err)
	repository, err := mapper.NewRepository[Tally](db, tableName)
	check(t, err)
	return db, repository
}

func tenantOf(_ context.Context, ec keyring.EncryptionContext) (string, error) {
	attributes, err := dbesdk.Attributes(ec)
	if err != nil {
		return "", err
	}
	tenant, ok := attributes["tenant"].(*types.AttributeValueMemberS)
	if !ok {
		return "", errors.New("the item has no tenant")
	}
	return tenant.Value, nil
}

// trouble rotates branch keys, and lets KMS be down or throttle for a second, a
// fifth of the time.
func (w *soakWorld) trouble(ctx context.Context, t *testing.T, rotations *atomic.Int64) {
	store := w.store(t, true)
	for second := 1; ; second++ {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			w.outage.Store(nil)
			return
		}
		switch second % 10 {
		case 4:
			w.outage.Store(&providertest.ErrDown)
		case 8:
			w.outage.Store(&providertest.ErrThrottled)
		default:
			w.outage.Store(nil)
			if err := store.Rotate(ctx, w.tenants[rand.IntN(soakTenants)]); err == nil {
				rotations.Add(1)
			} else if outcome(err) == unclassified {
				t.Errorf("Rotate: %v", err)
			}
		}
	}
}
