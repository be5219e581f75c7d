package keystore

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/uuid"
	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Active returns the version of a branch key to seal with. It takes one read of
// the table and one KMS call. The error wraps [ErrNoKey] if there is no such
// branch key, [crypto.ErrTampered] if the record was changed or is another one,
// [crypto.ErrKeyUnavailable] if DynamoDB or KMS gave no answer about it, and
// otherwise [crypto.ErrNoUsableKey].
func (s *Store) Active(ctx context.Context, branchKeyID string) (*BranchKey, error) {
	return s.branchKey(ctx, branchKeyID, typeActive, "active version")
}

// Version returns one version of a branch key, a UUID, at the same cost and
// with the same errors as [Store.Active].
func (s *Store) Version(ctx context.Context, branchKeyID, version string) (*BranchKey, error) {
	what := fmt.Sprintf("version %q", version)
	if _, ok := uuid.Parse(version); !ok {
		return nil, s.failed(branchKeyID, what,
			fmt.Errorf("%w: a version is a UUID of 36 characters in lower case", ErrNoKey))
	}
	return s.branchKey(ctx, branchKeyID, versionPrefix+version, what)
}

// BeaconKey returns the beacon key of a branch key, at the same cost and with
// the same errors as [Store.Active].
func (s *Store) BeaconKey(ctx context.Context, branchKeyID string) (*BeaconKey, error) {
	r, key, err := s.load(ctx, branchKeyID, typeBeacon, "beacon key")
	if err != nil {
		return nil, err
	}
	return &BeaconKey{ID: r.fields[attributeID], EncryptionContext: r.custom(), key: key}, nil
}

func (s *Store) branchKey(ctx context.Context, id, kind, what string) (*BranchKey, error) {
	r, key, err := s.load(ctx, id, kind, what)
	if err != nil {
		return nil, err
	}
	return &BranchKey{
		ID:                r.fields[attributeID],
		Version:           r.version(),
		Created:           r.created(),
		EncryptionContext: r.custom(),
		key:               key,
	}, nil
}

// load reads a record and unwraps its key. what names the key in errors.
func (s *Store) load(ctx context.Context, id, kind, what string) (record, secret, error) {
	r, err := s.get(ctx, id, kind)
	if err != nil {
		return record{}, nil, s.failed(id, what, err)
	}
	if kind == typeActive {
		what = fmt.Sprintf("%s %q", what, r.version())
	}
	key, err := s.unwrap(ctx, r)
	if err != nil {
		return record{}, nil, s.failed(id, what, err)
	}
	return r, key, nil
}

// get reads a record. The read is consistent, so that loads see a rotation at
// once, and so that new versions are found when the first items are read.
func (s *Store) get(ctx context.Context, id, kind string) (record, error) {
	if id == "" {
		return record{}, ErrNoKey
	}
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &s.table,
		Key:            recordKey(id, kind),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return record{}, service.DynamoDB(err)
	}
	if len(out.Item) == 0 {
		return record{}, ErrNoKey
	}
	r, err := parseRecord(out.Item, id, kind)
	if err != nil {
		return record{}, err
	}
	return r, nil
}

// unwrap lets KMS unwrap the key of a record, which authenticates the record.
func (s *Store) unwrap(ctx context.Context, r record) (secret, error) {
	keyARN, err := s.key.forRecord(r.fields[attributeKMSKey])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
	}
	plaintext, err := kmskey.Decrypt(ctx, s.kms, keyring.KeySize, &kms.DecryptInput{
		KeyId:             &keyARN,
		CiphertextBlob:    r.wrapped,
		EncryptionContext: r.context(s.logicalName),
		GrantTokens:       slices.Clone(s.grantTokens),
	})
	if err != nil {
		return nil, err
	}
	defer clear(plaintext)
	return newSecret(plaintext)
}

// failed adds the table and the key to an error.
func (s *Store) failed(id, what string, err error) error {
	return fmt.Errorf("keystore: table %q, branch key %q, %s: %w", s.table, id, what, err)
}
