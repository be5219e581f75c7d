package mapper_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/virtualtime"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// inStillTime runs a test over both formats, in memory, where time passes only
// while everything waits: for what pauses before it tries again.
func inStillTime(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	forEachFormat(t, func(t *testing.T, f format) {
		e := f.encryptor(t, 1)
		f.encryptor = func(testing.TB, byte) crypto.ItemEncryptor { return e }
		virtualtime.Test(t, func(t *testing.T) { test(t, newWorldOn(t, f, mappertest.New())) })
	})
}

func TestModify_PausesBetweenAttemptsAndGivesUp(t *testing.T) {
	inStillTime(t, func(t *testing.T, w *world) {
		w.put(t, note(1))
		attempts := 0
		w.putItem = func(*dynamodb.PutItemInput) error {
			attempts++
			return &types.ConditionalCheckFailedException{}
		}
		change := func(*Note) error { return nil }
		start := time.Now()
		_, err := repository(t, w).Modify(t.Context(), dynamo.Keys{"ada", 1}, change)
		wantItemError(t, err, "Modify", mapper.ErrConflict)
		equal(t, attempts, 32)
		if took := time.Since(start); took == 0 || took > 32*320*time.Millisecond {
			t.Errorf("32 attempts took %v", took)
		}

		ctx, cancel := context.WithCancel(t.Context())
		before := w.requests.Load()
		w.putItem = func(*dynamodb.PutItemInput) error {
			cancel()
			return &types.TransactionConflictException{}
		}
		_, err = repository(t, w).Modify(ctx, dynamo.Keys{"ada", 1}, change)
		wantError(t, err, context.Canceled)
		equal(t, w.requests.Load()-before, int64(2)) // a read and a write
	})
}
