package ddbec_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
)

// The benchmarks compare sealing and opening with a floor: the primitives
// alone, on as many bytes. "allocated/item" is what one operation allocates in
// all, in multiples of the item, and so more than its peak.

var benchTable = crypto.TableInfo{Name: "bench", PartitionKey: "id"}

// benchItem has a key and attributes of four types in turn, of equal size but
// for the numbers, which are as small as numbers are; every second attribute is
// encrypted.
func benchItem(size, attributes int) (crypto.Item, crypto.Actions) {
	item := crypto.Item{"id": &types.AttributeValueMemberS{Value: "an-item"}}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	numbers := 0
	for i := range attributes {
		if i/2%4 == 2 {
			numbers++
		}
	}
	each := size / (attributes - numbers)
	for i := range attributes {
		name := fmt.Sprintf("attribute-%02d", i)
		// Every type is both encrypted and signed only.
		switch i / 2 % 4 {
		case 0:
			item[name] = &types.AttributeValueMemberS{Value: strings.Repeat("s", each)}
		case 1:
			item[name] = &types.AttributeValueMemberB{Value: bytes.Repeat([]byte{7}, each)}
		case 2:
			item[name] = &types.AttributeValueMemberN{Value: strconv.Itoa(1234567 + i)}
		default:
			item[name] = &types.AttributeValueMemberM{Value: crypto.Item{
				"text": &types.AttributeValueMemberS{Value: strings.Repeat("m", each/2)},
				"raw":  &types.AttributeValueMemberB{Value: bytes.Repeat([]byte{8}, each/2)},
			}}
		}
		if i%2 == 1 {
			actions.Attributes[name] = crypto.Sign
		}
	}
	return item, actions
}

var benchSizes = []struct {
	name             string
	size, attributes int
}{{"1KB", 1 << 10, 10}, {"10KB", 10 << 10, 30}, {"400KB", 390 << 10, 20}}

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
	for _, s := range benchSizes {
		item, actions := benchItem(s.size, s.attributes)
		encryptor := benchEncryptor(b)
		b.Run(s.name, func(b *testing.B) {
			measure(b, s.size, func() error {
				_, err := encryptor.EncryptItem(b.Context(), benchTable, actions, item)
				return err
			})
		})
		sealed, err := encryptor.EncryptItem(b.Context(), benchTable, actions, item)
		itemtest.Check(b, err)
		b.Run(s.name+"/floor", func(b *testing.B) {
			floor(b, s.size, actions, sealed, func(block cipher.Block, iv, in []byte) {
				cipher.NewCBCEncrypter(block, iv).CryptBlocks(make([]byte, len(in)), in)
			}, true)
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, s := range benchSizes {
		item, actions := benchItem(s.size, s.attributes)
		encryptor := benchEncryptor(b)
		sealed, err := encryptor.EncryptItem(b.Context(), benchTable, actions, item)
		itemtest.Check(b, err)
		b.Run(s.name, func(b *testing.B) {
			measure(b, s.size, func() error {
				_, err := encryptor.DecryptItem(b.Context(), benchTable, actions, sealed)
				return err
			})
		})
		b.Run(s.name+"/floor", func(b *testing.B) {
			floor(b, s.size, actions, sealed, func(block cipher.Block, iv, in []byte) {
				cipher.NewCBCDecrypter(block, iv).CryptBlocks(make([]byte, len(in)), in)
			}, false)
		})
	}
}

func measure(b *testing.B, size int, do func() error) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		itemtest.Check(b, do())
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/float64(size), "allocated/item")
}

// floor runs the primitives that sealed needs, on its bytes.
func floor(b *testing.B, size int, actions crypto.Actions, sealed crypto.Item, crypt func(block cipher.Block, iv, in []byte), ivs bool) {
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
			p.value = append([]byte(v.Value["text"].(*types.AttributeValueMemberS).Value), v.Value["raw"].(*types.AttributeValueMemberB).Value...)
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
