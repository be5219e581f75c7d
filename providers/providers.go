// Package providers defines the cryptographic materials provider (CMP) of the
// DynamoDB Encryption Client format: the part that decides which keys protect
// an item and how they are found again.
//
// Pick one of the packages below it:
//
//   - static: you hold the keys, and the same ones protect every item;
//   - wrapped: a fresh encryption key for every item, stored in the item under
//     a wrapping key that you hold.
//
// Package keyfile reads the keys that they take. An item's signature comes from
// a [Signer]: [NewHMAC] for a secret key, [NewSigner] for a private one.
//
// Implement [Provider] yourself when keys live somewhere else. Two things are
// easily got wrong: the material description that a provider receives for
// reading comes from the item and is not signed, so it must be treated as an
// attacker's; and a [Verifier] must never let that description choose a kind
// of verification that its key is not for. Package providertest tests an
// implementation.
package providers

import (
	"context"

	"github.com/ddbenc/ddbenc/crypto"
)

// EncryptionContext is what a provider may know about the item that it
// supplies materials for.
type EncryptionContext struct {
	// Table is the logical table that the item belongs to.
	Table crypto.TableInfo

	// Key holds the item's primary key attributes and no others. Numbers are in
	// the normal form in which DynamoDB stores them.
	Key crypto.Item
}

// MaterialDescription is stored with an item to say which materials protect
// it. It is readable by anyone who can read the item, and not covered by the
// item's signature.
type MaterialDescription map[string]string

// EncryptionMaterials protect one item.
type EncryptionMaterials struct {
	// EncryptionKey is the AES key, 16, 24 or 32 bytes, for the attributes that
	// are encrypted. Nil materials sign only; sealing an item with an
	// attribute to encrypt then fails.
	EncryptionKey []byte

	// Signer signs the item. It is never nil.
	Signer Signer

	// Description is stored with the item.
	Description MaterialDescription
}

// DecryptionMaterials open one item.
type DecryptionMaterials struct {
	// DecryptionKey is the AES key, 16, 24 or 32 bytes. Nil opens only items
	// without encrypted attributes.
	DecryptionKey []byte

	// Verifier verifies the item. It is never nil.
	Verifier Verifier
}

// Provider supplies the materials for each item. It is safe for concurrent
// use.
//
// Its errors wrap [crypto.ErrNoUsableKey] if the answer about the item's key is
// final, [crypto.ErrKeyUnavailable] if there was no answer, because a key
// service could not be reached or the context ended, and keep the cause in the
// chain. An error of no kind is taken for [crypto.ErrKeyUnavailable]. A changed
// item must never end there: callers retry it.
type Provider interface {
	// EncryptionMaterials returns materials for sealing one item.
	EncryptionMaterials(ctx context.Context, ec EncryptionContext) (*EncryptionMaterials, error)

	// DecryptionMaterials returns materials for opening one item, by the
	// description that was stored with it.
	DecryptionMaterials(ctx context.Context, ec EncryptionContext, description MaterialDescription) (*DecryptionMaterials, error)
}

// Signer makes item signatures. It is safe for concurrent use.
type Signer interface {
	// Algorithm is the Java (JCA) name of the algorithm, such as HmacSHA256 or
	// SHA256withRSA. It is stored in the material description.
	Algorithm() string

	// Sign returns the signature of message, hashing it as Algorithm says.
	Sign(message []byte) ([]byte, error)
}

// Verifier verifies item signatures. It is safe for concurrent use.
type Verifier interface {
	// Verify returns nil if signature is one of message. algorithm is what the
	// item's material description names, or empty if it names none. It is an
	// attacker's to choose: an algorithm of another kind than the key's is an
	// error, and never changes what is accepted. An error that wraps
	// [crypto.ErrKeyUnavailable] is passed on; any other says that the item
	// does not verify.
	Verify(algorithm string, message, signature []byte) error
}
