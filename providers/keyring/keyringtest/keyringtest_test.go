package keyringtest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/keytest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keyringtest"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func made[K keyring.Keyring](t *testing.T, k K, err error) keyring.Keyring {
	t.Helper()
	keytest.Check(t, err)
	return k
}

func aes(t *testing.T) keyring.Keyring {
	t.Helper()
	k, err := raw.NewAES("acme", "2026-11", bytes.Repeat([]byte{7}, 32))
	return made(t, k, err)
}

func TestRun_PassesTheKeyringsOfThisModule(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	keytest.Check(t, err)
	service := keytest.NewKMS(private)
	here, there := service.In("eu-west-1"), service.In("us-east-1")

	single, err := awskms.New(here, keytest.Key)
	keytest.Check(t, err)
	primary, err := awskms.NewMultiRegion(here, keytest.MRK)
	keytest.Check(t, err)
	replica, err := awskms.NewMultiRegion(there, keytest.Replica)
	keytest.Check(t, err)
	discovery, err := awskms.NewDiscovery(here, awskms.Accounts("aws", "111122223333"))
	keytest.Check(t, err)
	inKMS, err := awskms.NewRSA(keytest.RSAKey, awskms.OAEPWithSHA256, &private.PublicKey, here)
	keytest.Check(t, err)
	pair, err := raw.NewRSA("acme", "2026-11", raw.OAEPWithSHA256, &private.PublicKey, private)
	keytest.Check(t, err)
	branch, err := hierarchical.New(providertest.NewKeyStore("tenant-1"), hierarchical.BranchKey("tenant-1"), time.Hour)
	keytest.Check(t, err)
	several, err := multi.New(aes(t), single, branch)
	keytest.Check(t, err)

	for name, p := range map[string]struct{ seals, opens keyring.Keyring }{
		"AES": {aes(t), aes(t)}, "RSA": {pair, pair}, "KMS": {single, single}, "multi-Region": {primary, replica},
		"discovery": {single, discovery}, "RSA in KMS": {inKMS, inKMS}, "hierarchical": {branch, branch},
		"multi": {several, several}, "multi, opened by one": {several, branch},
	} {
		t.Run(name, func(t *testing.T) { keyringtest.RunPair(t, p.seals, p.opens) })
	}
}

// broken is a keyring with a bug.
type broken struct {
	keyring.Keyring
	encrypt func(ctx context.Context, k keyring.Keyring, m *keyring.EncryptionMaterials) error
	decrypt func(ctx context.Context, k keyring.Keyring, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error
}

func (b broken) OnEncrypt(ctx context.Context, m *keyring.EncryptionMaterials) error {
	if b.encrypt == nil {
		return b.Keyring.OnEncrypt(ctx, m)
	}
	return b.encrypt(ctx, b.Keyring, m)
}

func (b broken) OnDecrypt(ctx context.Context, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	if b.decrypt == nil {
		return b.Keyring.OnDecrypt(ctx, m, keys)
	}
	return b.decrypt(ctx, b.Keyring, m, keys)
}

// mistakes are bugs, by the name of the subtest that finds each.
var mistakes = map[string]broken{
	"Opens": {encrypt: func(context.Context, keyring.Keyring, *keyring.EncryptionMaterials) error { return nil }},
	"WrapsAnotherKeyEachTime": {
		encrypt: func(_ context.Context, _ keyring.Keyring, m *keyring.EncryptionMaterials) error {
			key := bytes.Repeat([]byte{1}, keyring.KeySize)
			return m.Add("fixed", nil, key, key)
		},
		decrypt: func(ctx context.Context, _ keyring.Keyring, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
			return keyring.Unwrapping(ctx, "fixed", m, keys, func(k keyring.EncryptedDataKey) ([]byte, error) {
				if k.ProviderID != "fixed" {
					return nil, keyring.ErrNotOurs
				}
				return k.Wrapped()
			})
		},
	},
	"RejectsOtherContexts": {decrypt: func(ctx context.Context, k keyring.Keyring, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
		if err := k.OnDecrypt(ctx, m, keys); err != nil {
			return fmt.Errorf("%w: %v", crypto.ErrKeyUnavailable, err)
		}
		return nil
	}},
	"IgnoresOtherKeyrings": {decrypt: func(ctx context.Context, k keyring.Keyring, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
		if len(keys) > 0 {
			keys = keys[:1]
		}
		return k.OnDecrypt(ctx, m, keys)
	}},
	"UsesTheFirstThatUnwraps": {decrypt: func(ctx context.Context, k keyring.Keyring, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
		var own []keyring.EncryptedDataKey
		for _, key := range keys {
			if key.ProviderID == "acme" && len(own) == 0 {
				own = append(own, key)
			}
		}
		return k.OnDecrypt(ctx, m, own)
	}},
	"RejectsChanges": {decrypt: func(ctx context.Context, k keyring.Keyring, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
		for i, key := range keys {
			if len(key.Ciphertext) < 48 && i == 0 {
				return fmt.Errorf("too short") // wraps no sentinel
			}
		}
		return k.OnDecrypt(ctx, m, keys)
	}},
	"ReturnsContextErrors": {encrypt: func(ctx context.Context, k keyring.Keyring, m *keyring.EncryptionMaterials) error {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
		}
		return k.OnEncrypt(ctx, m)
	}},
}

// TestRun_FindsMistakes runs itself in another process for each mistake, where
// the subtest that finds it must fail.
func TestRun_FindsMistakes(t *testing.T) {
	const variable = "DDBENC_KEYRINGTEST_MISTAKE"
	if name := os.Getenv(variable); name != "" {
		k := mistakes[name]
		k.Keyring = aes(t)
		keyringtest.Run(t, k)
		return
	}
	for name := range mistakes {
		t.Run(name, func(t *testing.T) {
			command := exec.Command(os.Args[0], "-test.run=^TestRun_FindsMistakes$", "-test.v")
			command.Env = append(os.Environ(), variable+"="+name)
			output, err := command.CombinedOutput()
			if err == nil || !bytes.Contains(output, []byte("--- FAIL: TestRun_FindsMistakes/"+name)) {
				t.Errorf("the mistake is not found: %v\n%s", err, output)
			}
		})
	}
}
