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
// 24 or 32 bytes (RFC 3394). A nil signer is for processes that only read, a
// nil verifier for those that only write.
func NewAES(wrappingKey []byte, signer providers.Signer, verifier providers.Verifier, options ...Option) (*Provider, error) {
	block, err := aes.NewCipher(wrappingKey)
	if err != nil {
		return nil, fmt.Errorf("wrapped: %w: an AES key has 16, 24 or 32 bytes, not %d", crypto.ErrNoUsableKey, len(wrappingKey))
	}
	w := aesWrapping{block}
	return newProvider(w, w, signer, verifier, options)
}

// aesWrapping wraps and unwraps.
type aesWrapping struct{ block cipher.Block }

func (w aesWrapping) wrap(key []byte) (wrapped []byte, algorithm string, err error) {
	wrapped, err = wrap(w.block, key)
	return wrapped, algorithmAES, err
}

// unwrap takes no other algorithm than its own, by either of its names; old
// items of Java name none.
func (w aesWrapping) unwrap(wrapped []byte, algorithm string, _ int) ([]byte, error) {
	switch algorithm {
	case "", algorithmAES, "AES":
		return unwrap(w.block, wrapped)
	}
	return nil, errAlgorithm(algorithm, "an AES key")
}
