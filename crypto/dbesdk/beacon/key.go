package beacon

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// Key computes the beacons of the items of one branch key. It is safe for
// concurrent use.
type Key struct {
	branchKeyID string
	// secret is a function because package fmt prints the contents of unexported
	// fields, but not what a function returns.
	secret  func() []byte
	hashers sync.Map // of hasher, by name
}

// hasher returns the first 8 bytes of the HMAC of data and a suffix.
type hasher func(data, suffix []byte) uint64

func newKey(key *keystore.BeaconKey) *Key { return &Key{branchKeyID: key.ID, secret: key.Key} }

// String returns a text that does not contain the key.
func (k *Key) String() string { return "beacon key of branch key " + k.branchKeyID }

// GoString returns the same text as String.
func (k *Key) GoString() string { return k.String() }

// hasher returns the hasher of the beacon called name. Its key is derived only
// once.
func (k *Key) hasher(name string) hasher {
	if h, ok := k.hashers.Load(name); ok {
		return h.(hasher)
	}
	h, _ := k.hashers.LoadOrStore(name, newHasher(k.secret(), name))
	return h.(hasher)
}

// newHasher derives the key of a beacon.
// (specification/searchable-encryption/search-config.md#hmac-key-generation)
func newHasher(beaconKey []byte, name string) hasher {
	key, err := hkdf.Key(sha512.New, beaconKey, nil, "AWS_DBE_SCAN_BEACON"+name, 64)
	if err != nil {
		panic(err) // 64 bytes are not too long
	}
	pool := &sync.Pool{New: func() any { return &state{hash: hmac.New(sha512.New384, key)} }}
	return func(data, suffix []byte) uint64 {
		s := pool.Get().(*state)
		defer pool.Put(s)
		s.hash.Reset() // cheaper than New: the state after the key is kept
		s.hash.Write(data)
		s.hash.Write(suffix)
		return binary.BigEndian.Uint64(s.hash.Sum(s.sum[:0]))
	}
}

type state struct {
	hash hash.Hash
	sum  [sha512.Size384]byte
}

// truncate returns the lowest bits of a hash in hexadecimal.
// (specification/searchable-encryption/beacons.md#basichash)
func truncate(hash uint64, bits int) string {
	var digits [16]byte
	var bytes [8]byte
	binary.BigEndian.PutUint64(bytes[:], hash&(1<<bits-1))
	hex.Encode(digits[:], bytes[:])
	return string(digits[16-(bits+3)/4:])
}
