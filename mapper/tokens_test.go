package mapper

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// sealing counts how often transactions are sealed.
type sealing struct {
	sent  sentTransactions
	mu    sync.Mutex
	count int
}

func transaction(token, content string) *dynamodb.TransactWriteItemsInput {
	return &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String(token),
		TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{TableName: aws.String("t"),
				Item: crypto.Item{"k": &types.AttributeValueMemberS{Value: content}}}},
			{Delete: &types.Delete{TableName: aws.String("t"),
				Key: crypto.Item{"k": &types.AttributeValueMemberS{Value: "d"}}}},
		}}
}

// seal seals a transaction, in size bytes, as the number of the sealing.
func (s *sealing) seal(in *dynamodb.TransactWriteItemsInput, size int) (sealed string, again bool) {
	items, again, err := s.sent.seal(context.Background(), in, func(context.Context) ([]sealedOperation, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count++
		value := make([]byte, size)
		copy(value, fmt.Sprint(s.count))
		return []sealedOperation{{item: crypto.Item{"b": &types.AttributeValueMemberB{Value: value}}}, {}}, nil
	})
	if err != nil || len(items.items) != 2 || items.items[1].item != nil {
		return fmt.Sprint("bad: ", items, err), again
	}
	return string(items.items[0].item["b"].(*types.AttributeValueMemberB).Value[:1]), again
}

func TestToken_IsRememberedForTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sealing
		want := func(in *dynamodb.TransactWriteItemsInput, sealed string, again bool) {
			t.Helper()
			if got, was := s.seal(in, 8); got != sealed || was != again {
				t.Errorf("got %s, %v; want %s, %v", got, was, sealed, again)
			}
		}
		want(transaction("a", "x"), "1", false)
		want(transaction("a", "x"), "1", true)
		want(transaction("b", "x"), "2", false)
		want(transaction("a", "y"), "3", false)
		time.Sleep(tokenLifetime)
		want(transaction("a", "x"), "1", true)
		time.Sleep(time.Nanosecond)
		want(transaction("a", "x"), "4", false)
		time.Sleep(tokenLifetime)
		want(transaction("a", "x"), "4", true)
		want(transaction("b", "x"), "5", false)
		want(transaction("", "x"), "6", false)
		want(transaction("", "x"), "7", false)
		time.Sleep(2 * tokenLifetime)
		want(transaction("c", "x"), "8", false)
		if len(s.sent.byID) != 1 || len(s.sent.oldest) != 1 {
			t.Errorf("%d transactions are remembered after all but one were forgotten", len(s.sent.byID))
		}
	})
}

func TestToken_MemoryIsBounded(t *testing.T) {
	var s sealing
	const size = 20 << 20
	for i := range 8 {
		if got, again := s.seal(transaction("t", fmt.Sprint(i)), size); got != fmt.Sprint(i+1) || again {
			t.Errorf("transaction %d: got %s, %v", i, got, again)
		}
		if s.sent.bytes > maxTokenBytes {
			t.Errorf("%d bytes are remembered", s.sent.bytes)
		}
	}
	for i, want := range map[int]bool{7: true, 6: true, 5: true} {
		if _, again := s.seal(transaction("t", fmt.Sprint(i)), size); again != want {
			t.Errorf("transaction %d: remembered is %v", i, again)
		}
	}
	if _, again := s.seal(transaction("t", "4"), size); again {
		t.Error("more is remembered than fits")
	}
	// Many small ones count too.
	var small sealing
	for i := range 1000 {
		small.seal(transaction("t", fmt.Sprint(i)), 8)
	}
	if small.sent.bytes < 1000*512 {
		t.Errorf("1000 transactions count as %d bytes", small.sent.bytes)
	}
	if _, again := small.seal(transaction("t", "0"), 8); !again {
		t.Error("1000 small transactions do not fit")
	}
}

func TestToken_IsSealedInOneFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent sentTransactions
		sealings := 0
		slow := func(context.Context) ([]sealedOperation, error) {
			sealings++
			time.Sleep(time.Second)
			return []sealedOperation{{item: crypto.Item{"n": &types.AttributeValueMemberS{Value: fmt.Sprint(sealings)}}}}, nil
		}
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				items, _, err := sent.seal(t.Context(), transaction("a", "x"), slow)
				if err != nil || items.items[0].item["n"].(*types.AttributeValueMemberS).Value != "1" {
					t.Errorf("got %v, %v", items, err)
				}
			})
		}
		group.Wait()
		if sealings != 1 {
			t.Errorf("sealed %d times", sealings)
		}
	})
}

func TestToken_FailedSealingIsNotRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent sentTransactions
		failure, calls := errors.New("no key"), 0
		seal := func(context.Context) ([]sealedOperation, error) {
			calls++
			time.Sleep(time.Second)
			if calls == 1 {
				return nil, failure
			}
			return []sealedOperation{{}}, nil
		}
		var group sync.WaitGroup
		results := make([]error, 2)
		for i := range results {
			group.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				_, _, results[i] = sent.seal(t.Context(), transaction("a", "x"), seal)
			})
		}
		impatient, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		group.Go(func() {
			time.Sleep(2 * time.Millisecond)
			if _, _, err := sent.seal(impatient, transaction("a", "x"), seal); !errors.Is(err,
				context.DeadlineExceeded) {
				t.Errorf("one that waits no longer: %v", err)
			}
		})
		group.Wait()
		if results[0] != failure || results[1] != nil || calls != 2 {
			t.Errorf("got %v after %d sealings", results, calls)
		}
	})
}

func TestToken_RemembersCopies(t *testing.T) {
	var sent sentTransactions
	value := []byte("sealed")
	list := &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberB{Value: value}}}
	item := crypto.Item{"l": list}
	seal := func(context.Context) ([]sealedOperation, error) { return []sealedOperation{{item: item}}, nil }
	if _, _, err := sent.seal(t.Context(), transaction("a", "x"), seal); err != nil {
		t.Fatal(err)
	}
	value[0] = 'S'
	list.Value[0] = nil
	item["more"] = list
	items, again, err := sent.seal(t.Context(), transaction("a", "x"), seal)
	if err != nil || !again {
		t.Fatalf("got %v, %v", again, err)
	}
	got := items.items[0].item["l"].(*types.AttributeValueMemberL).Value[0].(*types.AttributeValueMemberB).Value
	if len(items.items[0].item) != 1 || string(got) != "sealed" {
		t.Errorf("what is remembered changed with the caller's: %d attributes, %q", len(items.items[0].item), got)
	}
}
