package awskms_test

import (
	"crypto/rsa"
	"errors"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/keytest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
)

func TestWithRegion_IsForDiscoveryOnly(t *testing.T) {
	key, s := world(t)
	client, region := s.In(here), awskms.WithRegion(here)
	if _, err := awskms.NewDiscovery(client, awskms.AnyAccount(), region); err != nil {
		t.Error(err)
	}
	for name, make := range map[string]func(*rsa.PublicKey) (keyring.Keyring, error){
		"New": func(*rsa.PublicKey) (keyring.Keyring, error) { return awskms.New(client, keytest.Key, region) },
		"NewMultiRegion": func(*rsa.PublicKey) (keyring.Keyring, error) {
			return awskms.NewMultiRegion(client, keytest.MRK, region)
		},
		"NewRSA": func(public *rsa.PublicKey) (keyring.Keyring, error) {
			return awskms.NewRSA(keytest.RSAKey, awskms.OAEPWithSHA256, public, client, region)
		},
	} {
		if _, err := make(&key.PublicKey); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v, want ErrPolicy", name, err)
		}
	}
}
