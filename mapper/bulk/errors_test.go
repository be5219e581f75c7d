package bulk_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// kept is a checkpoint that keeps the last data and cannot remove it.
type kept struct{ loaded, saved []byte }

func (k *kept) Load(context.Context) ([]byte, error)      { return k.loaded, nil }
func (k *kept) Save(_ context.Context, data []byte) error { k.saved = data; return nil }
func (k *kept) Remove(context.Context) error              { return errors.New("disk is read-only") }

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	s := newServer(t)
	sealing := s.client(t, staticEncryptor(t, 1))
	fill(t, sealing, 1)
	verify := func(options ...bulk.Option) error {
		_, err := bulk.Verify(t.Context(), sealing, table, options...)
		return err
	}
	checkpoint := new(kept)
	notRemoved := verify(bulk.WithCheckpoint(checkpoint))
	_, undeclared := bulk.Verify(t.Context(), sealing, "other")
	var failed error
	_, notReported := bulk.Verify(t.Context(), s.client(t, staticEncryptor(t, 2)), table,
		bulk.WithFailures(func(f bulk.Failure) error { failed = f.Err; return errors.New("disk is full") }))
	empty := func(func(crypto.Item, error) bool) {}
	verifyItems := func(items iter.Seq2[crypto.Item, error], options ...bulk.Option) error {
		_, err := bulk.VerifyItems(t.Context(), sealing, table, items, options...)
		return err
	}
	_, undeclaredItems := bulk.VerifyItems(t.Context(), sealing, "other", empty)
	_, noPipe := bulk.ResealItems(t.Context(), sealing, table, bulk.Pipe{Items: empty})
	_, brokenCensus := bulk.CensusItems(t.Context(), func(yield func(crypto.Item, error) bool) { yield(nil, errLost) })
	item := func() bulk.Checkpoint { return bulk.Item(s.DynamoDBAPI, table, map[string]string{"id": note(0).ID}) }
	b := &bucket{objects: make(map[string]object)}
	first, second := bulk.Object(b, "x"), bulk.Object(b, "x")
	check(t, first.Save(t.Context(), []byte("x")))
	errtest.Golden(t, map[string]error{
		"ErrCheckpoint": bulk.ErrCheckpoint,
		"ErrTakenOver":  bulk.ErrTakenOver,

		"checkpoint: another item":    verify(bulk.WithCheckpoint(item())),
		"checkpoint: item is taken":   item().Save(t.Context(), nil),
		"checkpoint: object is taken": second.Save(t.Context(), []byte("y")),

		"items: nil":         verifyItems(nil),
		"items: segment":     verifyItems(empty, bulk.WithSegment(0)),
		"items: rate":        verifyItems(empty, bulk.WithReadRate(1)),
		"items: undeclared":  undeclaredItems,
		"items: no function": noPipe,
		"items: broken":      brokenCensus,

		"option: segments":    verify(bulk.WithSegments(0)),
		"option: segment":     verify(bulk.WithSegment(-1)),
		"option: no segment":  verify(bulk.WithSegments(2), bulk.WithSegment(2)),
		"option: page size":   verify(bulk.WithPageSize(0)),
		"option: parallelism": verify(bulk.WithParallelism(0)),
		"option: rate":        verify(bulk.WithReadRate(0)),
		"option: checkpoint":  verify(bulk.WithCheckpoint(nil)),

		"run: undeclared table":             undeclared,
		"run: failed item":                  failed,
		"run: failed item not reported":     notReported,
		"run: checkpoint damaged":           verify(bulk.WithCheckpoint(&kept{loaded: []byte("{")})),
		"run: checkpoint of another run":    verify(bulk.WithCheckpoint(&kept{loaded: checkpoint.saved}), bulk.WithSegments(2)),
		"run: checkpoint cannot be removed": notRemoved,
	})
}
