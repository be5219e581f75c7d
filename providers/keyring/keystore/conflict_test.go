package keystore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// Both rotations read the active version before either of them writes.
func TestOfTwoRotationsAtTheSameTimeOneIsDone(t *testing.T) {
	var both sync.WaitGroup
	var racing bool
	w := newWorld(t, mappertest.WithFault(func(_ context.Context, operation string, _ any) error {
		if racing && operation == "TransactWriteItems" {
			both.Done()
			both.Wait()
		}
		return nil
	}))
	id := w.create(t)
	before := w.active(t, id)
	racing = true
	both.Add(2)
	errs := make(chan error, 2)
	for range 2 {
		go func() { errs <- w.Rotate(t.Context(), id) }()
	}
	first, second := <-errs, <-errs
	if first != nil {
		first, second = second, first
	}
	check(t, first)
	refused(t, "the loser", second, keystore.ErrConflict, id)
	active := w.active(t, id)
	if active.Version == before.Version {
		t.Error("neither rotation was done")
	}
	version, err := w.Version(t.Context(), id, active.Version)
	check(t, err)
	if !bytes.Equal(version.Key(), active.Key()) || len(w.items(t, id)) != 4 {
		t.Errorf("the loser left something in %d items", len(w.items(t, id)))
	}
}

func TestWhoIsInTheWayOfAnotherTransactionIsToldSo(t *testing.T) {
	var reasons []types.CancellationReason
	w := newWorld(t, mappertest.WithFault(func(_ context.Context, operation string, _ any) error {
		if reasons != nil && operation == "TransactWriteItems" {
			return &types.TransactionCanceledException{CancellationReasons: reasons}
		}
		return nil
	}))
	id := w.create(t)
	for code, kind := range map[string]error{
		"TransactionConflict":    keystore.ErrConflict,
		"ConditionalCheckFailed": keystore.ErrConflict,
		"ThrottlingError":        crypto.ErrKeyUnavailable,
		"ValidationError":        crypto.ErrNoUsableKey,
	} {
		reasons = []types.CancellationReason{{Code: aws.String("None")}, {Code: &code}}
		refused(t, code, w.Rotate(t.Context(), id), kind, id)
	}
}

func TestAFailureWritesNothing(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "denied"}
	for _, operation := range []string{"GenerateDataKeyWithoutPlaintext", "ReEncrypt", "TransactWriteItems"} {
		for after := range 2 {
			t.Run(fmt.Sprintf("%s after %d", operation, after), func(t *testing.T) {
				failing, left := false, after
				fail := func(op string) error {
					if !failing || op != operation {
						return nil
					}
					if left--; left >= 0 && op != "TransactWriteItems" {
						return nil
					}
					return denied
				}
				w := newWorld(t, mappertest.WithFault(func(_ context.Context, op string, _ any) error { return fail(op) }))
				w.kms.OnRequest(func(_ context.Context, op string, _ any) error { return fail(op) })
				id := w.create(t)
				before := w.items(t, id)
				failing = true
				rotated := w.Rotate(t.Context(), id)
				left = after
				_, created := w.Create(t.Context(), "tenant-1", map[string]string{"a": "b"})
				failing = false
				// A rotation calls GenerateDataKeyWithoutPlaintext once, and a
				// creation calls ReEncrypt once, so the second call never fails.
				if !(operation == "GenerateDataKeyWithoutPlaintext" && after == 1) {
					refused(t, "rotate", rotated, crypto.ErrNoUsableKey, id)
					if now := w.items(t, id); fmt.Sprint(keysOf(now)) != fmt.Sprint(keysOf(before)) || !errors.Is(rotated, denied) {
						t.Errorf("%v, and then there is %v", rotated, keysOf(now))
					}
				}
				if !(operation == "ReEncrypt" && after == 1) {
					refused(t, "create", created, crypto.ErrNoUsableKey, "tenant-1")
					if now := w.items(t, "tenant-1"); len(now) != 0 || !errors.Is(created, denied) {
						t.Errorf("%v, and then there is %v", created, keysOf(now))
					}
				}
			})
		}
	}
}

func keysOf(items map[string]crypto.Item) map[string]int {
	keys := make(map[string]int)
	for kind, item := range items {
		keys[kind] = len(item)
	}
	return keys
}
