package dbesdk_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
)

// forEach runs a benchmark for each suite and size. The names of suites are
// words here.
func forEach(
	b *testing.B, run func(b *testing.B, e *dbesdk.Encryptor, size int, item crypto.Item, actions crypto.Actions),
) {
	for _, suite := range []struct {
		name  string
		suite dbesdk.Suite
	}{{"ECDSA", dbesdk.SuiteECDSA}, {"HMAC", dbesdk.SuiteHMAC}} {
		for _, s := range itemtest.BenchSizes {
			item, actions := itemtest.BenchItem(s.Size, s.Attributes)
			b.Run(suite.name+"/"+s.Name, func(b *testing.B) {
				e := newEncryptor(b, rawAES(b, "key"), dbesdk.WithSuite(suite.suite), dbesdk.WithRememberedSignatures(0))
				run(b, e, s.Size, item, actions)
			})
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	forEach(b, func(b *testing.B, e *dbesdk.Encryptor, size int, item crypto.Item, actions crypto.Actions) {
		sealed, err := e.EncryptItem(b.Context(), itemtest.BenchTable, actions, item)
		itemtest.Check(b, err)
		b.Run("all", func(b *testing.B) {
			itemtest.Measure(b, size, func() error {
				_, err := e.EncryptItem(b.Context(), itemtest.BenchTable, actions, item)
				return err
			})
		})
		b.Run("floor", func(b *testing.B) { floor(b, size, actions, sealed, true) })
	})
}

func BenchmarkOpen(b *testing.B) {
	forEach(b, func(b *testing.B, e *dbesdk.Encryptor, size int, item crypto.Item, actions crypto.Actions) {
		sealed, err := e.EncryptItem(b.Context(), itemtest.BenchTable, actions, item)
		itemtest.Check(b, err)
		e.Close() // making key pairs would take from what is measured
		b.Run("all", func(b *testing.B) {
			itemtest.Measure(b, size, func() error {
				_, err := e.DecryptItem(b.Context(), itemtest.BenchTable, actions, sealed)
				return err
			})
		})
		b.Run("floor", func(b *testing.B) { floor(b, size, actions, sealed, false) })
	})
}

// BenchmarkOpenAgain opens an item whose signature is remembered.
func BenchmarkOpenAgain(b *testing.B) {
	for _, s := range itemtest.BenchSizes {
		item, actions := itemtest.BenchItem(s.Size, s.Attributes)
		b.Run(s.Name, func(b *testing.B) {
			e := newEncryptor(b, rawAES(b, "key"))
			sealed, err := e.EncryptItem(b.Context(), itemtest.BenchTable, actions, item)
			itemtest.Check(b, err)
			e.Close()
			itemtest.Measure(b, s.Size, func() error {
				_, err := e.DecryptItem(b.Context(), itemtest.BenchTable, actions, sealed)
				return err
			})
		})
	}
}

// floor runs the primitives that sealed needs, on its bytes: AES-GCM for each
// encrypted attribute, the data key and the intermediate key; SHA-384 over
// everything; HKDF for two keys each from the data key and the intermediate
// key; HMAC for commitment and tag; and one signature or its verification.
// Making the key pair, which costs about as much as half a signature, is not in
// it: that happens beforehand, unless the machine is as busy as it is here.
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
			p.signed = append([]byte(v.Value["text"].(*types.AttributeValueMemberS).Value),
				v.Value["raw"].(*types.AttributeValueMemberB).Value...)
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
		for range 2 {
			secret, err := hkdf.Extract(sha512.New, key, nil)
			itemtest.Check(b, err)
			for range 2 {
				_, err := hkdf.Expand(sha512.New, secret, "purpose", 32)
				itemtest.Check(b, err)
			}
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
