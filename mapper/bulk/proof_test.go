package bulk_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/virtualtime"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// writer puts, changes and deletes the notes that are its own, and knows what
// each should be.
type writer struct {
	db    *dynamo.DB
	repo  *mapper.Repository[Note]
	first int // of the notes that are its own: first, first+step, …
	step  int
	notes int
	want  map[string]Note
}

func (w *writer) run(ctx context.Context, stop *atomic.Bool) (changes int, err error) {
	for ; !stop.Load(); changes++ {
		n := w.first + w.step*rand.IntN(w.notes/w.step)
		id := note(n).ID
		have, ok := w.want[id]
		notes, key, deleted := w.db.Table(table), dynamo.Keys{id}, false
		switch change := rand.IntN(5); {
		case !ok:
			have = note(n)
			err = w.repo.Create(ctx, have)
		case change == 0:
			deleted = true
			err = w.repo.Delete(ctx, key)
		case change == 1:
			have.Topic += "!"
			err = notes.Update("id", id).Set("subject", have.Topic).Run(ctx)
		case change == 2:
			have.Reads++ // in place
			err = notes.Update("id", id).Add("seen", 1).Run(ctx)
		case change == 3:
			have.Count++
			_, err = w.repo.Modify(ctx, key, func(n *Note) error { n.Count++; return nil })
		default:
			have = Note{ID: id, Text: "replaced", Count: 1}
			err = w.repo.Put(ctx, have)
		}
		if err != nil {
			return changes, fmt.Errorf("%s: %w", id, err)
		}
		if w.want[id] = have; deleted {
			delete(w.want, id)
		}
		time.Sleep(rand.N(2 * time.Second))
	}
	return changes, nil
}

// The proof at small scale: writers put, change and delete items while a run,
// whose requests are throttled and whose replies are lost, is killed and
// continued. After it and one more run nothing is left, no update is lost, and
// no item is another one. Time is virtual: pauses take none.
func TestReseal_LosesNoUpdateOfWritersBesideIt(t *testing.T) {
	items, writers := 1000, 4
	if n, err := strconv.Atoi(os.Getenv("DDBENC_BULK_ITEMS")); err == nil {
		items, writers = n, 8
	}
	for _, name := range []string{"plaintext to sealed", "sealed to plaintext", "ddbec to dbesdk", "key to key"} {
		m := moves(t)[name]
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) { prove(t, m, items, writers) })
		})
	}
}

func prove(t *testing.T, m move, items, writers int) {
	const pages = 80
	s := newServer(t)
	fill(t, s.steady(t, m.before.encryptor, m.before.options...), items)
	s.lost, s.busy = 0.05, 0.05

	// The writers run the version of the program that is resealed with.
	var group errgroup.Group
	var stop atomic.Bool
	all := make([]*writer, writers)
	var changes atomic.Int64
	for i := range all {
		db := dynamo.NewFromIface(s.steady(t, m.after.encryptor, m.after.options...))
		repo, err := mapper.NewRepository[Note](db, table)
		check(t, err)
		all[i] = &writer{db, repo, i, writers, items, make(map[string]Note)}
		for n := i; n < items; n += writers {
			all[i].want[note(n).ID] = note(n)
		}
		group.Go(func() error {
			n, err := all[i].run(t.Context(), &stop)
			changes.Add(int64(n))
			return err
		})
	}

	client := s.client(t, m.after.encryptor, m.after.options...)
	path := filepath.Join(t.TempDir(), "checkpoint")
	kills, passes := 0, 0
	for passes < 2 {
		ctx, kill := context.WithCancel(t.Context())
		report, err := bulk.Reseal(ctx, client, table, bulk.WithPageSize(items/pages), bulk.WithFailures(func(f bulk.Failure) error { return f.Err }),
			bulk.WithCheckpoint(&killed{bulk.File(path), 2 + rand.IntN(pages/10), kill, 0}))
		interrupted := ctx.Err() != nil
		kill()
		switch {
		case err == nil:
			passes++
		case interrupted:
			kills++
		default:
			t.Fatalf("%+v, %v", report, err)
		}
	}
	stop.Store(true)
	check(t, group.Wait())
	t.Logf("%d changes, %d kills, %d writes, %d conflicts", changes.Load(), kills, s.writes.Load(), s.conflicts.Load())
	if changes.Load() < int64(items/20) || kills < 5 || s.writes.Load() < int64(items/4) || s.conflicts.Load() == 0 {
		t.Error("that is no proof")
	}

	s.lost, s.busy = 0, 0
	report, err := bulk.Reseal(t.Context(), client, table, bulk.WithDryRun(), bulk.WithPageSize(items/pages))
	if err != nil || report.Resealed+report.Failed != 0 {
		t.Errorf("left over: %+v, %v", report, err)
	}
	want := make(map[string]crypto.Item)
	for _, w := range all {
		for id, n := range maps.All(w.want) {
			item, err := dynamo.MarshalItem(n)
			check(t, err)
			want[id] = item
		}
	}
	same(t, contents(t, client), want)
}

// A share of a table is what one machine of several works on.
func TestSegments_TogetherAreTheWholeTable(t *testing.T) {
	const items, machines = 90, 3
	s, e := newServer(t), sdkEncryptor(t, "key")
	fill(t, s.steady(t, e, mapper.WithPlaintextWrites()), items)
	client := s.client(t, e, mapper.WithPlaintextReads())
	var mu sync.Mutex
	var read, written int64
	var group errgroup.Group
	for i := range machines {
		group.Go(func() error {
			report, err := bulk.Reseal(t.Context(), client, table, bulk.WithSegments(machines), bulk.WithSegment(i), bulk.WithPageSize(4))
			mu.Lock()
			defer mu.Unlock()
			read, written = read+report.Items, written+report.Resealed
			return err
		})
	}
	check(t, group.Wait())
	if read != items || written != items || s.writes.Load() != items {
		t.Errorf("%d read, %d written in %d writes", read, written, s.writes.Load())
	}
}
