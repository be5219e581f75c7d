package dbesdk

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/fips140"
	"crypto/sha512"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

// validBy verifies signatures of hash with a public key.
func validBy(t testing.TB, public *ecdsa.PublicKey, hash []byte) func(signature []byte) bool {
	t.Helper()
	text, err := encodePublicKey(public)
	itemtest.Check(t, err)
	compressed, err := decodePublicKey(text)
	itemtest.Check(t, err)
	return func(signature []byte) bool {
		return (*verified)(nil).verify(standardVerifier{}, compressed, hash, signature)
	}
}

// countingVerifier counts what it verifies.
type countingVerifier struct {
	mu    sync.Mutex
	calls int
}

func (v *countingVerifier) Verify(publicKey, digest, signature []byte) bool {
	v.mu.Lock()
	v.calls++
	v.mu.Unlock()
	return standardVerifier{}.Verify(publicKey, digest, signature)
}

// signatureCase is a valid signature.
type signatureCase struct{ publicKey, hash, signature []byte }

func newSignatureCase(t testing.TB, content byte) signatureCase {
	t.Helper()
	pair, err := newPair()
	itemtest.Check(t, err)
	hash := bytes.Repeat([]byte{content}, 48)
	signature, err := sign(pair, hash)
	itemtest.Check(t, err)
	text, err := encodePublicKey(&pair.PublicKey)
	itemtest.Check(t, err)
	compressed, err := decodePublicKey(text)
	itemtest.Check(t, err)
	return signatureCase{compressed, hash, signature}
}

func TestVerified_VerifiesASignatureOnce(t *testing.T) {
	v, counter, c := newVerified(10), &countingVerifier{}, newSignatureCase(t, 1)
	for range 3 {
		if !v.verify(counter, c.publicKey, c.hash, c.signature) {
			t.Fatal("a valid signature does not verify")
		}
	}
	if counter.calls != 1 {
		t.Errorf("it was verified %d times", counter.calls)
	}
}

func TestVerified_KnowsNothingElseThanWhatItVerified(t *testing.T) {
	v, counter := newVerified(10), &countingVerifier{}
	a, b := newSignatureCase(t, 1), newSignatureCase(t, 2)
	for _, c := range []signatureCase{a, b} {
		v.verify(counter, c.publicKey, c.hash, c.signature)
	}
	for what, c := range map[string]signatureCase{
		"another key":       {b.publicKey, a.hash, a.signature},
		"another hash":      {a.publicKey, b.hash, a.signature},
		"another signature": {a.publicKey, a.hash, b.signature},
		"no signature":      {a.publicKey, a.hash, nil},
		"one bit less":      {a.publicKey, a.hash, a.signature[:len(a.signature)-1]},
		"moved boundaries":  {a.publicKey[:48], slices.Concat(a.publicKey[48:], a.hash), a.signature},
	} {
		for range 2 { // a failure is not remembered as a success
			if v.verify(counter, c.publicKey, c.hash, c.signature) {
				t.Errorf("%s verifies", what)
			}
		}
	}
}

func TestVerified_IsBounded(t *testing.T) {
	v := newVerified(10)
	for i := range 1000 {
		v.add(signatureID([]byte{byte(i), byte(i >> 8)}, nil, nil))
		if n := len(v.young) + len(v.older); n > 10 {
			t.Fatalf("%d signatures are remembered", n)
		}
	}
	recent := signatureID([]byte{byte(999 & 0xff), byte(999 >> 8)}, nil, nil)
	if !v.has(recent) {
		t.Error("the most recent one is forgotten")
	}
}

func TestVerified_KeepsWhatIsUsed(t *testing.T) {
	v := newVerified(10)
	used := signatureID([]byte("used"), nil, nil)
	v.add(used)
	for i := range 1000 {
		v.add(signatureID([]byte{byte(i), byte(i >> 8)}, nil, nil))
		if i%3 == 0 && !v.has(used) {
			t.Fatalf("forgotten after %d others", i)
		}
	}
}

func TestEncryptor_VerifiesAnItemThatChangedAgain(t *testing.T) {
	keys, err := raw.NewAES("test", "key", make([]byte, 32))
	itemtest.Check(t, err)
	counter := &countingVerifier{}
	options := []Option{WithVerifier(counter)}
	if fips140.Enabled() {
		if _, err := New(keys, options...); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("in FIPS 140-3 mode: %v", err)
		}
		return
	}
	for remembered, want := range map[int]int{10: 1, 0: 3} {
		counter.calls = 0
		e, err := New(keys, append(options, WithRememberedSignatures(remembered))...)
		itemtest.Check(t, err)
		t.Cleanup(func() { e.Close() })
		table := crypto.TableInfo{Name: "items", PartitionKey: "id"}
		actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
		sealed, err := e.EncryptItem(t.Context(), table, actions, crypto.Item{
			"id": &types.AttributeValueMemberS{Value: "1"}, "a": &types.AttributeValueMemberS{Value: "x"}})
		itemtest.Check(t, err)
		for range 3 {
			_, err := e.DecryptItem(t.Context(), table, actions, sealed)
			itemtest.Check(t, err)
		}
		if counter.calls != want {
			t.Errorf("%d remembered: verified %d times", remembered, counter.calls)
		}
		foot, _ := binaryOf(sealed[FootAttribute])
		foot[len(foot)-1] ^= 1
		if _, err := e.DecryptItem(t.Context(), table, actions, sealed); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%d remembered: a changed signature: %v", remembered, err)
		}
	}
}

func TestNew_RefusesInvalidVerification(t *testing.T) {
	keys, err := raw.NewAES("test", "key", make([]byte, 32))
	itemtest.Check(t, err)
	for what, option := range map[string]Option{"nil": WithVerifier(nil), "negative": WithRememberedSignatures(-1)} {
		if _, err := New(keys, option); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestStandardVerifier_RefusesPointsThatAreNotOnTheCurve(t *testing.T) {
	c := newSignatureCase(t, 1)
	digest := sha512.Sum384(c.hash)
	for _, publicKey := range [][]byte{nil, {4}, make([]byte, compressedSize), bytes.Repeat([]byte{2}, compressedSize),
		c.publicKey[:48], append(slices.Clone(c.publicKey), 0)} {
		if (standardVerifier{}).Verify(publicKey, digest[:], c.signature) {
			t.Errorf("%x verifies", publicKey)
		}
	}
}
