// Package metastore stores versioned keys in a DynamoDB table for package
// mostrecent. The Java and Python clients read and write the same table.
//
//	inner, err := directkms.New(kms.NewFromConfig(cfg), keyARN)
//	store, err := metastore.New(dynamodb.NewFromConfig(cfg), "keys", inner)
//	provider, err := mostrecent.New(store, "accounts", 5*time.Minute)
//
// A key has a name, the material name, and versions that count from 0. Each
// version is an item of the table with an encryption key and a signing key,
// protected by the inner provider. Anyone who can read the table and use the
// inner provider can use the keys. Versions are added and never changed.
// Deleting a version makes the items that it sealed unreadable for ever.
package metastore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/internal/service"
)

// ErrNoVersion is the error for versions and material names that are not in the
// store. It wraps [crypto.ErrNoUsableKey].
var ErrNoVersion = fmt.Errorf("%w: no such version in the meta store", crypto.ErrNoUsableKey)

// Client is the part of *dynamodb.Client that a [Store] uses. Do not declare the
// store's table in a mapper: the store seals its items itself.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	CreateTable(
		context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options),
	) (*dynamodb.CreateTableOutput, error)
}

// Store is a table of versioned keys. It is safe for concurrent use.
type Store struct {
	client    Client
	table     string
	info      crypto.TableInfo
	actions   crypto.Actions
	encryptor *ddbec.Encryptor
	extra     func(name string, version int64) crypto.Item
}

// Option configures a [Store].
type Option func(*config)

type config struct {
	logicalName string
	signed      []string
	extra       func(name string, version int64) crypto.Item
}

// WithLogicalName sets the table name that stored keys are bound to. Use it for
// a table that was restored or copied under another name.
func WithLogicalName(name string) Option {
	return func(c *config) { c.logicalName = name }
}

// WithSignedAttributes adds attributes to each new version, such as its author.
// They are signed but not encrypted. names lists the attributes that stored
// versions may have, and attributes returns those of a new version. All clients
// that share the table must use the same names.
func WithSignedAttributes(names []string, attributes func(name string, version int64) crypto.Item) Option {
	return func(c *config) {
		c.signed = append(c.signed, names...)
		c.extra = attributes
	}
}

// New returns a Store in a table whose items inner protects. An error wraps
// [crypto.ErrPolicy].
func New(client Client, table string, inner providers.Provider, options ...Option) (*Store, error) {
	encryptor, err := ddbec.New(inner)
	if err != nil {
		return nil, fmt.Errorf("metastore: %w", err)
	}
	c := config{logicalName: table}
	for _, option := range options {
		option(&c)
	}
	s := &Store{
		client:    client,
		table:     table,
		info:      crypto.TableInfo{Name: c.logicalName, PartitionKey: attributeName, SortKey: attributeVersion},
		actions:   crypto.Actions{Attributes: make(map[string]crypto.Action)},
		encryptor: encryptor,
		extra:     c.extra,
	}
	for _, name := range append([]string{attributeName, attributeVersion}, c.signed...) {
		s.actions.Attributes[name] = crypto.Sign
	}
	if client == nil || table == "" {
		return nil, fmt.Errorf("metastore: %w: no DynamoDB client or no table name", crypto.ErrPolicy)
	}
	for _, name := range secretAttributes {
		if s.actions.Of(name) != crypto.Encrypt {
			return nil, fmt.Errorf("metastore: %w: attribute %q must be encrypted", crypto.ErrPolicy, name)
		}
	}
	if err := encryptor.Check(s.info, s.actions); err != nil {
		return nil, fmt.Errorf("metastore: %w", err)
	}
	return s, nil
}

// CreateTable creates the store's table with on-demand capacity. It does not
// wait until the table is active.
func (s *Store) CreateTable(ctx context.Context) error {
	_, err := s.client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   aws.String(s.table),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(attributeName), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(attributeVersion), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(attributeName), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(attributeVersion), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		return fmt.Errorf("metastore: create table %q: %w", s.table, err)
	}
	return nil
}

// Provider returns the provider for one version. The error wraps [ErrNoVersion]
// if there is no such version. Each call reads the table and calls the inner
// provider.
func (s *Store) Provider(ctx context.Context, name string, version int64) (providers.Provider, error) {
	item, err := s.load(ctx, name, version)
	if err != nil {
		return nil, err
	}
	return s.provider(item, name, version)
}

// MaxVersion returns the highest version. The error wraps [ErrNoVersion] if
// there is no version yet. It only reads the table: the version is not verified
// until it is loaded.
func (s *Store) MaxVersion(ctx context.Context, name string) (int64, error) {
	out, err := s.client.Query(ctx, &dynamodb.QueryInput{
		TableName:                 aws.String(s.table),
		KeyConditionExpression:    aws.String("#n = :n"),
		ProjectionExpression:      aws.String("#n, #v"),
		ExpressionAttributeNames:  map[string]string{"#n": attributeName, "#v": attributeVersion},
		ExpressionAttributeValues: crypto.Item{":n": &types.AttributeValueMemberS{Value: name}},
		ConsistentRead:            aws.Bool(true),
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(1),
	})
	if err != nil {
		return 0, s.failed(name, service.DynamoDB(err))
	}
	version, err := highest(out, name)
	if err != nil {
		return 0, s.failed(name, err)
	}
	return version, nil
}

