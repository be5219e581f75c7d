// Package keystore stores the branch keys of the hierarchical keyring in a
// DynamoDB table. KMS wraps each version of a key.
//
//	store, err := keystore.New(dynamodb.NewFromConfig(cfg), "branch-keys", kms.NewFromConfig(cfg), keyARN)
//
// To set up a store, run once:
//
//	err = store.CreateTable(ctx)
//	id, err := store.Create(ctx, "", nil) // keep the ID in your configuration; it is not secret
//
// The table has the layout of the official libraries, so they can share it with
// this package. Protect it from deletion and back it up: if a branch key is
// lost, the items that it sealed are lost too, even though the KMS key still
// exists.
//
// A branch key has versions. The active version seals items. [Store.Rotate]
// makes a new version active, and older versions remain to open what they
// sealed.
//
// KMS unwraps a key only if its record, including the name of the store, is
// unchanged. KMS cannot detect an outdated record: anyone who can write to the
// table can restore an older active version. Give write access to few.
package keystore

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
)

// Client is the part of *dynamodb.Client that a [Store] uses. Processes that only
// use branch keys need only GetItem and the permission for it. Do not declare
// the store's table in a mapper: its items are not encrypted by one.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
	CreateTable(
		context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options),
	) (*dynamodb.CreateTableOutput, error)
	DescribeTable(
		context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options),
	) (*dynamodb.DescribeTableOutput, error)
}

// KMS is the part of *kms.Client that a [Store] uses. Processes that only use
// branch keys need only Decrypt and the permission for it.
type KMS interface {
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
	GenerateDataKeyWithoutPlaintext(
		context.Context, *kms.GenerateDataKeyWithoutPlaintextInput, ...func(*kms.Options),
	) (*kms.GenerateDataKeyWithoutPlaintextOutput, error)
	ReEncrypt(context.Context, *kms.ReEncryptInput, ...func(*kms.Options)) (*kms.ReEncryptOutput, error)
}

// ErrNoKey is the error for branch keys, and versions of them, that are not in
// the store. It wraps [crypto.ErrNoUsableKey].
var ErrNoKey = fmt.Errorf("%w: no such branch key in the store", crypto.ErrNoUsableKey)

// Store has branch keys in a table. It does not cache: each key that it returns
// is read from the table and unwrapped by KMS. It is safe for concurrent use.
type Store struct {
	client Client
	table  string
	kms    KMS
	config
}

// Option configures a [Store].
type Option func(*config)

type config struct {
	logicalName string
	grantTokens []string
	key         kmsKey
}

// WithLogicalName sets the name that branch keys are bound to. The default is the
// name of the table. It must stay the same if the store is copied or restored,
// and two stores must never have the same one.
func WithLogicalName(name string) Option {
	return func(c *config) { c.logicalName = name }
}

// WithGrantTokens sends grant tokens with each request to KMS, for grants that
// are too new to be known everywhere in KMS.
func WithGrantTokens(tokens ...string) Option {
	return func(c *config) { c.grantTokens = append(c.grantTokens, tokens...) }
}

// WithMultiRegion also accepts branch keys that another replica of the store's
// multi-Region key wrapped. Use it for a store in a global table. Requests to KMS
// use the store's own replica.
func WithMultiRegion() Option {
	return func(c *config) { c.key.multiRegion = true }
}

// WithDiscovery makes a store that only reads, and that uses whatever KMS key a
// record names. Pass an empty key ARN to [New] with this option. Anyone who can
// write to the table can add branch keys that their own KMS key wrapped, so use
// IAM to limit the KMS keys of this process.
func WithDiscovery() Option {
	return func(c *config) { c.key.discovery = true }
}

// WithMultiRegionDiscovery is like [WithDiscovery], but uses the replica in the
// given Region if a record names a multi-Region key.
func WithMultiRegionDiscovery(region string) Option {
	return func(c *config) { c.key.discovery, c.key.region = true, &region }
}

// New returns a Store in a table whose keys are wrapped by a symmetric KMS key
// with the given ARN. An error wraps [crypto.ErrPolicy].
func New(client Client, table string, keys KMS, keyARN string, options ...Option) (*Store, error) {
	s := &Store{client, table, keys, config{logicalName: table, key: kmsKey{arn: keyARN}}}
	for _, option := range options {
		option(&s.config)
	}
	switch {
	case client == nil || keys == nil:
		return nil, fmt.Errorf("keystore: %w: no DynamoDB client or no KMS client", crypto.ErrPolicy)
	case table == "" || s.logicalName == "":
		return nil, fmt.Errorf("keystore: %w: no table name or an empty logical name", crypto.ErrPolicy)
	}
	if err := s.key.parse(); err != nil {
		return nil, fmt.Errorf("keystore: %w: %w", crypto.ErrPolicy, err)
	}
	return s, nil
}

// LogicalName returns the name that branch keys are bound to.
func (s *Store) LogicalName() string { return s.logicalName }

// String returns a text with the name of the table.
func (s Store) String() string { return fmt.Sprintf("branch key store %q", s.table) }

// Format prints the text of String for every verb, so that grant tokens and the
// credentials of the clients are never printed.
func (s Store) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }
