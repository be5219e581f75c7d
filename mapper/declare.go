package mapper

import (
	"fmt"
	"reflect"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/tags"
)

// TableOf declares a table whose items are of the struct type T. The name is the
// table's physical name or ARN. The `dynamo` tags of T name the primary key, and
// its `ddbenc` tags set the attribute actions. The encryptor seals and opens the
// items.
//
// Attributes that T does not declare are encrypted and signed; [WithUndeclared]
// changes that.
func TableOf[T any](name string, encryptor crypto.ItemEncryptor, options ...TableOption) Option {
	return func(c *Client) error {
		policy, err := tags.Of[T]()
		if err != nil {
			return fmt.Errorf("declare table %q: %w", name, err)
		}
		return c.declare(name, &declaration{policies: []*tags.Policy{policy}}, encryptor, options)
	}
}

// declare adds a table to the client.
func (c *Client) declare(name string, d *declaration, encryptor crypto.ItemEncryptor, options []TableOption) error {
	d.logicalName = arn.TableName(name)
	for _, option := range options {
		if err := option(d); err != nil {
			return fmt.Errorf("declare table %q: %w", name, err)
		}
	}
	t, err := d.table(arn.TableName(name), encryptor)
	if err != nil {
		return fmt.Errorf("declare table %q: %w", name, err)
	}
	if _, ok := c.tables[t.name]; ok {
		return fmt.Errorf("declare table %q: %w: the table is declared twice; use "+
			"mapper.WithType for a second struct type", name,
			crypto.ErrPolicy)
	}
	c.tables[t.name] = t
	return nil
}

// TableOption configures one table in [TableOf].
type TableOption func(*declaration) error

// declaration is a table while its options are applied.
type declaration struct {
	logicalName string
	policies    []*tags.Policy
	schema      *Schema // in place of the policies
	undeclared  crypto.Action
	base        table // the settings that need no checking

	discriminators map[reflect.Type]Discriminator

	beaconKeys    *beacon.Keys
	beaconConfig  beacon.Config
	beaconOptions []beacon.Option
}

// WithType adds the struct type U to a table whose items are of several types
// (single-table design). Types may share attributes as long as they agree on
// the action and the key role.
func WithType[U any]() TableOption {
	return func(d *declaration) error {
		policy, err := tags.Of[U]()
		if err != nil {
			return err
		}
		d.policies = append(d.policies, policy)
		return nil
	}
}

// WithLogicalName sets the table name that is bound into the items. It defaults to
// the physical name. Set it to the original name when a table was restored or
// copied under another one, or from the start to a name that will not change.
// Items sealed under another logical name do not verify.
func WithLogicalName(name string) TableOption {
	return func(d *declaration) error {
		if name == "" {
			return fmt.Errorf("%w: empty logical table name", crypto.ErrPolicy)
		}
		d.logicalName = name
		return nil
	}
}

// WithUndeclared sets the action for attributes that no struct type of the table
// declares, on write and on read alike. The default is [crypto.Encrypt].
//
// With [crypto.None], anyone who can write to the table can add attributes to
// its items, and they will be returned as if they belonged there.
func WithUndeclared(action crypto.Action) TableOption {
	return func(d *declaration) error {
		d.undeclared = action
		return nil
	}
}

// WithReaders adds encryptors that items may have been sealed with earlier:
// another item format, or other keys. Items are always sealed with the
// encryptor given to [TableOf].
func WithReaders(encryptors ...crypto.ItemEncryptor) TableOption {
	return func(d *declaration) error {
		for _, e := range encryptors {
			if e == nil {
				return fmt.Errorf("%w: mapper.WithReaders: nil encryptor", crypto.ErrPolicy)
			}
		}
		d.base.readers = append(d.base.readers, encryptors...)
		return nil
	}
}

// WithPlaintextReads makes reads return items that carry no signature as they
// are. Use it only while a table is migrated: as long as it is set, anyone who
// can write to the table can replace a sealed item with a plaintext one, and
// the change goes unnoticed.
func WithPlaintextReads() TableOption {
	return func(d *declaration) error { d.base.plaintextReads = true; return nil }
}

