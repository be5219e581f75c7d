// Package p384 verifies the ECDSA signatures of items with the P-384 of
// github.com/cloudflare/circl, which takes about half of the time of the standard
// library. Pass a [Verifier] to dbesdk:
//
//	encryptor, err := dbesdk.New(keys, dbesdk.WithVerifier(p384.Verifier{}))
//
// Signatures are public, so nothing secret is computed with. Items are still signed
// by the standard library, and in FIPS 140-3 mode dbesdk refuses the option. Without
// it, dbesdk already remembers the signatures of items that are opened often; use it
// where many different items are opened.
//
// On other processors than amd64 and arm64, circl falls back to the standard library.
package p384

import (
	"crypto/elliptic"
	"math/big"

	circl "github.com/cloudflare/circl/ecc/p384"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ddbenc/ddbenc/crypto/dbesdk"
)

// Verifier verifies ECDSA signatures on P-384. It is safe for concurrent use.
type Verifier struct{}

var _ dbesdk.Verifier = Verifier{}

// size is that of a coordinate, a scalar and a SHA-384, in bytes.
const size = 48

// Verify implements [dbesdk.Verifier]. (FIPS 186-5, section 6.4.2)
func (Verifier) Verify(publicKey, digest, signature []byte) bool {
	if len(publicKey) != 1+size || len(digest) != size {
		return false
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P384(), publicKey)
	if x == nil {
		return false
	}
	n := elliptic.P384().Params().N
	r, s, ok := parse(signature, n)
	if !ok {
		return false
	}
	w := s.ModInverse(s, n)
	u1 := new(big.Int).SetBytes(digest)
	u1.Mul(u1, w).Mod(u1, n)
	u2 := w.Mul(r, w)
	u2.Mod(u2, n)

	curve := circl.P384()
	px, py := curve.CombinedMult(x, y, u1.FillBytes(make([]byte, size)), u2.FillBytes(make([]byte, size)))
	if curve.IsAtInfinity(px, py) {
		return false
	}
	return px.Mod(px, n).Cmp(r) == 0
}

// parse parses a signature in DER, strictly. Both numbers are from 1 to n-1.
func parse(signature []byte, n *big.Int) (r, s *big.Int, ok bool) {
	var rBytes, sBytes []byte
	var both cryptobyte.String
	input := cryptobyte.String(signature)
	if !input.ReadASN1(&both, asn1.SEQUENCE) || !input.Empty() ||
		!both.ReadASN1Integer(&rBytes) || !both.ReadASN1Integer(&sBytes) || !both.Empty() {
		return nil, nil, false
	}
	r, s = new(big.Int).SetBytes(rBytes), new(big.Int).SetBytes(sBytes)
	inRange := func(i *big.Int) bool { return i.Sign() > 0 && i.Cmp(n) < 0 }
	return r, s, inRange(r) && inRange(s)
}
