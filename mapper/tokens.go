package mapper

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

const (
	// tokenLifetime is how long DynamoDB remembers a client request token.
	tokenLifetime = 10 * time.Minute
	// maxTokenBytes bounds the memory for sealed transactions. A transaction has
	// at most 4 MiB.
	maxTokenBytes = 64 << 20
)

// sentTransactions remembers the sealed items of transactions with a client
// request token. Sealing uses fresh keys and initialization vectors, so the same
// transaction sealed twice is a different request, and DynamoDB refuses a token
// that it has seen with a different request. The zero value is ready to use.
type sentTransactions struct {
	mu     sync.Mutex
	byID   map[string]*sentTransaction
	oldest []*sentTransaction // in the order in which they were sealed
	bytes  int
}

// sentTransaction is one transaction, sealed or being sealed.
type sentTransaction struct {
	id     string
	sealed chan struct{} // closed when the fields below are set
	at     time.Time
	items  []sealedOperation
	err    error
	bytes  int
}

// sealedOperation has the changed parts of one operation of a transaction. The
// other parts are the caller's.
type sealedOperation struct {
	item     crypto.Item              // of a put, sealed
	replaced *types.TransactWriteItem // what is sent instead of the operation
}

// seal returns the transaction to send. If the same transaction was sent with the
// same token before, it is the one that was sealed then, and again is true.
// Otherwise seal seals it now. If several calls use one token at once, one of them
// seals and the others wait for it.
func (s *sentTransactions) seal(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	seal func(context.Context) ([]sealedOperation, error)) (t *sentTransaction, again bool, err error) {
	token := aws.ToString(in.ClientRequestToken)
	if token == "" {
		items, err := seal(ctx)
		return &sentTransaction{items: items}, false, err
	}
	id := transactionDigest(token, in.TransactItems)
	for {
		t, first := s.claim(id)
		if first {
			return t, false, s.sealFirst(ctx, t, seal)
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-t.sealed:
		}
		if t.err == nil {
			return t, true, nil
		}
		// The call that was to seal it failed, perhaps only because its context ended.
	}
}

// sealFirst seals a transaction that was claimed. It gives up the claim if seal
// panics.
func (s *sentTransactions) sealFirst(ctx context.Context, t *sentTransaction,
	seal func(context.Context) ([]sealedOperation, error)) error {
	var items []sealedOperation
	err := errors.New("sealing ended in a panic")
	defer func() { s.settle(t, items, err) }()
	items, err = seal(ctx)
	return err
}

// claim returns the transaction with the id, and whether the caller has to
// seal it.
func (s *sentTransactions) claim(id string) (t *sentTransaction, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(0)
	if t, ok := s.byID[id]; ok {
		return t, false
	}
	if s.byID == nil {
		s.byID = make(map[string]*sentTransaction)
	}
	t = &sentTransaction{id: id, sealed: make(chan struct{})}
	s.byID[id] = t
	return t, true
}

// settle remembers copies of the sealed items, which the caller does not share.
func (s *sentTransactions) settle(t *sentTransaction, items []sealedOperation, err error) {
	t.at, t.err = time.Now(), err
	for _, item := range items {
		item.item = expr.CloneItem(item.item)
		t.items = append(t.items, item)
		t.bytes += itemSize(item.item) + 512 // overhead
		if item.replaced != nil {
			for _, o := range operationsOf(*item.replaced) {
				t.bytes += itemSize(o.key) + itemSize(o.values)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(t.sealed)
	if err != nil {
		delete(s.byID, t.id)
		return
	}
	s.forget(t.bytes)
	s.oldest = append(s.oldest, t)
	s.bytes += t.bytes
}

// drop forgets a transaction that was not carried out, so that it is sealed again
// when it is repeated.
func (s *sentTransactions) drop(t *sentTransaction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.oldest, t)
	if i < 0 {
		return // it has no token, or another call dropped it
	}
	delete(s.byID, t.id)
	s.bytes -= t.bytes
	s.oldest = slices.Delete(s.oldest, i, i+1)
}

// replaced reports whether another call for the same token has dropped the
// transaction and sealed it again.
func (s *sentTransactions) replaced(t *sentTransaction) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, ok := s.byID[t.id]
	return ok && now != t
}

// forget drops the transactions whose tokens DynamoDB has forgotten, and the
// oldest others if that is necessary to make room.
func (s *sentTransactions) forget(room int) {
	n := 0
	for n < len(s.oldest) && (time.Since(s.oldest[n].at) > tokenLifetime || s.bytes+room > maxTokenBytes) {
		delete(s.byID, s.oldest[n].id)
		s.bytes -= s.oldest[n].bytes
		s.oldest[n] = nil
		n++
	}
	s.oldest = s.oldest[n:]
}

// transactionDigest returns equal strings for equal transactions with one token.
func transactionDigest(token string, items []types.TransactWriteItem) string {
	var d digest
	d.text(token)
	for _, item := range items {
		switch {
		case item.Put != nil:
			o := item.Put
			d.text("put")
			d.operation(o.TableName, o.Item, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues,
				o.ReturnValuesOnConditionCheckFailure)
		case item.Update != nil:
			o := item.Update
			d.text("update")
			d.operation(o.TableName, o.Key, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues,
				o.ReturnValuesOnConditionCheckFailure)
			d.pointer(o.UpdateExpression)
		case item.Delete != nil:
			o := item.Delete
			d.text("delete")
			d.operation(o.TableName, o.Key, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues,
				o.ReturnValuesOnConditionCheckFailure)
		case item.ConditionCheck != nil:
			o := item.ConditionCheck
			d.text("check")
			d.operation(o.TableName, o.Key, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues,
				o.ReturnValuesOnConditionCheckFailure)
		}
	}
	return d.String()
}

// operation adds the parameters that the four operations of a transaction share.
func (d *digest) operation(table *string, item crypto.Item, condition *string, names map[string]string,
	values crypto.Item, onFailure types.ReturnValuesOnConditionCheckFailure) {
	d.pointer(table)
	d.item(item)
	d.pointer(condition)
	d.names(names)
	d.item(values)
	d.text(string(onFailure))
}

// itemSize returns the approximate size of an item, in bytes.
func itemSize(item crypto.Item) int {
	size := 0
	for name, value := range item {
		size += len(name) + expr.StoredSize(value)
	}
	return size
}
