package mapper_test

import (
	"iter"
	"testing"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
)

func TestRepository_IterationsEndWithTheError(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(1), note(2), note(3))
		w.store(t, edited(w.stored(t, 2), "", "info", str("forged")))
		repo := repository(t, w)
		for op, all := range map[string]iter.Seq2[Note, error]{
			"Query": repo.Query(ctx, "ada"), "Query, index": repo.QueryIndex(ctx, "by-topic", "engines"),
			"Scan": repo.Scan(ctx),
		} {
			var items, failures int
			var last error
			for n, err := range all {
				if err != nil {
					failures++
					last = err
					equal(t, n, Note{})
				} else {
					items++
				}
			}
			wantItemError(t, last, opOf(op), crypto.ErrTampered)
			equal(t, []int{items, failures}, []int{0, 1})
		}
		got, err := repo.GetAll(ctx, dynamo.Keys{"ada", 1}, dynamo.Keys{"ada", 2})
		wantItemError(t, err, "BatchGetItem", crypto.ErrTampered)
		equal(t, len(got), 0)
	})
}
