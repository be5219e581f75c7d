package providertest_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

var (
	table   = crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions = crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	account = crypto.Item{
		"id":    &types.AttributeValueMemberS{Value: "a-1"},
		"email": &types.AttributeValueMemberS{Value: "ada@example.com"},
	}
)

func hierarchicalEncryptor(t *testing.T, store hierarchical.Store, id string) (*dbesdk.Encryptor, *hierarchical.Keyring) {
	t.Helper()
	keys, err := hierarchical.New(store, hierarchical.BranchKey(id), time.Hour)
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	return e, keys
}

func TestKeyStore_ServesTheHierarchicalKeyring(t *testing.T) {
	store := providertest.NewKeyStore("tenant-1", "tenant-2")
	e, keys := hierarchicalEncryptor(t, store, "tenant-1")
	sealed, err := e.EncryptItem(t.Context(), table, actions, account)
	check(t, err)
	store.Rotate("tenant-1")
	keys.Clear()
	if _, err := e.EncryptItem(t.Context(), table, actions, account); err != nil {
		t.Error(err)
	}
	if _, err := e.DecryptItem(t.Context(), table, actions, sealed); err != nil {
		t.Errorf("with the version before the rotation: %v", err)
	}
	if loads := store.Loads(); loads != 3 { // two active versions, and the version before the rotation
		t.Errorf("%d loads, want 3", loads)
	}
	other, _ := hierarchicalEncryptor(t, store, "tenant-2")
	if _, err := other.DecryptItem(t.Context(), table, actions, sealed); err == nil {
		t.Error("another tenant's branch key opens the item")
	}
}

func TestKeyStore_Fails(t *testing.T) {
	store := providertest.NewKeyStore("tenant-1")
	e, keys := hierarchicalEncryptor(t, store, "tenant-1")
	sealed, err := e.EncryptItem(t.Context(), table, actions, account)
	check(t, err)
	for fault, want := range map[error]error{
		providertest.ErrThrottled: crypto.ErrKeyUnavailable,
		providertest.ErrDown:      crypto.ErrKeyUnavailable,
		providertest.ErrDenied:    crypto.ErrNoUsableKey,
	} {
		store.Fail(fault)
		keys.Clear()
		if _, err := e.DecryptItem(t.Context(), table, actions, sealed); !errors.Is(err, want) || !errors.Is(err, fault) {
			t.Errorf("got %v, want %v with %v", err, want, fault)
		}
	}
	store.Fail(nil)
	if _, err := e.DecryptItem(t.Context(), table, actions, sealed); err != nil {
		t.Error(err)
	}
	store.Remove("tenant-1")
	keys.Clear()
	if _, err := e.DecryptItem(t.Context(), table, actions, sealed); !errors.Is(err, keystore.ErrNoKey) {
		t.Errorf("got %v, want ErrNoKey", err)
	}
}

func TestKeyStore_ReturnsEachVersionByName(t *testing.T) {
	store := providertest.NewKeyStore("tenant-1")
	first, err := store.Active(t.Context(), "tenant-1")
	check(t, err)
	store.Rotate("tenant-1")
	second, err := store.Active(t.Context(), "tenant-1")
	check(t, err)
	again, err := store.Version(t.Context(), "tenant-1", first.Version)
	check(t, err)
	if first.Version == second.Version || bytes.Equal(first.Key(), second.Key()) || !bytes.Equal(first.Key(), again.Key()) {
		t.Errorf("%v, %v and %v", first, second, again)
	}
	for name, err := range map[string]error{
		"active":  func() error { _, err := store.Active(t.Context(), "tenant-3"); return err }(),
		"version": func() error { _, err := store.Version(t.Context(), "tenant-1", "other"); return err }(),
	} {
		if !errors.Is(err, keystore.ErrNoKey) {
			t.Errorf("%s: got %v, want ErrNoKey", name, err)
		}
	}
}

func TestKeyStore_KeepsTheBeaconKeyOverARotation(t *testing.T) {
	store := providertest.NewKeyStore("tenant-1", "tenant-2")
	before, err := store.BeaconKey(t.Context(), "tenant-1")
	check(t, err)
	store.Rotate("tenant-1")
	after, err := store.BeaconKey(t.Context(), "tenant-1")
	check(t, err)
	other, err := store.BeaconKey(t.Context(), "tenant-2")
	check(t, err)
	if before.ID != "tenant-1" || len(before.Key()) != 32 || !bytes.Equal(before.Key(), after.Key()) ||
		bytes.Equal(before.Key(), other.Key()) || store.Loads() != 3 {
		t.Errorf("%v, %v and %v after %d loads", before, after, other, store.Loads())
	}
	store.Remove("tenant-1")
	if _, err := store.BeaconKey(t.Context(), "tenant-1"); !errors.Is(err, keystore.ErrNoKey) {
		t.Errorf("removed: got %v, want ErrNoKey", err)
	}
	store.Rotate("tenant-1")
	if created, err := store.BeaconKey(t.Context(), "tenant-1"); err != nil || bytes.Equal(created.Key(), before.Key()) {
		t.Errorf("created again: the key is the same, or %v", err)
	}
	store.Fail(errors.New("no route to host"))
	if _, err := store.BeaconKey(t.Context(), "tenant-2"); !errors.Is(err, crypto.ErrKeyUnavailable) {
		t.Errorf("failing: got %v, want ErrKeyUnavailable", err)
	}
}

func TestEncryptor_OpensWhatAnotherSealed(t *testing.T) {
	sealed, err := providertest.Encryptor(t).EncryptItem(t.Context(), table, actions, account)
	check(t, err)
	opened, err := providertest.Encryptor(t).DecryptItem(t.Context(), table, actions, sealed)
	check(t, err)
	if email := opened["email"].(*types.AttributeValueMemberS).Value; email != "ada@example.com" {
		t.Errorf("email is %q", email)
	}
	if _, readable := sealed["email"].(*types.AttributeValueMemberS); readable {
		t.Error("the sealed item shows the e-mail address")
	}
}
