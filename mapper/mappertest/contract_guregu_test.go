package mappertest_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/guregu/dynamo/v2"
)

// These tests see the databases through guregu/dynamo.

type widget struct {
	User  string            `dynamo:"user,hash"`
	Count int               `dynamo:"count,range" index:"by-colour,range"`
	Color string            `dynamo:"colour,omitempty" index:"by-colour,hash"`
	Meta  map[string]string `dynamo:"meta,omitempty"`
	Tags  []string          `dynamo:"tags,set,omitempty"`
}

// widgets creates a table of n widgets each of ada and bob.
func (db *database) widgets(t *testing.T, n int) dynamo.Table {
	t.Helper()
	d := dynamo.NewFromIface(db)
	name := unusedName()
	check(t, d.CreateTable(name, widget{}).OnDemand(true).Wait(t.Context()))
	table := d.Table(name)
	t.Cleanup(func() {
		if err := table.DeleteTable().Wait(context.Background()); err != nil {
			t.Error(err)
		}
	})
	var all []any
	for i := range n {
		all = append(all, widget{User: "ada", Count: i, Color: "red"}, widget{User: "bob", Count: i})
	}
	if n > 0 {
		wrote, err := table.Batch().Write().Put(all...).Run(t.Context())
		check(t, err)
		same(t, "written", wrote, 2*n)
	}
	return table
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func counts(widgets []widget) []int {
	all := []int{}
	for _, w := range widgets {
		all = append(all, w.Count)
	}
	return all
}

func TestGureguPutsGetsUpdatesAndDeletes(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table, ctx := db.widgets(t, 0), t.Context()
		w := widget{User: "ada", Count: 1, Color: "red", Meta: map[string]string{"a": "b"}, Tags: []string{"x", "y"}}
		check(t, table.Put(w).If("attribute_not_exists('user')").Run(ctx))
		if err := table.Put(w).If("attribute_not_exists('user')").Run(ctx); !dynamo.IsCondCheckFailed(err) {
			t.Errorf("got %v", err)
		}
		var got, old, current widget
		check(t, table.Get("user", "ada").Range("count", dynamo.Equal, 1).One(ctx, &got))
		slices.Sort(got.Tags)
		equal(t, got, w)

		check(t, table.Update("user", "ada").Range("count", 1).Set("colour", "blue").SetExpr("meta.$ = ?", "c",
			"d").Value(ctx, &got))
		equal(t, got.Color, "blue")
		equal(t, got.Meta, map[string]string{"a": "b", "c": "d"})
		check(t, table.Update("user", "ada").Range("count", 1).Remove("colour").DeleteStringsFromSet("tags",
			"x").OldValue(ctx, &old))
		equal(t, old.Color, "blue")
		wrote, err := table.Put(w).If("'colour' = ?", "green").CurrentValue(ctx, &current)
		check(t, err)
		same(t, "wrote", wrote, false)
		equal(t, current.Tags, []string{"y"})
		wrote, err = table.Update("user", "ada").Range("count", 1).Set("colour",
			"x").If("attribute_exists('colour')").CurrentValue(ctx, &current)
		check(t, err)
		same(t, "wrote", wrote, false)

		check(t, table.Put(w).OldValue(ctx, &old))
		equal(t, old.Color, "")
		check(t, table.Delete("user", "ada").Range("count", 1).OldValue(ctx, &old))
		equal(t, old.Color, "red")
		if err := table.Get("user", "ada").Range("count", dynamo.Equal, 1).One(ctx, &got); !errors.Is(err,
			dynamo.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		if err := table.Delete("user", "ada").Range("count", 1).OldValue(ctx, &old); !errors.Is(err, dynamo.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestGureguQueries(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table, ctx := db.widgets(t, 6), t.Context()
		all := func(q *dynamo.Query) []int {
			t.Helper()
			var found []widget
			check(t, q.All(ctx, &found))
			return counts(found)
		}
		ada := func() *dynamo.Query { return table.Get("user", "ada") }
		equal(t, all(ada()), []int{0, 1, 2, 3, 4, 5})
		equal(t, all(ada().Order(dynamo.Descending).Limit(2)), []int{5, 4})
		equal(t, all(ada().Range("count", dynamo.Between, 2, 4)), []int{2, 3, 4})
		equal(t, all(ada().Range("count", dynamo.GreaterOrEqual, 4)), []int{4, 5})
		equal(t, all(ada().Range("count", dynamo.Less, 2)), []int{0, 1})
		equal(t, all(ada().SearchLimit(3)), []int{0, 1, 2})
		equal(t, all(ada().RequestLimit(1).SearchLimit(2)), []int{0, 1})
		equal(t, all(ada().Filter("attribute_exists('colour') AND NOT contains('colour', ?)", "blue").Limit(3)),
			[]int{0, 1, 2})
		equal(t, all(table.Get("colour", "red").Index("by-colour").Order(dynamo.Descending)), []int{5, 4, 3, 2, 1, 0})
		equal(t, all(table.Get("colour", "green").Index("by-colour")), []int{})
		n, err := ada().Count(ctx)
		check(t, err)
		same(t, "count", n, 6)
		_, err = ada().Filter("'count' > ?", 2).Count(ctx)
		refused(t, err, validation, "Filter Expression can only contain non-primary key attributes")
		var part widget
		check(t, ada().Range("count", dynamo.Equal, 1).Project("colour").One(ctx, &part))
		equal(t, part, widget{Color: "red"})

		var got []int
		var key dynamo.PagingKey
		for pages := 0; ; pages++ {
			var found []widget
			key, err = ada().StartFrom(key).Limit(4).AllWithLastEvaluatedKey(ctx, &found)
			check(t, err)
			if got = append(got, counts(found)...); key == nil {
				break
			}
			if pages > 5 {
				t.Fatal("the query does not end")
			}
		}
		equal(t, got, []int{0, 1, 2, 3, 4, 5})

		iter := ada().Iter()
		var w widget
		for i := 0; iter.Next(ctx, &w); i++ {
			same(t, "count", w.Count, i)
		}
		check(t, iter.Err())
	})
}

func TestGureguScans(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table, ctx := db.widgets(t, 20), t.Context()
		var found []widget
		check(t, table.Scan().All(ctx, &found))
		same(t, "found", len(found), 40)
		found = nil
		check(t, table.Scan().Filter("'count' < ?", 5).Filter("'user' = ?", "bob").All(ctx, &found))
		same(t, "found", len(found), 5)
		found = nil
		check(t, table.Scan().Index("by-colour").All(ctx, &found))
		same(t, "found", len(found), 20)
		n, err := table.Scan().Count(ctx)
		check(t, err)
		same(t, "count", n, 40)

		found = nil
		check(t, table.Scan().SearchLimit(3).AllParallel(ctx, 4, &found))
		seen := make(map[string]bool)
		for _, w := range found {
			seen[w.User+strconv.Itoa(w.Count)] = true
		}
		same(t, "different ones", len(seen), len(found))
		found = nil
		check(t, table.Scan().AllParallel(ctx, 4, &found))
		same(t, "found in parallel", len(found), 40)

		var keys []dynamo.PagingKey
		total := 0
		for pages := 0; ; pages++ {
			var found []widget
			if pages == 0 {
				keys, err = table.Scan().Limit(5).AllParallelWithLastEvaluatedKeys(ctx, 2, &found)
			} else {
				keys, err = table.Scan().Limit(5).AllParallelStartFrom(ctx, keys, &found)
			}
			check(t, err)
			total += len(found)
			if !slices.ContainsFunc(keys, func(k dynamo.PagingKey) bool { return k != nil }) {
				break
			}
			if pages > 20 {
				t.Fatal("the scan does not end")
			}
		}
		if total < 40 {
			t.Errorf("%d found", total)
		}
	})
}

