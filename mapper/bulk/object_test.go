package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/virtualtime"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// bucket is an object store in memory that loses requests and replies.
type bucket struct {
	mu      sync.Mutex
	objects map[string]object
	writes  int
	flaky   float64
}

type object struct {
	data    []byte
	version string
}

func coded(code string) error { return &smithy.GenericAPIError{Code: code, Fault: smithy.FaultClient} }

func (b *bucket) do(request func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if rand.Float64() < b.flaky {
		return coded("SlowDown")
	}
	err := request()
	if rand.Float64() < b.flaky {
		return errLost
	}
	return err
}

func (b *bucket) Get(_ context.Context, key string) (data []byte, version string, err error) {
	err = b.do(func() error {
		o, ok := b.objects[key]
		if !ok {
			return coded("NoSuchKey")
		}
		data, version = slices.Clone(o.data), o.version
		return nil
	})
	return data, version, err
}

func (b *bucket) expect(key, version string) error {
	switch o, ok := b.objects[key]; {
	case !ok && version != "":
		return coded("NoSuchKey")
	case o.version != version:
		return coded("PreconditionFailed")
	}
	return nil
}

func (b *bucket) Put(_ context.Context, key string, data []byte, version string) (next string, err error) {
	err = b.do(func() error {
		if err := b.expect(key, version); err != nil {
			return err
		}
		b.writes++
		next = strconv.Itoa(b.writes)
		b.objects[key] = object{slices.Clone(data), next}
		return nil
	})
	return next, err
}

func (b *bucket) Delete(_ context.Context, key, version string) error {
	return b.do(func() error {
		if err := b.expect(key, version); err != nil {
			return err
		}
		delete(b.objects, key)
		return nil
	})
}

// flakyItems loses requests and replies about single items.
type flakyItems struct {
	dynamodbiface.DynamoDBAPI
	flaky float64
}

func flakily[Out any](f *flakyItems, request func() (*Out, error)) (*Out, error) {
	if rand.Float64() < f.flaky {
		return nil, &types.ProvisionedThroughputExceededException{}
	}
	out, err := request()
	if rand.Float64() < f.flaky {
		return nil, errLost
	}
	return out, err
}

func (f *flakyItems) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return flakily(f, func() (*dynamodb.GetItemOutput, error) { return f.DynamoDBAPI.GetItem(ctx, in) })
}

func (f *flakyItems) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return flakily(f, func() (*dynamodb.PutItemOutput, error) { return f.DynamoDBAPI.PutItem(ctx, in) })
}

func (f *flakyItems) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return flakily(f, func() (*dynamodb.DeleteItemOutput, error) { return f.DynamoDBAPI.DeleteItem(ctx, in) })
}

// remote is a place for a checkpoint that is not a file.
type remote struct {
	checkpoint func() bulk.Checkpoint
	empty      func(t testing.TB) bool
	overwrite  func(t testing.TB, data string)
	write      func(t testing.TB, data string) // something that is no checkpoint
}

var itemKey = map[string]string{"pk": "runs", "sk": "notes"}

// remotes are the kinds of remote checkpoints.
func remotes(t testing.TB, flaky float64) map[string]remote {
	t.Helper()
	b := &bucket{objects: make(map[string]object), flaky: flaky}
	s := newServer(t)
	key := []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange}}
	_, err := s.CreateTable(t.Context(), &dynamodb.CreateTableInput{TableName: aws.String("runs"), BillingMode: types.BillingModePayPerRequest, KeySchema: key,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "S"}}})
	check(t, err)
	items := &flakyItems{s.DynamoDBAPI, flaky}
	item := crypto.Item{"pk": &types.AttributeValueMemberS{Value: "runs"}, "sk": &types.AttributeValueMemberS{Value: "notes"}}
	put := func(t testing.TB, name, data string) {
		t.Helper()
		item[name] = &types.AttributeValueMemberB{Value: []byte(data)}
		item["ddbenc_version"] = &types.AttributeValueMemberS{Value: "v"}
		_, err := s.DynamoDBAPI.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("runs"), Item: item})
		check(t, err)
		delete(item, name)
	}
	return map[string]remote{
		"object": {
			checkpoint: func() bulk.Checkpoint { return bulk.Object(b, "notes") },
			empty:      func(testing.TB) bool { return len(b.objects) == 0 },
			overwrite:  func(_ testing.TB, data string) { b.objects["notes"] = object{[]byte(data), "v"} },
			write:      func(_ testing.TB, data string) { b.objects["notes"] = object{[]byte(data), "v"} },
		},
		"item": {
			checkpoint: func() bulk.Checkpoint { return bulk.Item(items, "runs", itemKey) },
			empty: func(t testing.TB) bool {
				out, err := s.DynamoDBAPI.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("runs")})
				check(t, err)
				return len(out.Items) == 0
			},
			overwrite: func(t testing.TB, data string) { t.Helper(); put(t, "ddbenc_checkpoint", data) },
			write:     func(t testing.TB, data string) { t.Helper(); put(t, "other", data) },
		},
	}
}

