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
	smithytime "github.com/aws/smithy-go/time"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
)

const (
	rewriteAttempts = 32
	firstPause      = 5 * time.Millisecond
	longestPause    = 320 * time.Millisecond

	// maxCompared keeps a condition within DynamoDB's 300 operators and 4 KB.
	maxCompared = 120
)

// rewrite carries out, by a read and a conditional write, an operation on one
// item that DynamoDB cannot carry out on ciphertext.
type rewrite struct {
	client *Client
	table  *table
	op     string
	name   string // the table's, as the caller gave it
	key    crypto.Item

	capacity types.ReturnConsumedCapacity
	metrics  types.ReturnItemCollectionMetrics
	optFns   []func(*dynamodb.Options)
}

// snapshot is an item as it was read.
type snapshot struct {
	stored crypto.Item // as DynamoDB has it; nil if there is none
	opened crypto.Item
}

// visible returns the item as conditions and filters see it: opened, together
// with the attributes that the item format adds and the values that only queries
// have, such as those of compound beacons.
func (t *table) visible(s snapshot) crypto.Item {
	visible := s.opened
	if t.beacons != nil && s.opened != nil {
		visible = t.withDerived(s.opened, s)
	}
	cloned := false
	for name, value := range s.stored {
		if t.Reserved(name) {
			if !cloned {
				visible, cloned = maps.Clone(visible), true
			}
			visible[name] = value
		}
	}
	return visible
}

// decision says what to do with an item that was read.
type decision struct {
	verb verb
	item crypto.Item // to store, in plaintext
}

type verb int

const (
	leave verb = iota
	store
	remove
)

// rewritten is the result of a rewrite.
type rewritten struct {
	before, after crypto.Item // opened; nil if there is none
	capacity      *types.ConsumedCapacity
	metrics       *types.ItemCollectionMetrics
}

// run reads the item, calls decide, and carries out its decision on condition
// that the stored item is still the one that was read. If it is not, run starts
// over, so decide may be called several times. It must not alter the item. If
// decide returns an error, run returns it unchanged.
func (r rewrite) run(ctx context.Context, decide func(snapshot) (decision, error)) (rewritten, error) {
	var result rewritten
	for attempt := range rewriteAttempts {
		if attempt > 0 {
			if err := pause(ctx, attempt); err != nil {
				return rewritten{}, err
			}
		}
		read, capacity, err := r.read(ctx)
		if err != nil {
			return rewritten{}, err
		}
		result.capacity = addCapacity(result.capacity, capacity)
		d, err := decide(read)
		if err != nil {
			return rewritten{}, err
		}
		if d.verb == store {
			d.item = r.table.refreshed(d.item, read.opened)
		}
		result.before, result.after = read.opened, d.item
		switch d.verb {
		case leave:
			return result, nil
		case store:
			err = r.put(ctx, read, d.item, &result)
		case remove:
			err = r.delete(ctx, read, &result)
		}
		if err == nil || !conflicted(err) {
			return result, err
		}
	}
	return rewritten{}, r.table.fail(r.op, "", fmt.Errorf("%w in %d attempts", ErrConflict, rewriteAttempts))
}

// read reads the item, strongly consistent.
func (r rewrite) read(ctx context.Context) (read snapshot, capacity *types.ConsumedCapacity, err error) {
	in := &dynamodb.GetItemInput{TableName: aws.String(r.name), Key: r.key, ConsistentRead: aws.Bool(true),
		ReturnConsumedCapacity: r.capacity}
	_, err = run(ctx, r.client, plan[dynamodb.GetItemInput, dynamodb.GetItemOutput]{
		op:      r.op,
		call:    dynamodbiface.DynamoDBAPI.GetItem,
		request: in,
		accept: func(ctx context.Context, out *dynamodb.GetItemOutput) (*dynamodb.GetItemOutput, error) {
			opened, err := r.table.openFor(ctx, r.op, r.key, out.Item)
			if err != nil {
				return nil, err
			}
			read = snapshot{out.Item, opened}
			capacity, err = r.table.capacity(r.op, r.capacity, out.ConsumedCapacity)
			return nil, err
		},
	}, r.optFns)
	return read, capacity, err
}

// put replaces the item that was read.
func (r rewrite) put(ctx context.Context, read snapshot, item crypto.Item, result *rewritten) error {
	sealed, err := r.table.seal(ctx, r.op, item)
	if err != nil {
		return err
	}
	return r.putSealed(ctx, read, item, sealed, result)
}

