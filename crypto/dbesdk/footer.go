package dbesdk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

const (
	recipientTagSize = 48
	// signatureSize is the only size of a signature that the official clients
	// accept. About half of all P-384 signatures in DER have it.
	signatureSize = 103
	// chunkSize is how many bytes of a text are copied at a time to be hashed.
	chunkSize = 1 << 10
)

// canonicalHash returns what the footer authenticates: the SHA-384 of the
// header with its commitment, of the whole encryption context (aad), and of
// each signed attribute in canonical order. legend has one letter for each
// attribute.
// (specification/structured-encryption/footer.md#canonical-hash)
func canonicalHash(head, aad []byte, table string, fields []field, legend []byte) []byte {
	hash := sha512.New384()
	hash.Write(head)
	hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(aad))))
	hash.Write(aad)
	var buffer []byte
	for i, f := range fields {
		buffer = appendPath(buffer[:0], table, f.name)
		if legend[i] == legendEncrypted {
			// The stored binary begins with the type of the encrypted value.
			buffer = binary.BigEndian.AppendUint64(buffer, uint64(f.Len()-2))
			buffer = append(buffer, "ENCRYPTED"...)
		} else {
			buffer = binary.BigEndian.AppendUint64(buffer, uint64(f.Len()))
			buffer = append(buffer, "PLAINTEXT"...)
			buffer = binary.BigEndian.AppendUint16(buffer, uint16(f.Type))
		}
		hash.Write(buffer)
		hash.Write(f.Data)
		for text := f.Text; text != ""; text = text[len(buffer):] {
			buffer = append(buffer[:0], text[:min(len(text), chunkSize)]...)
			hash.Write(buffer)
		}
	}
	return hash.Sum(nil)
}

func recipientTag(signingKey, hash []byte) []byte {
	mac := hmac.New(sha512.New384, signingKey)
	mac.Write(hash)
	return mac.Sum(nil)
}

// makeFooter returns a footer with a tag for each symmetric signing key and, if
// there is a private key, a signature.
func makeFooter(hash []byte, signingKeys [][]byte, private *ecdsa.PrivateKey) ([]byte, error) {
	footer := make([]byte, 0, len(signingKeys)*recipientTagSize+signatureSize)
	for _, key := range signingKeys {
		footer = append(footer, recipientTag(key, hash)...)
	}
	if private == nil {
		return footer, nil
	}
	signature, err := sign(private, hash)
	return append(footer, signature...), err
}

// sign returns a signature of signatureSize bytes. If a signature has another
// size, its twin nearly always has the right one. If not, sign tries again, and
// 100 attempts suffice for all practical purposes.
func sign(private *ecdsa.PrivateKey, hash []byte) ([]byte, error) {
	digest := sha512.Sum384(hash)
	for range 100 {
		signature, err := ecdsa.SignASN1(rand.Reader, private, digest[:])
		if err != nil {
			return nil, err
		}
		if len(signature) != signatureSize {
			if signature, err = twin(signature); err != nil {
				return nil, err
			}
		}
		if len(signature) == signatureSize {
			return signature, nil
		}
	}
	return nil, errors.New("no signature of the right size")
}

// twin returns the other signature that is valid for the same hash: (r, n-s)
// for (r, s). If s takes 48 bytes in DER, n-s mostly takes 49, and vice versa.
func twin(signature []byte) ([]byte, error) {
	var r, s big.Int
	var both cryptobyte.String
	input := cryptobyte.String(signature)
	if !input.ReadASN1(&both, asn1.SEQUENCE) || !input.Empty() ||
		!both.ReadASN1Integer(&r) || !both.ReadASN1Integer(&s) || !both.Empty() {
		return nil, errors.New("the signature is not in DER")
	}
	s.Sub(elliptic.P384().Params().N, &s)
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(&r)
		b.AddASN1BigInt(&s)
	})
	return b.Bytes()
}

// verifyFooter reports whether one of the footer's tags matches the symmetric
// signing key and, if the item has a signature, whether it is valid. n is the number
// of encrypted data keys. valid verifies a signature of hash; it is nil for an item
// without one.
func verifyFooter(footer, hash []byte, n int, signingKey []byte, valid func(signature []byte) bool) bool {
	size := n * recipientTagSize
	if valid != nil {
		size += signatureSize
	}
	if len(footer) != size {
		return false
	}
	want := recipientTag(signingKey, hash)
	found := 0
	for i := range n {
		found |= subtle.ConstantTimeCompare(want, footer[i*recipientTagSize:(i+1)*recipientTagSize])
	}
	return found == 1 && (valid == nil || valid(footer[n*recipientTagSize:]))
}

// encodePublicKey returns a key in the form of the encryption context: the
// compressed point in base64.
func encodePublicKey(public *ecdsa.PublicKey) (string, error) {
	point, err := public.Bytes() // uncompressed: 4, x, y
	if err != nil {
		return "", err
	}
	size := (len(point) - 1) / 2
	compressed := append([]byte{2 | point[len(point)-1]&1}, point[1:1+size]...)
	return base64.StdEncoding.EncodeToString(compressed), nil
}

// compressedSize is the size of a compressed point of P-384, in bytes.
const compressedSize = 1 + 48

// decodePublicKey returns the compressed point of a public key. Whether it is on the
// curve is found out when a signature is verified.
func decodePublicKey(text string) ([]byte, error) {
	compressed, err := decodeBase64(text)
	if err != nil {
		return nil, err
	}
	if len(compressed) != compressedSize {
		return nil, fmt.Errorf("%d bytes are not a compressed point of P-384", len(compressed))
	}
	return compressed, nil
}

func decodePoint(compressed []byte) (*ecdsa.PublicKey, error) {
	curve := elliptic.P384()
	x, y := elliptic.UnmarshalCompressed(curve, compressed)
	if x == nil {
		return nil, fmt.Errorf("%d bytes are not a compressed point of P-384", len(compressed))
	}
	size := (curve.Params().BitSize + 7) / 8
	point := make([]byte, 1+2*size)
	point[0] = 4
	x.FillBytes(point[1 : 1+size])
	y.FillBytes(point[1+size:])
	return ecdsa.ParseUncompressedPublicKey(curve, point)
}
