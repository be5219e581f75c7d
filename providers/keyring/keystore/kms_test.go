package keystore_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/providers/providertest"
)

// recorder keeps the requests to KMS.
type recorder struct {
	*providertest.KMS
	decrypts  []*kms.DecryptInput
	generates []*kms.GenerateDataKeyWithoutPlaintextInput
	rewraps   []*kms.ReEncryptInput
	blobs     [][]byte // from the replies that have one
}

func (r *recorder) Decrypt(ctx context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	r.decrypts = append(r.decrypts, in)
	return r.KMS.Decrypt(ctx, in)
}

func (r *recorder) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, _ ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	r.generates = append(r.generates, in)
	out, err := r.KMS.GenerateDataKeyWithoutPlaintext(ctx, in)
	r.blobs = append(r.blobs, out.CiphertextBlob)
	return out, err
}

func (r *recorder) ReEncrypt(ctx context.Context, in *kms.ReEncryptInput, _ ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	r.rewraps = append(r.rewraps, in)
	out, err := r.KMS.ReEncrypt(ctx, in)
	r.blobs = append(r.blobs, out.CiphertextBlob)
	return out, err
}

// lying changes the replies of KMS.
type lying struct {
	*providertest.KMS
	decrypt  func(*kms.DecryptOutput)
	generate func(*kms.GenerateDataKeyWithoutPlaintextOutput)
	rewrap   func(*kms.ReEncryptOutput)
}

func (l *lying) Decrypt(ctx context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	out, err := l.KMS.Decrypt(ctx, in)
	if l.decrypt != nil {
		l.decrypt(out)
	}
	return out, err
}

func (l *lying) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, _ ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	out, err := l.KMS.GenerateDataKeyWithoutPlaintext(ctx, in)
	if l.generate != nil {
		l.generate(out)
	}
	return out, err
}

func (l *lying) ReEncrypt(ctx context.Context, in *kms.ReEncryptInput, _ ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	out, err := l.KMS.ReEncrypt(ctx, in)
	if l.rewrap != nil {
		l.rewrap(out)
	}
	return out, err
}
