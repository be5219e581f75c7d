package providers

import (
	stdcrypto "crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // for the hashes below
	_ "crypto/sha512"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

// signature is a signature algorithm of the JCA.
type signature struct {
	hash stdcrypto.Hash
	kind string // of its keys
}

const (
	kindRSA   = "RSA"
	kindECDSA = "ECDSA"
)

// signatures has the algorithms RSASSA-PKCS1-v1_5 and ECDSA with ASN.1
// signatures (RFC 8017, RFC 3279) by their Java names.
var signatures = map[string]signature{
	"SHA224withRSA":   {stdcrypto.SHA224, kindRSA},
	"SHA256withRSA":   {stdcrypto.SHA256, kindRSA},
	"SHA384withRSA":   {stdcrypto.SHA384, kindRSA},
	"SHA512withRSA":   {stdcrypto.SHA512, kindRSA},
	"SHA256withECDSA": {stdcrypto.SHA256, kindECDSA},
	"SHA384withECDSA": {stdcrypto.SHA384, kindECDSA},
	"SHA512withECDSA": {stdcrypto.SHA512, kindECDSA},
}

// minRSABits is the minimum size of RSA keys (NIST SP 800-131A).
const minRSABits = 2048

type asymmetricSigner struct {
	algorithm string
	hash      stdcrypto.Hash
	key       stdcrypto.Signer
}

// NewSigner returns a Signer with an RSA or ECDSA private key, which may be in
// a hardware security module. The algorithm must be one for that kind of key:
// SHA224withRSA, SHA256withRSA, SHA384withRSA, SHA512withRSA, SHA256withECDSA,
// SHA384withECDSA or SHA512withECDSA. RSA keys must have at least 2048 bits. An
// error wraps [crypto.ErrNoUsableKey].
func NewSigner(algorithm string, key stdcrypto.Signer) (Signer, error) {
	if key == nil {
		return nil, fmt.Errorf("%w: no private key to sign with", crypto.ErrNoUsableKey)
	}
	s, err := signatureFor(algorithm, key.Public())
	if err != nil {
		return nil, err
	}
	return &asymmetricSigner{algorithm, s.hash, key}, nil
}

// Algorithm returns the algorithm's name.
func (s *asymmetricSigner) Algorithm() string { return s.algorithm }

// Sign hashes message and signs the digest.
func (s *asymmetricSigner) Sign(message []byte) ([]byte, error) {
	h := s.hash.New()
	h.Write(message)
	return s.key.Sign(rand.Reader, h.Sum(nil), s.hash)
}

// String returns the algorithm's name, and nothing of the key.
func (s *asymmetricSigner) String() string { return s.algorithm }

// GoString returns the same text as String.
func (s *asymmetricSigner) GoString() string { return s.String() }

type asymmetricVerifier struct {
	algorithm string
	key       stdcrypto.PublicKey
}

// NewVerifier returns a Verifier with an RSA or ECDSA public key. algorithm, one
// of those of [NewSigner], is used for items that do not name one. Items may
// name any algorithm for the same kind of key. An error wraps
// [crypto.ErrNoUsableKey].
func NewVerifier(algorithm string, key stdcrypto.PublicKey) (Verifier, error) {
	if _, err := signatureFor(algorithm, key); err != nil {
		return nil, err
	}
	return &asymmetricVerifier{algorithm, key}, nil
}

// Verify accepts any algorithm for the key's own kind.
func (v *asymmetricVerifier) Verify(algorithm string, message, sig []byte) error {
	if algorithm == "" {
		algorithm = v.algorithm
	}
	s, err := signatureFor(algorithm, v.key)
	if err != nil {
		return err
	}
	h := s.hash.New()
	h.Write(message)
	digest := h.Sum(nil)
	switch key := v.key.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, s.hash, digest, sig)
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(key, digest, sig) {
			return nil
		}
	}
	return errSignature
}

// String returns the algorithm's name.
func (v *asymmetricVerifier) String() string { return v.algorithm }

// GoString returns the same text as String.
func (v *asymmetricVerifier) GoString() string { return v.String() }

// signatureFor returns the algorithm with this name if it is one for key.
func signatureFor(algorithm string, key stdcrypto.PublicKey) (signature, error) {
	s, ok := signatures[algorithm]
	if !ok {
		return signature{}, unknownAlgorithm(algorithm, signatures)
	}
	kind := ""
	switch key := key.(type) {
	case *rsa.PublicKey:
		kind = kindRSA
		if key == nil || key.N == nil || key.N.BitLen() < minRSABits {
			return signature{}, fmt.Errorf("%w: an RSA key must have at least %d bits", crypto.ErrNoUsableKey, minRSABits)
		}
	case *ecdsa.PublicKey:
		if key != nil {
			kind = kindECDSA
		}
	}
	if kind != s.kind {
		return signature{}, fmt.Errorf("%w: a key of type %T cannot be used with the algorithm %s",
			crypto.ErrNoUsableKey, key, algorithm)
	}
	return s, nil
}

func unknownAlgorithm[T any](name string, known map[string]T) error {
	return fmt.Errorf("%w: unknown algorithm %q (known: %s)",
		crypto.ErrNoUsableKey, name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
}
