package mapper_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

func repository(t *testing.T, w *world) *mapper.Repository[Note] {
	t.Helper()
	repo, err := mapper.NewRepository[Note](w.db, tableName)
	check(t, err)
	return repo
}

func TestModifyLosesNoChangeWhenWritersRace(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		repo := repository(t, w)
		w.put(t, Note{Owner: "ada", Number: 1, Topic: "t"})

		const writers, rounds = 8, 5
		var group errgroup.Group
		for i := range writers {
			group.Go(func() error {
				for j := range rounds {
					_, err := repo.Modify(ctx, dynamo.Keys{"ada", 1}, func(n *Note) error {
						n.Rank++
						n.Text += fmt.Sprintf("%d-%d ", i, j)
						return nil
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
			group.Go(func() error {
				for range rounds {
					if err := update(w).Add("seen", 1).Run(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}
		check(t, group.Wait())
		got, err := repo.Get(ctx, dynamo.Keys{"ada", 1}, func(q *dynamo.Query) { q.Consistent(true) })
		check(t, err)
		equal(t, []int{got.Rank, got.Reads, len(strings.Fields(got.Text))}, []int{writers * rounds, writers * rounds, writers * rounds})
	})
}

func TestModifyStartsOverAfterAnUpdateInPlace(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		for _, reads := range []int{0, 4} { // without and with the attribute
			w := newWorld(t, f)
			ctx := t.Context()
			n := note(1)
			n.Reads = reads
			w.put(t, n)
			calls := 0
			got, err := repository(t, w).Modify(ctx, dynamo.Keys{"ada", 1}, func(n *Note) error {
				if calls++; calls == 1 {
					check(t, update(w).Add("seen", 1).Run(ctx))
				}
				n.Topic = "changed"
				return nil
			})
			check(t, err)
			equal(t, []int{calls, got.Reads}, []int{2, reads + 1})
			stored, err := w.get(t, 1)
			check(t, err)
			equal(t, stored, got)
		}
	})
}

func TestModifyKeepsWhatTheTypeDoesNotDeclare(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		item, err := dynamo.MarshalItem(note(1))
		check(t, err)
		item["extra"] = str("kept")
		check(t, w.table().Put(item).Run(ctx))
		_, err = repository(t, w).Modify(ctx, dynamo.Keys{"ada", 1}, func(n *Note) error {
			n.Topic, n.Meta, n.Tags = "changed", nil, nil
			return nil
		})
		check(t, err)
		var got crypto.Item
		check(t, w.table().Get("person", "ada").Range("num", dynamo.Equal, 1).One(ctx, &got))
		item["subject"] = str("changed")
		delete(item, "info")
		delete(item, "labels")
		equal(t, got, item)
	})
}

func TestModifyWritesNothingWhenItFails(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		repo := repository(t, w)
		w.put(t, note(1))
		before := w.stored(t, 1)
		own := errors.New("own reason")

		for name, c := range map[string]struct {
			key    dynamo.Keyed
			change func(*Note) error
			want   error
		}{
			"the change fails":         {dynamo.Keys{"ada", 1}, func(n *Note) error { n.Topic = "x"; return own }, own},
			"the key changes":          {dynamo.Keys{"ada", 1}, func(n *Note) error { n.Number = 2; return nil }, crypto.ErrInvalidItem},
			"there is no item":         {dynamo.Keys{"ada", 9}, func(*Note) error { t.Error("called without an item"); return nil }, dynamo.ErrNotFound},
			"the key is incomplete":    {dynamo.Keys{"ada"}, func(*Note) error { return nil }, crypto.ErrInvalidKey},
			"the key is of a bad type": {dynamo.Keys{make(chan int), 1}, func(*Note) error { return nil }, nil},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := repo.Modify(ctx, c.key, c.change)
				if err == nil || c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				equal(t, w.stored(t, 1), before)
			})
		}
		t.Run("the item is damaged", func(t *testing.T) {
			forged := w.stored(t, 1)
			forged["subject"] = str("forged")
			w.store(t, forged)
			_, err := repo.Modify(ctx, dynamo.Keys{"ada", 1}, func(*Note) error { t.Error("called with a damaged item"); return nil })
			wantError(t, err, crypto.ErrTampered)
			equal(t, w.stored(t, 1), forged)
		})
	})
}

