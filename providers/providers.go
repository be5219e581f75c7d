// Package providers defines the cryptographic materials provider (CMP) of the
// DynamoDB Encryption Client format, which decides which keys protect an item
// and how they are found again. Keyrings, for the Database Encryption SDK
// format, are in package keyring.
//
// These packages have providers:
//
//   - mostrecent: versioned keys in a DynamoDB table, cached;
//   - directkms: one AWS KMS call for each item;
//   - wrapped: an encryption key for each item, stored in the item under a
//     wrapping key that you hold;
//   - static: the same keys for every item, which you hold.
//
// Package keyfile reads keys from files. A [Signer] signs items: [NewHMAC] with
// a secret key, [NewSigner] with a private key.
//
// Implement [Provider] to keep keys somewhere else, and test it with package
// providertest. Two mistakes are easily made. The material description that a
// provider receives for reading comes from the item and is not signed, so an
// attacker can choose it. And a [Verifier] must never let the description choose
// an algorithm of another kind than its key's.
package providers

import (
	"context"

	"github.com/ddbenc/ddbenc/crypto"
)

// EncryptionContext identifies the item that a provider returns materials for.
type EncryptionContext struct {
	// Table is the logical table that the item belongs to.
	Table crypto.TableInfo

	// Key has only the attributes of the item's primary key. Numbers are in the
	// normal form in which DynamoDB stores them.
	Key crypto.Item
}

// MaterialDescription is stored with an item and says which materials protect
// it. Anyone who can read the item can read it, and the item's signature does
// not cover it.
type MaterialDescription map[string]string

// EncryptionMaterials protect one item.
type EncryptionMaterials struct {
	// EncryptionKey is the AES key for encrypted attributes: 16, 24 or 32 bytes.
	// With a nil key, items can only be signed, and sealing an item that has an
	// attribute to encrypt fails.
	EncryptionKey []byte

	// Signer signs the item. It is never nil.
	Signer Signer

	// Description is stored with the item.
	Description MaterialDescription
}

// DecryptionMaterials open one item.
type DecryptionMaterials struct {
	// DecryptionKey is the AES key: 16, 24 or 32 bytes. A nil key opens only
	// items without encrypted attributes.
	DecryptionKey []byte

	// Verifier verifies the item. It is never nil.
	Verifier Verifier
}

// Provider returns the materials for each item. Implementations must be safe
// for concurrent use.
//
// Errors must wrap their cause and one of two kinds: [crypto.ErrNoUsableKey] if
// retrying cannot help, and [crypto.ErrKeyUnavailable] if there was no answer
// about the key because a key service could not be reached or the context ended.
// An error without a kind is treated as [crypto.ErrKeyUnavailable]. Callers
// retry these errors, so a changed item must never cause one.
type Provider interface {
	// EncryptionMaterials returns materials for sealing one item.
	EncryptionMaterials(ctx context.Context, ec EncryptionContext) (*EncryptionMaterials, error)

	// DecryptionMaterials returns materials for opening one item. description
	// is the one that is stored with it.
	DecryptionMaterials(
		ctx context.Context, ec EncryptionContext, description MaterialDescription,
	) (*DecryptionMaterials, error)
}

// Signer signs items. Implementations must be safe for concurrent use.
type Signer interface {
	// Algorithm returns the Java (JCA) name of the algorithm, such as HmacSHA256 or
	// SHA256withRSA. It is stored in the material description.
	Algorithm() string

	// Sign hashes message, as the algorithm requires, and returns its signature.
	Sign(message []byte) ([]byte, error)
}

// Verifier verifies the signatures of items. Implementations must be safe for
// concurrent use.
type Verifier interface {
	// Verify returns nil if signature is a valid signature of message. algorithm
	// is the one that the item's material description names, or empty. An
	// attacker can choose it, so Verify must reject algorithms of another kind
	// than the key's. An error that wraps [crypto.ErrKeyUnavailable] is returned
	// to the caller. Any other error means that the item does not verify.
	Verify(algorithm string, message, signature []byte) error
}