func TestRemoteCheckpoints_ContinueWhereARunWasKilledThoughRepliesAreLost(t *testing.T) {
	const items = 60
	for name := range remotes(t, 0) {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				r := remotes(t, 0.05)[name]
				s, e := newServer(t), sdkEncryptor(t, "key")
				fill(t, s.steady(t, e, mapper.WithPlaintextWrites()), items)
				client := s.client(t, e, mapper.WithPlaintextReads())
				for kills := 0; ; kills++ {
					ctx, kill := context.WithCancel(t.Context())
					report, err := bulk.Reseal(ctx, client, table, bulk.WithPageSize(5), bulk.WithSegments(1),
						bulk.WithCheckpoint(&killed{r.checkpoint(), 1 + rand.IntN(4), kill, 0}))
					stopped := ctx.Err() != nil
					kill()
					if err == nil {
						if kills < 2 || report.Items != items || s.writes.Load() != items {
							t.Errorf("%d kills, %d writes, %+v", kills, s.writes.Load(), report)
						}
						if !r.empty(t) {
							t.Error("the checkpoint is there after the end")
						}
						return
					}
					if !stopped {
						t.Fatal(err)
					}
				}
			})
		})
	}
}

// A run that saves between the Load and the Save of another one wins.
func TestRemoteCheckpoints_EndOneOfTwoRunsThatShareThem(t *testing.T) {
	for name, r := range remotes(t, 0) {
		t.Run(name, func(t *testing.T) {
			ctx, first, second := t.Context(), r.checkpoint(), r.checkpoint()
			load := func(c bulk.Checkpoint, want string) {
				t.Helper()
				if got, err := c.Load(ctx); err != nil || string(got) != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			}
			load(first, "")
			load(second, "")
			check(t, first.Save(ctx, []byte("same")))
			if err := second.Save(ctx, []byte("same")); !errors.Is(err, bulk.ErrTakenOver) {
				t.Errorf("created twice: %v", err)
			}
			load(second, "same") // the second run takes over
			check(t, second.Save(ctx, []byte("b")))
			for what, err := range map[string]error{"save": first.Save(ctx, []byte("c")), "remove": first.Remove(ctx)} {
				if !errors.Is(err, bulk.ErrTakenOver) {
					t.Errorf("%s: %v", what, err)
				}
			}
			load(r.checkpoint(), "b")
			check(t, second.Save(ctx, []byte("d")))
			check(t, second.Remove(ctx))
			if err := first.Save(ctx, []byte("e")); !errors.Is(err, bulk.ErrTakenOver) {
				t.Errorf("saved after another run completed: %v", err)
			}
			check(t, first.Remove(ctx)) // it is gone already
			if !r.empty(t) {
				t.Error("the checkpoint is there after the end")
			}
		})
	}
}

// Two runs at once: never do both believe that they saved the current progress.
func TestRemoteCheckpoints_AreThoseOfTheLastRunThatSaved(t *testing.T) {
	for name := range remotes(t, 0) {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				for range 50 {
					r := remotes(t, 0.05)[name]
					runs := []bulk.Checkpoint{r.checkpoint(), r.checkpoint()}
					stored, fresh := "", []bool{true, true} // fresh: it knows what is stored
					for n := range 12 {
						i, next := rand.IntN(2), fmt.Sprint("progress ", n)
						if rand.IntN(2) == 0 {
							got, err := runs[i].Load(t.Context())
							if err != nil || string(got) != stored {
								t.Fatalf("got %q, %v, want %q", got, err, stored)
							}
							fresh[i] = true
							continue
						}
						err := runs[i].Save(t.Context(), []byte(next))
						switch {
						case fresh[i] && err == nil:
							stored, fresh[1-i] = next, false
						case fresh[i] || !errors.Is(err, bulk.ErrTakenOver):
							t.Fatalf("fresh is %t: %v", fresh[i], err)
						}
					}
				}
			})
		})
	}
}

func TestRemoteCheckpoints_ThatAreNoneAreRefusedAndStay(t *testing.T) {
	for name, r := range remotes(t, 0) {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			for _, data := range []string{"", "x", "\n", "ddbenc checkpoint of run X, 1", "ddbenc checkpoint of run X, 1\n", "ddbenc checkpoint of run X, 1\n{}"} {
				for _, store := range []func(testing.TB, string){r.overwrite, r.write} {
					store(t, data)
					_, err := bulk.Census(t.Context(), s, table, bulk.WithCheckpoint(r.checkpoint()))
					if !errors.Is(err, bulk.ErrCheckpoint) || r.empty(t) {
						t.Errorf("%q: %v", data, err)
					}
				}
			}
		})
	}
}
