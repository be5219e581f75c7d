// Package derive derives the keys of the Database Encryption SDK format: those
// of an item from its data key, and those that wrap and authenticate a data key
// from its intermediate key.
package derive

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
	"hash"
)

// KeySize is the size of derived keys, in bytes.
const KeySize = 32

// Keys derives keys from a secret with HKDF-SHA-512 without a salt. It is not
// safe for concurrent use.
type Keys struct {
	mac hash.Hash // keyed with what is extracted from the secret
}

// New returns Keys for a secret. It fails only if the standard library forbids
// an algorithm, for example under GODEBUG=fips140=only.
func New(secret []byte) (*Keys, error) {
	extracted, err := hkdf.Extract(sha512.New, secret, nil)
	if err != nil {
		return nil, err
	}
	return &Keys{hmac.New(sha512.New, extracted)}, nil
}

// Key returns the key for a purpose, as hkdf.Expand does. A single block of
// HKDF suffices: the HMAC of the purpose and of the block's number, 1. Unlike
// hkdf.Expand, Key does not prepare a new HMAC for each key, which takes longer
// than using it.
func (k *Keys) Key(purpose string) []byte {
	k.mac.Reset()
	k.mac.Write(append([]byte(purpose), 1))
	return k.mac.Sum(nil)[:KeySize]
}
