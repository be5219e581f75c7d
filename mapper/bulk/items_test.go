package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// sequence returns items in the order of their keys.
func sequence(items map[string]crypto.Item) iter.Seq2[crypto.Item, error] {
	return func(yield func(crypto.Item, error) bool) {
		for _, id := range slices.Sorted(maps.Keys(items)) {
			if !yield(items[id], nil) {
				return
			}
		}
	}
}

func collect(to *[]crypto.Item) func(crypto.Item) error {
	return func(item crypto.Item) error { *to = append(*to, item); return nil }
}

func id(item crypto.Item) string { return item["id"].(*types.AttributeValueMemberS).Value }

// They make no request: the server of the client is another one.
func TestItems_AreVerifiedResealedAndCountedWithoutATable(t *testing.T) {
	const items = 45
	s, old, next := newServer(t), sdkEncryptor(t, "old"), sdkEncryptor(t, "next")
	fill(t, s.client(t, old), items)
	stored := s.stored(t)
	stored["note-00003"]["subject"] = &types.AttributeValueMemberS{Value: "changed"}
	stored["note-00004"] = crypto.Item{"id": stored["note-00004"]["id"]}
	for _, pageSize := range []int{1, 7, 15, 1000} {
		client := (&server{}).client(t, next, mapper.WithReaders(old))
		var reasons []bulk.Reason
		failures := bulk.WithFailures(func(f bulk.Failure) error { reasons = append(reasons, f.Reason); return nil })
		size := bulk.WithPageSize(pageSize)

		report, err := bulk.VerifyItems(t.Context(), client, table, sequence(stored), failures, size)
		want := []bulk.Reason{bulk.NoUsableKey, bulk.NotProtected} // the writer, asked first, has another key
		if err != nil || report.Items != items || report.Failed != 2 || !slices.Equal(reasons, want) {
			t.Errorf("%+v, %v, %v", report, reasons, err)
		}
		census, err := bulk.CensusItems(t.Context(), sequence(stored), size)
		if err != nil || len(census.Groups) != 2 || census.Groups[0].Items != items-1 || census.Groups[0].Keys != "test old" {
			t.Errorf("%+v, %v", census, err)
		}
		report, err = bulk.ResealItems(t.Context(), client, table, bulk.Pipe{Items: sequence(stored)}, size, bulk.WithDryRun())
		if err != nil || report.Resealed != items-2 {
			t.Errorf("%+v, %v", report, err)
		}

		var out []crypto.Item
		reasons = nil
		report, err = bulk.ResealItems(t.Context(), client, table, bulk.Pipe{sequence(stored), collect(&out)}, size, failures)
		if err != nil || report.Resealed != items-2 || report.Failed != 2 || len(out) != items || !slices.Equal(reasons, want) {
			t.Fatalf("%+v, %d items, %v", report, len(out), err)
		}
		after := &server{DynamoDBAPI: newServer(t).DynamoDBAPI}
		for i, item := range out {
			if i > 0 && id(out[i-1]) >= id(item) {
				t.Errorf("%s is out of order", id(item))
			}
			if id(item) == "note-00003" || id(item) == "note-00004" { // unchanged
				same(t, map[string]crypto.Item{id(item): item}, map[string]crypto.Item{id(item): stored[id(item)]})
				continue
			}
			after.put(t, item)
		}
		for i := range items {
			if i == 3 || i == 4 {
				after.put(t, s.stored(t)[note(i).ID])
			}
		}
		same(t, contents(t, after.client(t, next, mapper.WithReaders(old))), contents(t, s.client(t, old)))
	}
}

