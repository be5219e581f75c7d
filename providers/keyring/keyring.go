// Package keyring is where the data keys of the Database Encryption SDK format
// come from. Choose a keyring, make an encryptor with it, and that is all:
//
//	keys, err := hierarchical.New(store, hierarchical.BranchKey("…"), 10*time.Minute)
//	encryptor, err := dbesdk.New(keys)
//
// Each item has a data key of its own, and a [Keyring] wraps it once for every
// key that may open the item: an encrypted data key each. The packages below
// this one are the keyrings of the official clients, and interoperate with
// them:
//
//   - hierarchical: branch keys, kept in a DynamoDB table under a KMS key and
//     cached here. For most tables.
//   - awskms: AWS KMS on each item.
//   - raw: AES and RSA keys that you hold.
//   - multi: several of them, any of which may open the item.
//
// # Writing a keyring
//
// OnEncrypt wraps a key of 32 bytes from [NewIntermediateKey] and hands both
// forms of it to [EncryptionMaterials.Add]. OnDecrypt looks for the encrypted
// data keys that are its own by their provider ID and info, unwraps what
// [EncryptedDataKey.Wrapped] returns, and hands the key to
// [DecryptionMaterials.Unwrap]. Authenticate the encryption context along with
// what is wrapped where the wrapping can do that: it is what ties an item to
// its table and its primary key.
//
// Package keyringtest tests an implementation.
package keyring

import (
	"context"
	"errors"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/oneline"
)

// Keyring wraps and unwraps the data keys of items. Implementations are safe
// for concurrent use.
//
// Errors wrap one of three kinds:
//
//   - [crypto.ErrNoUsableKey]: none of the keys can be used, and asking again
//     does not change that.
//   - [crypto.ErrKeyUnavailable]: a key service could not be reached or gave no
//     answer about the key, or the context ended. An error of no kind is taken
//     for this one.
//   - [crypto.ErrTampered]: the key is there, and what it should unwrap is not
//     what was wrapped with it for this encryption context. Where a wrapping
//     cannot tell a wrong key from a changed ciphertext, as RSA's cannot,
//     [crypto.ErrNoUsableKey] is as good.
//
// A changed item must never end in [crypto.ErrKeyUnavailable]: callers retry
// that, and report the other two.
type Keyring interface {
	// OnEncrypt adds one or more encrypted data keys to the materials, with
	// [EncryptionMaterials.Add].
	OnEncrypt(ctx context.Context, materials *EncryptionMaterials) error

	// OnDecrypt unwraps one of keys, in their order the first that it can,
	// with [DecryptionMaterials.Unwrap]. It fails if it can unwrap none.
	OnDecrypt(ctx context.Context, materials *DecryptionMaterials, keys []EncryptedDataKey) error
}

// Unwrapping tries an item's encrypted data keys in their order until one is
// unwrapped, which is what most keyrings do in OnDecrypt. unwrap returns the
// intermediate key of one of them, or [ErrNotOurs] for one that is another
// keyring's. name is the keyring's, for errors.
func Unwrapping(ctx context.Context, name string, materials *DecryptionMaterials, keys []EncryptedDataKey, unwrap func(EncryptedDataKey) (intermediate []byte, err error)) error {
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
		return fmt.Errorf("%s: %w: none of the item's %d encrypted data keys is for it", name, crypto.ErrNoUsableKey, len(keys))
	}
	return fmt.Errorf("%s: %w", name, oneline.Join(failures...))
}

// ErrNotOurs is for the function given to [Unwrapping].
var ErrNotOurs = errors.New("the encrypted data key is for another keyring")
