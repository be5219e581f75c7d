// Package kmsrsa is the keyring for an RSA key pair whose private key never
// leaves AWS KMS. Sealing needs the public key only, and neither permission
// nor a call; opening is one KMS call for each item.
//
//	public, err := keyfile.Public(der) // what KMS's GetPublicKey returns
//	…
//	keys, err := kmsrsa.New("arn:aws:kms:eu-west-1:111122223333:key/…", kmsrsa.OAEPWithSHA256, public.(*rsa.PublicKey), awskms.NewFromConfig(cfg))
//	encryptor, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
//
// Take the public key from where nobody can exchange it: whoever has the other
// half of another one can read what is sealed with that.
//
// It does not go with the algorithm suite that signs items, and refuses it: a
// public key is anybody's to seal with, so that a signature would show
// nothing. For the same reason an item that opens is not thereby known to be
// of anyone in particular.
//
// KMS takes no encryption context for RSA. A digest of it is wrapped along
// with the key instead, and compared here.
package kmsrsa

import (
	"context"
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/kmskey"
)

const (
	providerID = "aws-kms-rsa"
	minBits    = 2048

	// publicKeyName is in the encryption context if and only if the item's
	// algorithm suite has signatures.
	publicKeyName = "aws-crypto-public-key"
)

// Padding is how RSA pads what it encrypts: OAEP (RFC 8017, section 7.1) with
// one hash for both the label and MGF1. It has to be the same in every client
// that shares the table.
type Padding int

const (
	// OAEPWithSHA256 is the one to choose.
	OAEPWithSHA256 Padding = iota + 1
	// OAEPWithSHA1 is for tables that have it already.
	OAEPWithSHA1
)

type scheme struct {
	hash func() hash.Hash
	name types.EncryptionAlgorithmSpec
}

func (p Padding) scheme() (scheme, bool) {
	switch p {
	case OAEPWithSHA256:
		return scheme{sha256.New, types.EncryptionAlgorithmSpecRsaesOaepSha256}, true
	case OAEPWithSHA1:
		return scheme{sha1.New, types.EncryptionAlgorithmSpecRsaesOaepSha1}, true
	}
	return scheme{}, false
}

// Client is what a [Keyring] asks of AWS KMS. *awskms.Client has it.
type Client interface {
	Decrypt(context.Context, *awskms.DecryptInput, ...func(*awskms.Options)) (*awskms.DecryptOutput, error)
}

// Keyring wraps data keys with a public key and has KMS unwrap them. It
// implements [keyring.Keyring] and is safe for concurrent use.
type Keyring struct {
	key         kmskey.ARN
	scheme      scheme
	public      *rsa.PublicKey // nil: for opening only
	client      Client         // nil: for sealing only
	grantTokens []string
}

var _ keyring.Keyring = (*Keyring)(nil)

// Option configures a [Keyring].
type Option func(*Keyring) error

// WithGrantTokens sends grant tokens with each request, for grants that KMS
// does not know everywhere yet.
func WithGrantTokens(tokens ...string) Option {
	return func(k *Keyring) error {
		k.grantTokens = append(k.grantTokens, tokens...)
		return nil
	}
}

