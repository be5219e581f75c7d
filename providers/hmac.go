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

// HMAC signs and verifies with one secret key, so whoever can read items can
// also make them. It is a [Signer] and a [Verifier].
type HMAC struct {
	algorithm string
	// mac returns a new MAC. It alone holds the key: whatever walks over the
	// fields of a value to print it does not get into a function.
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

// NewHMAC returns the HMAC with algorithm HmacSHA224, HmacSHA256, HmacSHA384 or
// HmacSHA512 and a key, which is copied. A key should have as many random bytes
// as the hash, 32 for HmacSHA256; shorter ones are taken only because tables
// exist that were written with them.
func NewHMAC(algorithm string, key []byte) (*HMAC, error) {
	newHash, ok := hmacHashes[algorithm]
	if !ok {
		return nil, unknownAlgorithm(algorithm, hmacHashes)
	}
	if fips140.Enforced() && len(key) < minFIPSKey {
		return nil, fmt.Errorf("%w: GODEBUG=fips140=only forbids HMAC keys of less than %d bytes", crypto.ErrNoUsableKey, minFIPSKey)
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

// Verify compares in constant time. An algorithm other than the key's own is
// an error: which hash it is for belongs to a key.
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

// String names the algorithm; the key is not shown.
func (h *HMAC) String() string { return h.algorithm }

// GoString is String.
func (h *HMAC) GoString() string { return h.String() }
