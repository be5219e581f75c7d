package dbesdk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha512"

	"github.com/ddbenc/ddbenc/internal/derive"
)

const (
	keySize   = derive.KeySize // of every key in this file
	nonceSize = 12
	tagSize   = 16
)

// itemKeys derives the keys of an item from its data key and message ID.
// (specification/structured-encryption/header.md#commit-key)
type itemKeys struct {
	keys      *derive.Keys
	messageID [messageIDSize]byte
}

func newItemKeys(dataKey []byte, messageID [messageIDSize]byte) (*itemKeys, error) {
	keys, err := derive.New(dataKey)
	return &itemKeys{keys, messageID}, err
}

// derive returns a key of keySize bytes. The purpose separates keys from each
// other.
func (k *itemKeys) derive(purpose string) []byte { return k.keys.Key(purpose + string(k.messageID[:])) }

// commitment returns a value that binds a header to its data key. Without it,
// an item could be constructed that opens differently under different keys. It
// is a truncated HMAC with SHA-512. The specification says SHA-384, but every
// implementation uses SHA-512.
func (k *itemKeys) commitment(header []byte) []byte {
	mac := hmac.New(sha512.New, k.derive("AWS_DBE_COMMIT_KEY"))
	mac.Write(header)
	return mac.Sum(nil)[:commitmentSize]
}

// fieldKeys derives a key and a nonce for each encrypted attribute, in
// canonical order, as 44 bytes of an AES-256-CTR key stream, starting at every
// third block.
// (specification/structured-encryption/encrypt-path-structure.md#calculate-cipherkey-and-nonce)
type fieldKeys struct {
	stream cipher.Stream
}

func (k *itemKeys) fieldKeys() (*fieldKeys, error) {
	block, err := aes.NewCipher(k.derive("AWS_DBE_DERIVE_KEY"))
	if err != nil {
		return nil, err
	}
	// The counter begins at the first attribute's offset, zero. A fixed label
	// may precede it because the root key is not used for anything else.
	return &fieldKeys{cipher.NewCTR(block, []byte("AwsDbeField\x2c\x00\x00\x00\x00"))}, nil
}

// next returns the cipher and nonce for the next attribute. The nonce depends
// on the key alone, which is safe because each key encrypts a single attribute
// of a single item.
func (k *fieldKeys) next() (aead cipher.AEAD, nonce []byte, err error) {
	var material [3 * aes.BlockSize]byte
	k.stream.XORKeyStream(material[:], material[:])
	block, err := aes.NewCipher(material[:keySize])
	if err != nil {
		return nil, nil, err
	}
	aead, err = cipher.NewGCM(block)
	return aead, material[keySize : keySize+nonceSize], err
}
