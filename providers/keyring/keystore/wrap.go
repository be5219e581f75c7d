package keystore

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// generate lets KMS generate a key for a record, and returns the record with it.
// The key never leaves KMS unwrapped.
func (s *Store) generate(ctx context.Context, r record) (record, error) {
	keyARN, err := s.key.forWriting()
	if err != nil {
		return record{}, err
	}
	out, err := s.kms.GenerateDataKeyWithoutPlaintext(ctx, &kms.GenerateDataKeyWithoutPlaintextInput{
		KeyId:             &keyARN,
		NumberOfBytes:     aws.Int32(keyring.KeySize),
		EncryptionContext: r.context(s.logicalName),
		GrantTokens:       slices.Clone(s.grantTokens),
	})
	if err != nil {
		return record{}, service.KMS(err)
	}
	return r.with(out.CiphertextBlob), checkReply(out.CiphertextBlob, keyARN, out.KeyId)
}

// rewrap lets KMS wrap the key of one record for another, and returns the other
// record with it.
func (s *Store) rewrap(ctx context.Context, from, to record) (record, error) {
	keyARN, err := s.key.forWriting()
	if err != nil {
		return record{}, err
	}
	out, err := s.kms.ReEncrypt(ctx, &kms.ReEncryptInput{
		CiphertextBlob:               from.wrapped,
		SourceKeyId:                  &keyARN,
		SourceEncryptionContext:      from.context(s.logicalName),
		DestinationKeyId:             &keyARN,
		DestinationEncryptionContext: to.context(s.logicalName),
		GrantTokens:                  slices.Clone(s.grantTokens),
	})
	if err != nil {
		return record{}, service.KMS(err)
	}
	return to.with(out.CiphertextBlob), checkReply(out.CiphertextBlob, keyARN, out.SourceKeyId, out.KeyId)
}

func checkReply(wrapped []byte, want string, keyIDs ...*string) error {
	for _, id := range keyIDs {
		if aws.ToString(id) != want {
			return fmt.Errorf("%w: KMS did not reply with the requested key but with another one", crypto.ErrNoUsableKey)
		}
	}
	if len(wrapped) == 0 || len(wrapped) > maxWrapped {
		return fmt.Errorf("%w: KMS did not reply with a wrapped key", crypto.ErrNoUsableKey)
	}
	return nil
}
