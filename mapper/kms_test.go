package mapper_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/internal/virtualtime"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/directkms"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// slowKMS returns a KMS that takes its time to decrypt.
func slowKMS(takes time.Duration) *providertest.KMS {
	service := providertest.NewKMS()
	service.OnRequest(func(_ context.Context, operation string, _ any) error {
		if operation == "Decrypt" {
			time.Sleep(takes)
		}
		return nil
	})
	return service
}

func TestPagesDoNotWaitForTheKeyServiceItemByItem(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		service := slowKMS(20 * time.Millisecond)
		provider, err := directkms.New(service, providertest.KeyARN)
		check(t, err)
		e, err := ddbec.New(provider)
		check(t, err)
		w := newWorldOn(t, ddbecFormat, mappertest.New()) // time stands still for a real one
		db, _ := w.open(t, e)
		var all []any
		for n := range 100 {
			all = append(all, note(n))
		}
		_, err = db.Table(tableName).Batch().Write().Put(all...).Run(t.Context())
		check(t, err)

		const readers = 64
		var group sync.WaitGroup
		for range readers {
			group.Go(func() {
				start := time.Now()
				var page []Note
				if err := db.Table(tableName).Get("person", "ada").All(t.Context(), &page); err != nil || len(page) != 100 {
					t.Errorf("%d items, %v", len(page), err)
				}
				if took := time.Since(start); took >= 200*time.Millisecond {
					t.Errorf("a page of 100 items took %v", took)
				}
			})
		}
		group.Wait()
		if calls := service.Calls("Decrypt"); calls != readers*100 {
			t.Errorf("%d calls for %d items", calls, readers*100)
		}
	})
}

func TestTheMostRecentProviderAsksTheKeyServiceOnceForAllItemsAndReaders(t *testing.T) {
	service := slowKMS(time.Millisecond)
	inner, err := directkms.New(service, providertest.KeyARN)
	check(t, err)
	w := newWorld(t, ddbecFormat)
	store, err := metastore.New(w.spy, "keys", inner)
	check(t, err)
	check(t, store.CreateTable(t.Context()))
	_, err = store.NewVersion(t.Context(), "notes")
	check(t, err)
	provider, err := mostrecent.New(store, "notes", time.Hour)
	check(t, err)
	e, err := ddbec.New(provider)
	check(t, err)
	db, _ := w.open(t, e)

	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			for n := range 5 {
				if err := db.Table(tableName).Put(note(5*i + n)).Run(t.Context()); err != nil {
					t.Error(err)
				}
			}
			var page []Note
			if err := db.Table(tableName).Get("person", "ada").All(t.Context(), &page); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if calls := service.Calls("Decrypt"); calls != 1 {
		t.Errorf("%d calls of the key service, want 1", calls)
	}
}
