package keystore_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/providers/keyring/internal/wrapkms"
)

// recorder keeps the requests that go to KMS.
type recorder struct {
	*wrapkms.Service
	decrypts  []*kms.DecryptInput
	generates []*kms.GenerateDataKeyWithoutPlaintextInput
	rewraps   []*kms.ReEncryptInput
	blobs     [][]byte // in the replies that hold one
}

func (r *recorder) Decrypt(ctx context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	r.decrypts = append(r.decrypts, in)
	return r.Service.Decrypt(ctx, in)
}

func (r *recorder) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, _ ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	r.generates = append(r.generates, in)
	out, err := r.Service.GenerateDataKeyWithoutPlaintext(ctx, in)
	r.blobs = append(r.blobs, out.CiphertextBlob)
	return out, err
}

func (r *recorder) ReEncrypt(ctx context.Context, in *kms.ReEncryptInput, _ ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	r.rewraps = append(r.rewraps, in)
	out, err := r.Service.ReEncrypt(ctx, in)
	r.blobs = append(r.blobs, out.CiphertextBlob)
	return out, err
}

// elsewhere is KMS in the Region of the replica: it has that, with the key of
// the primary, and no other key.
type elsewhere struct {
	*wrapkms.Service
	asked []string
}

func (e *elsewhere) here(id *string) (*string, error) {
	e.asked = append(e.asked, aws.ToString(id))
	if aws.ToString(id) != replicaARN {
		return nil, &kmstypes.NotFoundException{Message: aws.String("there is no such key in this Region")}
	}
	return aws.String(primaryARN), nil
}

func (e *elsewhere) Decrypt(ctx context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	there := *in
	var err error
	if there.KeyId, err = e.here(in.KeyId); err != nil {
		return nil, err
	}
	out, err := e.Service.Decrypt(ctx, &there)
	if out != nil {
		out.KeyId = in.KeyId
	}
	return out, err
}

func (e *elsewhere) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, _ ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	there := *in
	var err error
	if there.KeyId, err = e.here(in.KeyId); err != nil {
		return nil, err
	}
	out, err := e.Service.GenerateDataKeyWithoutPlaintext(ctx, &there)
	if out != nil {
		out.KeyId = in.KeyId
	}
	return out, err
}

func (e *elsewhere) ReEncrypt(ctx context.Context, in *kms.ReEncryptInput, _ ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	there := *in
	var err error
	if there.SourceKeyId, err = e.here(in.SourceKeyId); err != nil {
		return nil, err
	}
	if there.DestinationKeyId, err = e.here(in.DestinationKeyId); err != nil {
		return nil, err
	}
	out, err := e.Service.ReEncrypt(ctx, &there)
	if out != nil {
		out.SourceKeyId, out.KeyId = in.SourceKeyId, in.DestinationKeyId
	}
	return out, err
}

// lying changes the replies of KMS.
type lying struct {
	*wrapkms.Service
	decrypt  func(*kms.DecryptOutput)
	generate func(*kms.GenerateDataKeyWithoutPlaintextOutput)
	rewrap   func(*kms.ReEncryptOutput)
}

func (l *lying) Decrypt(ctx context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	out, err := l.Service.Decrypt(ctx, in)
	if l.decrypt != nil {
		l.decrypt(out)
	}
	return out, err
}

func (l *lying) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, _ ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	out, err := l.Service.GenerateDataKeyWithoutPlaintext(ctx, in)
	if l.generate != nil {
		l.generate(out)
	}
	return out, err
}

func (l *lying) ReEncrypt(ctx context.Context, in *kms.ReEncryptInput, _ ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	out, err := l.Service.ReEncrypt(ctx, in)
	if l.rewrap != nil {
		l.rewrap(out)
	}
	return out, err
}