func TestGureguBatches(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table, ctx := db.widgets(t, 60), t.Context() // more than one batch holds
		var keys []dynamo.Keyed
		for i := range 120 {
			keys = append(keys, dynamo.Keys{"ada", i})
		}
		var found []widget
		check(t, table.Batch("user", "count").Get(keys...).All(ctx, &found))
		same(t, "found", len(found), 60)
		var cc dynamo.ConsumedCapacity
		wrote, err := table.Batch("user",
			"count").Write().Delete(keys[:30]...).Put(widget{User: "eve"}).ConsumedCapacity(&cc).Run(ctx)
		check(t, err)
		same(t, "written", wrote, 31)
		if cc.Total == 0 {
			t.Error("no capacity consumed")
		}
		n, err := table.Get("user", "ada").Count(ctx)
		check(t, err)
		same(t, "left", n, 30)
		if err := table.Batch("user", "count").Get(dynamo.Keys{"nobody", 1}).All(ctx, &found); !errors.Is(err,
			dynamo.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestGureguTransactions(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table, ctx := db.widgets(t, 3), t.Context()
		d := dynamo.NewFromIface(db)
		check(t, d.WriteTx().Idempotent(true).
			Put(table.Put(widget{User: "eve", Count: 1})).
			Delete(table.Delete("user", "ada").Range("count", 0)).
			Update(table.Update("user", "ada").Range("count", 1).Set("colour", "blue")).
			Check(table.Check("user", "ada").Range("count", 2).IfExists()).
			Run(ctx))
		var eve, ada widget
		check(t, d.GetTx().GetOne(table.Get("user", "eve").Range("count", dynamo.Equal, 1),
			&eve).GetOne(table.Get("user", "ada").Range("count", dynamo.Equal, 1), &ada).Run(ctx))
		equal(t, eve, widget{User: "eve", Count: 1})
		equal(t, ada, widget{User: "ada", Count: 1, Color: "blue"})

		err := d.WriteTx().
			Put(table.Put(widget{User: "mallory"})).
			Put(table.Put(widget{User: "eve", Count: 1}).If("attribute_not_exists('user')").IncludeItemInCondCheckFail(true)).
			Run(ctx)
		if !dynamo.IsCondCheckFailed(err) {
			t.Errorf("got %v", err)
		}
		var shown []widget
		_, unmarshalErr := dynamo.UnmarshalItemsFromTxCondCheckFailed(err, &shown)
		check(t, unmarshalErr)
		equal(t, shown, []widget{eve})
		n, err := table.Get("user", "mallory").Count(ctx)
		check(t, err)
		same(t, "mallories", n, 0)
	})
}

func TestGureguDescribesTables(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table, ctx := db.widgets(t, 0), t.Context()
		d, err := table.Describe().Run(ctx)
		check(t, err)
		equal(t, []string{d.Name, d.HashKey, d.RangeKey, string(d.HashKeyType), string(d.RangeKeyType)},
			[]string{table.Name(), "user", "count", "S", "N"})
		same(t, "on demand", d.OnDemand, true)
		same(t, "active", d.Active(), true)
		same(t, "indexes", len(d.GSI), 1)
		same(t, "index", d.GSI[0].HashKey+d.GSI[0].RangeKey+string(d.GSI[0].ProjectionType), "colourcountALL")
		names, err := dynamo.NewFromIface(db).ListTables().All(ctx)
		check(t, err)
		if !slices.Contains(names, table.Name()) {
			t.Error("the table is not listed")
		}
		check(t, table.UpdateTTL("expires", true).Run(ctx))
		ttl, err := table.DescribeTTL().Run(ctx)
		check(t, err)
		same(t, "time to live", ttl.Attribute, "expires")
	})
}
