package bulk_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// move is a change of a table's declaration. After it every item is to be
// resealed, and before it none.
type move struct {
	before, after declaration
}

type declaration struct {
	encryptor crypto.ItemEncryptor
	options   []mapper.TableOption
}

func declare(e crypto.ItemEncryptor, options ...mapper.TableOption) declaration {
	return declaration{e, options}
}

// moves are the migrations of docs/migrating.md, in both directions.
func moves(t testing.TB) map[string]move {
	old, next, other := staticEncryptor(t, 1), sdkEncryptor(t, "next"), sdkEncryptor(t, "other")
	return map[string]move{
		"plaintext to sealed": {declare(next, mapper.WithPlaintextWrites()), declare(next, mapper.WithPlaintextReads())},
		"sealed to plaintext": {declare(next, mapper.WithPlaintextReads()), declare(next, mapper.WithPlaintextWrites())},
		"ddbec to dbesdk":     {declare(old, mapper.WithReaders(next)), declare(next, mapper.WithReaders(old))},
		"dbesdk to ddbec":     {declare(next, mapper.WithReaders(old)), declare(old, mapper.WithReaders(next))},
		"key to key":          {declare(next, mapper.WithReaders(other)), declare(other, mapper.WithReaders(next))},
		"static key to another": {declare(old, mapper.WithReaders(staticEncryptor(t, 2))),
			declare(staticEncryptor(t, 2), mapper.WithReaders(old))},
		"suite to suite": {declare(next), declare(sdkEncryptor(t, "next", dbesdk.WithSuite(dbesdk.SuiteECDSA)))},
	}
}

func TestReseal_MovesATableAndWritesNothingTheSecondTime(t *testing.T) {
	const items = 150
	for name, m := range moves(t) {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			fill(t, s.steady(t, m.before.encryptor, m.before.options...), items)
			before, after := s.client(t, m.before.encryptor, m.before.options...), s.client(t, m.after.encryptor, m.after.options...)
			want := contents(t, after)

			for i, step := range []struct {
				client   *mapper.Client
				options  []bulk.Option
				resealed int64
				writes   int64
			}{
				{before, nil, 0, 0}, // it is as it was declared
				{after, []bulk.Option{bulk.WithDryRun()}, items, 0},
				{after, nil, items, items},
				{after, nil, 0, 0},
				{after, []bulk.Option{bulk.WithDryRun()}, 0, 0},
			} {
				writes := s.writes.Load()
				report, err := bulk.Reseal(t.Context(), step.client, table, append(step.options, bulk.WithPageSize(20))...)
				check(t, err)
				if report.Items != items || report.Resealed != step.resealed || s.writes.Load()-writes != step.writes || report.Failed != 0 {
					t.Fatalf("step %d: %+v, %d writes, want %d resealed", i, report, s.writes.Load()-writes, step.resealed)
				}
			}
			same(t, contents(t, after), want)
		})
	}
}

func TestReseal_FollowsTheActionsOfAttributes(t *testing.T) {
	type Readable struct {
		ID    string `dynamo:"id,hash"`
		Text  string `dynamo:"body" ddbenc:"sign"`
		Topic string `dynamo:"subject" ddbenc:"sign,context"`
		Count int    `dynamo:"hits" ddbenc:"encrypt"`
		Reads int    `dynamo:"seen" ddbenc:"none"`
	}
	s, e := newServer(t), sdkEncryptor(t, "key")
	fill(t, s.client(t, e), 30)
	changed, err := mapper.NewClient(s, mapper.TableOf[Readable](table, e))
	check(t, err)
	for _, want := range []int64{30, 0} {
		report, err := bulk.Reseal(t.Context(), changed, table)
		check(t, err)
		if report.Resealed != want {
			t.Errorf("%+v, want %d resealed", report, want)
		}
	}
	for _, item := range s.stored(t) {
		if _, ok := item["body"].(*types.AttributeValueMemberS); !ok {
			t.Errorf("%T", item["body"])
		}
	}
}

func TestReseal_ReportsFailingItemsAndGoesOn(t *testing.T) {
	s, e := newServer(t), sdkEncryptor(t, "key")
	fill(t, s.client(t, e), 40)
	stored := s.stored(t)

	changed := stored["note-00003"]
	changed["subject"] = &types.AttributeValueMemberS{Value: "changed"}
	s.put(t, changed)
	s.put(t, crypto.Item{"id": &types.AttributeValueMemberS{Value: "note-00007"}, "body": &types.AttributeValueMemberS{Value: "secret"}})
	other := newServer(t)
	fill(t, other.client(t, sdkEncryptor(t, "unknown")), 10)
	s.put(t, other.stored(t)["note-00009"])

	want := map[string]bulk.Reason{"note-00003": bulk.DoesNotVerify, "note-00007": bulk.NotProtected, "note-00009": bulk.NoUsableKey}
	before := s.stored(t)
	client := s.client(t, e)
	for name, run := range map[string]func(...bulk.Option) (bulk.Report, error){
		"verify": func(o ...bulk.Option) (bulk.Report, error) { return bulk.Verify(t.Context(), client, table, o...) },
		"reseal": func(o ...bulk.Option) (bulk.Report, error) { return bulk.Reseal(t.Context(), client, table, o...) },
	} {
		got := make(map[string]bulk.Reason)
		report, err := run(bulk.WithPageSize(7), bulk.WithFailures(func(f bulk.Failure) error {
			if len(f.Key) != 1 || f.Table != table || f.Err == nil {
				t.Errorf("%+v", f)
			}
			got[f.Key["id"].(*types.AttributeValueMemberS).Value] = f.Reason
			return nil
		}))
		check(t, err)
		if !maps.Equal(got, want) || report.Failed != 3 || report.Items != 40 || report.Resealed != 0 {
			t.Errorf("%s: %v, %+v", name, got, report)
		}
	}
	same(t, s.stored(t), before)

	// A plaintext item is not protected, though it may be read.
	plain := s.client(t, e, mapper.WithPlaintextReads())
	reasons := []bulk.Reason{}
	_, err := bulk.Verify(t.Context(), plain, table, bulk.WithFailures(func(f bulk.Failure) error {
		reasons = append(reasons, f.Reason)
		return nil
	}))
	check(t, err)
	if !slices.Contains(reasons, bulk.NotProtected) {
		t.Errorf("%v", reasons)
	}
}
