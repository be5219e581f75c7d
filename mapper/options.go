package mapper

import (
	"context"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
)

// Option configures a [Client]. Every client needs at least one [TableOf].
type Option func(*Client) error

// WithParallelism bounds how many items of one page, batch or transaction are
// sealed or opened at once. The default is 16. It matters for key sources
// that call a key service for each item.
func WithParallelism(n int) Option {
	return func(c *Client) error {
		if n < 1 {
			return fmt.Errorf("ddbenc: parallelism of %d: must be at least 1", n)
		}
		c.parallelism = n
		return nil
	}
}

// WithDeclaredTablesOnly refuses requests to tables that are not declared with
// [TableOf], PartiQL included, with [ErrNotDeclared]. Without it such requests
// pass through untouched, and a misspelled table name stores items in the clear.
// Use it unless the database has tables that need no protection.
func WithDeclaredTablesOnly() Option {
	return func(c *Client) error { c.declaredOnly = true; return nil }
}

// WithTrustedFilters skips the evaluation of filters on opened items. By
// default, Query and Scan evaluate the filter again on each item that DynamoDB
// returns, and fail with [crypto.ErrTampered] if an item does not meet it. Use
// this option only if that evaluation ever differs from DynamoDB's: it lets a
// dishonest server return items of the table that the filter excludes.
func WithTrustedFilters() Option {
	return func(c *Client) error { c.trustFilters = true; return nil }
}

// DamagedItem is an item of a page that was left out because it cannot be
// opened.
type DamagedItem struct {
	// Table is the table's physical name. Index is the index that was read, and
	// is empty if the table itself was read.
	Table, Index string
	// Key holds the key attributes that the item has. They are not verified.
	Key crypto.Item
	// Err wraps [crypto.ErrTampered] or [crypto.ErrNotProtected], or
	// [crypto.ErrNoUsableKey] if no configured key opens the item: its header or
	// an attribute that selects the key was changed, or the key was destroyed.
	Err error
}

// WithDamagedItems makes reads of several items (Query, Scan, BatchGetItem)
// leave out items that cannot be opened, and report each to the function
// instead of failing the page. It is called after the page has been opened, in
// the page's order, before the page is returned. Where one page takes several
// requests, as with partitions of beacons, it may be called from several
// goroutines at once. Requests for one item still fail, and so does a page for any other reason, such as a key service that
// cannot be reached.
//
// Anyone who can damage an item can then make it disappear from results, so act
// on the report.
func WithDamagedItems(report func(context.Context, DamagedItem)) Option {
	return func(c *Client) error {
		c.onDamaged = report
		return nil
	}
}
