package hierarchical_test

import (
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	store := providertest.NewKeyStore("tenant-1")
	one := hierarchical.BranchKey("tenant-1")
	sealing := func(id string) error {
		t.Helper()
		k, err := hierarchical.New(store, hierarchical.BranchKey(id), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		m, err := keyring.NewEncryptionMaterials(nil)
		if err != nil {
			t.Fatal(err)
		}
		return k.OnEncrypt(t.Context(), m)
	}
	errtest.Golden(t, map[string]error{
		"no store":             second(hierarchical.New(nil, one, time.Hour)),
		"no supplier":          second(hierarchical.New(store, nil, time.Hour)),
		"time to live":         second(hierarchical.New(store, one, 0)),
		"sealing: no ID":       sealing(""),
		"sealing: unknown key": sealing("tenant-2"),
	})
}
