package p384_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"math/big"
	mathrand "math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/c2sp/wycheproof"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ddbenc/ddbenc/contrib/p384"
)

// compress returns the compressed form of an uncompressed point.
func compress(point []byte) []byte {
	return append([]byte{2 | point[len(point)-1]&1}, point[1:49]...)
}

func TestVerifier_AgreesWithWycheproof(t *testing.T) {
	data, err := fs.ReadFile(wycheproof.TestVectors, "ecdsa_secp384r1_sha384_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		TestGroups []struct {
			PublicKey struct{ Uncompressed string }
			Tests     []struct {
				TcID                      int
				Comment, Msg, Sig, Result string
			}
		}
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, group := range vectors.TestGroups {
		point := decode(t, group.PublicKey.Uncompressed)
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), point)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range group.Tests {
			n++
			digest, signature := sha512.Sum384(decode(t, c.Msg)), decode(t, c.Sig)
			got := p384.Verifier{}.Verify(compress(point), digest[:], signature)
			if want := c.Result == "valid"; got != want {
				t.Errorf("%d (%s): %v, want %v", c.TcID, c.Comment, got, want)
			}
			if want := ecdsa.VerifyASN1(public, digest[:], signature); got != want {
				t.Errorf("%d (%s): %v, the standard library says %v", c.TcID, c.Comment, got, want)
			}
		}
	}
	if n < 400 {
		t.Errorf("only %d vectors", n)
	}
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// marshal returns a signature in DER.
func marshal(r, s *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(r)
		b.AddASN1BigInt(s)
	})
	return b.BytesOrPanic()
}

// DDBENC_SIGNATURES sets how many signatures are compared; a million take minutes.
func TestVerifier_AgreesWithTheStandardLibrary(t *testing.T) {
	signatures := 2000
	if text := os.Getenv("DDBENC_SIGNATURES"); text != "" {
		var err error
		if signatures, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			c := newComparison(t, uint64(worker))
			for range signatures / workers {
				if !c.one() {
					return
				}
			}
		})
	}
	group.Wait()
}

// comparison compares both verifiers on random and awkward signatures.
type comparison struct {
	t      *testing.T
	random *mathrand.Rand
	key    *ecdsa.PrivateKey
	point  []byte
	digest [48]byte
	valid  []byte
	used   int
}

func newComparison(t *testing.T, seed uint64) *comparison {
	return &comparison{t: t, random: mathrand.New(mathrand.NewPCG(seed, 3))}
}

// refresh makes a new key, digest and signature now and then, since making them
// takes longer than verifying.
func (c *comparison) refresh() {
	if c.used++; c.used%64 != 1 {
		return
	}
	var err error
	if c.key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader); err != nil {
		c.t.Error(err)
	}
	point, err := c.key.PublicKey.Bytes()
	if err != nil {
		c.t.Error(err)
	}
	c.point = compress(point)
	rand.Read(c.digest[:])
	if c.valid, err = ecdsa.SignASN1(rand.Reader, c.key, c.digest[:]); err != nil {
		c.t.Error(err)
	}
}

// one makes one comparison.
func (c *comparison) one() bool {
	c.refresh()
	n := elliptic.P384().Params().N
	digest, signature := c.digest, append([]byte(nil), c.valid...)
	var r, s big.Int
	var both cryptobyte.String
	input := cryptobyte.String(signature)
	input.ReadASN1(&both, asn1.SEQUENCE)
	both.ReadASN1Integer(&r)
	both.ReadASN1Integer(&s)
	switch c.random.IntN(8) {
	case 0: // valid
	case 1: // the twin, which is valid too
		signature = marshal(&r, new(big.Int).Sub(n, &s))
	case 2: // a bit flipped anywhere
		i := c.random.IntN(len(signature))
		signature[i] ^= 1 << c.random.IntN(8)
	case 3: // another digest, also extreme ones
		extreme := []byte{0, 0xff, 1, 0x80}
		for i := range digest {
			digest[i] = extreme[c.random.IntN(len(extreme))]
		}
	case 4: // numbers at the edges
		edge := func() *big.Int {
			edges := []*big.Int{big.NewInt(0), big.NewInt(1), big.NewInt(2), new(big.Int).Sub(n, big.NewInt(1)), n,
				new(big.Int).Add(n, big.NewInt(1)), new(big.Int).Rsh(n, 1), &r, &s, new(big.Int).Neg(&r)}
			return edges[c.random.IntN(len(edges))]
		}
		signature = marshal(edge(), edge())
	case 5: // a signature that fits u1 or u2 at an edge: r is the x of kG, and s is chosen
		k := make([]byte, 48)
		k[47] = byte(1 + c.random.IntN(3))
		nonce, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), k)
		if err != nil {
			c.t.Error(err)
			return false
		}
		point, err := nonce.PublicKey.Bytes()
		if err != nil {
			c.t.Error(err)
			return false
		}
		x := new(big.Int).SetBytes(point[1:49])
		signature = marshal(x.Mod(x, n), big.NewInt(int64(k[47])))
	case 6: // cut or with more at the end
		if c.random.IntN(2) == 0 {
			signature = signature[:c.random.IntN(len(signature))]
		} else {
			signature = append(signature, byte(c.random.IntN(256)))
		}
	case 7: // a digest of zero, for which u1 is zero
		digest = [48]byte{}
	}
	got := p384.Verifier{}.Verify(c.point, digest[:], signature)
	if want := ecdsa.VerifyASN1(&c.key.PublicKey, digest[:], signature); got != want {
		c.t.Errorf("key %x, digest %x, signature %x: %v, the standard library says %v", c.point, digest, signature, got, want)
		return false
	}
	return true
}

func TestVerifier_RefusesMalformedKeys(t *testing.T) {
	c := newComparison(t, 1)
	c.refresh()
	if !(p384.Verifier{}).Verify(c.point, c.digest[:], c.valid) {
		t.Fatal("a valid signature does not verify")
	}
	for _, point := range [][]byte{nil, {0}, {2}, make([]byte, 49), append([]byte{4}, c.point[1:]...), c.point[:48],
		append(append([]byte(nil), c.point...), 0)} {
		if (p384.Verifier{}).Verify(point, c.digest[:], c.valid) {
			t.Errorf("%x verifies", point)
		}
	}
	if (p384.Verifier{}).Verify(c.point, c.digest[:47], c.valid) {
		t.Error("a short digest verifies")
	}
}

func BenchmarkVerify(b *testing.B) {
	c := newComparison(nil, 1)
	c.refresh()
	b.Run("standard", func(b *testing.B) {
		for b.Loop() {
			x, y := elliptic.UnmarshalCompressed(elliptic.P384(), c.point)
			point := append([]byte{4}, x.FillBytes(make([]byte, 48))...)
			public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), append(point, y.FillBytes(make([]byte, 48))...))
			if err != nil || !ecdsa.VerifyASN1(public, c.digest[:], c.valid) {
				b.Fatal("invalid")
			}
		}
	})
	b.Run("circl", func(b *testing.B) {
		for b.Loop() {
			if !(p384.Verifier{}).Verify(c.point, c.digest[:], c.valid) {
				b.Fatal("invalid")
			}
		}
	})
}
