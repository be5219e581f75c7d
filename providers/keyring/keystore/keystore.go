// Package keystore keeps branch keys, for the hierarchical keyring, in a
// DynamoDB table: each version wrapped by KMS.
//
//	store, err := keystore.New(dynamodb.NewFromConfig(cfg), "branch-keys", kms.NewFromConfig(cfg), keyARN)
//
// Once, from a job of yours:
//
//	err = store.CreateTable(ctx)
//	id, err := store.Create(ctx, "", nil) // keep the ID in your configuration; it is no secret
//
// The table has the layout of the official libraries, so that they can use a
// store that this package made, and the reverse. Protect it from deletion and
// back it up: without it, items under its keys are lost, whatever KMS says.
//
// A branch key has versions. The active one seals; [Store.Rotate] makes a new
// one active, and those before stay, to open what they sealed.
//
// KMS unwraps a key only if its whole record, the name of the store included,
// is as it was written. What no call to KMS can show is that a record is not
// the latest: whoever may write to the table can put an older active version
// back. Let few write to it.
package keystore

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
)

// Client is what a [Store] asks of DynamoDB. *dynamodb.Client has it.
// Processes that only use branch keys need GetItem alone, in their IAM policy
// too. Do not declare the store's table in a mapper: its items stay as they
// are.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
}

// KMS is what a [Store] asks of AWS KMS. *kms.Client has it. Processes that
// only use branch keys need Decrypt alone, in their IAM policy too.
type KMS interface {
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
	GenerateDataKeyWithoutPlaintext(context.Context, *kms.GenerateDataKeyWithoutPlaintextInput, ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error)
	ReEncrypt(context.Context, *kms.ReEncryptInput, ...func(*kms.Options)) (*kms.ReEncryptOutput, error)
}

// ErrNoKey says that the store has no such branch key, or no such version of
// it. It wraps [crypto.ErrNoUsableKey].
var ErrNoKey = fmt.Errorf("%w: there is no such branch key in the store", crypto.ErrNoUsableKey)

// Store keeps branch keys in a table. It is safe for concurrent use, and keeps
// nothing: each key that it returns was read and unwrapped anew.
type Store struct {
	client      Client
	table       string
	logicalName string
	kms         KMS
	key         kmsKey
	grantTokens []string
}

// Option configures a [Store].
type Option func(*Store)

// WithLogicalName sets the name that branch keys are bound to, which is the
// table's unless this says otherwise. It must stay the same wherever the store
// is copied or restored to, and two stores must never share it.
func WithLogicalName(name string) Option {
	return func(s *Store) { s.logicalName = name }
}

// WithGrantTokens sends grant tokens with each request to KMS, for grants that
// KMS does not know everywhere yet.
func WithGrantTokens(tokens ...string) Option {
	return func(s *Store) { s.grantTokens = append(s.grantTokens, tokens...) }
}

// WithMultiRegion takes branch keys that are wrapped by any replica of the
// store's multi-Region key too, for a store that is a global table. KMS is
// asked for the store's own replica.
func WithMultiRegion() Option {
	return func(s *Store) { s.key.multiRegion = true }
}

// WithDiscovery takes the KMS key that each record names, whichever it is, for
// a store that only reads. The key given to [New] is empty then. Whoever can
// write to the table can make the store use branch keys of their own, wrapped
// by a KMS key of theirs: let IAM bound which keys this process may use.
func WithDiscovery() Option {
	return func(s *Store) { s.key.discovery = true }
}

// WithMultiRegionDiscovery is [WithDiscovery], and asks KMS for the replica in
// the given Region wherever a record names a multi-Region key.
func WithMultiRegionDiscovery(region string) Option {
	return func(s *Store) { s.key.discovery, s.key.region = true, &region }
}

// New returns a Store in a table whose keys are wrapped by a symmetric KMS
// key, named by its ARN. Errors wrap [crypto.ErrPolicy].
func New(client Client, table string, keys KMS, keyARN string, options ...Option) (*Store, error) {
	s := &Store{client: client, table: table, logicalName: table, kms: keys, key: kmsKey{arn: keyARN}}
	for _, option := range options {
		option(s)
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

// String names the table.
func (s Store) String() string { return fmt.Sprintf("branch key store %q", s.table) }

// Format prints, for any verb, what String returns, and nothing of the clients
// and their credentials.
func (s Store) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }
