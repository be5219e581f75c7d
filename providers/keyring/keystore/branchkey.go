package keystore

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// secret returns a key of 32 bytes. It is a function because package fmt prints
// the contents of unexported fields without calling their Format methods, but
// not what a function returns.
type secret func() []byte

func newSecret(key []byte) (secret, error) {
	if len(key) != keyring.KeySize {
		return nil, fmt.Errorf("%w: a key of %d bytes, not %d", crypto.ErrNoUsableKey, len(key), keyring.KeySize)
	}
	key = slices.Clone(key)
	return func() []byte { return key }, nil
}

// reveal returns nil if there is no key.
func (s secret) reveal() []byte {
	if s == nil {
		return nil
	}
	return s()
}

// BranchKey is a version of a branch key.
type BranchKey struct {
	// ID is the ID of the branch key.
	ID string
	// Version is a UUID of 36 characters.
	Version string
	// Created is when the version was created, by the clock of the process that
	// created it, or zero if the record has no valid time. It is only a hint: of
	// the official libraries, Java's writes milliseconds in place of microseconds
	// and Go's writes local time as UTC.
	Created time.Time
	// EncryptionContext is the one that was passed to [Store.Create].
	EncryptionContext map[string]string

	key secret
}

// NewBranchKey returns a branch key for another implementation of
// hierarchical.Store, such as one for tests. The key must have 32 bytes.
// Otherwise, the error wraps [crypto.ErrNoUsableKey].
func NewBranchKey(id, version string, key []byte) (*BranchKey, error) {
	s, err := newSecret(key)
	if err != nil {
		return nil, fmt.Errorf("keystore: branch key %q, version %q: %w", id, version, err)
	}
	return &BranchKey{ID: id, Version: version, key: s}, nil
}

// Key returns the key, 32 bytes. It is secret. Do not modify it: a cache may use
// the same slice.
func (k *BranchKey) Key() []byte { return k.key.reveal() }

// Format prints a summary without the key, for every verb.
func (k BranchKey) Format(f fmt.State, _ rune) { io.WriteString(f, k.summary()) }

// MarshalText returns the text of Format, so that encoding/json and log/slog do
// not show the key either.
func (k BranchKey) MarshalText() ([]byte, error) { return []byte(k.summary()), nil }

func (k BranchKey) summary() string {
	return fmt.Sprintf("branch key %q, version %s", k.ID, k.Version)
}

// BeaconKey is the key for the beacons of searchable encryption. A branch key has
// one beacon key for all of its versions.
type BeaconKey struct {
	// ID is the ID of the branch key.
	ID string
	// EncryptionContext is the one that was passed to [Store.Create].
	EncryptionContext map[string]string

	key secret
}

// NewBeaconKey returns a beacon key for another implementation of
// beacon.KeyStore, such as one for tests. The key must have 32 bytes. Otherwise,
// the error wraps [crypto.ErrNoUsableKey].
func NewBeaconKey(id string, key []byte) (*BeaconKey, error) {
	s, err := newSecret(key)
	if err != nil {
		return nil, fmt.Errorf("keystore: beacon key of branch key %q: %w", id, err)
	}
	return &BeaconKey{ID: id, key: s}, nil
}

// Key returns the key, 32 bytes. It is secret. Do not modify it: a cache may use
// the same slice.
func (k *BeaconKey) Key() []byte { return k.key.reveal() }

// Format prints a summary without the key, for every verb.
func (k BeaconKey) Format(f fmt.State, _ rune) { io.WriteString(f, k.summary()) }

// MarshalText returns the text of Format, so that encoding/json and log/slog do
// not show the key either.
func (k BeaconKey) MarshalText() ([]byte, error) { return []byte(k.summary()), nil }

func (k BeaconKey) summary() string { return fmt.Sprintf("beacon key of branch key %q", k.ID) }