// New returns a Keyring for an RSA KMS key of at least 2048 bits that is for
// encryption, in the Region that the client is for. A nil public key is for
// processes that only open items, a nil client for those that only seal them.
// That the public key is the one of the KMS key is not checked. An error wraps
// [crypto.ErrPolicy], which OAEP with SHA-1 is under GODEBUG=fips140=only, or,
// for the keys, [crypto.ErrNoUsableKey].
func New(keyARN string, padding Padding, public *rsa.PublicKey, client Client, options ...Option) (*Keyring, error) {
	key, err := kmskey.ParseARN(keyARN)
	if err != nil {
		return nil, fmt.Errorf("kmsrsa: %w: %q is %w", crypto.ErrPolicy, keyARN, err)
	}
	s, known := padding.scheme()
	switch {
	case !known:
		return nil, fmt.Errorf("kmsrsa: %w: unknown padding %d", crypto.ErrPolicy, padding)
	case fips140.Enforced() && padding == OAEPWithSHA1:
		return nil, fmt.Errorf("kmsrsa: %w: GODEBUG=fips140=only forbids SHA-1", crypto.ErrPolicy)
	case public == nil && client == nil:
		return nil, fmt.Errorf("kmsrsa: %w: neither a public key nor a KMS client", crypto.ErrNoUsableKey)
	case public != nil && (public.N == nil || public.N.BitLen() < minBits):
		return nil, fmt.Errorf("kmsrsa: %w: an RSA key must have at least %d bits", crypto.ErrNoUsableKey, minBits)
	}
	k := &Keyring{key: key, scheme: s, public: public, client: client}
	for _, option := range options {
		if err := option(k); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// OnEncrypt adds the data key, wrapped for the public key. It asks KMS for
// nothing.
func (k *Keyring) OnEncrypt(_ context.Context, materials *keyring.EncryptionMaterials) error {
	if k.public == nil {
		return fmt.Errorf("%s: %w: it has no public key to seal items with", k, crypto.ErrNoUsableKey)
	}
	if _, signed := materials.Context()[publicKeyName]; signed {
		return fmt.Errorf("%s: %w: it does not go with an algorithm suite that has signatures; choose dbesdk.SuiteHMAC", k, crypto.ErrPolicy)
	}
	intermediate := keyring.NewIntermediateKey()
	defer clear(intermediate)
	digest := sha512.Sum384(materials.AAD())
	message := append(digest[:], intermediate...)
	defer clear(message)
	wrapped, err := rsa.EncryptOAEP(k.scheme.hash(), rand.Reader, k.public, message, nil)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", k, crypto.ErrNoUsableKey, err)
	}
	return materials.Add(providerID, []byte(k.key.String()), intermediate, wrapped)
}

// OnDecrypt has KMS unwrap what was wrapped for this key, or for a replica of
// it, and compares the encryption context. Its errors are those of package
// kms.
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	if k.client == nil {
		return fmt.Errorf("%s: %w: it has no KMS client to open items with", k, crypto.ErrNoUsableKey)
	}
	if _, signed := materials.Context()[publicKeyName]; signed {
		return fmt.Errorf("%s: %w: the item's algorithm suite has signatures, and it opens no such item", k, crypto.ErrNoUsableKey)
	}
	if err := kmskey.CheckInfo(providerID, keys); err != nil {
		return fmt.Errorf("%s: %w", k, err)
	}
	digest := sha512.Sum384(materials.AAD())
	return keyring.Unwrapping(ctx, k.String(), materials, keys, func(key keyring.EncryptedDataKey) ([]byte, error) {
		return k.unwrap(ctx, key, digest[:])
	})
}

func (k *Keyring) unwrap(ctx context.Context, key keyring.EncryptedDataKey, digest []byte) ([]byte, error) {
	sealedBy, err := kmskey.SealedBy(providerID, key)
	if err != nil {
		return nil, err
	}
	if !k.key.RelatedTo(sealedBy) {
		return nil, keyring.ErrNotOurs
	}
	wrapped, err := key.Wrapped()
	if err != nil {
		return nil, err
	}
	message, err := kmskey.Decrypt(ctx, k.client, sha512.Size384+keyring.KeySize, &awskms.DecryptInput{
		KeyId:               aws.String(k.key.String()),
		CiphertextBlob:      wrapped,
		EncryptionAlgorithm: k.scheme.name,
		GrantTokens:         slices.Clone(k.grantTokens),
	})
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(message[:sha512.Size384], digest) != 1 {
		clear(message)
		return nil, fmt.Errorf("%w: it was wrapped for another encryption context", crypto.ErrTampered)
	}
	return message[sha512.Size384:], nil
}

// String shows the key's ARN, which is no secret.
func (k Keyring) String() string { return "KMS RSA keyring (" + k.key.String() + ")" }

// GoString is String.
func (k Keyring) GoString() string { return k.String() }

// Format prints, for any verb, what String does, and so no grant token.
func (k Keyring) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }
