// Package keyring defines how the data keys of the Database Encryption SDK
// format are wrapped and unwrapped. To encrypt items, choose a keyring and pass
// it to an encryptor:
//
//	keys, err := hierarchical.New(store, hierarchical.BranchKey("…"), 10*time.Minute)
//	encryptor, err := dbesdk.New(keys)
//
// Each item has its own data key. A [Keyring] wraps it once for each key that
// may open the item, and the results are the item's encrypted data keys. These
// packages have the keyrings of the official clients and interoperate with them:
//
//   - hierarchical: branch keys, stored in a DynamoDB table, wrapped by a KMS
//     key and cached. Use it for most tables.
//   - awskms: one AWS KMS call for each item.
//   - raw: AES and RSA keys that you hold.
//   - multi: a combination of keyrings, any of which can open the item.
//
// # Writing a keyring
//
// OnEncrypt wraps a key from [NewIntermediateKey] and passes both the key and
// its wrapped form to [EncryptionMaterials.Add]. OnDecrypt finds its own
// encrypted data keys by their provider ID and info, unwraps the bytes that
// [EncryptedDataKey.Wrapped] returns, and passes the unwrapped key to
// [DecryptionMaterials.Unwrap]. [Unwrapping] does most of this. If the wrapping
// can authenticate additional data, authenticate the encryption context, which
// ties an item to its table and its primary key.
//
// Test the keyring with package keyringtest.
package keyring

import (
	"context"
	"errors"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/oneline"
)

// Keyring wraps and unwraps the data keys of items. Implementations must be safe
// for concurrent use.
//
// Errors must wrap one of three kinds:
//
//   - [crypto.ErrNoUsableKey]: none of the keys can be used, and retrying cannot
//     help.
//   - [crypto.ErrKeyUnavailable]: a key service could not be reached or gave no
//     answer about the key, or the context ended. An error without a kind is
//     treated as this one.
//   - [crypto.ErrTampered]: the key is available, but the ciphertext or the
//     encryption context was changed. If the wrapping cannot distinguish a wrong
//     key from a changed ciphertext, as with RSA, return [crypto.ErrNoUsableKey].
//
// Callers retry [crypto.ErrKeyUnavailable], so a changed item must never cause
// it.
type Keyring interface {
	// OnEncrypt adds one or more encrypted data keys to the materials, with
	// [EncryptionMaterials.Add].
	OnEncrypt(ctx context.Context, materials *EncryptionMaterials) error

	// OnDecrypt unwraps the first of keys that it can, in their order, with
	// [DecryptionMaterials.Unwrap]. It fails if it can unwrap none of them.
	OnDecrypt(ctx context.Context, materials *DecryptionMaterials, keys []EncryptedDataKey) error
}

// Unwrapping implements OnDecrypt for most keyrings: it tries an item's
// encrypted data keys in their order until one is unwrapped. unwrap returns the
// intermediate key of an encrypted data key, or [ErrNotOurs] if that belongs to
// another keyring. name is the keyring's name for errors.
func Unwrapping(ctx context.Context, name string, materials *DecryptionMaterials, keys []EncryptedDataKey,
	unwrap func(EncryptedDataKey) (intermediate []byte, err error)) error {
	var failures []error
	for i, key := range keys {
		if err := ctx.Err(); err != nil {
			return service.Unavailable(err)
		}
		intermediate, err := unwrap(key)
		if errors.Is(err, ErrNotOurs) {
			continue
		}
		if err == nil {
			if err = materials.Unwrap(key, intermediate); err == nil {
				return nil
			}
		}
		failures = append(failures, fmt.Errorf("encrypted data key %d: %w", i+1, err))
	}
	if len(failures) == 0 {
		return fmt.Errorf("%s: %w: none of the item's %d encrypted data keys is for this keyring",
			name, crypto.ErrNoUsableKey, len(keys))
	}
	return fmt.Errorf("%s: %w", name, oneline.Join(failures...))
}

// ErrNotOurs is returned by the function passed to [Unwrapping] to skip an
// encrypted data key.
var ErrNotOurs = errors.New("the encrypted data key is for another keyring")
