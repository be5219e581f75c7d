package keystore

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/uuid"
	"github.com/ddbenc/ddbenc/providers/internal/service"
)

// ErrConflict is the error if a branch key with the ID already exists, or if
// another process rotated it at the same time. Nothing was written.
var ErrConflict = errors.New("conflicting write of the branch key")

// Create creates a branch key, with a first version and a beacon key, and returns
// its ID. If branchKeyID is empty, the ID is a random UUID. An ID of your choice,
// such as a tenant's, needs an encryption context. The encryption context is sent
// with each request to KMS for the key, so that policies can depend on it. It is
// not secret and cannot be changed later.
//
// Create needs the permissions kms:GenerateDataKeyWithoutPlaintext and
// kms:ReEncrypt*. An error wraps
// [ErrConflict], [crypto.ErrPolicy], [crypto.ErrNoUsableKey] or
// [crypto.ErrKeyUnavailable].
func (s *Store) Create(ctx context.Context, branchKeyID string, encryptionContext map[string]string) (string, error) {
	const what = "create"
	keyARN, err := s.key.forWriting()
	if err == nil {
		err = checkNew(branchKeyID, encryptionContext)
	}
	if err != nil {
		return "", s.failed(branchKeyID, what, fmt.Errorf("%w: %w", crypto.ErrPolicy, err))
	}
	if branchKeyID == "" {
		branchKeyID = uuid.New().String()
	}
	version := newVersion(branchKeyID, uuid.New().String(), keyARN, time.Now(), encryptionContext)
	version, active, err := s.wrapVersion(ctx, version)
	if err != nil {
		return "", s.failed(branchKeyID, what, err)
	}
	beacon, err := s.generate(ctx, version.beacon())
	if err != nil {
		return "", s.failed(branchKeyID, what, err)
	}
	if err := s.write(ctx, s.putNew(version), s.putNew(active), s.putNew(beacon)); err != nil {
		return "", s.failed(branchKeyID, what, err)
	}
	return branchKeyID, nil
}

func checkNew(id string, encryptionContext map[string]string) error {
	if id != "" && len(encryptionContext) == 0 {
		return errors.New("an ID of your choice needs an encryption context")
	}
	if !utf8.ValidString(id) {
		return errors.New("the ID is not UTF-8")
	}
	for name, value := range encryptionContext {
		if name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return errors.New("the encryption context has an empty name or text that is not UTF-8")
		}
	}
	return nil
}

// Rotate creates a new version of a branch key and makes it the active one. Items
// that were sealed before remain readable. Processes seal with the new version
// once their keyring's time to live has passed. The beacon key does not change.
//
// Rotate needs the same permissions as [Store.Create] and returns the same
// errors, or one that wraps [ErrNoKey], or [crypto.ErrTampered] if the record of
// the active version was changed.
func (s *Store) Rotate(ctx context.Context, branchKeyID string) error {
	const what = "rotate"
	if _, err := s.key.forWriting(); err != nil {
		return s.failed(branchKeyID, what, fmt.Errorf("%w: %w", crypto.ErrPolicy, err))
	}
	before, err := s.get(ctx, branchKeyID, typeActive)
	if err != nil {
		return s.failed(branchKeyID, what, err)
	}
	if _, err := s.key.forRecord(before.fields[attributeKMSKey]); err != nil {
		return s.failed(branchKeyID, what, fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err))
	}
	// The new version copies the record, so KMS must authenticate the record
	// first. It wraps the old key again, and the result is discarded.
	if _, err := s.rewrap(ctx, before, before); err != nil {
		return s.failed(branchKeyID, what, err)
	}
	version, active, err := s.wrapVersion(ctx, before.next(uuid.New().String(), time.Now()))
	if err != nil {
		return s.failed(branchKeyID, what, err)
	}
	if err := s.write(ctx, s.putNew(version), s.putInstead(active, before)); err != nil {
		return s.failed(branchKeyID, what, err)
	}
	return nil
}

// wrapVersion lets KMS generate the key of a new version, and returns the records
// of the version and of the active item, which have the same key.
func (s *Store) wrapVersion(ctx context.Context, version record) (wrapped, active record, err error) {
	if wrapped, err = s.generate(ctx, version); err != nil {
		return record{}, record{}, err
	}
	if active, err = s.rewrap(ctx, wrapped, wrapped.active()); err != nil {
		return record{}, record{}, err
	}
	return wrapped, active, nil
}

// putNew returns a put of a record that must not exist yet.
func (s *Store) putNew(r record) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName:                &s.table,
		Item:                     r.item(),
		ConditionExpression:      aws.String("attribute_not_exists(#id)"),
		ExpressionAttributeNames: map[string]string{"#id": attributeID},
	}}
}

// putInstead returns a put of a record that replaces another, which must still
// have the same key.
func (s *Store) putInstead(r, of record) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName:                 &s.table,
		Item:                      r.item(),
		ConditionExpression:       aws.String("attribute_exists(#id) AND #enc = :old"),
		ExpressionAttributeNames:  map[string]string{"#id": attributeID, "#enc": attributeKey},
		ExpressionAttributeValues: crypto.Item{":old": &types.AttributeValueMemberB{Value: of.wrapped}},
	}}
}

// write executes all puts or none.
func (s *Store) write(ctx context.Context, puts ...types.TransactWriteItem) error {
	_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: puts})
	if canceled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		for _, reason := range canceled.CancellationReasons {
			switch aws.ToString(reason.Code) {
			case "ConditionalCheckFailed", "TransactionConflict":
				return fmt.Errorf("%w: %w", ErrConflict, err)
			case "ValidationError", "ItemCollectionSizeLimitExceeded":
				return fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
			}
		}
	}
	if err != nil {
		return service.DynamoDB(err)
	}
	return nil
}
