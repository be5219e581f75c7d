package keyfile_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/providers/keyfile"
)

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func inPEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestKeysAreReadFromPEMAndDER(t *testing.T) {
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	ecKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour)}

	for kind, der := range map[string][]byte{
		"PRIVATE KEY":     must(x509.MarshalPKCS8PrivateKey(rsaKey))(t),
		"RSA PRIVATE KEY": x509.MarshalPKCS1PrivateKey(rsaKey),
	} {
		for _, data := range [][]byte{der, inPEM(kind, der), append(inPEM(kind, der), "\n \n"...)} {
			if got, err := keyfile.Private(data); err != nil || !rsaKey.Equal(got) {
				t.Errorf("RSA, %s: %v", kind, err)
			}
			refuseDamaged(t, kind, data, func(b []byte) error { _, err := keyfile.Private(b); return err })
		}
	}
	for kind, der := range map[string][]byte{
		"PRIVATE KEY":    must(x509.MarshalPKCS8PrivateKey(ecKey))(t),
		"EC PRIVATE KEY": must(x509.MarshalECPrivateKey(ecKey))(t),
	} {
		for _, data := range [][]byte{der, inPEM(kind, der)} {
			if got, err := keyfile.Private(data); err != nil || !ecKey.Equal(got) {
				t.Errorf("ECDSA, %s: %v", kind, err)
			}
		}
	}
	// openssl ecparam -genkey writes the parameters before the key.
	sec1 := append(inPEM("EC PARAMETERS", []byte{6, 0}), inPEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ecKey))(t))...)
	if got, err := keyfile.Private(sec1); err != nil || !ecKey.Equal(got) {
		t.Errorf("parameters before the key: %v", err)
	}

	for kind, der := range map[string][]byte{
		"PUBLIC KEY":     must(x509.MarshalPKIXPublicKey(&rsaKey.PublicKey))(t),
		"RSA PUBLIC KEY": x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey),
		"CERTIFICATE":    must(x509.CreateCertificate(rand.Reader, template, template, &rsaKey.PublicKey, rsaKey))(t),
	} {
		for _, data := range [][]byte{der, inPEM(kind, der)} {
			if got, err := keyfile.Public(data); err != nil || !rsaKey.PublicKey.Equal(got) {
				t.Errorf("RSA, %s: %v", kind, err)
			}
			refuseDamaged(t, kind, data, func(b []byte) error { _, err := keyfile.Public(b); return err })
		}
	}
	for kind, der := range map[string][]byte{
		"PUBLIC KEY":  must(x509.MarshalPKIXPublicKey(&ecKey.PublicKey))(t),
		"CERTIFICATE": must(x509.CreateCertificate(rand.Reader, template, template, &ecKey.PublicKey, ecKey))(t),
	} {
		for _, data := range [][]byte{der, inPEM(kind, der)} {
			if got, err := keyfile.Public(data); err != nil || !ecKey.PublicKey.Equal(got) {
				t.Errorf("ECDSA, %s: %v", kind, err)
			}
		}
	}
}

func refuseDamaged(t *testing.T, kind string, data []byte, read func([]byte) error) {
	t.Helper()
	if read(append(data[:len(data):len(data)], "more"...)) == nil {
		t.Errorf("%s: trailing data is accepted", kind)
	}
	if read(data[:len(data)/2]) == nil {
		t.Errorf("%s: the first half alone is accepted", kind)
	}
}

func TestWhatIsNoSuchKeyIsRefusedWithoutShowingIt(t *testing.T) {
	ecKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	private := must(x509.MarshalPKCS8PrivateKey(ecKey))(t)
	public := must(x509.MarshalPKIXPublicKey(&ecKey.PublicKey))(t)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: private})
	for name, data := range map[string][]byte{
		"empty":              nil,
		"text":               []byte("secret"),
		"cut off PEM":        []byte("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n"),
		"text in PEM":        inPEM("PRIVATE KEY", []byte("secret")),
		"bytes after DER":    append(private[:len(private):len(private)], 0),
		"bytes after, PEM":   inPEM("PRIVATE KEY", append(private[:len(private):len(private)], 0)),
		"two keys":           append(inPEM("PRIVATE KEY", private), inPEM("PRIVATE KEY", private)...),
		"the wrong type":     inPEM("RSA PRIVATE KEY", private),
		"an unknown type":    inPEM("SECRET", private),
		"a password, PKCS 1": encrypted,
		"a password, PKCS 8": inPEM("ENCRYPTED PRIVATE KEY", private),
		"another algorithm":  must(x509.MarshalPKCS8PrivateKey(edKey))(t),
		"a public key":       inPEM("PUBLIC KEY", public),
	} {
		if key, err := keyfile.Private(data); err == nil {
			t.Errorf("%s: read as %T", name, key)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the input: %v", name, err)
		}
	}
	for _, kind := range []string{"PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE"} {
		if key, err := keyfile.Public(inPEM(kind, []byte{0x30, 0x00})); err == nil {
			t.Errorf("an empty sequence is read as the %s %v", kind, key)
		}
	}
	// The error gives the reason where that helps.
	for reason, data := range map[string][]byte{
		"empty":                          {},
		"encrypted with a passwo":        encrypted,
		"which is not supported":         inPEM("ENCRYPTED PRIVATE KEY", private),
		"malformed PEM":                  []byte("-----BEGIN PRIVATE KEY-----\n"),
		"data after the first PEM block": append(inPEM("PRIVATE KEY", private), inPEM("PRIVATE KEY", private)...),
	} {
		for what, read := range map[string]func() error{
			"private": func() error { _, err := keyfile.Private(data); return err },
			"public":  func() error { _, err := keyfile.Public(data); return err },
		} {
			if err := read(); err == nil || !strings.Contains(err.Error(), reason) || !strings.HasPrefix(err.Error(), what) {
				t.Errorf("%s: got %v, want %q", what, err, reason)
			}
		}
	}
	if key, err := keyfile.Public(inPEM("PRIVATE KEY", private)); err == nil {
		t.Errorf("a private key is read as the public %T", key)
	}
}
