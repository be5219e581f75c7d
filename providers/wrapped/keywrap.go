package wrapped

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// AES Key Wrap, RFC 3394. It is deterministic and needs no nonce, since it wraps
// random keys.

const wrapBlock = 8 // bytes

// initialValue is the initial value of RFC 3394, section 2.2.3.1. It shows that
// a key is intact and was unwrapped with the right key.
var initialValue = [wrapBlock]byte{0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6}

var errUnwrap = errors.New("the wrapped key does not unwrap: it is damaged or was wrapped with another key")

// wrap wraps a key, whose size must be a multiple of 8 and at least 16 bytes. The
// result is 8 bytes longer.
func wrap(block cipher.Block, key []byte) ([]byte, error) {
	if len(key) < 2*wrapBlock || len(key)%wrapBlock != 0 {
		return nil, errors.New("the size of a key to wrap must be a multiple of 8 bytes, and at least 16")
	}
	n := len(key) / wrapBlock
	out := make([]byte, wrapBlock+len(key))
	copy(out[wrapBlock:], key)

	var b [aes.BlockSize]byte // A || R[i]
	copy(b[:], initialValue[:])
	for j := range 6 {
		for i := 1; i <= n; i++ {
			r := out[i*wrapBlock : (i+1)*wrapBlock]
			copy(b[wrapBlock:], r)
			block.Encrypt(b[:], b[:])
			copy(r, b[wrapBlock:])
			xorCounter(b[:wrapBlock], uint64(n*j+i))
		}
	}
	copy(out, b[:wrapBlock])
	return out, nil
}

// unwrap is the inverse of wrap.
func unwrap(block cipher.Block, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 3*wrapBlock || len(wrapped)%wrapBlock != 0 {
		return nil, errUnwrap
	}
	n := len(wrapped)/wrapBlock - 1
	key := make([]byte, len(wrapped)-wrapBlock)
	copy(key, wrapped[wrapBlock:])

	var b [aes.BlockSize]byte
	copy(b[:], wrapped[:wrapBlock])
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			r := key[(i-1)*wrapBlock : i*wrapBlock]
			xorCounter(b[:wrapBlock], uint64(n*j+i))
			copy(b[wrapBlock:], r)
			block.Decrypt(b[:], b[:])
			copy(r, b[wrapBlock:])
		}
	}
	if subtle.ConstantTimeCompare(b[:wrapBlock], initialValue[:]) != 1 {
		clear(key)
		return nil, errUnwrap
	}
	return key, nil
}

func xorCounter(a []byte, t uint64) {
	binary.BigEndian.PutUint64(a, binary.BigEndian.Uint64(a)^t)
}
