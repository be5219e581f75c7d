package dbesdk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
)

const (
	keySize   = 32 // of every key in this file
	nonceSize = 12
	tagSize   = 16
)

// itemKeys derives the keys of an item from its data key and message ID.
// (specification/structured-encryption/header.md#commit-key)
type itemKeys struct {
	secret    []byte // extracted from the data key
	messageID [messageIDSize]byte
}

func newItemKeys(dataKey []byte, messageID [messageIDSize]byte) (*itemKeys, error) {
	secret, err := hkdf.Extract(sha512.New, dataKey, nil)
	return &itemKeys{secret, messageID}, err
}

// derive returns a key of keySize bytes. The purpose separates keys from each
// other.
func (k *itemKeys) derive(purpose string) ([]byte, error) {
	return hkdf.Expand(sha512.New, k.secret, purpose+string(k.messageID[:]), keySize)
}

// commitment returns a value that binds a header to its data key. Without it,
// an item could be constructed that opens differently under different keys. It
// is a truncated HMAC with SHA-512. The specification says SHA-384, but every
// implementation uses SHA-512.
func (k *itemKeys) commitment(header []byte) ([]byte, error) {
	key, err := k.derive("AWS_DBE_COMMIT_KEY")
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha512.New, key)
	mac.Write(header)
	return mac.Sum(nil)[:commitmentSize], nil
}

// fieldKeys derives a key and a nonce for each encrypted attribute, in
// canonical order, as 44 bytes of an AES-256-CTR key stream, starting at every
// third block.
// (specification/structured-encryption/encrypt-path-structure.md#calculate-cipherkey-and-nonce)
type fieldKeys struct {
	stream cipher.Stream
}

func (k *itemKeys) fieldKeys() (*fieldKeys, error) {
	root, err := k.derive("AWS_DBE_DERIVE_KEY")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(root)
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
