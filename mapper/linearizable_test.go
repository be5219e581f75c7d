package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// Counter is an item whose only value is encrypted.
type Counter struct {
	ID string `dynamo:"id,hash"`
	N  int    `dynamo:"n" ddbenc:"encrypt"`
}

// absent is the state of a counter that does not exist.
const absent = -1

// counterInput is an operation on the counter, counterOutput what the caller
// got to see.
type (
	counterInput struct {
		op   string
		a, b int
	}
	counterOutput struct {
		n       int
		ok      bool
		unknown bool
	}
)

// counterModel is nondeterministic for the operations whose outcome the caller
// does not know.
var counterModel = (&porcupine.NondeterministicModel{
	Init: func() []any { return []any{absent} },
	Step: func(state, input, output any) []any {
		in, out := input.(counterInput), output.(counterOutput)
		if out.unknown {
			_, next := in.step(state.(int), out)
			return []any{state, next}
		}
		if ok, next := in.step(state.(int), out); ok {
			return []any{next}
		}
		return nil
	},
}).ToModel()

// step reports whether the operation may have had the output in state n, and
// returns the state after it.
func (in counterInput) step(n int, out counterOutput) (bool, int) {
	switch in.op {
	case "get":
		return out == counterOutput{n: n, ok: n != absent}, n
	case "add": // ADD creates the item
		next := max(n, 0) + in.a
		return out == counterOutput{n: next, ok: true}, next
	case "add if": // on condition n = b
		if n != in.b {
			return !out.ok, n
		}
		return out == counterOutput{n: n + in.a, ok: true}, n + in.a
	case "put if": // on condition n = b
		if n != in.b {
			return !out.ok, n
		}
		return out == counterOutput{n: in.a, ok: true}, in.a
	case "delete if": // on condition n = b
		if n != in.b {
			return !out.ok, n
		}
		return out == counterOutput{n: n, ok: true}, absent
	case "transact": // puts a on condition n = b
		if n != in.b {
			return !out.ok, n
		}
		return out.ok, in.a
	}
	return false, n
}

// lossy is the way to a database on which replies are lost and delayed. Like
// the SDK's client, it then sends the request again.
type lossy struct{ dynamodbiface.DynamoDBAPI }

func (l lossy) delay() { time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond) }

func (l lossy) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	l.delay()
	defer l.delay()
	return l.DynamoDBAPI.GetItem(ctx, in, o...)
}

func (l lossy) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	l.delay()
	defer l.delay()
	for rand.IntN(4) == 0 {
		_, _ = l.DynamoDBAPI.PutItem(ctx, in, o...)
		lost(o)
		l.delay()
	}
	return l.DynamoDBAPI.PutItem(ctx, in, o...)
}

// lost has the client's retryer decide about an attempt without a reply.
func lost(optFns []func(*dynamodb.Options)) {
	options := dynamodb.Options{Retryer: retry.NewStandard()}
	for _, f := range optFns {
		f(&options)
	}
	options.Retryer.IsErrorRetryable(io.ErrUnexpectedEOF)
}

// DeleteItem loses no replies: that a repeated conditional delete fails, though
// the first one deleted the item, is so on a plain table too.
func (l lossy) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	l.delay()
	defer l.delay()
	return l.DynamoDBAPI.DeleteItem(ctx, in, o...)
}

func (l lossy) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	l.delay()
	defer l.delay()
	if in.ClientRequestToken != nil && rand.IntN(4) == 0 {
		_, _ = l.DynamoDBAPI.TransactWriteItems(ctx, in, o...)
		l.delay()
	}
	return l.DynamoDBAPI.TransactWriteItems(ctx, in, o...)
}

// do carries out an operation and returns what the caller sees of it.
func (in counterInput) do(ctx context.Context, db *dynamo.DB) (counterOutput, error) {
	var c Counter
	var err error
	table := db.Table(tableName)
	switch in.op {
	case "get":
		err = table.Get("id", "1").Consistent(true).One(ctx, &c)
	case "add":
		err = table.Update("id", "1").Add("n", in.a).OnlyUpdatedValue(ctx, &c)
	case "add if":
		err = table.Update("id", "1").Add("n", in.a).If("n = ?", in.b).Value(ctx, &c)
	case "put if":
		c.N = in.a
		err = table.Put(Counter{"1", in.a}).If("n = ?", in.b).Run(ctx)
	case "delete if":
		err = table.Delete("id", "1").If("n = ?", in.b).OldValue(ctx, &c)
	case "transact":
		err = db.WriteTx().Put(table.Put(Counter{"1", in.a}).If("n = ?", in.b)).Idempotent(true).Run(ctx)
		if errors.Is(err, mapper.ErrConflict) {
			return counterOutput{}, nil
		}
	}
	switch {
	case err == nil:
		return counterOutput{n: c.N, ok: true}, nil
	case errors.Is(err, dynamo.ErrNotFound):
		return counterOutput{n: absent}, nil
	case errors.Is(err, mapper.ErrOutcomeUnknown):
		return counterOutput{unknown: true}, nil
	case dynamo.IsCondCheckFailed(err):
		return counterOutput{}, nil
	}
	var conflict *types.TransactionConflictException
	if errors.As(err, &conflict) {
		return counterOutput{}, nil
	}
	return counterOutput{}, err
}

func TestClient_ConcurrentWritersOfOneItemAreLinearizable(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		const writers, each = 8, 25
		ops := []string{"get", "add", "add", "add if", "put if", "delete if", "transact"}
		for round := range 3 {
			t.Run(fmt.Sprint(round), func(t *testing.T) {
				api := database(t)
				if os.Getenv("DDBENC_MOTO") != "" {
					api = mappertest.New() // moto evaluates conditions and writes in two steps
				}
				db, err := mapper.New(lossy{api}, mapper.TableOf[Counter](tableName, f.encryptor(t, 1)))
				check(t, err)
				check(t, dynamo.NewFromIface(api).CreateTable(tableName, Counter{}).OnDemand(true).Run(t.Context()))
				var mu sync.Mutex
				var history []porcupine.Operation
				var wg sync.WaitGroup
				for writer := range writers {
					wg.Go(func() {
						for range each {
							in := counterInput{ops[rand.IntN(len(ops))], rand.IntN(3), rand.IntN(4)}
							call := time.Now().UnixNano()
							out, err := in.do(t.Context(), db)
							end := time.Now().UnixNano()
							if out.unknown {
								end = math.MaxInt64 // it may still be carried out
							}
							if err != nil {
								t.Errorf("%+v: %v", in, err)
								return
							}
							mu.Lock()
							history = append(history, porcupine.Operation{ClientId: writer, Input: in, Call: call, Output: out, Return: end})
							mu.Unlock()
						}
					})
				}
				wg.Wait()
				unknown := 0
				for _, o := range history {
					if o.Output.(counterOutput).unknown {
						unknown++
					}
				}
				if unknown > len(history)/3 {
					t.Errorf("the outcome of %d of %d operations is unknown: the check would mean little", unknown, len(history))
				}
				if result := porcupine.CheckOperationsTimeout(counterModel, history, time.Minute); result != porcupine.Ok {
					t.Errorf("the history of %d operations is not linearizable: %v", len(history), result)
				}
			})
		}
	})
}
