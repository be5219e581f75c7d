package awskms_test

import (
	"bytes"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/providers/providertest"
)

func generated(k *providertest.KMS) []*kms.GenerateDataKeyInput {
	return providertest.Requests[*kms.GenerateDataKeyInput](k)
}

func decrypted(k *providertest.KMS) []*kms.DecryptInput {
	return providertest.Requests[*kms.DecryptInput](k)
}

// from changes the key ID in replies.
func from(keyID string) func(any) {
	return func(output any) {
		switch out := output.(type) {
		case *kms.GenerateDataKeyOutput:
			out.KeyId = aws.String(keyID)
		case *kms.DecryptOutput:
			out.KeyId = aws.String(keyID)
		}
	}
}

// by changes the algorithm in replies.
func by(algorithm types.EncryptionAlgorithmSpec) func(any) {
	return func(output any) {
		if out, ok := output.(*kms.DecryptOutput); ok {
			out.EncryptionAlgorithm = algorithm
		}
	}
}

// holding changes the plaintext in replies.
func holding(plaintext []byte) func(any) {
	return func(output any) {
		switch out := output.(type) {
		case *kms.GenerateDataKeyOutput:
			out.Plaintext = bytes.Clone(plaintext)
		case *kms.DecryptOutput:
			out.Plaintext = bytes.Clone(plaintext)
		}
	}
}
