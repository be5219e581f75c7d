package dbesdk

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/sha512"
	"sync"
)

// Verifier verifies ECDSA signatures on the curve P-384. Implementations must be
// safe for concurrent use and must accept exactly what crypto/ecdsa accepts.
type Verifier interface {
	// Verify reports whether signature, in ASN.1 DER, is a valid signature of
	// digest, a SHA-384 of 48 bytes. publicKey is the compressed point, 49
	// bytes. It reports false for anything that is malformed.
	Verify(publicKey, digest, signature []byte) bool
}

// standardVerifier is the Verifier of the standard library.
type standardVerifier struct{}

func (standardVerifier) Verify(publicKey, digest, signature []byte) bool {
	public, err := decodePoint(publicKey)
	return err == nil && ecdsa.VerifyASN1(public, digest, signature)
}

// verified remembers signatures that were verified. Whether a signature is valid
// depends on nothing but the public key, the digest and the signature, so an
// item that was verified before need not be verified again. Only valid signatures
// are remembered, by a collision-resistant hash of all three.
//
// It has two generations: when the younger one is full, the older one is dropped.
// A nil *verified remembers nothing.
type verified struct {
	mu           sync.Mutex
	capacity     int // of a generation
	young, older map[[sha256.Size]byte]struct{}
}

func newVerified(signatures int) *verified {
	if signatures == 0 {
		return nil
	}
	return &verified{capacity: (signatures + 1) / 2}
}

// verify verifies a signature of hash unless it was verified before.
func (v *verified) verify(verifier Verifier, publicKey, hash, signature []byte) bool {
	digest := sha512.Sum384(hash)
	if v == nil {
		return verifier.Verify(publicKey, digest[:], signature)
	}
	id := signatureID(publicKey, digest[:], signature)
	if v.has(id) {
		return true
	}
	if !verifier.Verify(publicKey, digest[:], signature) {
		return false
	}
	v.add(id)
	return true
}

// validator returns a function that verifies signatures of hash, or nil if there is
// no public key.
func (e *Encryptor) validator(publicKey, hash []byte) func(signature []byte) bool {
	if publicKey == nil {
		return nil
	}
	return func(signature []byte) bool { return e.verified.verify(e.verifier, publicKey, hash, signature) }
}

// signatureID identifies a public key, a digest and a signature. The first two
// have a fixed size each.
func signatureID(publicKey, digest, signature []byte) (id [sha256.Size]byte) {
	hash := sha256.New()
	hash.Write(publicKey)
	hash.Write(digest)
	hash.Write(signature)
	hash.Sum(id[:0])
	return id
}

func (v *verified) has(id [sha256.Size]byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.young[id]; ok {
		return true
	}
	if _, ok := v.older[id]; !ok {
		return false
	}
	v.addLocked(id)
	return true
}

func (v *verified) add(id [sha256.Size]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.addLocked(id)
}

func (v *verified) addLocked(id [sha256.Size]byte) {
	if v.young == nil || len(v.young) >= v.capacity {
		v.young, v.older = make(map[[sha256.Size]byte]struct{}), v.young
	}
	v.young[id] = struct{}{}
}
