package dbesdk

import (
	"bytes"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
	"github.com/ddbenc/ddbenc/crypto/internal/encoding"
	"github.com/ddbenc/ddbenc/crypto/internal/itemgen"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
)

// The encodings are not exported, so these tests are inside.

// asDecoded returns a value with its sets sorted as the format writes them.
func asDecoded(v types.AttributeValue) types.AttributeValue {
	return itemtest.Sorted(v, itemtest.Order{Strings: encoding.CompareUTF16, Binaries: bytes.Compare})
}

// Paths that could be read in two ways would let one attribute stand for
// another, or one table's for another's.
func TestPathsAreUnambiguousAndInOrder(t *testing.T) {
	// The length is that in UTF-16 code units: 1, 1 and 2.
	if got, want := appendPath(nil, "tab",
		"né😀"), "tab\x00\x00\x00\x00\x00\x00\x00\x01$\x00\x00\x00\x00\x00\x00\x00\x04n\xc3\xa9\xf0\x9f\x98\x80"; string(got) != want {
		t.Errorf("the path is %q, want %q", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfDistinct(rapid.OneOf(itemgen.Text(), rapid.String()), rapid.ID).Draw(t, "names")
		sortCanonically(names)
		for i := 1; i < len(names); i++ {
			if bytes.Compare(appendPath(nil, "table", names[i-1]), appendPath(nil, "table", names[i])) >= 0 {
				t.Fatalf("%q comes before %q", names[i-1], names[i])
			}
		}
	})
}

// Texts are hashed in chunks.
func TestCanonicalHash_CoversLongTexts(t *testing.T) {
	for _, n := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 5*chunkSize + 7} {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte('a' + i%26)
		}
		hash := func(e attribute.Encoded) []byte {
			return canonicalHash(nil, nil, "table", []field{{"name", e}}, []byte{legendSigned})
		}
		whole := hash(attribute.Encoded{Type: attribute.String, Data: data})
		if !bytes.Equal(hash(attribute.Encoded{Type: attribute.String, Text: string(data)}), whole) {
			t.Errorf("a text of %d bytes has another hash than its bytes", n)
		}
	}
}

// The counter advances by three blocks for each attribute, and 44 of their 48
// bytes are used.
func TestEachEncryptedAttributeHasAKeyOfItsOwn(t *testing.T) {
	item, err := newItemKeys(bytes.Repeat([]byte{1}, keySize), [messageIDSize]byte{2})
	itemtest.Check(t, err)
	keys, err := item.fieldKeys()
	itemtest.Check(t, err)
	seen := make(map[string]bool)
	for range 300 { // past the counter's first byte
		aead, nonce, err := keys.next()
		itemtest.Check(t, err)
		if len(nonce) != nonceSize {
			t.Fatalf("a nonce of %d bytes", len(nonce))
		}
		for _, b := range []string{string(nonce), string(aead.Seal(nil, make([]byte, nonceSize), nil, nil))} {
			if seen[b] {
				t.Fatal("a key or nonce comes twice")
			}
			seen[b] = true
		}
	}
}

func TestTheTwinOfASignatureVerifiesToo(t *testing.T) {
	pair, err := newPair()
	itemtest.Check(t, err)
	for range 20 {
		signature, err := sign(pair, make([]byte, 48))
		itemtest.Check(t, err)
		other, err := twin(signature)
		itemtest.Check(t, err)
		same, err := twin(other)
		itemtest.Check(t, err)
		if !bytes.Equal(same, signature) || bytes.Equal(other, signature) {
			t.Errorf("the twin of %x is %x, and of that %x", signature, other, same)
		}
		tag := recipientTag(make([]byte, keySize), make([]byte, 48))
		for _, c := range []struct {
			signature []byte
			want      bool
		}{{signature, true}, {other, len(other) == signatureSize}} {
			if got := verifyFooter(append(slices.Clone(tag), c.signature...), make([]byte, 48), 1, make([]byte, keySize),
				validBy(t, &pair.PublicKey, make([]byte, 48))); got != c.want {
				t.Errorf("a signature of %d bytes verifies: %v", len(c.signature), got)
			}
		}
	}
	for _, malformed := range [][]byte{nil, {0x30}, {0x30, 0}, {0x30, 3, 2, 1, 1}, {0x30, 6, 2, 1, 1, 2, 1, 1, 0},
		{0x30, 7, 2, 1, 1, 2, 1, 1, 0}, {0x31, 6, 2, 1, 1, 2, 1, 1}} {
		if got, err := twin(malformed); err == nil {
			t.Errorf("%x has the twin %x", malformed, got)
		}
	}
}
