package hierarchical

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/uuid"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

const (
	providerID = "aws-kms-hierarchy"

	saltSize    = 16
	nonceSize   = 12
	versionSize = 16 // a UUID
	sealedSize  = keyring.KeySize + 16
)

// wrapped is an intermediate key as the keyring wrapped it.
// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-hierarchical-keyring.md#ciphertext)
type wrapped struct {
	salt, nonce, version []byte
	sealed               []byte
}

// wrap wraps an intermediate key with a key that is derived from a branch key and
// used only once.
func wrap(branchKey *keystore.BranchKey, intermediate, aad []byte) ([]byte, error) {
	w := wrapped{salt: make([]byte, saltSize), nonce: make([]byte, nonceSize)}
	rand.Read(w.salt)
	rand.Read(w.nonce)
	version, ok := uuid.Parse(branchKey.Version)
	if !ok {
		return nil, fmt.Errorf("%w: the branch key's version %q is not a UUID in lower case",
			crypto.ErrNoUsableKey, branchKey.Version)
	}
	w.version = version[:]
	aead, err := w.cipher(branchKey)
	if err != nil {
		return nil, err
	}
	w.sealed = aead.Seal(nil, w.nonce, intermediate, w.aad(branchKey, aad))
	return slices.Concat(w.salt, w.nonce, w.version, w.sealed), nil
}

func parse(key keyring.EncryptedDataKey) (w wrapped, err error) {
	data, err := key.Wrapped()
	if err != nil {
		return w, err
	}
	s := cryptobyte.String(data)
	if !s.ReadBytes(&w.salt, saltSize) || !s.ReadBytes(&w.nonce, nonceSize) || !s.ReadBytes(&w.version, versionSize) ||
		!s.ReadBytes(&w.sealed, sealedSize) || !s.Empty() {
		return w, fmt.Errorf("%w: not the ciphertext of a hierarchical keyring", crypto.ErrTampered)
	}
	return w, nil
}

func (w wrapped) unwrap(branchKey *keystore.BranchKey, aad []byte) ([]byte, error) {
	aead, err := w.cipher(branchKey)
	if err != nil {
		return nil, err
	}
	intermediate, err := aead.Open(nil, w.nonce, w.sealed, w.aad(branchKey, aad))
	if err != nil {
		return nil, fmt.Errorf("%w: it does not unwrap with this branch key and encryption context", crypto.ErrTampered)
	}
	return intermediate, nil
}

// cipher returns AES-256-GCM with a key that is derived from the branch key and
// the salt: the only block of a counter-mode KDF with HMAC-SHA-256 (NIST SP
// 800-108).
func (w wrapped) cipher(branchKey *keystore.BranchKey) (cipher.AEAD, error) {
	mac := hmac.New(sha256.New, branchKey.Key())
	mac.Write([]byte{0, 0, 0, 1}) // the counter
	mac.Write([]byte(providerID))
	mac.Write([]byte{0})
	mac.Write(w.salt)
	mac.Write(binary.BigEndian.AppendUint32(nil, 8*keyring.KeySize)) // bits
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
	}
	return aead, nil
}

func (w wrapped) aad(branchKey *keystore.BranchKey, context []byte) []byte {
	return slices.Concat([]byte(providerID), []byte(branchKey.ID), w.version, context)
}
