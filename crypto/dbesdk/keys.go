package dbesdk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
)

const (
	keySize   = 32 // of every key here
	nonceSize = 12
	tagSize   = 16
)

// derive returns a key of keySize bytes that the data key and the message ID
// determine. The purpose tells keys apart.
// (specification/structured-encryption/header.md#commit-key)
func derive(dataKey []byte, purpose string, messageID [messageIDSize]byte) ([]byte, error) {
	return hkdf.Key(sha512.New, dataKey, nil, purpose+string(messageID[:]), keySize)
}

// commitment ties a header to the one data key that it was made with: without
// it an item could be made that opens differently under different keys. It is
// a truncated HMAC with SHA-512; the written specification says SHA-384, and
// every implementation does this.
func commitment(dataKey []byte, messageID [messageIDSize]byte, header []byte) ([]byte, error) {
	key, err := derive(dataKey, "AWS_DBE_COMMIT_KEY", messageID)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha512.New, key)
	mac.Write(header)
	return mac.Sum(nil)[:commitmentSize], nil
}

// fieldKeys makes a key and a nonce for each encrypted attribute, in canonical
// order: 44 bytes of an AES-256-CTR key stream, at every third block.
// (specification/structured-encryption/encrypt-path-structure.md#calculate-cipherkey-and-nonce)
type fieldKeys struct {
	stream cipher.Stream
}

func newFieldKeys(dataKey []byte, messageID [messageIDSize]byte) (*fieldKeys, error) {
	root, err := derive(dataKey, "AWS_DBE_DERIVE_KEY", messageID)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(root)
	if err != nil {
		return nil, err
	}
	// The counter begins with the first attribute's offset, which is zero, and
	// a fixed label may precede it since the root key is used for nothing else.
	return &fieldKeys{cipher.NewCTR(block, []byte("AwsDbeField\x2c\x00\x00\x00\x00"))}, nil
}

// next returns what the next attribute is encrypted with. The nonce is no
// secret; that it depends on the key alone is safe because each key encrypts
// one attribute of one item.
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
