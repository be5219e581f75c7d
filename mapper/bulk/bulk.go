// Package bulk verifies, reseals and counts the items of whole tables, for
// migrations, key rotations and audits.
//
//	client, err := mapper.NewClient(dynamodb.NewFromConfig(cfg),
//		mapper.TableOf[Account]("accounts", next, mapper.WithReaders(old)))
//	report, err := bulk.Reseal(ctx, client, "accounts",
//		bulk.WithCheckpoint(bulk.File("accounts.checkpoint")),
//		bulk.WithFailures(func(f bulk.Failure) error { log.Print(f.Err); return nil }))
//
// The table can be in use during a run. A run reads the segments of the table in
// parallel and page by page, so its memory use does not depend on the size of the
// table. It can be cancelled or killed at any time. With [WithCheckpoint] the next
// run continues where it stopped; without it the next run starts over, and
// [Reseal] still writes no item twice.
//
// Items that cannot be processed are reported and do not end the run. It ends
// with an error if a service remains unavailable or refuses the request.
//
// [VerifyItems], [ResealItems] and [CensusItems] work on items from elsewhere, such
// as an export.
//
// The ddbenc command offers the same operations as "ddbenc verify", "ddbenc
// reseal" and "ddbenc census".
package bulk

import (
	"context"
	"errors"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// Report counts the work of a run. If the run continues an earlier one, it counts
// the work of both.
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
	// ReadUnits and WriteUnits are the capacity units that the requests
	// consumed, as reported by DynamoDB.
	ReadUnits  float64 `json:"readUnits,omitempty"`
	WriteUnits float64 `json:"writeUnits,omitempty"`
}

// Verify reads and verifies all items of a table that client declares. It writes
// nothing. It reports to [WithFailures] each item that does not verify, is not
// protected or is sealed under a key that the table does not have. Plaintext
// items are reported even if the table is declared mapper.WithPlaintextReads.
//
// The report is valid even if Verify returns an error. Items that are written
// during the run may or may not be counted.
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

// Reseal seals each item of a table that is not sealed as client declares it:
// plaintext items, and those with another format, key, branch key version,
// attribute actions or beacons; see [mapper.Client.ResealStored]. An item is written on
// condition that it has not changed in the meantime, and its content stays
// exactly the same. Other items are not written, so a second run writes nothing.
//
// Items are verified before they are written. Those that cannot be opened are
// reported to [WithFailures] and stay as they are. If items have beacons and the
// table is declared with neither [mapper.WithBeacons] nor [mapper.WithoutBeacons],
// the run ends with [crypto.ErrPolicy].
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
		o := outcome{resealed: result.Written, units: units(result.Capacity)}
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
	w, err := newTableWalk(operation, table, client.ScanStored, options)
	if err == nil {
		w.keyOf = info.Key
	}
	return w, err
}
