// Package keyringtest tests implementations of [keyring.Keyring], as
// testing/fstest does for file systems.
//
//	func TestKeyring_Conforms(t *testing.T) {
//		keyringtest.Run(t, newKeyring(t))
//	}
package keyringtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Run tests, in subtests of t, that a keyring seals and opens, rejects data keys
// that were changed or belong to another item, ignores those of other keyrings,
// and returns errors of the right kind. The keyring makes a few hundred
// requests to its key service.
func Run(t *testing.T, k keyring.Keyring) {
	t.Helper()
	RunPair(t, k, k)
}

// RunPair is Run for two keyrings, one of which seals what the other opens.
func RunPair(t *testing.T, seals, opens keyring.Keyring) {
	t.Helper()
	p := pair{seals, opens}
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"Opens", p.testOpens},
		{"WrapsAnotherKeyEachTime", p.testFreshKeys},
		{"RejectsOtherContexts", p.testContexts},
		{"RejectsChanges", p.testChanges},
		{"IgnoresOtherKeyrings", p.testOthers},
		{"UsesTheFirstThatUnwraps", p.testFirst},
		{"ReturnsContextErrors", p.testCanceled},
		{"IsSafeForConcurrentUse", p.testConcurrency},
	} {
		t.Run(test.name, test.run)
	}
}

type pair struct{ seals, opens keyring.Keyring }

func itemContext(id string) keyring.EncryptionContext {
	return keyring.EncryptionContext{
		"aws-crypto-table-name": "accounts", "aws-crypto-partition-name": "id", "aws-crypto-attr.id": id,
	}
}

const id = "AAEx"

func (p pair) seal(t *testing.T, ec keyring.EncryptionContext) *keyring.EncryptionMaterials {
	t.Helper()
	materials, err := keyring.NewEncryptionMaterials(ec)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.seals.OnEncrypt(t.Context(), materials); err != nil {
		t.Fatalf("OnEncrypt: %v", err)
	}
	if len(materials.EncryptedDataKeys()) == 0 {
		t.Fatal("OnEncrypt returned no error and added no encrypted data key")
	}
	return materials
}

func (p pair) open(ctx context.Context, ec keyring.EncryptionContext,
	keys ...keyring.EncryptedDataKey) (*keyring.DecryptionMaterials, error) {
	materials, err := keyring.NewDecryptionMaterials(ec)
	if err != nil {
		return nil, err
	}
	err = p.opens.OnDecrypt(ctx, materials, keys)
	switch {
	case err == nil && materials.DataKey() == nil:
		return nil, errNoKey
	case err != nil && materials.DataKey() != nil:
		return nil, fmt.Errorf("%w: %w", errKeyLeft, err)
	}
	return materials, err
}

var (
	errNoKey   = errors.New("OnDecrypt returned no error and unwrapped no data key")
	errKeyLeft = errors.New("OnDecrypt returned an error, and the materials hold a data key")
)

// rejected fails the test unless err is an error with which a keyring rejects
// an item for good.
func rejected(t *testing.T, what string, err error, kinds ...error) {
	t.Helper()
	var want bool
	for _, kind := range kinds {
		want = want || errors.Is(err, kind)
	}
	switch {
	case err == nil:
		t.Errorf("%s: it opens", what)
	case errors.Is(err, errNoKey), errors.Is(err, errKeyLeft):
		t.Errorf("%s: %v", what, err)
	case errors.Is(err, crypto.ErrKeyUnavailable):
		t.Errorf("%s: the error is taken for an outage, and callers retry it: %v", what, err)
	case !want:
		t.Errorf("%s: the error wraps none of %v: %v", what, kinds, err)
	}
}

// own returns the encrypted data keys that the opening keyring unwraps.
func (p pair) own(t *testing.T, sealed *keyring.EncryptionMaterials) []keyring.EncryptedDataKey {
	t.Helper()
	var own []keyring.EncryptedDataKey
	for _, key := range sealed.EncryptedDataKeys() {
		if _, err := p.open(t.Context(), sealed.Context(), key); err == nil {
			own = append(own, key)
		}
	}
	if len(own) == 0 {
		t.Fatal("OnDecrypt opens none of the item's encrypted data keys by itself")
	}
	return own
}

