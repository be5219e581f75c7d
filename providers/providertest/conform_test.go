package providertest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/directkms"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
	"github.com/ddbenc/ddbenc/providers/providertest"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

func wrappedAES(t *testing.T) providers.Provider {
	t.Helper()
	signing, err := providers.NewHMAC("HmacSHA256", bytes.Repeat([]byte{5}, 32))
	check(t, err)
	p, err := wrapped.NewAES(bytes.Repeat([]byte{6}, 32), signing, signing)
	check(t, err)
	return p
}

func TestRun_PassesTheProvidersOfThisModule(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	hmac, err := providers.NewHMAC("HmacSHA256", bytes.Repeat([]byte{5}, 32))
	check(t, err)
	signer, err := providers.NewSigner("SHA256withRSA", private)
	check(t, err)
	verifier, err := providers.NewVerifier("SHA256withRSA", &private.PublicKey)
	check(t, err)

	all := map[string]providers.Provider{"wrapped, AES": wrappedAES(t)}
	all["static"], err = static.New(bytes.Repeat([]byte{6}, 32), hmac, hmac)
	check(t, err)
	all["static, signing only"], err = static.New(nil, signer, verifier)
	check(t, err)
	all["wrapped, RSA"], err = wrapped.NewRSA(&private.PublicKey, private, signer, verifier)
	check(t, err)
	all["direct KMS"], err = directkms.New(providertest.NewKMS(), providertest.KeyARN)
	check(t, err)
	store, err := metastore.New(mappertest.New(), "keys", all["direct KMS"])
	check(t, err)
	check(t, store.CreateTable(t.Context()))
	_, err = store.NewVersion(t.Context(), "accounts")
	check(t, err)
	all["most recent"], err = mostrecent.New(store, "accounts", time.Hour)
	check(t, err)
	for name, p := range all {
		t.Run(name, func(t *testing.T) { providertest.Run(t, p) })
	}
}

// broken is a provider with a bug.
type broken struct {
	providers.Provider
	encryption func(*providers.EncryptionMaterials)
	decryption func(ctx context.Context, materials *providers.DecryptionMaterials, err error) (*providers.DecryptionMaterials, error)
}

func (b broken) EncryptionMaterials(ctx context.Context, ec providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
	materials, err := b.Provider.EncryptionMaterials(ctx, ec)
	if err == nil && b.encryption != nil {
		b.encryption(materials)
	}
	return materials, err
}

func (b broken) DecryptionMaterials(ctx context.Context, ec providers.EncryptionContext, d providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
	materials, err := b.Provider.DecryptionMaterials(ctx, ec, d)
	if b.decryption != nil {
		return b.decryption(ctx, materials, err)
	}
	return materials, err
}

// gullible accepts every signature if no algorithm is named.
type gullible struct{ providers.Verifier }

func (g gullible) Verify(algorithm string, message, signature []byte) error {
	if algorithm == "" {
		return nil
	}
	return g.Verifier.Verify(algorithm, message, signature)
}

// mistakes are bugs, by the name of the subtest that finds each.
var mistakes = map[string]broken{
	"SealsAndOpensItems": {encryption: func(m *providers.EncryptionMaterials) { m.EncryptionKey = m.EncryptionKey[:15] }},
	"ReturnsMatchingMaterials": {decryption: func(_ context.Context, m *providers.DecryptionMaterials, err error) (*providers.DecryptionMaterials, error) {
		if m != nil {
			m.DecryptionKey = make([]byte, 32)
		}
		return m, err
	}},
	"VerifiesOnlyWhatWasSigned": {decryption: func(_ context.Context, m *providers.DecryptionMaterials, err error) (*providers.DecryptionMaterials, error) {
		if m != nil {
			m.Verifier = gullible{m.Verifier}
		}
		return m, err
	}},
	"SurvivesAnyDescription": {decryption: func(_ context.Context, m *providers.DecryptionMaterials, err error) (*providers.DecryptionMaterials, error) {
		if err != nil {
			return nil, errors.New(err.Error()) // wraps no sentinel
		}
		return m, nil
	}},
	"ReturnsContextErrors": {decryption: func(ctx context.Context, m *providers.DecryptionMaterials, err error) (*providers.DecryptionMaterials, error) {
		if ctx.Err() != nil {
			return nil, errors.New("too late")
		}
		return m, err
	}},
}

// TestRun_FindsMistakes runs itself in another process for each mistake, where
// the subtest that finds it must fail.
func TestRun_FindsMistakes(t *testing.T) {
	const variable = "DDBENC_PROVIDERTEST_MISTAKE"
	if name := os.Getenv(variable); name != "" {
		p := mistakes[name]
		p.Provider = wrappedAES(t)
		providertest.Run(t, p)
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
