package providers

import (
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
)

// HMAC signs and verifies with one secret key, so everyone who can verify items
// can also forge them. It implements [Signer] and [Verifier].
type HMAC struct {
	algorithm string
	// mac returns a new MAC. The key is only in this function, so that printing
	// the fields of an HMAC does not print it.
	mac func() hash.Hash
}

var hmacHashes = map[string]func() hash.Hash{
	"HmacSHA224": sha256.New224,
	"HmacSHA256": sha256.New,
	"HmacSHA384": sha512.New384,
	"HmacSHA512": sha512.New,
}

// minFIPSKey is the shortest HMAC key of FIPS 140-3, in bytes (NIST SP 800-131A).
const minFIPSKey = 14

// NewHMAC returns an HMAC with a copy of key. The algorithm is HmacSHA224,
// HmacSHA256, HmacSHA384 or HmacSHA512. A key should have as many random bytes
// as the hash: 32 for HmacSHA256. Shorter keys are accepted to read existing
// tables. An error wraps [crypto.ErrNoUsableKey].
func NewHMAC(algorithm string, key []byte) (*HMAC, error) {
	newHash, ok := hmacHashes[algorithm]
	if !ok {
		return nil, unknownAlgorithm(algorithm, hmacHashes)
	}
	if fips140.Enforced() && len(key) < minFIPSKey {
		return nil, fmt.Errorf("%w: GODEBUG=fips140=only forbids HMAC keys of less than %d bytes",
			crypto.ErrNoUsableKey, minFIPSKey)
	}
	if len(key) == 0 {
		return nil, fmt.Errorf("%w: empty HMAC key", crypto.ErrNoUsableKey)
	}
	key = slices.Clone(key)
	return &HMAC{algorithm, func() hash.Hash { return hmac.New(newHash, key) }}, nil
}

// Algorithm returns the algorithm's name.
func (h *HMAC) Algorithm() string { return h.algorithm }

// Sign returns the HMAC of message.
func (h *HMAC) Sign(message []byte) ([]byte, error) {
	mac := h.mac()
	mac.Write(message)
	return mac.Sum(nil), nil
}

var errSignature = errors.New("the signature does not match")

// Verify compares signatures in constant time. It rejects every algorithm other
// than the HMAC's own.
func (h *HMAC) Verify(algorithm string, message, signature []byte) error {
	if algorithm != "" && algorithm != h.algorithm {
		return errSignature
	}
	want, err := h.Sign(message)
	if err != nil {
		return err
	}
	if !hmac.Equal(want, signature) {
		return errSignature
	}
	return nil
}

// String returns the algorithm's name, and nothing of the key.
func (h *HMAC) String() string { return h.algorithm }

// GoString returns the same text as String.
func (h *HMAC) GoString() string { return h.String() }
