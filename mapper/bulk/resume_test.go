package bulk_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// killed is a checkpoint of a process that is killed: nothing is saved after.
type killed struct {
	bulk.Checkpoint
	after int // saves
	kill  context.CancelFunc
	saves int
}

func (k *killed) Save(ctx context.Context, data []byte) error {
	if k.saves++; k.saves > k.after {
		k.kill()
		return errors.New("killed")
	}
	return k.Checkpoint.Save(ctx, data)
}

func TestRuns_ContinueWhereTheyWereKilled(t *testing.T) {
	const items = 200
	s, e := newServer(t), sdkEncryptor(t, "key")
	fill(t, s.steady(t, e, mapper.WithPlaintextWrites()), items)
	client := s.client(t, e, mapper.WithPlaintextReads())
	path := filepath.Join(t.TempDir(), "checkpoint")
	options := func(c bulk.Checkpoint) []bulk.Option {
		return []bulk.Option{bulk.WithCheckpoint(c), bulk.WithPageSize(5), bulk.WithSegments(3)}
	}
	var mu sync.Mutex
	written := make(map[string]int)
	count := func(in *dynamodb.PutItemInput) {
		mu.Lock()
		defer mu.Unlock()
		written[in.Item["id"].(*types.AttributeValueMemberS).Value]++
	}
	s.written.Store(&count)

	kills := 0
	var report bulk.Report
	for ; kills < 100; kills++ {
		ctx, kill := context.WithCancel(t.Context())
		var err error
		report, err = bulk.Reseal(ctx, client, table, options(&killed{bulk.File(path), 1 + rand.IntN(6), kill, 0})...)
		kill()
		if err == nil {
			break
		}
	}
	if kills < 3 || kills == 100 {
		t.Fatalf("killed %d times", kills)
	}
	if report.Items != items {
		t.Errorf("%+v", report)
	}
	for id, n := range written {
		if n > 1 {
			t.Errorf("%s was written %d times", id, n)
		}
	}
	if len(written) != items {
		t.Errorf("%d items were written", len(written))
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the checkpoint is there after the end: %v", err)
	}
	report, err := bulk.Verify(t.Context(), s.client(t, e), table)
	if err != nil || report.Failed != 0 || report.Items != items {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestCensus_CountsOnAfterACheckpoint(t *testing.T) {
	const items = 60
	s := newServer(t)
	fill(t, s.client(t, sdkEncryptor(t, "key")), items)
	path := filepath.Join(t.TempDir(), "checkpoint")
	for runs := 1; ; runs++ {
		ctx, kill := context.WithCancel(t.Context())
		got, err := bulk.Census(ctx, s, table, bulk.WithCheckpoint(&killed{bulk.File(path), 3, kill, 0}), bulk.WithPageSize(7))
		kill()
		if err != nil {
			continue
		}
		if runs < 2 || len(got.Groups) != 1 || got.Groups[0].Items != items || got.Items != items {
			t.Errorf("%d runs: %+v", runs, got)
		}
		return
	}
}

// A run that is cancelled finishes the items that it has begun, and its
// checkpoint is that of the last page.
func TestReseal_FinishesWhatIsInFlight(t *testing.T) {
	const items = 60
	s, e := newServer(t), sdkEncryptor(t, "key")
	fill(t, s.steady(t, e, mapper.WithPlaintextWrites()), items)
	client := s.client(t, e, mapper.WithPlaintextReads())
	ctx, cancel := context.WithCancel(t.Context())
	var puts atomic.Int64
	s.putting = func() {
		if puts.Add(1) == 25 {
			cancel() // with the item that is written now, and others, in flight
		}
	}
	path := filepath.Join(t.TempDir(), "checkpoint")
	options := []bulk.Option{bulk.WithCheckpoint(bulk.File(path)), bulk.WithPageSize(10), bulk.WithSegments(1), bulk.WithParallelism(4)}
	report, err := bulk.Reseal(ctx, client, table, options...)
	if !errors.Is(err, context.Canceled) || report.Items != 20 {
		t.Fatalf("%+v, %v", report, err)
	}
	if n := s.writes.Load(); n < 25 || n > 28 {
		t.Errorf("%d writes", n)
	}
	report, err = bulk.Reseal(t.Context(), client, table, options...)
	check(t, err)
	if report.Items != items || s.writes.Load() != items {
		t.Errorf("%+v, %d writes", report, s.writes.Load())
	}
}

func TestCheckpoint_ThatCannotBeUsedIsAnErrorAndLosesNothing(t *testing.T) {
	s, e := newServer(t), sdkEncryptor(t, "key")
	fill(t, s.steady(t, e, mapper.WithPlaintextWrites()), 40)
	client := s.client(t, e, mapper.WithPlaintextReads())
	path := filepath.Join(t.TempDir(), "checkpoint")
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	options := []bulk.Option{bulk.WithPageSize(5), bulk.WithSegments(2)}
	_, err := bulk.Reseal(ctx, client, table, append(options, bulk.WithCheckpoint(&killed{bulk.File(path), 3, kill, 0}))...)
	if err == nil {
		t.Fatal("not killed")
	}
	good, err := os.ReadFile(path)
	check(t, err)
	before, writes := s.stored(t), s.writes.Load()

	for name, data := range map[string]string{
		"empty":            "",
		"truncated":        string(good[:len(good)/2]),
		"without its end":  string(good[:len(good)-1]),
		"twice":            string(good) + string(good),
		"another position": strings.Replace(string(good), "note-000", "note-001", 1),
		"another count":    strings.Replace(string(good), `"items": 1`, `"items": 2`, 1),
		"another field":    strings.Replace(string(good), `"operation"`, `"operations"`, 1),
		"not JSON":         "\x00\x01",
	} {
		if data == string(good) {
			t.Fatalf("%s: nothing changed", name)
		}
		check(t, os.WriteFile(path, []byte(data), 0o600))
		_, err := bulk.Reseal(t.Context(), client, table, append(options, bulk.WithCheckpoint(bulk.File(path)))...)
		if !errors.Is(err, bulk.ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadFile(path); err != nil || string(left) != data {
			t.Errorf("%s: the checkpoint was changed: %v", name, err)
		}
	}
	check(t, os.WriteFile(path, good, 0o600))
	for name, run := range map[string]func(...bulk.Option) (bulk.Report, error){
		"another operation": func(o ...bulk.Option) (bulk.Report, error) { return bulk.Verify(t.Context(), client, table, o...) },
		"other segments": func(o ...bulk.Option) (bulk.Report, error) {
			return bulk.Reseal(t.Context(), client, table, append(o, bulk.WithSegments(3))...)
		},
		"one segment": func(o ...bulk.Option) (bulk.Report, error) {
			return bulk.Reseal(t.Context(), client, table, append(o, bulk.WithSegment(1))...)
		},
		"a dry run": func(o ...bulk.Option) (bulk.Report, error) {
			return bulk.Reseal(t.Context(), client, table, append(o, bulk.WithDryRun())...)
		},
	} {
		if _, err := run(append(options, bulk.WithCheckpoint(bulk.File(path)))...); !errors.Is(err, bulk.ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	same(t, s.stored(t), before)
	if s.writes.Load() != writes {
		t.Error("something was written")
	}
	_, err = bulk.Reseal(t.Context(), client, table, append(options, bulk.WithCheckpoint(bulk.File(path)))...)
	check(t, err)
}

func TestCheckpoint_KeepsKeysOfEveryType(t *testing.T) {
	for name, value := range map[types.ScalarAttributeType]func(i int) types.AttributeValue{
		types.ScalarAttributeTypeS: func(i int) types.AttributeValue {
			return &types.AttributeValueMemberS{Value: "\"ü<" + string(rune('a'+i))}
		},
		types.ScalarAttributeTypeN: func(i int) types.AttributeValue {
			return &types.AttributeValueMemberN{Value: "1." + string(rune('1'+i))}
		},
		types.ScalarAttributeTypeB: func(i int) types.AttributeValue { return &types.AttributeValueMemberB{Value: []byte{0xff, byte(i)}} },
	} {
		t.Run(string(name), func(t *testing.T) {
			s := newServer(t)
			_, err := s.CreateTable(t.Context(), &dynamodb.CreateTableInput{TableName: aws.String("keyed"), BillingMode: types.BillingModePayPerRequest,
				AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("k"), AttributeType: name}},
				KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: types.KeyTypeHash}}})
			check(t, err)
			for i := range 5 {
				_, err := s.DynamoDBAPI.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("keyed"), Item: crypto.Item{"k": value(i)}})
				check(t, err)
			}
			path := filepath.Join(t.TempDir(), "checkpoint")
			for runs := 1; ; runs++ {
				ctx, kill := context.WithCancel(t.Context())
				got, err := bulk.Census(ctx, s, "keyed", bulk.WithCheckpoint(&killed{bulk.File(path), 1, kill, 0}), bulk.WithPageSize(1), bulk.WithSegments(1))
				kill()
				if err != nil {
					if runs > 10 {
						t.Fatal(err)
					}
					continue
				}
				if got.Items != 5 || runs < 5 {
					t.Errorf("%d runs, %+v", runs, got)
				}
				return
			}
		})
	}
}
