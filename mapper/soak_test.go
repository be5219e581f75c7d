package mapper_test

import (
	"context"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"
)

const (
	soakProcesses = 8
	soakWorkers   = 8 // of each process
	soakCounters  = 4 // of each tenant
)

// TestSoak_LosesNothing runs a mixed load of 64 goroutines on a bad network, with
// a KMS that is often unavailable, branch keys that are rotated, and processes
// that are killed and started again. Afterwards, each counter must equal the
// changes that were reported as made, plus at most those of unknown outcome.
func TestSoak_LosesNothing(t *testing.T) {
	setting := os.Getenv("DDBENC_SOAK")
	if setting == "" {
		t.Skip("DDBENC_SOAK is not set: make soak runs this for ten minutes")
	}
	duration, err := time.ParseDuration(setting)
	check(t, err)
	s := newSoak(t)
	before := runtime.NumGoroutine()
	ctx, stop := context.WithTimeout(t.Context(), duration)
	defer stop()

	var load, rest sync.WaitGroup
	for process := range soakProcesses {
		load.Go(func() {
			for ctx.Err() == nil && !t.Failed() {
				s.process(ctx, process)
			}
		})
	}
	var rotations atomic.Int64
	rest.Go(func() { s.world.trouble(ctx, t, &rotations) })
	var samples []usage
	rest.Go(func() { samples = sampleUsage(ctx) })
	load.Wait()
	stop()
	rest.Wait()

	s.checkCounters()
	s.checkLoad()
	if rotations.Load() == 0 {
		t.Error("no branch key was rotated")
	}
	checkUsage(t, samples)
	for range 100 { // a last load of a key may still run
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
	t.Logf("%d processes, %d rotations", s.started.Load(), rotations.Load())
}

// soak is one run of the test.
type soak struct {
	*testing.T
	world    *soakWorld
	counters []*counterOf
	own      []ownItem // by worker
	started  atomic.Int64
	changes  atomic.Int64 // by Modify

	mu       sync.Mutex
	outcomes map[string]map[string]int // by operation and outcome
}

// counterOf is what is known of a counter: the sum of changes made, and of
// changes of unknown outcome.
type counterOf struct {
	Tally
	made, maybe atomic.Int64
}

func (c *counterOf) keys() dynamo.Keys { return dynamo.Keys{c.Tenant, c.Number} }

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{T: t, world: newSoakWorld(t), outcomes: make(map[string]map[string]int)}
	_, repository := s.world.process(t, false)
	for _, tenant := range s.world.tenants {
		for n := range soakCounters {
			c := &counterOf{Tally: Tally{Tenant: tenant, Number: n, Label: "counter"}}
			check(t, repository.Put(t.Context(), c.Tally))
			s.counters = append(s.counters, c)
		}
	}
	for worker := range soakProcesses * soakWorkers {
		tenant := s.world.tenants[worker%soakTenants]
		s.own = append(s.own, ownItem{Tally{Tenant: tenant, Number: 1000 + worker, Label: "own"}, []int{absent}})
	}
	return s
}

// process runs a process until it is killed in the middle of its work.
func (s *soak) process(ctx context.Context, process int) {
	ctx, kill := context.WithTimeout(ctx, 2*time.Second+rand.N(4*time.Second))
	defer kill()
	s.started.Add(1)
	db, repository := s.world.process(s, true)
	var group sync.WaitGroup
	for worker := range soakWorkers {
		p := &soakWorker{s, db, repository, &s.own[process*soakWorkers+worker]}
		group.Go(func() {
			for ctx.Err() == nil && !s.Failed() {
				p.step(ctx)
			}
		})
	}
	group.Wait()
}

// note counts an operation and returns its outcome.
func (s *soak) note(operation string, err error) result {
	kind := outcome(err)
	if kind == unclassified {
		s.Errorf("%s: an error that is not documented: %v", operation, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outcomes[operation] == nil {
		s.outcomes[operation] = make(map[string]int)
	}
	s.outcomes[operation][kind.name]++
	return kind.result
}

// checkCounters reads all counters in an undisturbed process.
func (s *soak) checkCounters() {
	_, repository := s.world.process(s, false)
	var made, maybe int64
	for _, c := range s.counters {
		stored, err := repository.Get(context.Background(), c.keys())
		check(s, err)
		low, high := c.made.Load(), c.made.Load()+c.maybe.Load()
		if got := int64(stored.Count); got < low || got > high {
			s.Errorf("counter %d of tenant %s is %d: %d changes were made, and %d more may have been",
				c.Number, c.Tenant, got, low, high-low)
		}
		made, maybe = made+low, maybe+high-low
	}
	s.Logf("%d changes of counters made, %d of unknown outcome", made, maybe)
	if maybe > made/2 {
		s.Error("the outcome of too many changes is unknown: the check would mean little")
	}
}

// checkLoad checks that each operation was successful many times, and that
// there was trouble.
func (s *soak) checkLoad() {
	total, failures := 0, make(map[string]int)
	for operation, outcomes := range s.outcomes {
		for name, n := range outcomes {
			total += n
			failures[name] += n
		}
		if outcomes["success"] < 20 {
			s.Errorf("%s was successful %d times only", operation, outcomes["success"])
		}
		s.Logf("%s: %v", operation, outcomes)
	}
	for _, name := range []string{"key unavailable", "outcome unknown", "canceled"} {
		if failures[name] == 0 {
			s.Errorf("nothing had the outcome %q: there was no trouble", name)
		}
	}
	s.Logf("%d operations: %v", total, failures)
}

// usage is what the process uses at a time.
type usage struct{ goroutines, heap int }

// sampleUsage takes a sample each second.
func sampleUsage(ctx context.Context) []usage {
	var samples []usage
	for {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return samples
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		samples = append(samples, usage{runtime.NumGoroutine(), int(m.HeapAlloc)})
	}
}

// checkUsage compares the medians of the first and the last third. The database
// in memory may grow: it keeps old branch keys, and the tokens of transactions
// for ten minutes.
func checkUsage(t *testing.T, samples []usage) {
	t.Helper()
	third := len(samples) / 3
	if third == 0 {
		t.Fatal("too short to compare the use of memory")
	}
	median := func(of []usage, value func(usage) int) int {
		all := make([]int, len(of))
		for i, u := range of {
			all[i] = value(u)
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	for _, c := range []struct {
		what  string
		value func(usage) int
		more  int // that is no growth
	}{
		{"goroutines", func(u usage) int { return u.goroutines }, 50},
		{"bytes of heap", func(u usage) int { return u.heap }, 4 << 20},
	} {
		first, last := median(samples[:third], c.value), median(samples[2*third:], c.value)
		t.Logf("%d %s in the first third, %d in the last", first, c.what, last)
		if last > first+first/4+c.more {
			t.Errorf("the number of %s grows", c.what)
		}
	}
}
