package loader_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/loader"
)

var ages = loader.Ages{Fresh: 8 * time.Minute, Usable: 10 * time.Minute}

// source is loaded from. It returns the number of the load, after a delay.
type source struct {
	takes time.Duration
	loads int
	err   error
}

func (s *source) load(ctx context.Context) (int, error) {
	s.loads++
	n, err := s.loads, s.err
	select {
	case <-time.After(s.takes):
		return n, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// got checks that the value of a key is that of the n-th load.
func got(t *testing.T, what string, l *loader.Loader[string, int], s *source, key string, n int) {
	t.Helper()
	if v, err := l.Get(t.Context(), key, ages, s.load); err != nil || v != n {
		t.Errorf("%s: got load %d, %v, want %d", what, v, err, n)
	}
}

func TestLoader_AFlightFromBeforeClearDoesNotFillTheCache(t *testing.T) {
	for _, twin := range []func(string, int) (string, bool){nil, func(string, int) (string, bool) { return "twin", true }} {
		synctest.Test(t, func(t *testing.T) {
			l, s := loader.New(10, twin), &source{takes: time.Second}
			var waiting sync.WaitGroup
			waiting.Go(func() { got(t, "who asked before", l, s, "k", 1) })
			synctest.Wait()
			time.Sleep(time.Second / 2)
			l.Clear()
			waiting.Wait() // the load ends after Clear
			got(t, "after it", l, s, "k", 2)
			if twin != nil {
				l.Clear()
				waiting.Go(func() { got(t, "before", l, s, "k", 3) })
				synctest.Wait()
				l.Clear()
				waiting.Wait()
				got(t, "the twin", l, s, "twin", 4)
			}
		})
	}
}

func TestLoader_AFlightFromBeforeClearLeavesTheNextOneAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, s := loader.New[string, int](10, nil), &source{takes: 2 * time.Second}
		var waiting sync.WaitGroup
		waiting.Go(func() { got(t, "before", l, s, "k", 1) })
		synctest.Wait()
		time.Sleep(time.Second)
		l.Clear()
		waiting.Go(func() { got(t, "after", l, s, "k", 2) })
		synctest.Wait()
		time.Sleep(time.Second + time.Millisecond) // the first load has ended, the second has not
		waiting.Go(func() { got(t, "with the one after", l, s, "k", 2) })
		waiting.Wait()
		if s.loads != 2 {
			t.Errorf("%d loads, want 2", s.loads)
		}
	})
}

func TestLoader_AgeCountsFromTheStartOfTheLoad(t *testing.T) {
	for _, key := range []string{"k", "twin"} {
		synctest.Test(t, func(t *testing.T) {
			l := loader.New(10, func(key string, _ int) (string, bool) { return "twin", key == "k" })
			s := &source{takes: 5 * time.Second}
			got(t, "first", l, s, "k", 1)
			// Fresh until 8 minutes after the load started, which is 5 seconds earlier
			// than 8 minutes after it ended.
			time.Sleep(8*time.Minute - 5*time.Second - time.Millisecond)
			got(t, "fresh", l, s, key, 1)
			synctest.Wait()
			if s.loads != 1 {
				t.Errorf("%s: loaded again too early", key)
			}
			time.Sleep(time.Millisecond)
			got(t, "not fresh", l, s, key, 1)
			synctest.Wait()
			if s.loads != 2 {
				t.Errorf("%s: %d loads after 8 minutes from the start, want 2", key, s.loads)
			}
			time.Sleep(s.takes)
		})
		synctest.Test(t, func(t *testing.T) {
			l := loader.New(10, func(key string, _ int) (string, bool) { return "twin", key == "k" })
			s := &source{takes: 5 * time.Second}
			got(t, "first", l, s, "k", 1)
			time.Sleep(10*time.Minute - 5*time.Second)
			got(t, "not usable", l, s, key, 2)
		})
	}
}

func TestLoader_AFailureIsNotKeptAndSpoilsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("down")
		l, s := loader.New[string, int](10, nil), &source{err: down}
		if _, err := l.Get(t.Context(), "k", ages, s.load); err != down {
			t.Errorf("got %v, want the load's own error", err)
		}
		s.err = nil
		got(t, "afterwards", l, s, "k", 2)
		s.err = down
		time.Sleep(9 * time.Minute)
		got(t, "usable", l, s, "k", 2) // and the load that it starts fails
		synctest.Wait()
		got(t, "still usable", l, s, "k", 2)
		time.Sleep(time.Minute)
		if _, err := l.Get(t.Context(), "k", ages, s.load); err != down {
			t.Errorf("too old: got %v, want the load's own error", err)
		}
	})
}

func TestLoader_ACallerThatGivesUpIsNoEndOfTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, s := loader.New[string, int](10, nil), &source{takes: time.Second}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := l.Get(ctx, "k", ages, s.load); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, crypto.ErrKeyUnavailable) {
			t.Errorf("got %v, want ErrKeyUnavailable with the context's error", err)
		}
		got(t, "who goes on", l, s, "k", 1)
	})
}

func TestLoader_ALoadIsBoundedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loader.New[string, int](10, nil)
		start := time.Now()
		_, err := l.Get(t.Context(), "k", ages, func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != loader.Timeout {
			t.Errorf("got %v after %v, want the end of the load's own context", err, time.Since(start))
		}
	})
}

func TestLoader_ATwinIsKeptUnlessThereIsANewerValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loader.New(10, func(key string, _ int) (string, bool) { return "twin", key == "k" })
		slow, quick := &source{takes: 20 * time.Second}, &source{loads: 10}
		var waiting sync.WaitGroup
		waiting.Go(func() { got(t, "the slow one", l, slow, "k", 1) })
		synctest.Wait()
		time.Sleep(time.Second)
		got(t, "its twin, by itself", l, quick, "twin", 11)
		waiting.Wait()
		got(t, "its twin, which is newer", l, quick, "twin", 11)

		time.Sleep(10 * time.Minute)
		slow.takes = 0
		got(t, "anew", l, slow, "k", 2)
		got(t, "its twin", l, quick, "twin", 2)
		if quick.loads != 11 {
			t.Error("the twin was loaded although it was cached")
		}
	})
}
