package interop_test

import (
	stdcrypto "crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"os"
	"strings"
	"testing"
)

// signingSpecs returns providers that sign with all algorithms but those that
// the other specs have: HmacSHA256, and SHA256withRSA for items wrapped with
// RSA.
func signingSpecs(t *testing.T) []providerSpec {
	t.Helper()
	secret := func() []byte {
		key := make([]byte, 32)
		rand.Read(key)
		return key
	}
	var all []providerSpec
	for _, algorithm := range []string{"HmacSHA224", "HmacSHA384", "HmacSHA512"} {
		all = append(all, providerSpec{Kind: "wrapped-aes", EncryptionKey: secret(), SigningKey: secret(), SigningAlgorithm: algorithm})
	}
	pair := func(algorithm string, private stdcrypto.Signer, err error) {
		t.Helper()
		check(t, err)
		privateKey, err := x509.MarshalPKCS8PrivateKey(private)
		check(t, err)
		publicKey, err := x509.MarshalPKIXPublicKey(private.Public())
		check(t, err)
		all = append(all, providerSpec{Kind: "wrapped-aes", EncryptionKey: secret(), SigningAlgorithm: algorithm, SigningPrivateKey: privateKey, SigningPublicKey: publicKey})
	}
	for _, algorithm := range []string{"SHA224withRSA", "SHA256withRSA", "SHA384withRSA", "SHA512withRSA"} {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		pair(algorithm, private, err)
	}
	for _, c := range []struct {
		algorithm string
		curve     elliptic.Curve
	}{
		{"SHA256withECDSA", elliptic.P256()}, {"SHA384withECDSA", elliptic.P384()}, {"SHA512withECDSA", elliptic.P521()},
		{"SHA512withECDSA", elliptic.P256()}, {"SHA256withECDSA", elliptic.P384()},
	} {
		private, err := ecdsa.GenerateKey(c.curve, rand.Reader)
		pair(c.algorithm, private, err)
	}
	return all
}

func TestEveryone_ReadsEverySigningAlgorithm(t *testing.T) {
	w := newLive(t)
	all := cases()[:5] // all types and actions
	for i, c := range all {
		createTable(t, w.items, caseTable(i), c.table(), c.plaintext())
	}
	results := matrix{parties: partyNames}
	for _, spec := range signingSpecs(t) {
		without := func(name string) bool { return name == "python" && strings.HasSuffix(spec.SigningAlgorithm, "ECDSA") }
		for _, writer := range partyNames {
			for i, c := range all {
				sealed, err := w.parties[writer].seal(t.Context(), spec, c)
				if without(writer) {
					if err == nil {
						t.Errorf("%s: %s seals, although it is known not to have the algorithm", spec.SigningAlgorithm, writer)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %s cannot seal %q: %v", spec.SigningAlgorithm, writer, c.name, err)
					continue
				}
				if problem := checkSealed(c, sealed); problem != "" {
					t.Errorf("%s: %s seals %q wrongly: %s", spec.SigningAlgorithm, writer, c.name, problem)
				}
				stored := w.store(t, caseTable(i), c.table(), sealed)
				for _, reader := range partyNames {
					opened, err := w.parties[reader].open(t.Context(), spec, c, stored)
					problem, why := compare(c, opened, err), ""
					if without(reader) {
						why = "Python has no ECDSA"
					}
					if (problem == "") != (why == "") {
						t.Errorf("%s: %s opens %q of %s: %s (%s)", spec.SigningAlgorithm, reader, c.name, writer, problem, why)
					}
					results.add(result{spec.SigningAlgorithm, c.name, writer, reader, problem == "", why})
				}
			}
		}
	}
	results.show(os.Stdout)
}
