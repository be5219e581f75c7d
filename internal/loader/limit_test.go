package loader_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/loader"
)

func TestLoader_LoadsABurstOfKeysAFewAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys, takes = 10_000, 20 * time.Millisecond
		l := loader.New[int, int](keys, nil)
		var loads, running, most atomic.Int64
		start := time.Now()
		var group sync.WaitGroup
		for i := range 2 * keys {
			key := i / 2
			group.Go(func() {
				v, err := l.Get(t.Context(), key, ages, func(context.Context) (int, error) {
					loads.Add(1)
					if n := running.Add(1); n > most.Load() {
						most.Store(n)
					}
					defer running.Add(-1)
					time.Sleep(takes)
					return key, nil
				})
				if err != nil || v != key {
					t.Errorf("key %d: got %d, %v", key, v, err)
				}
			})
		}
		group.Wait()
		if most.Load() != loader.MaxLoads || loads.Load() != keys {
			t.Errorf("%d loads of %d keys, %d at once; want one for each key, and %d at once",
				loads.Load(), keys, most.Load(), loader.MaxLoads)
		}
		if took, want := time.Since(start), (keys+loader.MaxLoads-1)/loader.MaxLoads*takes; took != want {
			t.Errorf("it took %v, want %v", took, want)
		}
	})
}

func TestLoader_WaitsForATurnOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loader.New[int, int](1000, nil)
		hang := func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}
		var waiting sync.WaitGroup
		for key := range 3 * loader.MaxLoads {
			waiting.Go(func() {
				start := time.Now()
				_, err := l.Get(t.Context(), key, ages, hang)
				// Those that get a turn when the first ones end have their full time.
				if took := time.Since(start); took > 2*loader.Timeout ||
					!errors.Is(err, crypto.ErrKeyUnavailable) && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("key %d: %v after %v", key, err, took)
				}
			})
		}
		waiting.Wait()
		v, err := l.Get(t.Context(), 0, ages, func(context.Context) (int, error) { return 7, nil })
		if v != 7 || err != nil {
			t.Errorf("afterwards: got %d, %v", v, err)
		}
	})
}

func TestLoader_ACallerGivesUpWaitingForATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loader.New[int, int](1000, nil)
		slow := func(context.Context) (int, error) {
			time.Sleep(time.Second)
			return 0, nil
		}
		for key := range loader.MaxLoads {
			go l.Get(t.Context(), key, ages, slow)
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := l.Get(ctx, -1, ages, slow)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, crypto.ErrKeyUnavailable) {
			t.Errorf("got %v, want ErrKeyUnavailable with the context's error", err)
		}
		time.Sleep(3 * time.Second)
	})
}
