package mapper_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

func TestModify_PausesBetweenAttempts(t *testing.T) {
	skipInFIPSMode(t)
	forEachFormat(t, func(t *testing.T, f format) {
		e := f.encryptor(t, 1)
		f.encryptor = func(testing.TB, byte) crypto.ItemEncryptor { return e }
		synctest.Test(t, func(t *testing.T) {
			w := newWorldOn(t, f, mappertest.New())
			w.put(t, note(1))
			w.putItem = func(*dynamodb.PutItemInput) error { return &types.ConditionalCheckFailedException{} }
			change := func(*Note) error { return nil }
			start := time.Now()
			_, err := repository(t, w).Modify(t.Context(), dynamo.Keys{"ada", 1}, change)
			wantError(t, err, mapper.ErrConflict)
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
	})
}
