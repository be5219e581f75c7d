package ddbec

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto/internal/encoding"
)

// encryptAttribute returns IV || AES-CBC-PKCS#5(encoding of v). It encodes the
// value in the memory of the ciphertext, so that it is held only once.
//
// CBC does not authenticate. Nothing may be decrypted before the item's
// signature is verified.
func encryptAttribute(block cipher.Block, iv []byte, v types.AttributeValue) ([]byte, error) {
	buf := make([]byte, aes.BlockSize, aes.BlockSize+encoding.SizeHint(v)+aes.BlockSize)
	copy(buf, iv)
	buf, err := appendAttribute(buf, v, ours)
	if err != nil {
		return nil, err
	}
	padding := aes.BlockSize - len(buf)%aes.BlockSize
	buf = append(buf, bytes.Repeat([]byte{byte(padding)}, padding)...)
	body := buf[aes.BlockSize:]
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(body, body)
	return buf, nil
}

var errPadding = errors.New("malformed ciphertext")

// decrypter decrypts values, one after another in the same memory.
type decrypter struct {
	block cipher.Block
	plain []byte
}

// decrypt is the inverse of encryptAttribute, for verified ciphertext. It does
// not need to hide where it fails, because an attacker could not sign a chosen
// ciphertext.
func (d *decrypter) decrypt(ciphertext []byte) (types.AttributeValue, error) {
	if len(ciphertext) < 2*aes.BlockSize || len(ciphertext)%aes.BlockSize != 0 {
		return nil, errPadding
	}
	d.plain = slices.Grow(d.plain[:0], len(ciphertext))
	plain := d.plain[:len(ciphertext)-aes.BlockSize]
	cipher.NewCBCDecrypter(d.block, ciphertext[:aes.BlockSize]).CryptBlocks(plain, ciphertext[aes.BlockSize:])
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > aes.BlockSize {
		return nil, errPadding
	}
	end := len(plain) - padding
	for _, b := range plain[end:] {
		if int(b) != padding {
			return nil, errPadding
		}
	}
	return decodeAttribute(plain[:end])
}
