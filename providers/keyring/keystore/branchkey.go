package keystore

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// secret returns a key of 32 bytes. It is a function because package fmt can
// print what is behind any pointer, even in an unexported field, where it does
// not call Format; it prints the address of a function.
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
	// ID is the branch key's.
	ID string
	// Version is a UUID of 36 characters.
	Version string
	// Created is when the version was made, by the clock of whoever made it,
	// or zero if they wrote no time. Take it for a hint: of the official
	// libraries, Java's writes milliseconds as if they were microseconds and
	// Go's local time as if it were UTC.
	Created time.Time
	// EncryptionContext is what [Store.Create] was given.
	EncryptionContext map[string]string

	key secret
}

// NewBranchKey returns a branch key for a store that is not this package's: a
// fixed one in a test, for example. The error wraps [crypto.ErrNoUsableKey],
// and is for a key that has not 32 bytes.
func NewBranchKey(id, version string, key []byte) (*BranchKey, error) {
	s, err := newSecret(key)
	if err != nil {
		return nil, fmt.Errorf("keystore: branch key %q, version %q: %w", id, version, err)
	}
	return &BranchKey{ID: id, Version: version, key: s}, nil
}

// Key returns the key, 32 bytes. It is secret. Do not change it: a cache may
// hold the same one.
func (k *BranchKey) Key() []byte { return k.key.reveal() }

// Format prints, for any verb, which key it is and not the key.
func (k BranchKey) Format(f fmt.State, _ rune) { io.WriteString(f, k.summary()) }

// MarshalText is what encoding/json, and so the JSON handler of log/slog,
// show: as Format does, not the key.
func (k BranchKey) MarshalText() ([]byte, error) { return []byte(k.summary()), nil }

func (k BranchKey) summary() string {
	return fmt.Sprintf("branch key %q, version %s", k.ID, k.Version)
}

// BeaconKey is what beacons for searchable encryption are made with. A branch
// key has one, for all of its versions.
type BeaconKey struct {
	// ID is the branch key's.
	ID string
	// EncryptionContext is what [Store.Create] was given.
	EncryptionContext map[string]string

	key secret
}

// Key returns the key, 32 bytes. It is secret. Do not change it: a cache may
// hold the same one.
func (k *BeaconKey) Key() []byte { return k.key.reveal() }

// Format prints, for any verb, which key it is and not the key.
func (k BeaconKey) Format(f fmt.State, _ rune) { io.WriteString(f, k.summary()) }

// MarshalText is what encoding/json, and so the JSON handler of log/slog,
// show: as Format does, not the key.
func (k BeaconKey) MarshalText() ([]byte, error) { return []byte(k.summary()), nil }

func (k BeaconKey) summary() string { return fmt.Sprintf("beacon key of branch key %q", k.ID) }
