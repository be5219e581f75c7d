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

// oaepHashes are the variants that the official clients can be told to use.
// In all of them Java takes SHA-1 for MGF1, whatever the name says.
var oaepHashes = map[string]stdcrypto.Hash{
	"RSA/ECB/OAEPWithSHA-1AndMGF1Padding":   stdcrypto.SHA1,
	algorithmOAEP:                           stdcrypto.SHA256,
	"RSA/ECB/OAEPWithSHA-384AndMGF1Padding": stdcrypto.SHA384,
	"RSA/ECB/OAEPWithSHA-512AndMGF1Padding": stdcrypto.SHA512,
}

// NewRSA returns a Provider that wraps each item's key for an RSA public key
// of at least 2048 bits, with OAEP as Java does it (SHA-256, MGF1 with SHA-1;
// RFC 8017, section 7.1). Unwrapping takes the private key, which may be in a
// hardware security module: it is asked with *rsa.OAEPOptions.
//
// A nil public key or signer is for processes that only read, a nil private
// key or verifier for those that only write. Under GODEBUG=fips140=only, which
// forbids SHA-1, it fails with [crypto.ErrPolicy].
func NewRSA(public *rsa.PublicKey, private stdcrypto.Decrypter, signer providers.Signer, verifier providers.Verifier, options ...Option) (*Provider, error) {
	if fips140.Enforced() {
		return nil, fmt.Errorf("wrapped: %w: OAEP as Java does it uses SHA-1, which GODEBUG=fips140=only forbids; fips140=on does not",
			crypto.ErrPolicy)
	}
	if public == nil && private == nil {
		return nil, fmt.Errorf("wrapped: %w: neither a public nor a private RSA key", crypto.ErrNoUsableKey)
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
			return nil, fmt.Errorf("wrapped: %w: the private key is a nil *rsa.PrivateKey; for none, pass nil itself", crypto.ErrNoUsableKey)
		}
		own, ok := private.Public().(*rsa.PublicKey)
		if !ok {
			return nil, fmt.Errorf("wrapped: %w: the private key is a %T, not for RSA", crypto.ErrNoUsableKey, private)
		}
		if err := checkRSA(own); err != nil {
			return nil, err
		}
		if public != nil && !own.Equal(public) {
			return nil, fmt.Errorf("wrapped: %w: the private key is not that of the public key", crypto.ErrNoUsableKey)
		}
		u = &rsaUnwrapper{key: private}
	}
	return newProvider(w, u, signer, verifier, options)
}

func checkRSA(key *rsa.PublicKey) error {
	if key.N == nil || key.N.BitLen() < minRSABits {
		return fmt.Errorf("wrapped: %w: an RSA key must have at least %d bits", crypto.ErrNoUsableKey, minRSABits)
	}
	return nil
}

// WithPKCS1v15 lets a provider made with [NewRSA] open items whose key is
// wrapped with RSAES-PKCS1-v1_5, which is the default of old Java clients.
// Nothing is ever wrapped with it.
//
// With this padding, an attacker who can tell bad padding from good can unwrap
// keys. The provider therefore replaces a key that does not unwrap with a random
// one, which fails later like any wrong key.
func WithPKCS1v15() Option {
	return func(p *Provider) error {
		u, ok := p.unwrapper.(*rsaUnwrapper)
		if !ok {
			return fmt.Errorf("wrapped: %w: PKCS #1 v1.5 is for reading with an RSA private key", crypto.ErrNoUsableKey)
		}
		u.pkcs1v15 = true
		return nil
	}
}

type rsaWrapper struct{ key *rsa.PublicKey }

func (w rsaWrapper) wrap(key []byte) (wrapped []byte, algorithm string, err error) {
	wrapped, err = rsa.EncryptOAEPWithOptions(rand.Reader, w.key, key, &rsa.OAEPOptions{Hash: oaepHashes[algorithmOAEP], MGFHash: stdcrypto.SHA1})
	return wrapped, algorithmOAEP, err
}

type rsaUnwrapper struct {
	key      stdcrypto.Decrypter
	pkcs1v15 bool
}

func (u *rsaUnwrapper) unwrap(wrapped []byte, algorithm string, size int) ([]byte, error) {
	if algorithm == "" || algorithm == "RSA" {
		algorithm = algorithmPKCS1v15 // what Java takes for "RSA"
	}
	if algorithm == algorithmPKCS1v15 {
		if !u.pkcs1v15 {
			return nil, fmt.Errorf("%w: the item's key is wrapped with PKCS #1 v1.5, which opens only with the option WithPKCS1v15", crypto.ErrNoUsableKey)
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

// unwrapPKCS1v15 returns a key of size bytes in any case. A private key of
// crypto/rsa puts a random one in place of what does not unwrap, as asked. Some
// other decrypter may not, and give an error or a key of another size instead;
// that must look the same, even if the cause was another one.
func (u *rsaUnwrapper) unwrapPKCS1v15(wrapped []byte, size int) []byte {
	random := make([]byte, size)
	rand.Read(random)
	//lint:ignore SA1019 reading old items is what the option is for
	key, err := u.key.Decrypt(rand.Reader, wrapped, &rsa.PKCS1v15DecryptOptions{SessionKeyLen: size})
	if err != nil || len(key) != size {
		return random
	}
	return key
}

// normalizeOAEP takes the spelling "SHA1" for "SHA-1", as Java does.
func normalizeOAEP(algorithm string) string {
	return strings.Replace(algorithm, "OAEPWithSHA1And", "OAEPWithSHA-1And", 1)
}
