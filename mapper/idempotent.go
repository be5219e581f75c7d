package mapper

import (
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	// tokenLifetime is how long DynamoDB remembers a client request token.
	tokenLifetime = 10 * time.Minute
	// maxTokens bounds the memory for it. A token that was forgotten early
	// makes DynamoDB refuse the second request, never apply it twice.
	maxTokens = 256
)

// sentTransactions remembers how transactions with a client request token were
// sealed. Sealing draws fresh keys and initialization vectors, so the same
// transaction sealed twice is not the same request, and DynamoDB refuses a
// token that comes with another request. Its zero value is ready to use.
type sentTransactions struct {
	mu     sync.Mutex
	tokens []sentTransaction // oldest first
}

type sentTransaction struct {
	token, fingerprint string
	at                 time.Time
	items              []types.TransactWriteItem // as sealed
}

// get returns what was sent for the token, if the request is the same.
func (s *sentTransactions) get(token, fingerprint string) ([]types.TransactWriteItem, bool) {
	if token == "" {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	for _, t := range s.tokens {
		if t.token == token && t.fingerprint == fingerprint {
			return t.items, true
		}
	}
	return nil, false
}

func (s *sentTransactions) put(token, fingerprint string, items []types.TransactWriteItem) {
	if token == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	if len(s.tokens) == maxTokens {
		s.tokens = slices.Delete(s.tokens, 0, 1)
	}
	s.tokens = append(s.tokens, sentTransaction{token, fingerprint, time.Now(), items})
}

func (s *sentTransactions) forget() {
	s.tokens = slices.DeleteFunc(s.tokens, func(t sentTransaction) bool { return time.Since(t.at) > tokenLifetime })
}

// transactionDigest tells whether two transactions ask for the same.
func transactionDigest(token string, items []types.TransactWriteItem) string {
	if token == "" {
		return ""
	}
	var d digest
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
func (d *digest) operation(table *string, item map[string]types.AttributeValue, condition *string, names map[string]string, values map[string]types.AttributeValue, onFailure types.ReturnValuesOnConditionCheckFailure) {
	d.pointer(table)
	d.item(item)
	d.pointer(condition)
	d.names(names)
	d.item(values)
	d.text(string(onFailure))
}
