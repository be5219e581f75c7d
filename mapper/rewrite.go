package mapper

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
)

const (
	rewriteAttempts = 32
	firstPause      = 5 * time.Millisecond
	longestPause    = 320 * time.Millisecond
)

// Reseal seals the stored item with the key anew, under the table's current
// encryptor and attribute actions, on condition that nobody changed it
// meanwhile. Everything else of the item stays exactly as it was stored: it
// passes no Go type. It is the way to move items to another format or key, or
// from plaintext. Of key, only the table's key attributes are used, so it may
// be an item that a Scan returned.
//
// It returns [dynamo.ErrNotFound] if there is no such item, and [ErrConflict]
// after 32 attempts.
func (c *Client) Reseal(ctx context.Context, tableName string, key crypto.Item) error {
	t := c.table(&tableName)
	if t == nil {
		return notDeclared("Reseal", &tableName)
	}
	return c.reseal(ctx, t, tableName, t.info.Key(key))
}

func (c *Client) reseal(ctx context.Context, t *table, physical string, key crypto.Item) error {
	r := rewrite{table: t, op: "Reseal", physical: physical, key: key}
	return c.rewrite(ctx, r, func(item crypto.Item) (crypto.Item, error) { return item, nil })
}

// rewrite is a change of one stored item that takes a read and a write.
type rewrite struct {
	table    *table
	op       string
	physical string // the table's name as the caller gave it
	key      crypto.Item
}

// rewrite reads the item, gives it opened to change, seals what change returns
// and stores it, on condition that the stored item is still the one that was
// read. If it is not, it starts over, so change may be called several times.
// change must not alter the item that it is given.
func (c *Client) rewrite(ctx context.Context, r rewrite, change func(crypto.Item) (crypto.Item, error)) error {
	if err := r.table.checkKey(r.op, r.key); err != nil {
		return err
	}
	r.table = r.table.of(r.key)
	for attempt := range rewriteAttempts {
		if attempt > 0 {
			if err := pause(ctx, attempt); err != nil {
				return err
			}
		}
		err := c.rewriteOnce(ctx, r, change)
		if err == nil || !conflicted(err) {
			return err
		}
	}
	return r.table.fail(r.op, "", fmt.Errorf("%w in %d attempts", ErrConflict, rewriteAttempts))
}

func (c *Client) rewriteOnce(ctx context.Context, r rewrite, change func(crypto.Item) (crypto.Item, error)) error {
	stored, opened, err := c.read(ctx, r)
	if err != nil {
		return err
	}
	if opened == nil {
		return dynamo.ErrNotFound
	}
	changed, err := change(opened)
	if err != nil {
		return &changeError{err}
	}
	sealed, err := r.table.seal(ctx, r.op, changed)
	if err != nil {
		return err
	}
	in := &dynamodb.PutItemInput{TableName: aws.String(r.physical), Item: changed}
	r.table.unchanged(in, stored)
	request := *in
	request.Item = sealed
	_, err = c.put(ctx, r.table, r.op, in, &request, nil)
	return err
}

// changeError is an error of the caller's own function: it is returned as it
// is, and never taken for a conflict.
type changeError struct{ error }

// read reads the item, strongly consistent. stored is as DynamoDB has it, and
// opened is nil if there is none.
func (c *Client) read(ctx context.Context, r rewrite) (stored, opened crypto.Item, err error) {
	in := &dynamodb.GetItemInput{TableName: aws.String(r.physical), Key: r.key, ConsistentRead: aws.Bool(true)}
	_, err = run(ctx, c, plan[dynamodb.GetItemInput, dynamodb.GetItemOutput]{
		op:      r.op,
		call:    dynamodbiface.DynamoDBAPI.GetItem,
		request: in,
		accept: func(ctx context.Context, out *dynamodb.GetItemOutput) (*dynamodb.GetItemOutput, error) {
			stored = out.Item
			opened, err = r.table.openFor(ctx, r.op, r.key, out.Item)
			return nil, err
		},
	}, nil)
	return stored, opened, err
}

// unchanged makes put conditional on the stored item still being the one that
// was read. For what is signed, the signature stands.
func (t *table) unchanged(put *dynamodb.PutItemInput, read crypto.Item) {
	sealed := false
	compare := make(map[string]types.AttributeValue) // nil: must not exist
	for _, name := range t.signatureAttributes() {
		compare[name] = read[name]
		sealed = sealed || read[name] != nil
	}
	for name, value := range read {
		if !t.reserved(name) && (!sealed || !t.action(name).Signed()) {
			compare[name] = value
		}
	}
	for name, action := range t.actions.Attributes {
		if _, ok := read[name]; !ok && (!sealed || !action.Signed()) {
			compare[name] = nil
		}
	}

	put.ExpressionAttributeNames = make(map[string]string, len(compare))
	terms := make([]string, 0, len(compare))
	for _, name := range slices.Sorted(maps.Keys(compare)) {
		placeholder := addName(put.ExpressionAttributeNames, name)
		value := compare[name]
		if value == nil {
			terms = append(terms, "attribute_not_exists("+placeholder+")")
			continue
		}
		if put.ExpressionAttributeValues == nil {
			put.ExpressionAttributeValues = make(crypto.Item)
		}
		put.ExpressionAttributeValues[":"+placeholder[1:]] = value
		terms = append(terms, placeholder+" = :"+placeholder[1:])
	}
	put.ConditionExpression = aws.String(strings.Join(terms, " AND "))
}

// conflicted reports whether a conditional write lost to another one.
func conflicted(err error) bool {
	var condition *types.ConditionalCheckFailedException
	var transaction *types.TransactionConflictException
	var caller *changeError
	return (errors.As(err, &condition) || errors.As(err, &transaction)) && !errors.As(err, &caller)
}

// pause waits before an attempt, at random up to twice as long each time, so
// that writers who met once do not meet again.
func pause(ctx context.Context, attempt int) error {
	limit := min(firstPause<<min(attempt-1, 16), longestPause)
	timer := time.NewTimer(rand.N(limit))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
