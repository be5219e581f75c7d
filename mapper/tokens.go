package mapper

import (
	"context"
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
	// maxTokenBytes bounds the memory for sealed transactions. A transaction
	// holds at most 4 MiB.
	maxTokenBytes = 64 << 20
)

// sentTransactions remembers how the items of transactions with a client
// request token were sealed. Sealing draws fresh keys and initialization vectors, so the same
// transaction sealed twice is not the same request, and DynamoDB refuses a
// token that comes with another request. Its zero value is ready to use.
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
	items  []crypto.Item // of its puts, as sealed; nil for other operations
	err    error
	bytes  int
}

// seal returns the items of in's puts as they are to be sent: as they were
// sealed the first time if this is the same transaction with the same token,
// and again is true then, or as seal returns them now. Of several calls at
// once for one token, one seals and the others wait for it.
func (s *sentTransactions) seal(ctx context.Context, in *dynamodb.TransactWriteItemsInput, seal func(context.Context) ([]crypto.Item, error)) (items []crypto.Item, again bool, err error) {
	token := aws.ToString(in.ClientRequestToken)
	if token == "" {
		items, err = seal(ctx)
		return items, false, err
	}
	id := transactionDigest(token, in.TransactItems)
	for {
		t, first := s.claim(id)
		if first {
			items, err = seal(ctx)
			s.settle(t, items, err)
			return t.items, false, err
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-t.sealed:
		}
		if t.err == nil {
			return t.items, true, nil
		}
		// The call that sealed it failed, perhaps for a reason of its own.
	}
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

// settle remembers what was sealed, as copies that the caller does not share.
func (s *sentTransactions) settle(t *sentTransaction, items []crypto.Item, err error) {
	t.at, t.err = time.Now(), err
	for _, item := range items {
		t.items = append(t.items, cloneItem(item))
		t.bytes += itemSize(item) + 512 // for what holds it
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

// forget drops what DynamoDB has forgotten, and more to make room for so many
// bytes.
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

// cloneItem copies an item deeply; nil stays nil.
func cloneItem(item crypto.Item) crypto.Item {
	if item == nil {
		return nil
	}
	clone := make(crypto.Item, len(item))
	for name, value := range item {
		clone[name] = expr.Clone(value)
	}
	return clone
}

// transactionDigest tells whether two transactions ask for the same.
func transactionDigest(token string, items []types.TransactWriteItem) string {
	var d digest
	d.text(token)
	for _, item := range items {
		switch {
		case item.Put != nil:
			o := item.Put
			d.text("put")
			d.operation(o.TableName, o.Item, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues, o.ReturnValuesOnConditionCheckFailure)
		case item.Update != nil:
			o := item.Update
			d.text("update")
			d.operation(o.TableName, o.Key, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues, o.ReturnValuesOnConditionCheckFailure)
			d.pointer(o.UpdateExpression)
		case item.Delete != nil:
			o := item.Delete
			d.text("delete")
			d.operation(o.TableName, o.Key, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues, o.ReturnValuesOnConditionCheckFailure)
		case item.ConditionCheck != nil:
			o := item.ConditionCheck
			d.text("check")
			d.operation(o.TableName, o.Key, o.ConditionExpression, o.ExpressionAttributeNames, o.ExpressionAttributeValues, o.ReturnValuesOnConditionCheckFailure)
		}
	}
	return d.String()
}

// operation adds what the four operations of a transaction have in common.
func (d *digest) operation(table *string, item crypto.Item, condition *string, names map[string]string, values crypto.Item, onFailure types.ReturnValuesOnConditionCheckFailure) {
	d.pointer(table)
	d.item(item)
	d.pointer(condition)
	d.names(names)
	d.item(values)
	d.text(string(onFailure))
}

// itemSize returns about the size of an item, in bytes.
func itemSize(item crypto.Item) int {
	size := 0
	for name, value := range item {
		size += len(name) + expr.StoredSize(value)
	}
	return size
}
