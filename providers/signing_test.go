package providers_test

import (
	stdcrypto "crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
)

var message = []byte("what is signed")

func TestHMACsAreThoseOfRFC4231(t *testing.T) {
	// Test case 2.
	for algorithm, want := range map[string]string{
		"HmacSHA224": "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
		"HmacSHA256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"HmacSHA384": "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
		"HmacSHA512": "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
	} {
		h, err := providers.NewHMAC(algorithm, []byte("Jefe"))
		check(t, err)
		got, err := h.Sign([]byte("what do ya want for nothing?"))
		check(t, err)
		if hex.EncodeToString(got) != want || h.Algorithm() != algorithm {
			t.Errorf("%s: %x", algorithm, got)
		}
	}
}

func TestSignaturesVerifyOnlyAsTheyWereMade(t *testing.T) {
	hmac, err := providers.NewHMAC("HmacSHA256", []byte("a key"))
	check(t, err)
	otherHMAC, err := providers.NewHMAC("HmacSHA256", []byte("another key"))
	check(t, err)
	type pair struct {
		signer          providers.Signer
		verifier, other providers.Verifier
	}
	all := map[string]pair{"HmacSHA256": {hmac, hmac, otherHMAC}}
	rsaKey, ecKey := rsaKey(t), ecKey(t)
	for algorithm, key := range map[string]stdcrypto.Signer{
		"SHA224withRSA": rsaKey, "SHA256withRSA": rsaKey, "SHA384withRSA": rsaKey, "SHA512withRSA": rsaKey,
		"SHA256withECDSA": ecKey, "SHA384withECDSA": ecKey, "SHA512withECDSA": ecKey,
	} {
		signer, err := providers.NewSigner(algorithm, key)
		check(t, err)
		verifier, err := providers.NewVerifier(algorithm, key.Public())
		check(t, err)
		all[algorithm] = pair{signer, verifier, hmac}
	}
	for algorithm, p := range all {
		if p.signer.Algorithm() != algorithm {
			t.Errorf("%s: Algorithm returns %s", algorithm, p.signer.Algorithm())
		}
		signature, err := p.signer.Sign(message)
		check(t, err)
		for _, named := range []string{algorithm, ""} {
			if err := p.verifier.Verify(named, message, signature); err != nil {
				t.Errorf("%s named %q: %v", algorithm, named, err)
			}
		}
		damaged := slices.Clone(signature)
		damaged[len(damaged)/2] ^= 1
		if p.verifier.Verify(algorithm, message, damaged) == nil || p.verifier.Verify(algorithm, message, nil) == nil ||
			p.verifier.Verify(algorithm, []byte("another"), signature) == nil || p.other.Verify(algorithm, message, signature) == nil {
			t.Errorf("%s: another message, signature or key verifies too", algorithm)
		}
		// No algorithm that an item could name makes the verifier check another
		// kind of signature.
		for _, other := range []string{"none", "NONEwithRSA", "HmacSHA1", "HmacSHA512", "HmacSHA256", "SHA1withRSA", "SHA256withRSA", "SHA512withRSA", "SHA256withECDSA", "sha256withrsa", "SHA256withRSA/PSS"} {
			if other != algorithm && p.verifier.Verify(other, message, signature) == nil {
				t.Errorf("%s verifies as %s", algorithm, other)
			}
		}
	}
}

func TestAPublicKeyIsNoHMACKey(t *testing.T) {
	key := rsaKey(t)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	check(t, err)
	forger, err := providers.NewHMAC("HmacSHA256", der)
	check(t, err)
	forged, err := forger.Sign(message)
	check(t, err)
	verifier, err := providers.NewVerifier("SHA256withRSA", &key.PublicKey)
	check(t, err)
	for _, algorithm := range []string{"", "HmacSHA256", "SHA256withRSA"} {
		if verifier.Verify(algorithm, message, forged) == nil {
			t.Errorf("an HMAC keyed with the public key verifies as %q", algorithm)
		}
	}
}

func TestAnItemMayNameAnotherHashForItsKindOfKey(t *testing.T) {
	key := rsaKey(t)
	signer, err := providers.NewSigner("SHA512withRSA", key)
	check(t, err)
	verifier, err := providers.NewVerifier("SHA256withRSA", &key.PublicKey)
	check(t, err)
	signature, err := signer.Sign(message)
	check(t, err)
	check(t, verifier.Verify("SHA512withRSA", message, signature))
}

func TestUnfitSigningKeysAreRefused(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	check(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	rsaKey, ecKey := rsaKey(t), ecKey(t)
	for name, c := range map[string]struct {
		algorithm string
		key       stdcrypto.Signer
	}{
		"no key":            {"SHA256withRSA", nil},
		"small RSA key":     {"SHA256withRSA", small},
		"RSA for ECDSA":     {"SHA256withECDSA", rsaKey},
		"ECDSA for RSA":     {"SHA256withRSA", ecKey},
		"Ed25519":           {"SHA256withRSA", ed},
		"HMAC":              {"HmacSHA256", rsaKey},
		"SHA-1":             {"SHA1withRSA", rsaKey},
		"unknown algorithm": {"rot13", rsaKey},
	} {
		_, err := providers.NewSigner(c.algorithm, c.key)
		if unknown := slices.Contains([]string{"HMAC", "SHA-1", "unknown algorithm"}, name); unknown && !strings.Contains(err.Error(), "unknown algorithm") {
			t.Errorf("sign, %s: got %v, want that it is unknown", name, err)
		}
		if !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("sign, %s: got %v, want ErrNoUsableKey", name, err)
		}
		var public stdcrypto.PublicKey
		if c.key != nil {
			public = c.key.Public()
		}
		if _, err := providers.NewVerifier(c.algorithm, public); !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("verify, %s: got %v, want ErrNoUsableKey", name, err)
		}
	}
	for algorithm, key := range map[string]string{"HmacSHA256": "", "HmacSHA1": "key", "": "key", "none": "key"} {
		if _, err := providers.NewHMAC(algorithm, []byte(key)); !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("HMAC %q with key %q: got %v, want ErrNoUsableKey", algorithm, key, err)
		}
	}
}

func TestAnHMACKeyIsCopied(t *testing.T) {
	key := []byte("a key that is reused")
	h, err := providers.NewHMAC("HmacSHA256", key)
	check(t, err)
	before, _ := h.Sign(message)
	clear(key)
	if after, _ := h.Sign(message); !slices.Equal(before, after) {
		t.Error("the key changed with the caller's slice")
	}
}

func rsaKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	return key
}

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return key
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
