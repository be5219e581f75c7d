package keyconfig

import (
	"context"
	"errors"
	"io"

	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// Table seals and opens the items of one table with package mapper. It is safe
// for concurrent use.
type Table struct {
	// Info and Actions describe the table.
	Info    crypto.TableInfo
	Actions crypto.Actions

	encryptors []crypto.ItemEncryptor // the first one seals
	options    []mapper.TableOption   // of beacons
	client     *mapper.Client         // sends no requests
}

// noRequests is the DynamoDB client of a mapper that is only used to seal and
// open. Its methods must not be called.
type noRequests struct{ dynamodbiface.DynamoDBAPI }

// Seal returns the item as it would be stored. An attribute name that is
// reserved by one of the table's formats is an error.
func (t *Table) Seal(ctx context.Context, item crypto.Item) (crypto.Item, error) {
	sealed, err := t.client.Seal(ctx, t.Info.Name, item)
	return sealed, in("seal", err)
}

// Open verifies a stored item and returns it opened. It tries every encryptor
// that recognizes the item. If all of them fail, the first error is returned,
// unless a later one is that keys are unavailable.
func (t *Table) Open(ctx context.Context, item crypto.Item) (crypto.Item, error) {
	opened, err := t.client.Open(ctx, t.Info.Name, item)
	return opened, in("open", err)
}

// in returns an error of the mapper as one of a command.
func in(op string, err error) error {
	inner, ok := err.(*crypto.ItemError)
	if !ok {
		return err
	}
	named := *inner
	named.Op = op
	return &named
}

// HasBeacons reports whether the table has beacons.
func (t *Table) HasBeacons() bool { return len(t.options) > 0 }

// Close stops background work.
func (t *Table) Close() error {
	var all []error
	for _, e := range t.encryptors {
		if c, ok := e.(io.Closer); ok {
			all = append(all, c.Close())
		}
	}
	return errors.Join(all...)
}
