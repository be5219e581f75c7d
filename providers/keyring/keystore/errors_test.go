package keystore_test

import (
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	client, service := mappertest.New(), providertest.NewKMS()
	region, discovery := keystore.WithMultiRegionDiscovery("x y"), keystore.WithDiscovery()
	errtest.Golden(t, map[string]error{
		"ErrConflict":        keystore.ErrConflict,
		"ErrNoKey":           keystore.ErrNoKey,
		"no client":          second(keystore.New(nil, "keys", service, providertest.KeyARN)),
		"no table":           second(keystore.New(client, "", service, providertest.KeyARN)),
		"ARN":                second(keystore.New(client, "keys", service, "alias/keys")),
		"key with discovery": second(keystore.New(client, "keys", service, providertest.KeyARN, discovery)),
		"discovery's Region": second(keystore.New(client, "keys", service, "", region)),
		"branch key size":    second(keystore.NewBranchKey("tenant-1", "v", make([]byte, 5))),
		"beacon key size":    second(keystore.NewBeaconKey("tenant-1", make([]byte, 5))),
	})
}
