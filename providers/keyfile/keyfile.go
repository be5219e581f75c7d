// Package keyfile reads RSA and ECDSA keys from PEM and DER files.
//
//	private, err := keyfile.Private(pemBytes) // a crypto.Signer; an *rsa.PrivateKey is a crypto.Decrypter too
//	public, err := keyfile.Public(pemBytes)
//
// It does not read private keys that are encrypted with a password. Keep such
// keys in a secret store or in a hardware security module instead.
package keyfile

import (
	"bytes"
	stdcrypto "crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Private reads a private key in PKCS #8, PKCS #1 or SEC 1 format, as PEM or
// DER. The result is an *rsa.PrivateKey or an *ecdsa.PrivateKey. Errors contain
// nothing of the input.
func Private(data []byte) (stdcrypto.Signer, error) {
	der, kind, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	var key any
	switch kind {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(der)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(der)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(der)
	case "":
		key, err = firstOf(der, parsePKCS8, parsePKCS1, parseSEC1)
	default:
		return nil, fmt.Errorf("private key: %w", wrongBlock(kind))
	}
	if err != nil {
		return nil, errors.New("private key: malformed or of an unknown kind")
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key, nil
	case *ecdsa.PrivateKey:
		return key, nil
	}
	return nil, fmt.Errorf("private key: a %T; only RSA and ECDSA keys are supported", key)
}

// Public reads a public key in PKIX or PKCS #1 format, or from an X.509
// certificate, as PEM or DER. It does not verify the certificate. The result is
// an *rsa.PublicKey or an *ecdsa.PublicKey.
func Public(data []byte) (stdcrypto.PublicKey, error) {
	der, kind, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	var key any
	switch kind {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(der)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(der)
	case "CERTIFICATE":
		key, err = parseCertificate(der)
	case "":
		key, err = firstOf(der, x509.ParsePKIXPublicKey, parsePKCS1Public, parseCertificate)
	default:
		return nil, fmt.Errorf("public key: %w", wrongBlock(kind))
	}
	if err != nil {
		return nil, errors.New("public key: malformed or of an unknown kind")
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key, nil
	case *ecdsa.PublicKey:
		return key, nil
	}
	return nil, fmt.Errorf("public key: a %T; only RSA and ECDSA keys are supported", key)
}

// decode returns the DER bytes of a file and the type of its PEM block, empty
// if the file is DER already.
func decode(data []byte) (der []byte, kind string, err error) {
	if !bytes.Contains(data, []byte("-----BEGIN")) {
		if len(data) == 0 {
			return nil, "", errors.New("empty")
		}
		return data, "", oneElement(data)
	}
	block, rest := pem.Decode(data)
	if block == nil {
		return nil, "", errors.New("malformed PEM")
	}
	if block.Type == "EC PARAMETERS" { // openssl writes it before an EC key
		if block, rest = pem.Decode(rest); block == nil {
			return nil, "", errors.New("malformed PEM")
		}
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, "", errors.New("data after the first PEM block")
	}
	if block.Headers["Proc-Type"] != "" || block.Type == "ENCRYPTED PRIVATE KEY" {
		return nil, "", errors.New("encrypted with a password, which is not supported")
	}
	return block.Bytes, block.Type, oneElement(block.Bytes)
}

// wrongBlock returns an error that names the type of a PEM block, if it is one
// that is easily confused with a key. Any other type is part of the input and is
// not shown.
func wrongBlock(kind string) error {
	switch kind {
	case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY",
		"PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE", "CERTIFICATE REQUEST":
		return fmt.Errorf("a PEM block of type %q does not contain one", kind)
	}
	return errors.New("a PEM block of an unknown type")
}

// oneElement rejects bytes after the key, which some parsers of crypto/x509
// ignore.
func oneElement(der []byte) error {
	s := cryptobyte.String(der)
	if !s.SkipASN1(asn1.SEQUENCE) || !s.Empty() {
		return errors.New("malformed or followed by more bytes")
	}
	return nil
}

// firstOf tries parsers one after another. No key is valid in two of the
// formats.
func firstOf(der []byte, parsers ...func([]byte) (any, error)) (key any, err error) {
	for _, parse := range parsers {
		if key, err = parse(der); err == nil {
			return key, nil
		}
	}
	return nil, err
}

func parsePKCS8(der []byte) (any, error)       { return x509.ParsePKCS8PrivateKey(der) }
func parsePKCS1(der []byte) (any, error)       { return x509.ParsePKCS1PrivateKey(der) }
func parseSEC1(der []byte) (any, error)        { return x509.ParseECPrivateKey(der) }
func parsePKCS1Public(der []byte) (any, error) { return x509.ParsePKCS1PublicKey(der) }

func parseCertificate(der []byte) (any, error) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return certificate.PublicKey, nil
}
