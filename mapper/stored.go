package mapper

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
)

// TableInfo returns the logical name and the key of a declared table. It returns
// false if the table is not declared.
func (c *Client) TableInfo(tableName string) (crypto.TableInfo, bool) {
	if t := c.table(&tableName); t != nil {
		return t.info, true
	}
	return crypto.TableInfo{}, false
}

// ScanStored reads a page of a declared table without verifying or opening its
// items. Pass them to [Client.Open],
// [Client.NeedsReseal] or [Client.ResealStored]; package bulk does so for
// whole tables. The request cannot have an index, a filter or a projection.
func (c *Client) ScanStored(ctx context.Context, in *dynamodb.ScanInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	const op = "ScanStored"
	in = given(in)
	t := c.table(in.TableName)
	if t == nil {
		return nil, notDeclared(op, in.TableName)
	}
	if err := t.startKey(op, nil, in.ExclusiveStartKey); err != nil {
		return nil, err
	}
	request := &dynamodb.ScanInput{TableName: in.TableName, ConsistentRead: in.ConsistentRead, Limit: in.Limit,
		ExclusiveStartKey: in.ExclusiveStartKey, Segment: in.Segment, TotalSegments: in.TotalSegments,
		ReturnConsumedCapacity: in.ReturnConsumedCapacity}
	if !onlyHas(in, request) {
		return nil, t.fail(op, "", fmt.Errorf("%w: an index, a filter, a projection and a count cannot be used "+
			"here; use Scan",
			crypto.ErrUnsupported))
	}
	p := pagePlan{table: t, op: op, name: *in.TableName, limit: in.Limit, capacity: in.ReturnConsumedCapacity,
		holdsItems: true}
	return run(ctx, c, plan[dynamodb.ScanInput, dynamodb.ScanOutput]{
		op:      op,
		call:    dynamodbiface.DynamoDBAPI.Scan,
		request: request,
		accept: func(_ context.Context, out *dynamodb.ScanOutput) (*dynamodb.ScanOutput, error) {
			got := page{out.Items, out.Count, out.ScannedCount, out.LastEvaluatedKey, out.ConsumedCapacity}
			if err := p.check(got); err != nil {
				return nil, err
			}
			capacity, err := t.capacity(op, in.ReturnConsumedCapacity, out.ConsumedCapacity)
			if err != nil {
				return nil, err
			}
			return &dynamodb.ScanOutput{Items: got.items, Count: got.count, ScannedCount: got.scanned,
				LastEvaluatedKey: got.last, ConsumedCapacity: capacity, ResultMetadata: out.ResultMetadata}, nil
		},
	}, optFns)
}

// onlyHas reports whether request covers everything that in asks for.
func onlyHas(in, request *dynamodb.ScanInput) bool {
	return in.IndexName == request.IndexName && in.Select == request.Select &&
		in.FilterExpression == nil && in.ScanFilter == nil && in.ConditionalOperator == "" &&
		in.ProjectionExpression == nil && in.AttributesToGet == nil &&
		in.ExpressionAttributeNames == nil && in.ExpressionAttributeValues == nil
}

// VerifyStored verifies a stored item of a declared table. Unlike [Client.Open],
// it fails with [crypto.ErrNotProtected] for a plaintext item even if the table
// is declared [WithPlaintextReads]. Items that [WithSelection] leaves out need no
// protection.
func (c *Client) VerifyStored(ctx context.Context, tableName string, stored crypto.Item) error {
	const op = "VerifyStored"
	t := c.table(&tableName)
	if t == nil {
		return notDeclared(op, &tableName)
	}
	t = t.of(stored)
	if err := t.checkKey(op, t.info.Key(stored)); err != nil {
		return err
	}
	_, by, err := t.openBy(ctx, op, stored)
	if err == nil && by == byNone && !t.bare {
		err = t.fail(op, "", crypto.ErrNotProtected)
	}
	return err
}

// ResealResult is the result of [Client.ResealStored].
type ResealResult struct {
	// Written is false if the item needed no resealing.
	Written bool
	// Capacity is the capacity that the requests consumed, if DynamoDB reports it.
	Capacity *types.ConsumedCapacity
}

// NeedsReseal reports whether [Client.ResealStored] would write a stored item. It
// makes no request to the table.
func (c *Client) NeedsReseal(ctx context.Context, tableName string, stored crypto.Item) (bool, error) {
	const op = "NeedsReseal"
	t := c.table(&tableName)
	if t == nil {
		return false, notDeclared(op, &tableName)
	}
	t = t.of(stored)
	if err := t.checkKey(op, t.info.Key(stored)); err != nil {
		return false, err
	}
	r, err := t.resealed(ctx, op, stored)
	return !r.current, err
}

