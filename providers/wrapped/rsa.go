package wrapped

import (
	stdcrypto "crypto"
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // the hash of MGF1 in Java
	_ "crypto/sha256"
	_ "crypto/sha512"
	"fmt"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/internal/service"
)

const (
	algorithmOAEP     = "RSA/ECB/OAEPWithSHA-256AndMGF1Padding"
	algorithmPKCS1v15 = "RSA/ECB/PKCS1Padding"
	minRSABits        = 2048
)

// oaepHashes has the hash of each variant that the official clients can be
// configured to use. Java uses SHA-1 for MGF1 in all of them.
var oaepHashes = map[string]stdcrypto.Hash{
	"RSA/ECB/OAEPWithSHA-1AndMGF1Padding":   stdcrypto.SHA1,
	algorithmOAEP:                           stdcrypto.SHA256,
	"RSA/ECB/OAEPWithSHA-384AndMGF1Padding": stdcrypto.SHA384,
	"RSA/ECB/OAEPWithSHA-512AndMGF1Padding": stdcrypto.SHA512,
}

// NewRSA returns a Provider that wraps each item's key with an RSA public key
// of at least 2048 bits, using OAEP as Java does (SHA-256, and MGF1 with SHA-1;
// RFC 8017, section 7.1). Unwrapping needs the private key, which may be in a
// hardware security module. Its Decrypt method is called with *rsa.OAEPOptions,
// or *rsa.PKCS1v15DecryptOptions for [WithPKCS1v15].
//
// Pass a nil public key or signer in processes that only read, and a nil private
// key or verifier in those that only write. An error wraps [crypto.ErrPolicy],
// also under GODEBUG=fips140=only, which forbids SHA-1, or, for the keys,
// [crypto.ErrNoUsableKey].
func NewRSA(public *rsa.PublicKey, private stdcrypto.Decrypter, signer providers.Signer, verifier providers.Verifier,
	options ...Option) (*Provider, error) {
	if fips140.Enforced() {
		return nil, fmt.Errorf("wrapped: %w: GODEBUG=fips140=only forbids SHA-1, which Java's OAEP uses; use fips140=on",
			crypto.ErrPolicy)
	}
	if public == nil && private == nil {
		return nil, fmt.Errorf("wrapped: %w: neither a public nor a private RSA key", crypto.ErrNoUsableKey)
	}
	c, err := configure(options)
	if err != nil {
		return nil, err
	}
	var w wrapper
	if public != nil {
		if err := checkRSA(public); err != nil {
			return nil, err
		}
		w = rsaWrapper{public}
	}
	var u unwrapper
	if private != nil {
		if key, ok := private.(*rsa.PrivateKey); ok && key == nil {
			return nil, fmt.Errorf("wrapped: %w: the private key is a nil *rsa.PrivateKey; pass an untyped nil for no key",
				crypto.ErrNoUsableKey)
		}
		own, ok := private.Public().(*rsa.PublicKey)
		if !ok {
			return nil, fmt.Errorf("wrapped: %w: the private key is not an RSA key, but a %T", crypto.ErrNoUsableKey, private)
		}
		if err := checkRSA(own); err != nil {
			return nil, err
		}
		if public != nil && !own.Equal(public) {
			return nil, fmt.Errorf("wrapped: %w: the private key does not belong to the public key", crypto.ErrNoUsableKey)
		}
		u = &rsaUnwrapper{private, c.pkcs1v15}
	} else if c.pkcs1v15 {
		return nil, errPKCS1v15
	}
	return newProvider(w, u, signer, verifier, c)
}

func checkRSA(key *rsa.PublicKey) error {
	if key.N == nil || key.N.BitLen() < minRSABits {
		return fmt.Errorf("wrapped: %w: an RSA key must have at least %d bits", crypto.ErrNoUsableKey, minRSABits)
	}
	return nil
}

// WithPKCS1v15 lets a provider of [NewRSA] open items whose key is wrapped with
// RSAES-PKCS1-v1_5, the default of old Java clients. The provider never wraps
// keys with it.
//
// With this padding, an attacker who can tell bad padding from good can unwrap
// keys. The provider therefore replaces a key that does not unwrap with a random
// one, which fails later like any wrong key.
//
// Without an RSA private key, the constructors reject this option.
func WithPKCS1v15() Option {
	return func(c *config) { c.pkcs1v15 = true }
}

var errPKCS1v15 = fmt.Errorf("wrapped: %w: WithPKCS1v15 needs an RSA private key", crypto.ErrNoUsableKey)

type rsaWrapper struct{ key *rsa.PublicKey }

func (w rsaWrapper) wrap(key []byte) (wrapped []byte, algorithm string, err error) {
	options := &rsa.OAEPOptions{Hash: oaepHashes[algorithmOAEP], MGFHash: stdcrypto.SHA1}
	wrapped, err = rsa.EncryptOAEPWithOptions(rand.Reader, w.key, key, options)
	return wrapped, algorithmOAEP, err
}

type rsaUnwrapper struct {
	key      stdcrypto.Decrypter
	pkcs1v15 bool
}

func (u *rsaUnwrapper) unwrap(wrapped []byte, algorithm string, size int) ([]byte, error) {
	if algorithm == "" || algorithm == "RSA" {
		algorithm = algorithmPKCS1v15 // what Java means by "RSA"
	}
	if algorithm == algorithmPKCS1v15 {
		if !u.pkcs1v15 {
			return nil, fmt.Errorf("%w: the item's key is wrapped with PKCS #1 v1.5, which needs the option WithPKCS1v15",
				crypto.ErrNoUsableKey)
		}
		return u.unwrapPKCS1v15(wrapped, size), nil
	}
	hash, ok := oaepHashes[normalizeOAEP(algorithm)]
	if !ok {
		return nil, errAlgorithm(algorithm, "an RSA key")
	}
	key, err := u.key.Decrypt(rand.Reader, wrapped, &rsa.OAEPOptions{Hash: hash, MGFHash: stdcrypto.SHA1})
	if err != nil {
		return nil, service.Callback(err)
	}
	return key, nil
}

// unwrapPKCS1v15 always returns a key of size bytes. As requested, a private key
// of crypto/rsa returns a random key if unwrapping fails. Other decrypters may
// return an error or a key of another size instead. That must look the same,
// whatever the cause was.
func (u *rsaUnwrapper) unwrapPKCS1v15(wrapped []byte, size int) []byte {
	random := make([]byte, size)
	rand.Read(random)
	//lint:ignore SA1019 the option exists to read old items
	key, err := u.key.Decrypt(rand.Reader, wrapped, &rsa.PKCS1v15DecryptOptions{SessionKeyLen: size})
	if err != nil || len(key) != size {
		return random
	}
	return key
}

// normalizeOAEP accepts the spelling "SHA1" for "SHA-1", as Java does.
func normalizeOAEP(algorithm string) string {
	return strings.Replace(algorithm, "OAEPWithSHA1And", "OAEPWithSHA-1And", 1)
}