func TestItems_ErrorsInTheSequenceAreReportedOrEndTheRun(t *testing.T) {
	e := sdkEncryptor(t, "key")
	s := newServer(t)
	fill(t, s.client(t, e), 3)
	with := func(err error) iter.Seq2[crypto.Item, error] {
		return func(yield func(crypto.Item, error) bool) {
			for _, item := range s.stored(t) {
				if !yield(item, nil) {
					return
				}
			}
			_ = yield(nil, err) && yield(s.stored(t)[note(0).ID], nil)
		}
	}
	bad := fmt.Errorf("line 4: %w", crypto.ErrInvalidItem)
	var failure bulk.Failure
	client := s.client(t, e)
	report, err := bulk.VerifyItems(t.Context(), client, table, with(bad), bulk.WithFailures(func(f bulk.Failure) error { failure = f; return nil }))
	if err != nil || report.Items != 5 || report.Failed != 1 || failure.Reason != bulk.Invalid || !errors.Is(failure.Err, bad) {
		t.Errorf("%+v, %+v, %v", report, failure, err)
	}
	if census, err := bulk.CensusItems(t.Context(), with(bad)); err != nil || census.Failed != 1 || census.Groups[0].Items != 4 {
		t.Errorf("%+v, %v", census, err)
	}
	if _, err := bulk.VerifyItems(t.Context(), client, table, with(errLost)); !errors.Is(err, errLost) {
		t.Errorf("%v", err)
	}
	var out []crypto.Item
	if _, err := bulk.ResealItems(t.Context(), client, table, bulk.Pipe{with(bad), collect(&out)}); !errors.Is(err, bad) {
		t.Errorf("%v", err)
	}
	full := errors.New("disk is full")
	pipe := bulk.Pipe{sequence(s.stored(t)), func(crypto.Item) error { return full }}
	if _, err := bulk.ResealItems(t.Context(), client, table, pipe); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

func TestItems_ContinueWhereARunWasKilled(t *testing.T) {
	e := sdkEncryptor(t, "key")
	s := newServer(t)
	fill(t, s.client(t, e), 60)
	stored := s.stored(t)
	client := (&server{}).client(t, e)
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(t.TempDir(), "checkpoint")
		size, failed := rapid.IntRange(1, 25).Draw(rt, "page size"), 0
		for {
			ctx, kill := context.WithCancel(t.Context())
			report, err := bulk.VerifyItems(ctx, client, table, sequence(stored), bulk.WithPageSize(size),
				bulk.WithCheckpoint(&killed{bulk.File(path), rapid.IntRange(1, 30).Draw(rt, "saves"), kill, 0}))
			kill()
			if err == nil {
				if report.Items != 60 || report.Failed != 0 {
					rt.Fatalf("%d kills: %+v", failed, report)
				}
				return
			}
			failed++
		}
	})
	// Another, shorter sequence.
	path := filepath.Join(t.TempDir(), "checkpoint")
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	_, err := bulk.VerifyItems(ctx, client, table, sequence(stored), bulk.WithPageSize(10), bulk.WithCheckpoint(&killed{bulk.File(path), 3, kill, 0}))
	if err == nil {
		t.Fatal("not killed")
	}
	for i := range 40 {
		delete(stored, note(i).ID)
	}
	if _, err := bulk.VerifyItems(t.Context(), client, table, sequence(stored), bulk.WithCheckpoint(bulk.File(path))); !errors.Is(err, bulk.ErrCheckpoint) {
		t.Errorf("%v", err)
	}
}

// Pages of large items are small, so memory does not depend on their size.
func TestItems_PagesAreBoundedInBytes(t *testing.T) {
	const large = 300 << 10
	ahead, most := 0, 0
	items := func(yield func(crypto.Item, error) bool) {
		for range 100 {
			ahead++
			most = max(most, ahead)
			if !yield(crypto.Item{"id": &types.AttributeValueMemberS{Value: "a"}, "b": &types.AttributeValueMemberB{Value: make([]byte, large)}}, nil) {
				return
			}
		}
	}
	_, err := bulk.CensusItems(t.Context(), items, bulk.WithPageSize(1000), bulk.WithProgress(func(bulk.Progress) { ahead = 0 }))
	check(t, err)
	if most*large > 5<<20 {
		t.Errorf("%d items of %d bytes at once", most, large)
	}
}
