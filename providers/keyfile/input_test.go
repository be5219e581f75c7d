package keyfile_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/providers/keyfile"
)

// Files get mixed up, and errors get logged, so no part of a wrong file may be in
// the error.
func TestErrorsShowNothingOfTheInput(t *testing.T) {
	const canary = "CANARY VALUE"
	secret := []byte("\x30\x10" + canary + "....")
	ecKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	private := must(x509.MarshalPKCS8PrivateKey(ecKey))(t)
	shown := []string{canary, hex.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString(secret)[:16],
		strings.ToUpper(hex.EncodeToString([]byte(canary))), base64.StdEncoding.EncodeToString(private)[40:60]}
	kinds := []string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE", "EC PARAMETERS", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY", canary, ""}
	var inputs [][]byte
	for _, body := range [][]byte{[]byte(canary), secret, private, append(bytes.Clone(private), canary...)} {
		inputs = append(inputs, body)
		for _, kind := range kinds {
			block := inPEM(kind, body)
			inputs = append(inputs, block,
				append(bytes.Clone(block), canary...),
				append(bytes.Clone(block), block...),
				block[:len(block)-10], block[:len(block)/2],
				bytes.ReplaceAll(block, []byte("-----END"), []byte("-----END "+canary)),
				pem.EncodeToMemory(&pem.Block{Type: kind, Headers: map[string]string{canary: canary}, Bytes: body}),
				pem.EncodeToMemory(&pem.Block{Type: kind, Headers: map[string]string{"Proc-Type": canary}, Bytes: body}))
		}
	}
	refused := 0
	for _, input := range inputs {
		_, privateErr := keyfile.Private(input)
		_, publicErr := keyfile.Public(input)
		for _, err := range []error{privateErr, publicErr} {
			if err == nil {
				continue
			}
			refused++
			for _, s := range shown {
				if strings.Contains(err.Error(), s) {
					t.Errorf("the error shows %q: %v", s, err)
				}
			}
		}
	}
	if refused < len(inputs) {
		t.Errorf("of %d inputs only %d were refused", len(inputs), refused)
	}
}

// The usual mistake is to pass the public key's file for the private one, or the
// other way around.
func TestAWrongBlockIsNamed(t *testing.T) {
	key := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	if _, err := keyfile.Private(inPEM("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&key.PublicKey))(t))); err == nil || !strings.Contains(err.Error(), `"PUBLIC KEY"`) {
		t.Errorf("a public key where a private one is expected: %v", err)
	}
	if _, err := keyfile.Public(inPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))); err == nil || !strings.Contains(err.Error(), `"RSA PRIVATE KEY"`) {
		t.Errorf("a private key where a public one is expected: %v", err)
	}
}

// No input makes the parsers panic, or return neither a key nor an error.
func FuzzKeys(f *testing.F) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{private, public, inPEM("PRIVATE KEY", private), inPEM("PUBLIC KEY", public), []byte("-----BEGIN"), {0x30, 0}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if key, err := keyfile.Private(data); (key == nil) == (err == nil) {
			t.Errorf("private: %T and %v", key, err)
		}
		if key, err := keyfile.Public(data); (key == nil) == (err == nil) {
			t.Errorf("public: %T and %v", key, err)
		}
	})
}