// putSealed is put for an item that is already sealed.
func (r rewrite) putSealed(ctx context.Context, read snapshot, item, sealed crypto.Item, result *rewritten) error {
	unchanged, err := r.table.unchanged(r.op, read.stored)
	if err != nil {
		return err
	}
	in := &dynamodb.PutItemInput{TableName: aws.String(r.name), Item: item,
		ConditionExpression:      aws.String(unchanged.expression),
		ExpressionAttributeNames: unchanged.names, ExpressionAttributeValues: unchanged.values,
		ReturnConsumedCapacity: r.capacity, ReturnItemCollectionMetrics: r.metrics}
	request := *in
	request.Item = sealed
	var a attempts
	out, err := r.client.put(ctx, r.table, r.op, in, &request, a.with(r.optFns))
	if err != nil {
		return a.conflict(r.table, r.op, err)
	}
	result.capacity, result.metrics = addCapacity(result.capacity, out.ConsumedCapacity), out.ItemCollectionMetrics
	return nil
}

// delete deletes the item that was read.
func (r rewrite) delete(ctx context.Context, read snapshot, result *rewritten) error {
	unchanged, err := r.table.unchanged(r.op, read.stored)
	if err != nil {
		return err
	}
	in := &dynamodb.DeleteItemInput{TableName: aws.String(r.name), Key: r.key,
		ConditionExpression:      aws.String(unchanged.expression),
		ExpressionAttributeNames: unchanged.names, ExpressionAttributeValues: unchanged.values,
		ReturnConsumedCapacity: r.capacity, ReturnItemCollectionMetrics: r.metrics}
	var a attempts
	out, err := r.client.delete(ctx, r.table, r.op, in, a.with(r.optFns))
	if err != nil {
		return a.conflict(r.table, r.op, err)
	}
	result.capacity, result.metrics = addCapacity(result.capacity, out.ConsumedCapacity), out.ItemCollectionMetrics
	return nil
}

// unchanged is the condition that a stored item is still the one that was
// read.
type unchanged struct {
	expression string
	names      map[string]string
	values     crypto.Item
}

// unchanged returns the condition for an item that was read, or for no item if
// read is nil. Comparing the signature covers the signed attributes. The other
// attributes are compared one by one, so that no update in place is lost.
func (t *table) unchanged(op string, read crypto.Item) (unchanged, error) {
	compare := make(map[string]types.AttributeValue) // nil: must not exist
	if read == nil {
		compare[t.info.PartitionKey] = nil
	} else {
		sealed := false
		for _, name := range t.signatureAttributes() {
			compare[name] = read[name]
			sealed = sealed || read[name] != nil
		}
		for name, value := range read {
			if !t.Reserved(name) && !t.info.IsKey(name) && (!sealed || !t.Action(name).Signed()) {
				compare[name] = value
			}
		}
		for name, action := range t.actions.Attributes {
			if _, ok := read[name]; !ok && (!sealed || !action.Signed()) {
				compare[name] = nil
			}
		}
		if len(compare) == 0 {
			compare[t.info.PartitionKey] = read[t.info.PartitionKey]
		}
	}
	if len(compare) > maxCompared {
		return unchanged{}, t.fail(op, "", fmt.Errorf("%w: the stored item has %d attributes that are not signed, and a "+
			"condition can compare only %d",
			crypto.ErrUnsupported, len(compare), maxCompared))
	}
	u := unchanged{names: make(map[string]string, len(compare))}
	terms := make([]string, 0, len(compare))
	for _, name := range slices.Sorted(maps.Keys(compare)) {
		placeholder := addName(u.names, name)
		value := compare[name]
		if value == nil {
			terms = append(terms, "attribute_not_exists("+placeholder+")")
			continue
		}
		if u.values == nil {
			u.values = make(crypto.Item)
		}
		u.values[":"+placeholder[1:]] = value
		terms = append(terms, placeholder+" = :"+placeholder[1:])
	}
	u.expression = strings.Join(terms, " AND ")
	return u, nil
}

// addName adds a placeholder for attribute to names and returns it.
func addName(names map[string]string, attribute string) string {
	for i := len(names); ; i++ {
		placeholder := fmt.Sprintf("#d%d", i)
		if _, taken := names[placeholder]; !taken {
			names[placeholder] = attribute
			return placeholder
		}
	}
}

// conflicted reports whether a conditional write lost to another write.
func conflicted(err error) bool {
	var condition *types.ConditionalCheckFailedException
	var transaction *types.TransactionConflictException
	return errors.As(err, &condition) || errors.As(err, &transaction)
}

// pause waits before an attempt, for a random time whose limit doubles with each
// attempt, so that writers that collided once do not collide again.
func pause(ctx context.Context, attempt int) error {
	limit := min(firstPause<<min(attempt-1, 16), longestPause)
	return smithytime.SleepWithContext(ctx, rand.N(limit))
}
