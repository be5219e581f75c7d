// Package wrapkms is an AWS KMS in memory, for the tests of what keeps keys in
// KMS. It knows symmetric keys, enforces encryption contexts and key IDs as
// the service does, and counts.
package wrapkms

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// KeyARN names the one key that a new [Service] has.
const KeyARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// Service is the key service. It is safe for concurrent use.
type Service struct {
	// Decrypts, Generates and ReEncrypts count requests, failed ones included.
	Decrypts, Generates, ReEncrypts atomic.Int64
	// Fail, if it is set, is asked before each request.
	Fail atomic.Pointer[func(operation string) error]

	mu      sync.Mutex
	keys    map[string]bool
	wrapped map[string]wrapped // by ciphertext
}

type wrapped struct {
	key       string
	context   map[string]string
	plaintext []byte
}

// New returns a Service with keys of the given ARNs, and [KeyARN].
func New(arns ...string) *Service {
	s := &Service{keys: map[string]bool{KeyARN: true}, wrapped: make(map[string]wrapped)}
	for _, arn := range arns {
		s.keys[arn] = true
	}
	return s
}

func (s *Service) begin(operation string, count *atomic.Int64) error {
	count.Add(1)
	if fail := s.Fail.Load(); fail != nil {
		return (*fail)(operation)
	}
	return nil
}

func (s *Service) wrap(key string, context map[string]string, plaintext []byte) ([]byte, error) {
	if !s.keys[key] {
		return nil, &types.NotFoundException{Message: aws.String("there is no key " + key)}
	}
	ciphertext := make([]byte, 48)
	rand.Read(ciphertext)
	s.wrapped[string(ciphertext)] = wrapped{key, maps.Clone(context), bytes.Clone(plaintext)}
	return ciphertext, nil
}

func (s *Service) unwrap(key string, context map[string]string, ciphertext []byte) ([]byte, error) {
	w, ok := s.wrapped[string(ciphertext)]
	switch {
	case !ok || !maps.Equal(w.context, context):
		return nil, &types.InvalidCiphertextException{}
	case key != w.key:
		return nil, &types.IncorrectKeyException{Message: aws.String("wrapped with another key than " + key)}
	}
	return bytes.Clone(w.plaintext), nil
}

// GenerateDataKeyWithoutPlaintext is that of KMS.
func (s *Service) GenerateDataKeyWithoutPlaintext(_ context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, _ ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	if err := s.begin("GenerateDataKeyWithoutPlaintext", &s.Generates); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if aws.ToInt32(in.NumberOfBytes) != 32 {
		return nil, fmt.Errorf("a key of %d bytes", aws.ToInt32(in.NumberOfBytes))
	}
	key := make([]byte, 32)
	rand.Read(key)
	ciphertext, err := s.wrap(aws.ToString(in.KeyId), in.EncryptionContext, key)
	return &kms.GenerateDataKeyWithoutPlaintextOutput{KeyId: in.KeyId, CiphertextBlob: ciphertext}, err
}

// ReEncrypt is that of KMS.
func (s *Service) ReEncrypt(_ context.Context, in *kms.ReEncryptInput, _ ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	if err := s.begin("ReEncrypt", &s.ReEncrypts); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	plaintext, err := s.unwrap(aws.ToString(in.SourceKeyId), in.SourceEncryptionContext, in.CiphertextBlob)
	if err != nil {
		return nil, err
	}
	ciphertext, err := s.wrap(aws.ToString(in.DestinationKeyId), in.DestinationEncryptionContext, plaintext)
	return &kms.ReEncryptOutput{KeyId: in.DestinationKeyId, SourceKeyId: in.SourceKeyId, CiphertextBlob: ciphertext}, err
}

// Decrypt is that of KMS.
func (s *Service) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	if err := s.begin("Decrypt", &s.Decrypts); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	plaintext, err := s.unwrap(aws.ToString(in.KeyId), in.EncryptionContext, in.CiphertextBlob)
	return &kms.DecryptOutput{KeyId: in.KeyId, Plaintext: plaintext}, err
}
