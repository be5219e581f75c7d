// Package multi provides a keyring that combines other keyrings. It seals items
// for each of them, and any one of them opens the items.
//
//	keys, err := multi.New(current, partner, recovery)
//
// Use it to share a table with someone who has another key, to keep a recovery
// key offline, or to change keys. To change from an old to a new keyring, first
// use New(old, new), then New(new, old) once every process can read with both,
// and finally the new keyring alone once all items have been sealed again.
package multi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/internal/oneline"
)

// Keyring combines keyrings. It implements [keyring.Keyring] and is safe for
// concurrent use.
type Keyring struct {
	generator keyring.Keyring // nil: for opening only
	children  []keyring.Keyring
}

var _ keyring.Keyring = (*Keyring)(nil)

// New returns a Keyring that seals with generator and all children, and opens
// with the first of them, in that order, that can. Sealing fails if one of them
// fails. Pass a nil generator for a keyring that only opens items, such as a
// combination of KMS discovery keyrings. An error wraps [crypto.ErrPolicy].
func New(generator keyring.Keyring, children ...keyring.Keyring) (*Keyring, error) {
	if generator == nil && len(children) == 0 {
		return nil, fmt.Errorf("multi: %w: no keyring", crypto.ErrPolicy)
	}
	if slices.Contains(children, nil) {
		return nil, fmt.Errorf("multi: %w: a child is nil", crypto.ErrPolicy)
	}
	return &Keyring{generator, slices.Clone(children)}, nil
}

// OnEncrypt calls OnEncrypt of each keyring.
func (k *Keyring) OnEncrypt(ctx context.Context, materials *keyring.EncryptionMaterials) error {
	if k.generator == nil {
		return fmt.Errorf("multi: %w: a multi-keyring without a generator only opens items", crypto.ErrPolicy)
	}
	for i, child := range k.all() {
		before := len(materials.EncryptedDataKeys())
		if err := child.OnEncrypt(ctx, materials); err != nil {
			return err
		}
		if len(materials.EncryptedDataKeys()) == before {
			return fmt.Errorf("multi: %w: keyring %d, %s, did not wrap the data key", crypto.ErrNoUsableKey, i+1, name(child))
		}
	}
	return nil
}

// OnDecrypt unwraps the data key with the first keyring that can. If none can,
// the error has the texts of all their errors. It wraps the errors that wrap
// [crypto.ErrKeyUnavailable] if there are any, and otherwise all errors.
func (k *Keyring) OnDecrypt(ctx context.Context, materials *keyring.DecryptionMaterials,
	keys []keyring.EncryptedDataKey) error {
	var failures []error
	for _, child := range k.all() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("multi: %w", service.Unavailable(err))
		}
		err := child.OnDecrypt(ctx, materials, keys)
		if err == nil && materials.DataKey() != nil {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("%w: %s did not unwrap a data key", crypto.ErrNoUsableKey, name(child))
		}
		failures = append(failures, kind(err))
	}
	return fmt.Errorf("multi: %w", oneline.Join(failures...))
}

// kind makes sure that an error has a kind. The keyring may not be one of this
// module.
func kind(err error) error {
	for _, final := range []error{crypto.ErrNoUsableKey, crypto.ErrTampered, crypto.ErrPolicy, crypto.ErrInvalidItem} {
		if errors.Is(err, final) {
			return err
		}
	}
	return service.Unavailable(err)
}

func (k *Keyring) all() []keyring.Keyring {
	if k.generator == nil {
		return k.children
	}
	return append([]keyring.Keyring{k.generator}, k.children...)
}

// String returns a text with the names of the keyrings.
func (k *Keyring) String() string {
	var names []string
	for _, child := range k.all() {
		names = append(names, name(child))
	}
	return "multi-keyring of [" + strings.Join(names, " ") + "]"
}

// name returns a keyring's String, or else its type. Its fields may be secret.
func name(k keyring.Keyring) string {
	if s, ok := k.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", k)
}

// GoString returns the same text as String.
func (k *Keyring) GoString() string { return k.String() }
