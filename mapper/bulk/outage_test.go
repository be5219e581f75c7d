package bulk_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/virtualtime"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// outage is an encryptor whose keys are away.
type outage struct {
	crypto.ItemEncryptor
	err   error
	calls atomic.Int64
}

func (o *outage) EncryptItem(ctx context.Context, info crypto.TableInfo, a crypto.Actions, item crypto.Item) (crypto.Item, error) {
	o.calls.Add(1)
	if o.err != nil {
		return nil, &crypto.ItemError{Op: "encrypt", Err: o.err}
	}
	return o.ItemEncryptor.EncryptItem(ctx, info, a, item)
}

// An outage says nothing about an item: no item is reported, the run ends, and
// another one goes on where it was. Time is virtual.
func TestReseal_EndsWithoutReportsWhenKeysAreAway(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		const items = 30
		s, e := newServer(t), &outage{ItemEncryptor: sdkEncryptor(t, "key")}
		fill(t, s.steady(t, e, mapper.WithPlaintextWrites()), items)
		client := s.client(t, e, mapper.WithPlaintextReads())
		options := []bulk.Option{bulk.WithPageSize(5), bulk.WithSegments(1), bulk.WithParallelism(1),
			bulk.WithCheckpoint(bulk.File(filepath.Join(t.TempDir(), "checkpoint"))),
			bulk.WithFailures(func(f bulk.Failure) error {
				t.Errorf("%+v", f)
				return nil
			})}
		first := func(*dynamodb.PutItemInput) {
			if s.writes.Load() == 12 {
				e.err = crypto.ErrKeyUnavailable
			}
		}
		s.written.Store(&first)
		report, err := bulk.Reseal(t.Context(), client, table, options...)
		if !errors.Is(err, crypto.ErrKeyUnavailable) || report.Items != 10 || report.Failed != 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		if calls := e.calls.Load(); calls != 12+10 {
			t.Errorf("the keys were asked for %d times", calls)
		}
		e.err = nil
		report, err = bulk.Reseal(t.Context(), client, table, options...)
		if err != nil || report.Items != items || s.writes.Load() != items {
			t.Errorf("%+v, %v, %d writes", report, err, s.writes.Load())
		}
	})
}

// denied is a database that refuses all writes.
type denied struct{ *server }

func (denied) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return nil, &smithy.OperationError{Err: &smithy.GenericAPIError{Code: "AccessDeniedException", Fault: smithy.FaultClient}}
}

func TestReseal_EndsAtOnceWhereItMayNotWrite(t *testing.T) {
	s, e := newServer(t), sdkEncryptor(t, "key")
	fill(t, s.steady(t, e, mapper.WithPlaintextWrites()), 30)
	client, err := mapper.NewClient(denied{s}, mapper.TableOf[Note](table, e, mapper.WithPlaintextReads()))
	check(t, err)
	report, err := bulk.Reseal(t.Context(), client, table)
	if err == nil || !strings.Contains(err.Error(), "AccessDenied") || report.Items+report.Failed != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestRuns_HoldNoMoreThanAPageOfEachSegment(t *testing.T) {
	const items, segments, page = 300, 3, 10
	s, e := newServer(t), sdkEncryptor(t, "key")
	fill(t, s.steady(t, e, mapper.WithPlaintextWrites()), items)
	var mu sync.Mutex
	held, most := 0, 0
	s.read = func(n int) {
		mu.Lock()
		defer mu.Unlock()
		held += n
		most = max(most, held)
	}
	done := func(*dynamodb.PutItemInput) {
		mu.Lock()
		defer mu.Unlock()
		held--
	}
	s.written.Store(&done)
	report, err := bulk.Reseal(t.Context(), s.client(t, e, mapper.WithPlaintextReads()), table, bulk.WithSegments(segments), bulk.WithPageSize(page))
	if err != nil || report.Resealed != items || held != 0 || most > segments*page {
		t.Errorf("%+v, %v: %d held, %d at most", report, err, held, most)
	}
}

func TestRuns_EndIfAFailureCannotBeReported(t *testing.T) {
	s, e := newServer(t), sdkEncryptor(t, "key")
	fill(t, s.steady(t, e, mapper.WithPlaintextWrites()), 30)
	full := errors.New("disk is full")
	report, err := bulk.Verify(t.Context(), s.client(t, e), table, bulk.WithFailures(func(bulk.Failure) error { return full }))
	if !errors.Is(err, full) || report.Items != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestOptions_AreChecked(t *testing.T) {
	s, e := newServer(t), sdkEncryptor(t, "key")
	client := s.client(t, e)
	for name, o := range map[string]bulk.Option{
		"0 segments": bulk.WithSegments(0), "too many segments": bulk.WithSegments(1000001), "segment": bulk.WithSegment(4),
		"negative segment": bulk.WithSegment(-1), "page size": bulk.WithPageSize(0), "parallelism": bulk.WithParallelism(0),
		"read rate": bulk.WithReadRate(0), "write rate": bulk.WithWriteRate(-1), "checkpoint": bulk.WithCheckpoint(nil),
	} {
		if _, err := bulk.Reseal(t.Context(), client, table, o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := bulk.Verify(t.Context(), client, "other"); !errors.Is(err, mapper.ErrNotDeclared) {
		t.Errorf("%v", err)
	}
}