// ResealStored reseals an item that [Client.ScanStored] read, as [Client.Reseal]
// does. It skips the read if the item has not changed since, and the write if the
// item is current.
//
// An item is current if the table's encryptor opens it, and would seal it with
// the same algorithms, under the same keys (and the same version of a branch key
// or a most recent provider) and with the same attributes encrypted. To find out,
// ResealStored seals the item and compares the two. With a keyring or provider
// that calls a key service for each item, that takes a call even for an item that
// is not written. The keys of direct KMS, and keys that are not named in the item,
// such as those of a static provider, count as the same if the table's encryptor
// opens the item.
//
// It returns [dynamo.ErrNotFound] if the item is gone, [ErrConflict] after 32
// attempts, and [crypto.ErrPolicy] if the item has beacons and the table is
// declared with neither [WithBeacons] nor [WithoutBeacons].
func (c *Client) ResealStored(ctx context.Context, tableName string, stored crypto.Item,
	optFns ...func(*dynamodb.Options)) (ResealResult, error) {
	const op = "ResealStored"
	t := c.table(&tableName)
	if t == nil {
		return ResealResult{}, notDeclared(op, &tableName)
	}
	t = t.of(stored)
	key := t.info.Key(stored)
	if err := t.checkKey(op, key); err != nil {
		return ResealResult{}, err
	}
	w := rewrite{client: c, table: t, op: op, name: tableName, key: key, capacity: types.ReturnConsumedCapacityTotal,
		optFns: optFns}
	var done rewritten
	for attempt := range rewriteAttempts {
		if attempt > 0 {
			if err := pause(ctx, attempt); err != nil {
				return ResealResult{Capacity: done.capacity}, err
			}
			read, capacity, err := w.read(ctx)
			done.capacity = addCapacity(done.capacity, capacity)
			if err == nil && read.stored == nil {
				err = dynamo.ErrNotFound
			}
			if err != nil {
				return ResealResult{Capacity: done.capacity}, err
			}
			stored = read.stored
		}
		r, err := t.resealed(ctx, op, stored)
		if err != nil || r.current {
			return ResealResult{Capacity: done.capacity}, err
		}
		err = w.putSealed(ctx, snapshot{stored, r.opened}, r.opened, r.sealed, &done)
		if err == nil || !conflicted(err) {
			return ResealResult{Written: err == nil, Capacity: done.capacity}, err
		}
	}
	return ResealResult{Capacity: done.capacity}, t.fail(op, "",
		fmt.Errorf("%w in %d attempts", ErrConflict, rewriteAttempts))
}

// SealStored returns a stored item as [Client.ResealStored] would write it. If that
// would not write it, changed is false and the item is returned as it is. It makes
// no request to the table.
func (c *Client) SealStored(ctx context.Context, tableName string, stored crypto.Item) (sealed crypto.Item,
	changed bool, err error) {
	const op = "SealStored"
	t := c.table(&tableName)
	if t == nil {
		return nil, false, notDeclared(op, &tableName)
	}
	t = t.of(stored)
	if err := t.checkKey(op, t.info.Key(stored)); err != nil {
		return nil, false, err
	}
	r, err := t.resealed(ctx, op, stored)
	if err != nil {
		return nil, false, err
	}
	if r.current {
		return stored, false, nil
	}
	return r.sealed, true, nil
}

// resealed is a stored item, opened and sealed again.
type resealed struct {
	opened, sealed crypto.Item
	current        bool // the stored item needs no resealing
}

// resealed opens and seals a stored item, and compares the two.
func (t *table) resealed(ctx context.Context, op string, stored crypto.Item) (r resealed, err error) {
	var by int
	if r.opened, by, err = t.openBy(ctx, op, stored); err != nil {
		return resealed{}, err
	}
	if err := t.keepsBeacons(op, stored, r.opened); err != nil {
		return resealed{}, err
	}
	if t.bare {
		return resealed{stored, stored, true}, nil
	}
	opened := r.opened
	r.opened = t.refreshed(opened, opened)
	if r.sealed, err = t.seal(ctx, op, r.opened); err != nil {
		return resealed{}, err
	}
	switch {
	case t.plaintextWrites:
		r.current = by == byNone
	case by == byWriter:
		r.current = t.sealedAlike(stored, r.sealed)
		if r.current && t.beacons != nil {
			if r.current, err = t.beacons.SameBeacons(ctx, opened, stored); err != nil {
				return resealed{}, t.fail(op, "", err)
			}
		}
		r.current = r.current && !(t.dropsBeacons && hadBeacons(stored, r.opened))
	}
	return r, nil
}
