// Package bulk works on whole tables: it verifies all items, reseals
// those that are not as the table's declaration says, and counts which keys and
// formats are in use.
//
//	client, err := mapper.NewClient(dynamodb.NewFromConfig(cfg),
//		mapper.TableOf[Account]("accounts", next, mapper.WithReaders(old)))
//	report, err := bulk.Reseal(ctx, client, "accounts",
//		bulk.WithCheckpoint(bulk.File("accounts.checkpoint")),
//		bulk.WithFailures(func(f bulk.Failure) error { log.Print(f.Err); return nil }))
//
// A run can go on beside the programs that use the table. It reads the table's
// segments in parallel and page by page, so the memory that it takes does not
// depend on the table's size. It can be cancelled or killed at any time: with
// [WithCheckpoint] the next run continues where it was, and without it starts
// over, which for [Reseal] writes no item twice.
//
// Items that cannot be worked on are reported and do not end the run. What does
// end it is a service that remains unavailable or refuses the request.
//
// The ddbenc command has the same as "ddbenc verify", "reseal" and "census".
package bulk

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// Report counts what a run has done. Of a run that continues another one it
// counts what both did.
type Report struct {
	// Items is how many items were read.
	Items int64 `json:"items"`
	// Resealed is how many items [Reseal] wrote, or with [WithDryRun] would
	// have written.
	Resealed int64 `json:"resealed,omitempty"`
	// Gone is how many items were deleted before they could be resealed.
	Gone int64 `json:"gone,omitempty"`
	// Failed is how many items were reported to [WithFailures].
	Failed int64 `json:"failed,omitempty"`
	// Pages is how many pages were read.
	Pages int64 `json:"pages"`
	// ReadUnits and WriteUnits are what the requests consumed, as far as
	// DynamoDB said.
	ReadUnits  float64 `json:"readUnits,omitempty"`
	WriteUnits float64 `json:"writeUnits,omitempty"`
}

// Verify reads and verifies all items of a table that client declares. It
// reports to [WithFailures] each item that does not verify, is not protected or
// is for no key of the table. A plaintext item is not protected even where
// mapper.WithPlaintextReads is given. It writes nothing.
//
// The report is of what was done, also if there is an error. It counts items
// once for each that was read: items that are written while the run goes on may
// or may not be among them.
func Verify(ctx context.Context, client *mapper.Client, table string, options ...Option) (Report, error) {
	w, err := newDeclaredWalk("verify", client, table, options)
	if err != nil {
		return Report{}, err
	}
	w.work = func(ctx context.Context, item crypto.Item) (outcome, error) {
		return outcome{}, client.VerifyStored(ctx, table, item)
	}
	return w.run(ctx)
}

// Reseal writes each item of a table that is not as client declares it:
// plaintext, another format, another key or version of a branch key, other
// actions of attributes; see [mapper.Client.ResealStored]. An item is written on
// condition that it did not change meanwhile, and apart from its protection
// stays exactly as it was. Items that are as declared are not written, so a
// second run writes nothing.
//
// Items are verified before they are written. Those that cannot be opened are
// reported to [WithFailures] and stay as they are.
func Reseal(ctx context.Context, client *mapper.Client, table string, options ...Option) (Report, error) {
	w, err := newDeclaredWalk("reseal", client, table, options)
	if err != nil {
		return Report{}, err
	}
	w.work = func(ctx context.Context, item crypto.Item) (outcome, error) {
		if w.dryRun {
			needed, err := client.NeedsReseal(ctx, table, item)
			return outcome{resealed: needed}, err
		}
		result, err := client.ResealStored(ctx, table, item, w.writes.watch)
		o := outcome{resealed: result.Written}
		if c := result.Capacity; c != nil {
			o.units = aws.ToFloat64(c.CapacityUnits)
		}
		if errors.Is(err, dynamo.ErrNotFound) {
			o.gone, err = true, nil
		}
		return o, err
	}
	return w.run(ctx)
}

// newDeclaredWalk is newWalk for a table that client declares.
func newDeclaredWalk(operation string, client *mapper.Client, table string, options []Option) (*walk, error) {
	info, ok := client.TableInfo(table)
	if !ok {
		return nil, fmt.Errorf("bulk: %s table %q: %w", operation, table, mapper.ErrNotDeclared)
	}
	w, err := newWalk(operation, table, client.ScanStored, options)
	if err == nil {
		w.keyOf = info.Key
	}
	return w, err
}
