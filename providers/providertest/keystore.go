package providertest

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"

	"github.com/ddbenc/ddbenc/internal/uuid"
	"github.com/ddbenc/ddbenc/providers/internal/service"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// KeyStore is a branch key store in memory, for packages hierarchical and beacon:
//
//	store := providertest.NewKeyStore("tenant-1")
//	keys, err := hierarchical.New(store, hierarchical.BranchKey("tenant-1"), 10*time.Minute)
//	beaconKeys, err := beacon.SingleKeyStore(store, "tenant-1", 10*time.Minute)
//
// A KeyStore is safe for concurrent use. To test with the store of package
// keystore, its table and its calls to KMS, combine [KMS] and package
// mappertest.
type KeyStore struct {
	mu      sync.Mutex
	keys    map[string][]branchKey // by ID; the last one is active
	beacons map[string][]byte      // beacon keys by ID
	loads   int
	err     error
}

type branchKey struct {
	version string
	key     []byte
}

// NewKeyStore returns a KeyStore that has branch keys with the given IDs.
func NewKeyStore(branchKeyIDs ...string) *KeyStore {
	s := &KeyStore{keys: make(map[string][]branchKey), beacons: make(map[string][]byte)}
	for _, id := range branchKeyIDs {
		s.Rotate(id)
	}
	return s
}

// Rotate makes a new version of a branch key the active one, or creates the
// branch key with its beacon key. Older versions remain, to open what they
// sealed, and the beacon key remains the same.
func (s *KeyStore) Rotate(branchKeyID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[branchKeyID] = append(s.keys[branchKeyID], branchKey{uuid.New().String(), newKey()})
	if s.beacons[branchKeyID] == nil {
		s.beacons[branchKeyID] = newKey()
	}
}

func newKey() []byte {
	key := make([]byte, 32)
	rand.Read(key)
	return key
}

// Remove removes a branch key with all of its versions and its beacon key, as if
// it had been revoked.
func (s *KeyStore) Remove(branchKeyID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, branchKeyID)
	delete(s.beacons, branchKeyID)
}

// Fail makes Active, Version and BeaconKey fail with err until it is called again, as they
// do if KMS fails with it. A nil err ends the failure.
func (s *KeyStore) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Loads returns how often a branch key was asked for, failures included. A
// caching keyring asks once for each version and time to live.
func (s *KeyStore) Loads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loads
}

// Active returns the version of a branch key to seal with. The error wraps
// [keystore.ErrNoKey] if there is no such branch key.
func (s *KeyStore) Active(ctx context.Context, branchKeyID string) (*keystore.BranchKey, error) {
	return s.load(ctx, branchKeyID, func(all []branchKey) (branchKey, bool) {
		if len(all) == 0 {
			return branchKey{}, false
		}
		return all[len(all)-1], true
	})
}

// Version returns one version of a branch key. The error wraps
// [keystore.ErrNoKey] if there is no such version.
func (s *KeyStore) Version(ctx context.Context, branchKeyID, version string) (*keystore.BranchKey, error) {
	return s.load(ctx, branchKeyID, func(all []branchKey) (branchKey, bool) {
		for _, k := range all {
			if k.version == version {
				return k, true
			}
		}
		return branchKey{}, false
	})
}

// BeaconKey returns the beacon key of a branch key. The error wraps
// [keystore.ErrNoKey] if there is no such branch key.
func (s *KeyStore) BeaconKey(ctx context.Context, branchKeyID string) (*keystore.BeaconKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.count(ctx, branchKeyID); err != nil {
		return nil, err
	}
	key, ok := s.beacons[branchKeyID]
	if !ok {
		return nil, fmt.Errorf("providertest: beacon key of branch key %q: %w", branchKeyID, keystore.ErrNoKey)
	}
	return keystore.NewBeaconKey(branchKeyID, key)
}

func (s *KeyStore) load(ctx context.Context, id string,
	choose func([]branchKey) (branchKey, bool)) (*keystore.BranchKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.count(ctx, id); err != nil {
		return nil, err
	}
	k, ok := choose(s.keys[id])
	if !ok {
		return nil, fmt.Errorf("providertest: branch key %q: %w", id, keystore.ErrNoKey)
	}
	return keystore.NewBranchKey(id, k.version, k.key)
}

// count counts a load, which may have to fail. The caller must hold s.mu.
func (s *KeyStore) count(ctx context.Context, id string) error {
	s.loads++
	if err := ctx.Err(); err != nil {
		return service.Unavailable(err)
	}
	if s.err != nil {
		return fmt.Errorf("providertest: branch key %q: %w", id, service.KMS(s.err))
	}
	return nil
}
