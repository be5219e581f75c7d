package awskms

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
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

const (
	rsaProviderID = "aws-kms-rsa"
	minRSABits    = 2048

	// The encryption context has this name if and only if the item's algorithm
	// suite has signatures.
	publicKeyName = "aws-crypto-public-key"
)

// Padding is the RSA padding of [NewRSA]: OAEP (RFC 8017, section 7.1) with one
// hash for both the label and MGF1. All clients that share a table must use the
// same.
type Padding int

const (
	// OAEPWithSHA256 is the padding for new tables.
	OAEPWithSHA256 Padding = iota + 1
	// OAEPWithSHA1 is for tables that use it already.
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

// RSA wraps data keys with the public key of an RSA KMS key and unwraps them
// in KMS. It implements [keyring.Keyring] and is safe for concurrent use.
type RSA struct {
	key         kmskey.ARN
	scheme      scheme
	public      *rsa.PublicKey // nil: for opening only
	client      Decrypter      // nil: for sealing only
	grantTokens []string
}

var _ keyring.Keyring = (*RSA)(nil)

// NewRSA returns a keyring for an RSA key pair whose private key never leaves
// KMS. Sealing needs the public key only: no permission and no call. Opening
// takes one KMS call for each item.
//
//	public, err := keyfile.Public(der) // the PublicKey that KMS's GetPublicKey returns
//	…
//	keys, err := awskms.NewRSA(keyARN, awskms.OAEPWithSHA256, public.(*rsa.PublicKey), kms.NewFromConfig(cfg))
//	encryptor, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
//
// keyARN names an RSA KMS key for encryption, of at least 2048 bits, in the
// client's Region. Processes that only open items pass a nil public key, and
// processes that only seal them pass a nil client.
//
// NewRSA does not check that the public key belongs to the KMS key. Read it
// from a place where no one can replace it: anyone with the private key of the
// replacement can read what you seal. Anyone with the public key can seal
// items, so an item that opens is not thereby known to come from anyone in
// particular; for the same reason the keyring rejects the algorithm suite with
// signatures. KMS takes no encryption context for RSA keys. A digest of it is
// wrapped with the key instead, and compared when the item is opened.
//
// An error wraps [crypto.ErrPolicy], also for OAEP with SHA-1 under
// GODEBUG=fips140=only, or [crypto.ErrNoUsableKey] for unusable keys.
func NewRSA(keyARN string, padding Padding, public *rsa.PublicKey, client Decrypter, options ...Option) (*RSA, error) {
	key, err := parse(keyARN)
	if err != nil {
		return nil, err
	}
	s, known := padding.scheme()
	switch {
	case !known:
		return nil, fmt.Errorf("awskms: %w: unknown padding %d", crypto.ErrPolicy, padding)
	case fips140.Enforced() && padding == OAEPWithSHA1:
		return nil, fmt.Errorf("awskms: %w: GODEBUG=fips140=only forbids SHA-1", crypto.ErrPolicy)
	case public == nil && client == nil:
		return nil, fmt.Errorf("awskms: %w: neither a public key nor a KMS client", crypto.ErrNoUsableKey)
	case public != nil && (public.N == nil || public.N.BitLen() < minRSABits):
		return nil, fmt.Errorf("awskms: %w: an RSA key must have at least %d bits", crypto.ErrNoUsableKey, minRSABits)
	}
	c, err := configure(options)
	if err != nil {
		return nil, err
	}
	return &RSA{key, s, public, client, c.grantTokens}, nil
}

// OnEncrypt adds the data key, wrapped for the public key. It does not call
// KMS.
func (k *RSA) OnEncrypt(_ context.Context, materials *keyring.EncryptionMaterials) error {
	if k.public == nil {
		return fmt.Errorf("%s: %w: it has no public key to seal items with", k, crypto.ErrNoUsableKey)
	}
	if _, signed := materials.Context()[publicKeyName]; signed {
		return fmt.Errorf("%s: %w: it rejects the algorithm suite with signatures; use dbesdk.SuiteHMAC", k, crypto.ErrPolicy)
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
	return materials.Add(rsaProviderID, []byte(k.key.String()), intermediate, wrapped)
}

// OnDecrypt unwraps in KMS a data key that was wrapped for this key or for a
// replica of it, and compares the encryption context.
func (k *RSA) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials,
	keys []keyring.EncryptedDataKey) error {
	if k.client == nil {
		return fmt.Errorf("%s: %w: it has no KMS client to open items with", k, crypto.ErrNoUsableKey)
	}
	if _, signed := materials.Context()[publicKeyName]; signed {
		return fmt.Errorf("%s: %w: it opens no item whose algorithm suite has signatures", k, crypto.ErrNoUsableKey)
	}
	if err := checkInfo(rsaProviderID, keys); err != nil {
		return fmt.Errorf("%s: %w", k, err)
	}
	digest := sha512.Sum384(materials.AAD())
	return keyring.Unwrapping(ctx, k.String(), materials, keys, func(key keyring.EncryptedDataKey) ([]byte, error) {
		return k.unwrap(ctx, key, digest[:])
	})
}

func (k *RSA) unwrap(ctx context.Context, key keyring.EncryptedDataKey, digest []byte) ([]byte, error) {
	sealedBy, err := sealedBy(rsaProviderID, key)
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
	message, err := kmskey.Decrypt(ctx, k.client, sha512.Size384+keyring.KeySize, &kms.DecryptInput{
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

// String returns a text with the key's ARN, which is not secret.
func (k RSA) String() string { return "KMS RSA keyring (" + k.key.String() + ")" }

// GoString returns the same text as String.
func (k RSA) GoString() string { return k.String() }

// Format prints the text of String for every verb, so that grant tokens are
// never printed.
func (k RSA) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }
