package ddbec_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
)

func benchEncryptor(b *testing.B) *ddbec.Encryptor {
	signing, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	itemtest.Check(b, err)
	provider, err := static.New(make([]byte, 32), signing, signing)
	itemtest.Check(b, err)
	encryptor, err := ddbec.New(provider)
	itemtest.Check(b, err)
	return encryptor
}

func BenchmarkSeal(b *testing.B) {
	for _, s := range itemtest.BenchSizes {
		item, actions := itemtest.BenchItem(s.Size, s.Attributes)
		encryptor := benchEncryptor(b)
		b.Run(s.Name, func(b *testing.B) {
			itemtest.Measure(b, s.Size, func() error {
				_, err := encryptor.EncryptItem(b.Context(), itemtest.BenchTable, actions, item)
				return err
			})
		})
		sealed, err := encryptor.EncryptItem(b.Context(), itemtest.BenchTable, actions, item)
		itemtest.Check(b, err)
		b.Run(s.Name+"/floor", func(b *testing.B) {
			floor(b, s.Size, actions, sealed, func(block cipher.Block, iv, in []byte) {
				cipher.NewCBCEncrypter(block, iv).CryptBlocks(make([]byte, len(in)), in)
			}, true)
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, s := range itemtest.BenchSizes {
		item, actions := itemtest.BenchItem(s.Size, s.Attributes)
		encryptor := benchEncryptor(b)
		sealed, err := encryptor.EncryptItem(b.Context(), itemtest.BenchTable, actions, item)
		itemtest.Check(b, err)
		b.Run(s.Name, func(b *testing.B) {
			itemtest.Measure(b, s.Size, func() error {
				_, err := encryptor.DecryptItem(b.Context(), itemtest.BenchTable, actions, sealed)
				return err
			})
		})
		b.Run(s.Name+"/floor", func(b *testing.B) {
			floor(b, s.Size, actions, sealed, func(block cipher.Block, iv, in []byte) {
				cipher.NewCBCDecrypter(block, iv).CryptBlocks(make([]byte, len(in)), in)
			}, false)
		})
	}
}

// floor runs the primitives that sealed needs, on its bytes.
func floor(
	b *testing.B, size int, actions crypto.Actions, sealed crypto.Item, crypt func(block cipher.Block, iv, in []byte),
	ivs bool,
) {
	type part struct {
		name    []byte
		value   []byte
		encrypt bool
	}
	var parts []part
	for name, v := range sealed {
		p := part{name: []byte(name), encrypt: actions.Of(name) == crypto.Encrypt}
		switch v := v.(type) {
		case *types.AttributeValueMemberB:
			p.value = v.Value
		case *types.AttributeValueMemberS:
			p.value = []byte(v.Value)
		case *types.AttributeValueMemberN:
			p.value = []byte(v.Value)
		case *types.AttributeValueMemberM:
			p.value = append([]byte(v.Value["text"].(*types.AttributeValueMemberS).Value),
				v.Value["raw"].(*types.AttributeValueMemberB).Value...)
		}
		if name == ddbec.DescriptionAttribute || name == ddbec.SignatureAttribute {
			continue
		}
		parts = append(parts, p)
	}
	key := make([]byte, 32)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		block, err := aes.NewCipher(key)
		itemtest.Check(b, err)
		h := sha256.New()
		message := make([]byte, 0, 32*(1+3*len(parts)))
		message = h.Sum(message)
		iv := make([]byte, aes.BlockSize*len(parts))
		if ivs {
			rand.Read(iv)
		}
		for _, p := range parts {
			if p.encrypt {
				crypt(block, p.value[:aes.BlockSize], p.value[aes.BlockSize:])
			}
			for _, in := range [][]byte{p.name, p.value} {
				h.Reset()
				h.Write(in)
				message = h.Sum(message)
			}
			message = append(message, make([]byte, 32)...)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write(message)
		mac.Sum(nil)
	}
}
