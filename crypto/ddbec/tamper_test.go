package ddbec_test

import (
	"context"
	stdcrypto "crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

var table, actions = itemtest.Table(), itemtest.Actions()

// allProviders returns one provider of each kind, by name.
func allProviders(t testing.TB) map[string]providers.Provider {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	hmac, err := providers.NewHMAC("HmacSHA256", key)
	itemtest.Check(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	itemtest.Check(t, err)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	itemtest.Check(t, err)
	asymmetric := func(algorithm string, key stdcrypto.Signer) (providers.Signer, providers.Verifier) {
		signer, err := providers.NewSigner(algorithm, key)
		itemtest.Check(t, err)
		verifier, err := providers.NewVerifier(algorithm, key.Public())
		itemtest.Check(t, err)
		return signer, verifier
	}
	all := make(map[string]providers.Provider)
	all["static HMAC"], err = static.New(key, hmac, hmac)
	itemtest.Check(t, err)
	signer, verifier := asymmetric("SHA256withRSA", rsaKey)
	all["static RSA"], err = static.New(key, signer, verifier)
	itemtest.Check(t, err)
	all["wrapped RSA"], err = wrapped.NewRSA(&rsaKey.PublicKey, rsaKey, signer, verifier, wrapped.WithPKCS1v15())
	itemtest.Check(t, err)
	signer, verifier = asymmetric("SHA256withECDSA", ecKey)
	all["static ECDSA"], err = static.New(key, signer, verifier)
	itemtest.Check(t, err)
	all["wrapped AES"], err = wrapped.NewAES(key, hmac, hmac)
	itemtest.Check(t, err)
	return all
}

func newEncryptor(t testing.TB, provider providers.Provider, options ...ddbec.Option) *ddbec.Encryptor {
	t.Helper()
	e, err := ddbec.New(provider, options...)
	itemtest.Check(t, err)
	return e
}

// remembering asks for the materials of each description once, so that private
// keys are used once.
type remembering struct {
	providers.Provider
	mu   sync.Mutex
	seen *providers.DecryptionMaterials
}

func (r *remembering) DecryptionMaterials(
	ctx context.Context, ec providers.EncryptionContext, d providers.MaterialDescription,
) (*providers.DecryptionMaterials, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	if r.seen == nil {
		r.seen, err = r.Provider.DecryptionMaterials(ctx, ec, d)
	}
	return r.seen, err
}

func TestNoChangeGoesUnnoticed(t *testing.T) {
	for name, provider := range allProviders(t) {
		t.Run(name, func(t *testing.T) {
			itemtest.Run(t, itemtest.Subject{
				Encryptor: newEncryptor(t, provider), Repeated: newEncryptor(t, &remembering{Provider: provider}),
				Unsigned: []string{ddbec.DescriptionAttribute}, Slow: strings.Contains(name, "RSA"),
			})
		})
	}
}

func TestItemsOpenOnlyUnderTheActionsTheyWereSealedUnder(t *testing.T) {
	encryptor := newEncryptor(t, allProviders(t)["static HMAC"])
	sealed, err := encryptor.EncryptItem(t.Context(), table, actions, itemtest.Account())
	itemtest.Check(t, err)
	for _, c := range []struct {
		attribute string
		action    crypto.Action
	}{{"email", crypto.Sign}, {"email", crypto.None}, {"plan", crypto.Encrypt}, {"plan", crypto.None}, {"visits",
		crypto.Sign}, {"visits", crypto.Encrypt}} {
		other := crypto.Actions{Attributes: maps.Clone(actions.Attributes)}
		other.Attributes[c.attribute] = c.action
		if _, err := encryptor.DecryptItem(t.Context(), table, other, sealed); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s as %v: got %v, want ErrTampered", c.attribute, c.action, err)
		}
	}
}

func TestAllFailuresAfterVerificationLookTheSame(t *testing.T) {
	key := make([]byte, 32)
	hmac, err := providers.NewHMAC("HmacSHA256", key)
	itemtest.Check(t, err)
	provider, err := static.New(key, hmac, hmac)
	itemtest.Check(t, err)
	otherKey, err := static.New([]byte("another key of thirty-two bytes!"), hmac, hmac)
	itemtest.Check(t, err)
	// Signed, and so verified, but not decryptable: only the holder of the
	// signing key can make these.
	unencrypted := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "opened": crypto.Sign}}
	texts := make(map[string]bool)
	for name, value := range map[string]types.AttributeValue{
		"no binary":  &types.AttributeValueMemberS{Value: "text"},
		"too short":  &types.AttributeValueMemberB{Value: make([]byte, 16)},
		"no blocks":  &types.AttributeValueMemberB{Value: make([]byte, 33)},
		"no padding": &types.AttributeValueMemberB{Value: make([]byte, 48)},
		"empty":      &types.AttributeValueMemberB{},
	} {
		// Seal the value as it is while claiming that it is encrypted.
		item := crypto.Item{"id": itemtest.Account()["id"], "opened": itemtest.Account()["opened"], "email": value}
		forged := forge(t, hmac, unencrypted, item)
		_, err := newEncryptor(t, provider).DecryptItem(t.Context(), table, unencrypted, forged)
		if !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s: got %v, want ErrTampered", name, err)
			continue
		}
		texts[err.Error()] = true
	}
	sealed, err := newEncryptor(t, otherKey).EncryptItem(t.Context(), table, actions, itemtest.Account())
	itemtest.Check(t, err)
	_, err = newEncryptor(t, provider).DecryptItem(t.Context(), table, actions, sealed)
	texts[err.Error()] = true
	delete(sealed, "plan")
	_, err = newEncryptor(t, provider).DecryptItem(t.Context(), table, actions, sealed)
	texts[err.Error()] = true
	if len(texts) != 1 {
		t.Errorf("the errors differ: %q", slices.Sorted(maps.Keys(texts)))
	}
}

// forge signs item as it is, as if what is to be encrypted were.
func forge(t testing.TB, signer providers.Signer, actions crypto.Actions, item crypto.Item) crypto.Item {
	t.Helper()
	recorder := &recordingSigner{Signer: signer}
	provider, err := static.New(nil, recorder, nil)
	itemtest.Check(t, err)
	signOnly := crypto.Actions{Attributes: map[string]crypto.Action{}, Default: crypto.Sign}
	sealed, err := newEncryptor(t, provider).EncryptItem(context.Background(), table, signOnly, item)
	itemtest.Check(t, err)
	// The message is one hash of the table, then three of each attribute by
	// name; the second of the three says whether it is encrypted.
	message, names := recorder.message, slices.Sorted(maps.Keys(item))
	for i, name := range names {
		if actions.Of(name) == crypto.Encrypt {
			copy(message[32*(2+3*i):], hashOf("ENCRYPTED"))
		}
	}
	signature, err := signer.Sign(message)
	itemtest.Check(t, err)
	sealed[ddbec.SignatureAttribute] = &types.AttributeValueMemberB{Value: signature}
	withMode, err := static.New(make([]byte, 32), signer, nil)
	itemtest.Check(t, err)
	other, err := newEncryptor(t, withMode).EncryptItem(context.Background(), table, signOnly, item)
	itemtest.Check(t, err)
	sealed[ddbec.DescriptionAttribute] = other[ddbec.DescriptionAttribute]
	return sealed
}

// recordingSigner keeps the last message.
type recordingSigner struct {
	providers.Signer
	message []byte
}

func (s *recordingSigner) Sign(message []byte) ([]byte, error) {
	s.message = slices.Clone(message)
	return s.Signer.Sign(message)
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
