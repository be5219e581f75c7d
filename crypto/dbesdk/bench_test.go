package dbesdk_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
)

// The benchmarks compare sealing and opening with a floor: the primitives
// alone, on as many bytes. "allocated/item" is what one operation allocates in
// all, in multiples of the item, and so more than its peak.

var benchTable = crypto.TableInfo{Name: "bench", PartitionKey: "id"}

// benchItem has a key and attributes of four types in turn, of equal size but
// for the numbers, which are as small as numbers are; every second attribute is
// encrypted.
func benchItem(size, attributes int) (crypto.Item, crypto.Actions) {
	item := crypto.Item{"id": text("an-item")}
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
			item[name] = text(strings.Repeat("s", each))
		case 1:
			item[name] = binaryValue(bytes.Repeat([]byte{7}, each))
		case 2:
			item[name] = number(strconv.Itoa(1234567 + i))
		default:
			item[name] = &types.AttributeValueMemberM{Value: crypto.Item{
				"text": text(strings.Repeat("m", each/2)), "raw": binaryValue(bytes.Repeat([]byte{8}, each/2)),
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

// forEach runs a benchmark for each suite and size. The names of suites are
// words here.
func forEach(b *testing.B, run func(b *testing.B, e *dbesdk.Encryptor, size int, item crypto.Item, actions crypto.Actions)) {
	for _, suite := range []struct {
		name  string
		suite dbesdk.Suite
	}{{"ECDSA", dbesdk.SuiteECDSA}, {"HMAC", dbesdk.SuiteHMAC}} {
		for _, s := range benchSizes {
			item, actions := benchItem(s.size, s.attributes)
			b.Run(suite.name+"/"+s.name, func(b *testing.B) {
				run(b, newEncryptor(b, rawAES(b, "key"), dbesdk.WithSuite(suite.suite)), s.size, item, actions)
			})
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	forEach(b, func(b *testing.B, e *dbesdk.Encryptor, size int, item crypto.Item, actions crypto.Actions) {
		sealed, err := e.EncryptItem(b.Context(), benchTable, actions, item)
		itemtest.Check(b, err)
		b.Run("all", func(b *testing.B) {
			measure(b, size, func() error {
				_, err := e.EncryptItem(b.Context(), benchTable, actions, item)
				return err
			})
		})
		b.Run("floor", func(b *testing.B) { floor(b, size, actions, sealed, true) })
	})
}

func BenchmarkOpen(b *testing.B) {
	forEach(b, func(b *testing.B, e *dbesdk.Encryptor, size int, item crypto.Item, actions crypto.Actions) {
		sealed, err := e.EncryptItem(b.Context(), benchTable, actions, item)
		itemtest.Check(b, err)
		e.Close() // making key pairs would take from what is measured
		b.Run("all", func(b *testing.B) {
			measure(b, size, func() error {
				_, err := e.DecryptItem(b.Context(), benchTable, actions, sealed)
				return err
			})
		})
		b.Run("floor", func(b *testing.B) { floor(b, size, actions, sealed, false) })
	})
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

// floor runs the primitives that sealed needs, on its bytes: AES-GCM for each
// encrypted attribute, the data key and the intermediate key; SHA-384 over
// everything; HKDF for four keys; HMAC for commitment and tag; and one signature
// or its verification. Making the key pair, which costs about as much as half
// a signature, is not in it: that happens beforehand, unless the machine is as
// busy as it is here.
func floor(b *testing.B, size int, actions crypto.Actions, sealed crypto.Item, sealing bool) {
	type part struct {
		signed  []byte
		encrypt bool
	}
	head, foot := stored(b, sealed, dbesdk.HeadAttribute), stored(b, sealed, dbesdk.FootAttribute)
	var parts []part
	encrypted := 0
	for name, v := range sealed {
		p := part{encrypt: actions.Of(name) == crypto.Encrypt}
		switch v := v.(type) {
		case *types.AttributeValueMemberB:
			p.signed = v.Value
		case *types.AttributeValueMemberS:
			p.signed = []byte(v.Value)
		case *types.AttributeValueMemberN:
			p.signed = []byte(v.Value)
		case *types.AttributeValueMemberM:
			p.signed = append([]byte(v.Value["text"].(*types.AttributeValueMemberS).Value), v.Value["raw"].(*types.AttributeValueMemberB).Value...)
		}
		if name == dbesdk.HeadAttribute || name == dbesdk.FootAttribute {
			continue
		}
		if p.encrypt {
			encrypted++
		}
		parts = append(parts, p)
	}
	key, nonce := make([]byte, 32), make([]byte, 12)
	aead := func() cipher.AEAD {
		block, err := aes.NewCipher(key)
		itemtest.Check(b, err)
		a, err := cipher.NewGCM(block)
		itemtest.Check(b, err)
		return a
	}
	// Ciphertexts to open: the same bytes, under a key that is known here.
	ciphertexts := make([][]byte, len(parts))
	for i, p := range parts {
		if p.encrypt {
			ciphertexts[i] = aead().Seal(nil, nonce, p.signed[2:len(p.signed)-16], nil)
		}
	}
	crypt := func(i int) {
		if sealing {
			aead().Seal(nil, nonce, parts[i].signed[2:len(parts[i].signed)-16], nil)
			return
		}
		_, err := aead().Open(nil, nonce, ciphertexts[i], nil)
		itemtest.Check(b, err)
	}
	wrapped := aead().Seal(nil, nonce, key, nil)
	pair, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	itemtest.Check(b, err)
	digest := sha512.Sum384(nil)
	signature, err := ecdsa.SignASN1(rand.Reader, pair, digest[:])
	itemtest.Check(b, err)

	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for range 2 { // the data key and the intermediate key
			if sealing {
				aead().Seal(nil, nonce, key, nil)
			} else {
				_, err := aead().Open(nil, nonce, wrapped, nil)
				itemtest.Check(b, err)
			}
		}
		for range 4 {
			_, err := hkdf.Key(sha512.New, key, nil, "purpose", 32)
			itemtest.Check(b, err)
		}
		commitment := hmac.New(sha512.New, key)
		commitment.Write(head)
		commitment.Sum(nil)
		material := make([]byte, 48*encrypted)
		block, err := aes.NewCipher(key)
		itemtest.Check(b, err)
		cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(material, material)
		hash := sha512.New384()
		hash.Write(head)
		for i, p := range parts {
			if p.encrypt {
				crypt(i)
			}
			hash.Write(p.signed)
		}
		tag := hmac.New(sha512.New384, key)
		tag.Write(hash.Sum(nil))
		tag.Sum(nil)
		switch {
		case len(foot) == 48:
		case sealing:
			_, err := ecdsa.SignASN1(rand.Reader, pair, digest[:])
			itemtest.Check(b, err)
		case !ecdsa.VerifyASN1(&pair.PublicKey, digest[:], signature):
			b.Fatal("the signature does not verify")
		}
	}
}
