package dbesdk

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/internal/virtualtime"
)

// sealOne seals an item and returns its public key.
func sealOne(t testing.TB, e *Encryptor) string {
	t.Helper()
	sealed, err := e.EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), itemtest.Account())
	itemtest.Check(t, err)
	opened, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
	itemtest.Check(t, err)
	itemtest.EqualItems(t, opened, itemtest.Account())
	in, err := Inspect(sealed)
	itemtest.Check(t, err)
	return in.StoredContext[contextPublicKey]
}

func TestKeyPairsAreMadeAheadUntilClose(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		e, err := New(newTestKeyring(t))
		itemtest.Check(t, err)
		synctest.Wait()
		if n := len(e.pairs.ready); n != 0 {
			t.Errorf("%d key pairs are ready before anything was sealed", n)
		}
		seen := make(map[string]bool)
		for range 3 {
			seen[sealOne(t, e)] = true
			synctest.Wait()
			if n := len(e.pairs.ready); n != pairsAhead {
				t.Errorf("%d key pairs are ready, not %d", n, pairsAhead)
			}
		}
		itemtest.Check(t, e.Close())
		itemtest.Check(t, e.Close()) // again, which does no harm
		// The bubble ends only if nothing runs any more. What is ready is used
		// up, and then more is made, as it is needed.
		for range pairsAhead + 3 {
			seen[sealOne(t, e)] = true
		}
		synctest.Wait()
		if n := len(e.pairs.ready); n != 0 {
			t.Errorf("%d key pairs are left after Close", n)
		}
		if len(seen) != pairsAhead+6 {
			t.Errorf("%d items have %d key pairs", pairsAhead+6, len(seen))
		}
	})
}

func TestAnEncryptorThatIsClosedAtOnceWorks(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		e, err := New(newTestKeyring(t))
		itemtest.Check(t, err)
		itemtest.Check(t, e.Close())
		if first, second := sealOne(t, e), sealOne(t, e); first == second {
			t.Error("two items have one key pair")
		}
	})
}

func TestWithoutSignaturesNoKeyPairsAreMade(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		e, err := New(newTestKeyring(t), WithSuite(SuiteHMAC))
		itemtest.Check(t, err)
		defer e.Close()
		if public := sealOne(t, e); public != "" {
			t.Errorf("the item has the public key %s", public)
		}
		synctest.Wait()
		if n := len(e.pairs.ready); n != 0 {
			t.Errorf("%d key pairs are ready", n)
		}
	})
}

// A test of someone's own that forgets to close.
func TestAnEncryptorOfABubbleMayOutliveIt(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		e, err := New(newTestKeyring(t), WithSuite(SuiteHMAC))
		itemtest.Check(t, err)
		sealOne(t, e)
	})
	for range 3 {
		runtime.GC() // closes it, from outside
		time.Sleep(time.Millisecond)
	}
}

func TestNoKeyPairIsUsedTwiceByMany(t *testing.T) {
	e := newTestEncryptor(t)
	var all sync.WaitGroup
	var seen sync.Map
	for i := range 4 {
		all.Go(func() {
			for range 25 {
				if _, twice := seen.LoadOrStore(sealOne(t, e), true); twice {
					t.Error("two items have one key pair")
				}
			}
			if i == 0 {
				e.Close() // while others seal
			}
		})
	}
	all.Wait()
}

// Who forgets Close leaks nothing for good.
func TestAnEncryptorThatNobodyHasAnyMoreMakesNoKeyPairs(t *testing.T) {
	made := func() *pairs {
		e, err := New(newTestKeyring(t))
		itemtest.Check(t, err)
		sealOne(t, e)
		return e.pairs
	}()
	for deadline := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		made.mu.Lock()
		stopped := made.stopped
		made.mu.Unlock()
		if stopped {
			return
		}
		time.Sleep(10 * time.Millisecond)
		if time.Now().After(deadline) {
			t.Fatal("the goroutine that makes key pairs outlives its Encryptor")
		}
	}
}
