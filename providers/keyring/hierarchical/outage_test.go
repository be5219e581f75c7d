package hierarchical_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func TestKeyring_SaysWhetherAFailureIsFinal(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "ThrottlingException"}
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	ended, end := context.WithCancel(t.Context())
	end()
	supplier := func(err error) hierarchical.Supplier {
		return func(context.Context, keyring.EncryptionContext) (string, error) { return "", err }
	}
	w := newWorld(t)
	id := w.branchKey(t)
	keys, ec := seal(t, newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour))
	for name, c := range map[string]struct {
		ctx      context.Context
		supplier hierarchical.Supplier
		kms      error
		kind     error
	}{
		"a tenant without a key":           {t.Context(), supplier(errors.New("no such tenant")), nil, crypto.ErrNoUsableKey},
		"a tenant without an ID":           {t.Context(), hierarchical.BranchKey(""), nil, crypto.ErrNoUsableKey},
		"another tenant":                   {t.Context(), hierarchical.BranchKey(w.branchKey(t)), nil, crypto.ErrNoUsableKey},
		"tenants that cannot be looked up": {t.Context(), supplier(fmt.Errorf("%w: tenants", crypto.ErrKeyUnavailable)), nil, crypto.ErrKeyUnavailable},
		"tenants beyond a broken network":  {t.Context(), supplier(refused), nil, crypto.ErrKeyUnavailable},
		"a destroyed KMS key":              {t.Context(), hierarchical.BranchKey(id), &types.KMSInvalidStateException{}, crypto.ErrNoUsableKey},
		"KMS is throttled":                 {t.Context(), hierarchical.BranchKey(id), throttled, crypto.ErrKeyUnavailable},
		"KMS is not reached":               {t.Context(), hierarchical.BranchKey(id), refused, crypto.ErrKeyUnavailable},
		"nobody waits any more":            {ended, hierarchical.BranchKey(id), nil, crypto.ErrKeyUnavailable},
	} {
		w.kms.Fail(c.kms)
		k := newKeyring(t, w.store, c.supplier, time.Hour)
		materials, err := keyring.NewDecryptionMaterials(ec)
		check(t, err)
		err = k.OnDecrypt(c.ctx, materials, keys)
		for _, kind := range []error{crypto.ErrNoUsableKey, crypto.ErrKeyUnavailable, crypto.ErrTampered} {
			if errors.Is(err, kind) != (kind == c.kind) {
				t.Errorf("%s: got %v, want %v", name, err, c.kind)
			}
		}
		if c.kms != nil && !errors.Is(err, c.kms) {
			t.Errorf("%s: the cause is lost: %v", name, err)
		}
	}
}

func TestKeyring_OpensWhatItSealedWhileKMSIsAway(t *testing.T) {
	w := newWorld(t)
	id := w.branchKey(t)
	k := newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour)
	calls, reads := w.kms.Calls("Decrypt"), w.reads()
	before, ec := seal(t, k)
	check(t, open(t, k, before, ec))
	if calls, reads := w.kms.Calls("Decrypt")-calls, w.reads()-reads; calls != 1 || reads != 1 {
		t.Errorf("sealing and opening took %d calls to KMS and %d reads, want 1 and 1", calls, reads)
	}

	// After a rotation, the previous version stays cached too.
	check(t, w.store.Rotate(t.Context(), id))
	other := newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour)
	after, _ := seal(t, other)
	w.kms.Fail(providertest.ErrDown)
	check(t, open(t, k, before, ec))
	check(t, open(t, other, after, ec))
	if err := open(t, other, before, ec); !errors.Is(err, crypto.ErrKeyUnavailable) {
		t.Errorf("a version that was never loaded: got %v, want ErrKeyUnavailable", err)
	}
	k.Clear()
	if err := open(t, k, before, ec); !errors.Is(err, crypto.ErrKeyUnavailable) {
		t.Errorf("after Clear: got %v, want ErrKeyUnavailable", err)
	}
}

func TestKeyring_LeavesTheDataKeysOfOthersAlone(t *testing.T) {
	w := newWorld(t)
	id := w.branchKey(t)
	k := newKeyring(t, w.store, hierarchical.BranchKey(id), time.Hour)
	keys, ec := seal(t, k)
	other := keys[0]
	other.ProviderID = "aws-kms"
	tenant := keys[0]
	tenant.ProviderInfo = []byte(id + "0")
	damaged := other
	damaged.Ciphertext = nil
	err := open(t, k, []keyring.EncryptedDataKey{other, tenant, damaged}, ec)
	if !errors.Is(err, crypto.ErrNoUsableKey) || errors.Is(err, crypto.ErrTampered) || !strings.Contains(err.Error(), "none of the item's 3 encrypted data keys is for this keyring") {
		t.Errorf("got %v, want that none is for it", err)
	}
	check(t, open(t, k, []keyring.EncryptedDataKey{other, tenant, damaged, keys[0]}, ec))
}

func TestKeyring_SupplierWithoutAnID(t *testing.T) {
	w := newWorld(t)
	keys, ec := seal(t, newKeyring(t, w.store, hierarchical.BranchKey(w.branchKey(t)), time.Hour))
	reads := w.reads()
	if err := open(t, newKeyring(t, w.store, hierarchical.BranchKey(""), time.Hour), keys, ec); !errors.Is(err, crypto.ErrNoUsableKey) || !strings.Contains(err.Error(), "returned no branch key ID") || w.reads() != reads {
		t.Errorf("got %v after %d reads, want ErrNoUsableKey after none", err, w.reads()-reads)
	}
}
