// Package kmstest is a key service in memory, for tests of the keyrings of AWS
// KMS. It refuses what KMS refuses: another encryption context, a changed
// ciphertext, another key, a key that is not in the client's Region.
package kmstest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/providers/keyring/internal/kmskey"
)

// ARNs of the keys that a [Service] has.
const (
	Key        = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	OtherKey   = "arn:aws:kms:eu-west-1:111122223333:key/ffffffff-12ab-34cd-56ef-1234567890ab"
	KeyElse    = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	ForeignKey = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	MRK        = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	Replica    = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	RSAKey     = "arn:aws:kms:eu-west-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"
)

// Service is the keys of all Regions.
type Service struct {
	keys map[string]cipher.AEAD // by ARN, replicas sharing one
	rsa  map[string]*rsa.PrivateKey
}

// New returns a service with the keys above, and private as [RSAKey] if it is
// not nil.
func New(private *rsa.PrivateKey) *Service {
	s := &Service{keys: map[string]cipher.AEAD{}, rsa: map[string]*rsa.PrivateKey{}}
	for _, name := range []string{Key, OtherKey, KeyElse, ForeignKey, MRK} {
		key := make([]byte, 32)
		rand.Read(key)
		block, err := aes.NewCipher(key)
		if err != nil {
			panic(err)
		}
		if s.keys[name], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			panic(err)
		}
	}
	s.keys[Replica] = s.keys[MRK]
	if private != nil {
		s.rsa[RSAKey] = private
	}
	return s
}

// Client is for one Region. The exported fields are for tests to set before
// and read after requests.
type Client struct {
	service *Service
	region  string

	mu        sync.Mutex
	Generated []*awskms.GenerateDataKeyInput
	Decrypted []*awskms.DecryptInput

	Err       error                         // in place of any reply
	ReplyAs   string                        // in place of the key ID in replies
	Algorithm types.EncryptionAlgorithmSpec // in place of the one in replies
	Plaintext []byte                        // in place of the one in replies
}

// In returns a client for a Region.
func (s *Service) In(region string) *Client { return &Client{service: s, region: region} }

// AccessDenied is what KMS answers who has no permission.
var AccessDenied error = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized"}

func (c *Client) begin(ctx context.Context, keyID string) error {
	if err := ctx.Err(); err != nil {
		return &aws.RequestCanceledError{Err: err}
	}
	if c.Err != nil {
		return c.Err
	}
	key, err := kmskey.ParseARN(keyID)
	if err != nil || key.Region != c.region || c.service.keys[keyID] == nil && c.service.rsa[keyID] == nil {
		return &types.NotFoundException{Message: aws.String(keyID)}
	}
	return nil
}

func (c *Client) reply(keyID string, plaintext []byte) (*string, []byte) {
	if c.ReplyAs != "" {
		keyID = c.ReplyAs
	}
	if c.Plaintext != nil {
		plaintext = slices.Clone(c.Plaintext)
	}
	return &keyID, plaintext
}

// GenerateDataKey is that of KMS.
func (c *Client) GenerateDataKey(ctx context.Context, in *awskms.GenerateDataKeyInput, _ ...func(*awskms.Options)) (*awskms.GenerateDataKeyOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Generated = append(c.Generated, in)
	if err := c.begin(ctx, *in.KeyId); err != nil {
		return nil, err
	}
	aead := c.service.keys[*in.KeyId]
	if aead == nil {
		return nil, &types.InvalidKeyUsageException{}
	}
	key := make([]byte, *in.NumberOfBytes)
	rand.Read(key)
	out := &awskms.GenerateDataKeyOutput{CiphertextBlob: aead.Seal(nil, nil, key, contextBytes(in.EncryptionContext))}
	out.KeyId, out.Plaintext = c.reply(*in.KeyId, key)
	return out, nil
}

// Decrypt is that of KMS.
func (c *Client) Decrypt(ctx context.Context, in *awskms.DecryptInput, _ ...func(*awskms.Options)) (*awskms.DecryptOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Decrypted = append(c.Decrypted, in)
	if err := c.begin(ctx, *in.KeyId); err != nil {
		return nil, err
	}
	plaintext, err := c.service.decrypt(in)
	if err != nil {
		return nil, err
	}
	out := &awskms.DecryptOutput{EncryptionAlgorithm: in.EncryptionAlgorithm}
	if c.Algorithm != "" {
		out.EncryptionAlgorithm = c.Algorithm
	}
	out.KeyId, out.Plaintext = c.reply(*in.KeyId, plaintext)
	return out, nil
}

func (s *Service) decrypt(in *awskms.DecryptInput) ([]byte, error) {
	invalid := &types.InvalidCiphertextException{}
	if private := s.rsa[*in.KeyId]; private != nil {
		h := map[types.EncryptionAlgorithmSpec]func() hash.Hash{
			types.EncryptionAlgorithmSpecRsaesOaepSha1:   sha1.New,
			types.EncryptionAlgorithmSpecRsaesOaepSha256: sha256.New,
		}[in.EncryptionAlgorithm]
		if h == nil || in.EncryptionContext != nil {
			return nil, &types.InvalidKeyUsageException{}
		}
		plaintext, err := rsa.DecryptOAEP(h(), nil, private, in.CiphertextBlob, nil)
		if err != nil {
			return nil, invalid
		}
		return plaintext, nil
	}
	if plaintext, err := s.keys[*in.KeyId].Open(nil, nil, in.CiphertextBlob, contextBytes(in.EncryptionContext)); err == nil {
		return plaintext, nil
	}
	for _, other := range s.keys {
		if _, err := other.Open(nil, nil, in.CiphertextBlob, contextBytes(in.EncryptionContext)); err == nil {
			return nil, &types.IncorrectKeyException{}
		}
	}
	return nil, invalid
}

func contextBytes(context map[string]string) []byte {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(context)) {
		fmt.Fprintf(&b, "%q=%q;", name, context[name])
	}
	return []byte(b.String())
}