// WithPlaintextWrites makes writes store items as they are, while sealed items can
// already be read. It is the first step of migrating a table, and implies
// [WithPlaintextReads]. Requests that are refused on a protected table are
// refused already, so that you find them before anything is encrypted.
func WithPlaintextWrites() TableOption {
	return func(d *declaration) error {
		d.base.plaintextReads, d.base.plaintextWrites = true, true
		return nil
	}
}

// WithSelection protects only the items for which the predicate is true; the
// others pass as they are. The predicate gets only the primary key attributes,
// because nothing else is known in every request, with numbers as DynamoDB stores
// them. It must always give the same answer for the same key, and may be called
// from several goroutines at once. Reading a plaintext item that the predicate
// selects fails with [crypto.ErrNotProtected].
func WithSelection(protected func(key crypto.Item) bool) TableOption {
	return func(d *declaration) error { d.base.selects = protected; return nil }
}

// WithoutRewrites refuses, with [crypto.ErrUnsupported], updates and conditions
// that DynamoDB cannot evaluate on ciphertext. By default, such a request
// becomes a read and a conditional write, in several attempts if other writers
// interfere; see [Client.UpdateItem]. Use it where each call must
// take exactly one request.
func WithoutRewrites() TableOption {
	return func(d *declaration) error { d.base.noRewrites = true; return nil }
}

// WithIndexProjection says that a secondary index of the table, which the struct
// tags declare, projects only the named attributes besides the keys: none for
// KEYS_ONLY, some for INCLUDE. Items that are read through the index then have
// only those attributes, as on a table that is not protected.
//
// Without this option, items of an index are returned whole, because a server
// could otherwise leave out attributes and claim that the index lacks them.
func WithIndexProjection(index string, attributes ...string) TableOption {
	return func(d *declaration) error {
		if d.base.projections == nil {
			d.base.projections = make(map[string][]string)
		}
		d.base.projections[index] = attributes
		return nil
	}
}

// WithoutIndexFetches refuses to read items through an index that does not
// project all of their attributes, since a partial item cannot be verified. By
// default, such items are fetched from the table by their keys.
func WithoutIndexFetches() TableOption {
	return func(d *declaration) error { d.base.noFetches = true; return nil }
}

// table checks the declaration as a whole.
func (d *declaration) table(name string, encryptor crypto.ItemEncryptor) (*table, error) {
	if name == "" {
		return nil, fmt.Errorf("%w: empty table name", crypto.ErrPolicy)
	}
	if encryptor == nil {
		return nil, fmt.Errorf("%w: no encryptor", crypto.ErrPolicy)
	}
	policy, err := tags.Merge(d.policies...)
	if err != nil {
		return nil, err
	}
	if policy.PartitionKey() == "" && d.schema == nil {
		return nil, fmt.Errorf("%w: no field has the table's partition key (`dynamo:\"…,hash\"`)", crypto.ErrPolicy)
	}

	t := d.base
	t.name = name
	t.policy = policy
	t.info = crypto.TableInfo{Name: d.logicalName, PartitionKey: policy.PartitionKey(), SortKey: policy.SortKey()}
	t.actions = policy.Actions()
	if d.schema != nil {
		t.info.PartitionKey, t.info.SortKey = d.schema.PartitionKey, d.schema.SortKey
		t.actions.Attributes = d.schema.Actions.Attributes
	}
	t.actions.Default = d.undeclared
	t.writer = encryptor
	t.readers = append([]crypto.ItemEncryptor{encryptor}, t.readers...)

	if err := d.addBeacons(&t); err != nil {
		return nil, err
	}
	for _, e := range t.readers {
		if err := e.Check(t.info, t.actions); err != nil {
			return nil, err
		}
	}
	for index := range t.projections {
		if _, ok := policy.Index(index); !ok {
			return nil, fmt.Errorf("%w: projection of index %q: no struct tag declares the index", crypto.ErrPolicy, index)
		}
	}
	for typ, discriminator := range d.discriminators {
		if err := t.checkDiscriminator(typ, discriminator); err != nil {
			return nil, err
		}
	}
	t.discriminators = d.discriminators
	t.unprotected = &table{name: t.name, info: t.info, policy: t.policy, bare: true}
	return &t, nil
}
