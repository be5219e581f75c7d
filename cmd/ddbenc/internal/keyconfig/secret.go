package keyconfig

import (
	"bytes"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	stdcrypto "crypto"

	"github.com/ddbenc/ddbenc/providers/keyfile"
)

// maxKeyFile limits the size of a key in bytes. No key is that large, not even
// in PEM.
const maxKeyFile = 64 << 10

// secret says where a secret key is, never what it is. Someone may have entered
// the key itself in one of the fields, so errors do not contain them.
type secret struct {
	File     string `json:"file"`
	Env      string `json:"env"`
	Encoding string `json:"encoding"`
}

// public contains a public key or says where it is.
type public struct {
	secret
	Inline string `json:"inline"`
}

// read returns the bytes of a key from its source.
func (s secret) read(dir string) ([]byte, error) {
	switch {
	case (s.File == "") == (s.Env == ""):
		return nil, errors.New("specify the source of the key: either \"file\" or \"env\"")
	case s.Env != "":
		text, ok := os.LookupEnv(s.Env)
		if !ok || text == "" {
			return nil, errors.New("env: no environment variable of this name is set")
		}
		return []byte(text), nil
	}
	path := s.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, pathless("file", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, pathless("file", err)
	}
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("file: too large for a key (more than %d bytes)", maxKeyFile)
	}
	return data, nil
}

// pathless returns err without the path.
func pathless(what string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// symmetric returns a secret key. Its encoding must be specified: encoded text
// that is mistaken for the key itself would be another valid key.
func (f *File) symmetric(s *secret, where string) ([]byte, error) {
	if s == nil {
		return nil, fmt.Errorf("%s: the key is missing", where)
	}
	data, err := s.read(f.dir)
	if err != nil {
		return nil, at(where, err)
	}
	switch s.Encoding {
	case "raw":
		return data, nil
	case "base64", "hex":
		key, err := decodeText(s.Encoding, data)
		return key, at(where, err)
	}
	return nil, fmt.Errorf("%s: encoding: specify \"base64\", \"hex\" or, for a file with the bytes of the key, "+
		"\"raw\"", where)
}

// decodeText decodes text. It drops the decoder's error, which would contain
// some of the text.
func decodeText(encoding string, text []byte) (key []byte, err error) {
	text = bytes.TrimSpace(text)
	if encoding == "hex" {
		key, err = hex.DecodeString(string(text))
	} else {
		key, err = base64.StdEncoding.Strict().DecodeString(string(text))
	}
	if err != nil || len(key) == 0 {
		return nil, fmt.Errorf("encoding: the key is not %s", encoding)
	}
	return key, nil
}

// pem returns the bytes of a private or public key in PEM or DER.
func (s secret) pem(data []byte) ([]byte, error) {
	switch s.Encoding {
	case "":
		return data, nil
	case "base64", "hex":
		return decodeText(s.Encoding, data)
	}
	return nil, errors.New("encoding: leave it out for PEM or DER, or say \"base64\" or \"hex\" for DER that is " +
		"encoded so")
}

// private returns a private key, or nil if there is none.
func (f *File) private(s *secret, where string) (stdcrypto.Signer, error) {
	if s == nil {
		return nil, nil
	}
	data, err := s.read(f.dir)
	if err != nil {
		return nil, at(where, err)
	}
	if data, err = s.pem(data); err != nil {
		return nil, at(where, err)
	}
	key, err := keyfile.Private(data)
	return key, at(where, err)
}

// public returns a public key, or nil if there is none.
func (f *File) public(p *public, where string) (key stdcrypto.PublicKey, err error) {
	if p == nil {
		return nil, nil
	}
	data := []byte(p.Inline)
	if p.Inline == "" {
		if data, err = p.read(f.dir); err != nil {
			return nil, at(where, err)
		}
	} else if p.File != "" || p.Env != "" {
		return nil, fmt.Errorf("%s: specify one source of the key: \"file\", \"env\" or \"inline\"", where)
	}
	if data, err = p.pem(data); err != nil {
		return nil, at(where, err)
	}
	key, err = keyfile.Public(data)
	return key, at(where, err)
}

// rsaPair returns an RSA key pair. Halves that are not configured are nil.
func (f *File) rsaPair(pub *public, priv *secret, where string) (*rsa.PublicKey, stdcrypto.Decrypter, error) {
	signer, err := f.private(priv, join(where, "privateKey"))
	if err != nil {
		return nil, nil, err
	}
	decrypter, ok := signer.(stdcrypto.Decrypter)
	if signer != nil && !ok {
		return nil, nil, fmt.Errorf("%s.privateKey: not an RSA key", where)
	}
	key, err := f.public(pub, join(where, "publicKey"))
	if err != nil {
		return nil, nil, err
	}
	public, ok := key.(*rsa.PublicKey)
	if key != nil && !ok {
		return nil, nil, fmt.Errorf("%s.publicKey: not an RSA key", where)
	}
	return public, decrypter, nil
}