func TestModifyReadsAgainWhenTheItemIsReplacedOrDeletedMeanwhile(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		repo := repository(t, w)
		w.put(t, note(1))
		calls := 0
		got, err := repo.Modify(ctx, dynamo.Keys{"ada", 1}, func(n *Note) error {
			if calls++; calls == 1 {
				replaced := note(1)
				replaced.Text = "replaced"
				w.put(t, replaced)
			}
			n.Topic = "changed"
			return nil
		})
		check(t, err)
		equal(t, []string{got.Text, got.Topic}, []string{"replaced", "changed"})

		_, err = repo.Modify(ctx, dynamo.Keys{"ada", 1}, func(n *Note) error { return del(w).Run(ctx) })
		wantError(t, err, dynamo.ErrNotFound)
		equal(t, w.stored(t, 1), crypto.Item(nil))
	})
}

func TestARepositoryReadsAndWritesItsType(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		repo := repository(t, w)
		check(t, repo.Create(ctx, note(1)))
		err := repo.Create(ctx, note(1))
		wantError(t, err, mapper.ErrExists)
		if !dynamo.IsCondCheckFailed(err) {
			t.Error("dynamo.IsCondCheckFailed does not see that an item exists already")
		}
		changed := note(1)
		changed.Text = "changed"
		check(t, repo.Put(ctx, changed))
		got, err := repo.Get(ctx, dynamo.Keys{"ada", 1})
		check(t, err)
		equal(t, got, changed)
		check(t, repo.Delete(ctx, dynamo.Keys{"ada", 1}))
		_, err = repo.Get(ctx, dynamo.Keys{"ada", 1})
		wantError(t, err, dynamo.ErrNotFound)

		var want []Note
		for n := range 60 {
			want = append(want, note(n))
		}
		check(t, repo.PutAll(ctx, want...))
		check(t, repo.PutAll(ctx))
		var all []Note
		for n, err := range repo.Query(ctx, "ada") {
			check(t, err)
			all = append(all, n)
		}
		equal(t, all, want)
		var last []Note
		for n, err := range repo.Query(ctx, "ada", func(q *dynamo.Query) { q.Order(dynamo.Descending).Filter("score < ?", 0) }) {
			check(t, err)
			if last = append(last, n); len(last) == 2 {
				break
			}
		}
		equal(t, last, []Note{note(59), note(58)})
		count := 0
		for _, err := range repo.QueryIndex(ctx, "by-topic", "engines") {
			check(t, err)
			count++
		}
		for _, err := range repo.Scan(ctx, func(s *dynamo.Scan) { s.Limit(7) }) {
			check(t, err)
			count++
		}
		equal(t, count, 67)
		for _, err := range repo.QueryIndex(ctx, "by-nothing", "x") {
			wantError(t, err, crypto.ErrUnsupported)
		}

		some, err := repo.GetAll(ctx, dynamo.Keys{"ada", 3}, dynamo.Keys{"ada", 99})
		check(t, err)
		equal(t, some, []Note{note(3)})
		for _, keys := range [][]dynamo.Keyed{nil, {dynamo.Keys{"ada", 99}}} {
			none, err := repo.GetAll(ctx, keys...)
			check(t, err)
			equal(t, len(none), 0)
		}
		check(t, repo.DeleteAll(ctx, dynamo.Keys{"ada", 3}, dynamo.Keys{"ada", 4}))
		check(t, repo.DeleteAll(ctx))
		some, err = repo.GetAll(ctx, dynamo.Keys{"ada", 3}, dynamo.Keys{"ada", 4})
		check(t, err)
		equal(t, len(some), 0)
	})
}

func TestARepositoryIsForADeclaredTableAndItsTypes(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		type Other struct {
			ID string `dynamo:"id,hash"`
		}
		_, err := mapper.NewRepository[Other](w.db, tableName)
		wantError(t, err, crypto.ErrPolicy)
		_, err = mapper.NewRepository[Note](w.db, "other")
		wantError(t, err, mapper.ErrNotDeclared)
		if _, err := mapper.NewRepository[Note](w.raw, tableName); err == nil {
			t.Error("a database without a mapper is accepted")
		}
		if _, err := mapper.NewRepository[*Note](w.db, tableName); err != nil {
			t.Error(err)
		}
	})
}