// GetOrCreate returns the provider for one version, and creates the version if
// it is missing. If another process creates it at the same time, both use the
// same one.
func (s *Store) GetOrCreate(ctx context.Context, name string, version int64) (providers.Provider, error) {
	plain, err := s.newItem(name, version)
	if err != nil {
		return nil, err
	}
	switch err := s.store(ctx, plain); {
	case isConflict(err):
		return s.Provider(ctx, name, version)
	case err != nil:
		return nil, s.failed(name, err)
	}
	return s.provider(plain, name, version)
}

// NewVersion creates the next version and returns its number. Processes seal
// with it once their time to live has passed. Items that were sealed before
// remain readable.
func (s *Store) NewVersion(ctx context.Context, name string) (int64, error) {
	version, err := s.MaxVersion(ctx, name)
	switch {
	case errors.Is(err, ErrNoVersion):
		version = 0
	case err != nil:
		return 0, err
	default:
		version++
	}
	// A lost race is not an error: the winner's version is just as new.
	_, err = s.GetOrCreate(ctx, name, version)
	return version, err
}

// Replicate copies one version to another store and seals it with that store's
// inner provider. It does not change a version that the other store already has.
func (s *Store) Replicate(ctx context.Context, name string, version int64, to *Store) error {
	plain, err := s.load(ctx, name, version)
	if err != nil {
		return err
	}
	if err := to.store(ctx, plain); err != nil && !isConflict(err) {
		return to.failed(name, err)
	}
	return nil
}

// VersionOf returns the version of the key name that the material description
// of a stored item names.
func (s *Store) VersionOf(name string, description providers.MaterialDescription) (int64, error) {
	id, ok := description[EntryID]
	if !ok {
		return 0, s.failed(name, fmt.Errorf("%w: the item does not name the version that sealed it", crypto.ErrNoUsableKey))
	}
	version, ok := strings.CutPrefix(id, name+"#")
	number, err := strconv.ParseUint(version, 10, 63)
	if !ok || err != nil || strconv.FormatUint(number, 10) != version {
		return 0, s.failed(name, fmt.Errorf("%w: the item was sealed with a key of another name", crypto.ErrNoUsableKey))
	}
	return int64(number), nil
}

// EntryID is the entry of an item's material description that names the version
// that sealed it: the material name, "#" and the number.
const EntryID = "amzn-ddb-meta-id"

// load reads and opens the item of a version.
func (s *Store) load(ctx context.Context, name string, version int64) (crypto.Item, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(s.table),
		Key:            key(name, version),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, s.failed(name, service.DynamoDB(err))
	}
	if out.Item == nil {
		return nil, s.failed(name, fmt.Errorf("%w: %d", ErrNoVersion, version))
	}
	if !isVersion(out.Item, name, version) {
		return nil, s.failed(name, fmt.Errorf("%w: the table did not return version %d but another item",
			crypto.ErrTampered, version))
	}
	item, err := s.encryptor.DecryptItem(ctx, s.info, s.actions, out.Item)
	if errors.Is(err, crypto.ErrNotProtected) {
		// Callers must not conclude that the item that they read is not protected.
		err = fmt.Errorf("%w: version %d: %v", crypto.ErrTampered, version, err)
	}
	if err != nil {
		return nil, s.failed(name, err)
	}
	return item, nil
}

// store writes an item if there is none with its key.
func (s *Store) store(ctx context.Context, plain crypto.Item) error {
	sealed, err := s.encryptor.EncryptItem(ctx, s.info, s.actions, plain)
	if err != nil {
		return err
	}
	_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                aws.String(s.table),
		Item:                     sealed,
		ConditionExpression:      aws.String("attribute_not_exists(#n)"),
		ExpressionAttributeNames: map[string]string{"#n": attributeName},
	})
	if err != nil && !isConflict(err) {
		return service.DynamoDB(err)
	}
	return err
}

func isConflict(err error) bool {
	var failed *types.ConditionalCheckFailedException
	return errors.As(err, &failed)
}

// newItem returns the item of a new version, with new keys.
func (s *Store) newItem(name string, version int64) (crypto.Item, error) {
	if name == "" || strings.Contains(name, "#") || version < 0 {
		return nil, s.failed(name, fmt.Errorf(
			"%w: a material name must not be empty or contain a #, and a version must not be negative", crypto.ErrInvalidItem))
	}
	encryption, signing := make([]byte, keySize), make([]byte, keySize)
	rand.Read(encryption)
	rand.Read(signing)
	item := key(name, version)
	if s.extra != nil {
		extra := s.extra(name, version)
		for attribute := range extra {
			if s.actions.Of(attribute) != crypto.Sign || s.info.IsKey(attribute) {
				return nil, s.failed(name, fmt.Errorf("%w: attribute %q is not one of the signed attributes",
					crypto.ErrInvalidItem, attribute))
			}
		}
		maps.Copy(item, extra)
	}
	item[attributeType] = &types.AttributeValueMemberS{Value: materialType}
	item[attributeEncryptionAlgorithm] = &types.AttributeValueMemberS{Value: encryptionAlgorithm}
	item[attributeEncryption] = &types.AttributeValueMemberB{Value: encryption}
	item[attributeSigningAlgorithm] = &types.AttributeValueMemberS{Value: signingAlgorithm}
	item[attributeSigning] = &types.AttributeValueMemberB{Value: signing}
	return item, nil
}

// failed adds the table and the material name to an error. The name is not
// secret: it is in the description of every item.
func (s *Store) failed(name string, err error) error {
	return fmt.Errorf("metastore: table %q, material %q: %w", s.table, name, err)
}

// String returns a text that contains no keys.
func (s *Store) String() string { return "meta store " + strconv.Quote(s.table) }

// GoString returns the same text as String.
func (s *Store) GoString() string { return s.String() }