func (p pair) testOpens(t *testing.T) {
	sealed := p.seal(t, itemContext(id))
	keys := sealed.EncryptedDataKeys()
	before := fmt.Sprintf("%q", keys)
	opened, err := p.open(t.Context(), itemContext(id), keys...)
	if err != nil {
		t.Fatalf("OnDecrypt: %v", err)
	}
	if !bytes.Equal(opened.DataKey(), sealed.DataKey()) {
		t.Error("OnDecrypt unwraps another data key")
	}
	if !slices.ContainsFunc(sealed.SigningKeys(), func(key []byte) bool { return bytes.Equal(key, opened.SigningKey()) }) {
		t.Error("OnDecrypt derives another signing key")
	}
	if fmt.Sprintf("%q", keys) != before {
		t.Error("OnDecrypt changes the encrypted data keys")
	}
	if !reflect.DeepEqual(sealed.Context(), itemContext(id)) {
		t.Error("the encryption context was changed")
	}
}

func (p pair) testFreshKeys(t *testing.T) {
	seen := make(map[string]bool)
	for range 3 {
		sealed := p.seal(t, itemContext(id))
		for _, key := range sealed.SigningKeys() {
			if seen[string(key)] {
				t.Error("two encrypted data keys have the same intermediate key: take one from NewIntermediateKey for each")
			}
			seen[string(key)] = true
		}
	}
}

func (p pair) testContexts(t *testing.T) {
	keys := p.seal(t, itemContext(id)).EncryptedDataKeys()
	moved, less, more := itemContext("AAEy"), itemContext(id), itemContext(id)
	delete(less, "aws-crypto-attr.id")
	more["aws-crypto-attr.more"] = "AAEx"
	for name, ec := range map[string]keyring.EncryptionContext{
		"another item": moved, "an entry missing": less, "an entry more": more, "no context": {},
	} {
		_, err := p.open(t.Context(), ec, keys...)
		rejected(t, name, err, crypto.ErrTampered, crypto.ErrNoUsableKey)
	}
}

func (p pair) testChanges(t *testing.T) {
	sealed := p.seal(t, itemContext(id))
	for _, key := range p.own(t, sealed) {
		for i := range key.Ciphertext {
			changed := key
			changed.Ciphertext = bytes.Clone(key.Ciphertext)
			changed.Ciphertext[i] ^= 1
			_, err := p.open(t.Context(), itemContext(id), changed)
			rejected(t, fmt.Sprintf("byte %d of the ciphertext is changed", i), err, crypto.ErrTampered, crypto.ErrNoUsableKey)
		}
		for _, n := range []int{0, 1, 47, 48, len(key.Ciphertext) - 1} {
			changed := key
			changed.Ciphertext = key.Ciphertext[:min(n, len(key.Ciphertext)-1)]
			_, err := p.open(t.Context(), itemContext(id), changed)
			rejected(t, fmt.Sprintf("the ciphertext is cut to %d bytes", n), err, crypto.ErrTampered, crypto.ErrNoUsableKey)
		}
		// What the provider ID and info say is only for finding the key: if a
		// changed one finds it too, nothing is lost.
		for i := range key.ProviderInfo {
			changed := key
			changed.ProviderInfo = bytes.Clone(key.ProviderInfo)
			changed.ProviderInfo[i] ^= 1
			p.sameOrRejected(t, fmt.Sprintf("byte %d of the provider info is changed", i), sealed, changed)
		}
		half, longer := key.ProviderInfo[:len(key.ProviderInfo)/2], append(bytes.Clone(key.ProviderInfo), 0)
		for _, info := range [][]byte{nil, {0}, half, longer} {
			changed := key
			changed.ProviderInfo = info
			p.sameOrRejected(t, fmt.Sprintf("the provider info has %d bytes", len(info)), sealed, changed)
		}
		changed := key
		changed.ProviderID += "x"
		p.sameOrRejected(t, "the provider ID is changed", sealed, changed)
	}
}

