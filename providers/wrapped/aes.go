package wrapped

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
)

const algorithmAES = "AESWrap"

// NewAES returns a Provider that wraps each item's key with an AES key of 16,
// 24 or 32 bytes (RFC 3394). Pass a nil signer in processes that only read, and
// a nil verifier in those that only write. An error wraps [crypto.ErrPolicy] or,
// for the keys, [crypto.ErrNoUsableKey].
func NewAES(wrappingKey []byte, signer providers.Signer, verifier providers.Verifier,
	options ...Option) (*Provider, error) {
	block, err := aes.NewCipher(wrappingKey)
	if err != nil {
		return nil, fmt.Errorf("wrapped: %w: an AES key has 16, 24 or 32 bytes, not %d",
			crypto.ErrNoUsableKey, len(wrappingKey))
	}
	c, err := configure(options)
	if err != nil {
		return nil, err
	}
	if c.pkcs1v15 {
		return nil, errPKCS1v15
	}
	w := aesWrapping{block}
	return newProvider(w, w, signer, verifier, c)
}

// aesWrapping wraps and unwraps.
type aesWrapping struct{ block cipher.Block }

func (w aesWrapping) wrap(key []byte) (wrapped []byte, algorithm string, err error) {
	wrapped, err = wrap(w.block, key)
	return wrapped, algorithmAES, err
}

// unwrap accepts only AES Key Wrap, by either of its names. Old items written
// by Java do not name an algorithm.
func (w aesWrapping) unwrap(wrapped []byte, algorithm string, _ int) ([]byte, error) {
	switch algorithm {
	case "", algorithmAES, "AES":
		return unwrap(w.block, wrapped)
	}
	return nil, errAlgorithm(algorithm, "an AES key")
}