// sameOrRejected fails the test if another data key than the sealed one is
// unwrapped.
func (p pair) sameOrRejected(t *testing.T, what string, sealed *keyring.EncryptionMaterials,
	key keyring.EncryptedDataKey) {
	t.Helper()
	opened, err := p.open(t.Context(), sealed.Context(), key)
	if err != nil {
		rejected(t, what, err, crypto.ErrTampered, crypto.ErrNoUsableKey)
	} else if !bytes.Equal(opened.DataKey(), sealed.DataKey()) {
		t.Errorf("%s: another data key is unwrapped", what)
	}
}

func (p pair) testOthers(t *testing.T) {
	sealed := p.seal(t, itemContext(id))
	other := keyring.EncryptedDataKey{
		ProviderID: "keyringtest", ProviderInfo: []byte("other"), Ciphertext: make([]byte, 100),
	}
	for name, keys := range map[string][]keyring.EncryptedDataKey{
		"before": append([]keyring.EncryptedDataKey{other}, sealed.EncryptedDataKeys()...),
		"after":  append(slices.Clone(sealed.EncryptedDataKeys()), other),
	} {
		if opened, err := p.open(t.Context(), itemContext(id), keys...); err != nil {
			t.Errorf("another keyring's data key %s its own: %v", name, err)
		} else if !bytes.Equal(opened.DataKey(), sealed.DataKey()) {
			t.Errorf("another keyring's data key %s its own: another data key is unwrapped", name)
		}
	}
	_, err := p.open(t.Context(), itemContext(id), other)
	rejected(t, "only another keyring's data key", err, crypto.ErrNoUsableKey)
	_, err = p.open(t.Context(), itemContext(id))
	rejected(t, "no data key", err, crypto.ErrNoUsableKey)
}

func (p pair) testFirst(t *testing.T) {
	sealed := p.seal(t, itemContext(id))
	good := p.own(t, sealed)[0]
	bad := good
	bad.Ciphertext = bytes.Clone(good.Ciphertext)
	bad.Ciphertext[len(bad.Ciphertext)-1] ^= 1
	if opened, err := p.open(t.Context(), itemContext(id), bad, good); err != nil {
		t.Errorf("a changed data key before a good one: %v", err)
	} else if !bytes.Equal(opened.DataKey(), sealed.DataKey()) {
		t.Error("another data key is unwrapped")
	}
}

// A keyring that asks no service may ignore that the context ended.
func (p pair) testCanceled(t *testing.T) {
	keys := p.seal(t, itemContext(id)).EncryptedDataKeys()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	materials, err := keyring.NewEncryptionMaterials(itemContext(id))
	if err != nil {
		t.Fatal(err)
	}
	sealing := p.seals.OnEncrypt(ctx, materials)
	_, opening := p.open(ctx, itemContext(id), keys...)
	for name, err := range map[string]error{"OnEncrypt": sealing, "OnDecrypt": opening} {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a canceled context: the error does not wrap context.Canceled: %v", name, err)
		}
		if errors.Is(err, crypto.ErrNoUsableKey) || errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s with a canceled context: the error is a final one: %v", name, err)
		}
	}
}

func (p pair) testConcurrency(t *testing.T) {
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			ec := itemContext(fmt.Sprint(i))
			materials, err := keyring.NewEncryptionMaterials(ec)
			if err == nil {
				err = p.seals.OnEncrypt(t.Context(), materials)
			}
			if err != nil {
				t.Errorf("sealing: %v", err)
				return
			}
			opened, err := p.open(t.Context(), ec, materials.EncryptedDataKeys()...)
			if err != nil {
				t.Errorf("opening: %v", err)
			} else if !bytes.Equal(opened.DataKey(), materials.DataKey()) {
				t.Error("another data key is unwrapped")
			}
		})
	}
	group.Wait()
}
