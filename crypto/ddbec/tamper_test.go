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
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

var (
	table   = crypto.TableInfo{Name: "accounts", PartitionKey: "id", SortKey: "opened"}
	actions = crypto.Actions{Attributes: map[string]crypto.Action{
		"id": crypto.Sign, "opened": crypto.Sign, "plan": crypto.Sign, "tags": crypto.Sign, "places": crypto.Sign, "visits": crypto.None,
	}}
)

// account has attributes of each action.
func account() crypto.Item {
	return crypto.Item{
		"id":     &types.AttributeValueMemberS{Value: "a-1"},
		"opened": &types.AttributeValueMemberN{Value: "20"},
		"email":  &types.AttributeValueMemberS{Value: "ada@example.com"},
		"secret": &types.AttributeValueMemberB{Value: []byte("0123456789abcdef")},
		"score":  &types.AttributeValueMemberN{Value: "12.5"},
		"plan":   &types.AttributeValueMemberS{Value: "gold"},
		"tags":   &types.AttributeValueMemberSS{Value: []string{"x", "y"}},
		"places": &types.AttributeValueMemberM{Value: crypto.Item{"home": &types.AttributeValueMemberS{Value: "London"}}},
		"visits": &types.AttributeValueMemberN{Value: "7"},
	}
}

// allProviders returns one provider of each kind, by name.
func allProviders(t testing.TB) map[string]providers.Provider {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	hmac, err := providers.NewHMAC("HmacSHA256", key)
	check(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	asymmetric := func(algorithm string, key stdcrypto.Signer) (providers.Signer, providers.Verifier) {
		signer, err := providers.NewSigner(algorithm, key)
		check(t, err)
		verifier, err := providers.NewVerifier(algorithm, key.Public())
		check(t, err)
		return signer, verifier
	}
	all := make(map[string]providers.Provider)
	all["static HMAC"], err = static.New(key, hmac, hmac)
	check(t, err)
	signer, verifier := asymmetric("SHA256withRSA", rsaKey)
	all["static RSA"], err = static.New(key, signer, verifier)
	check(t, err)
	all["wrapped RSA"], err = wrapped.NewRSA(&rsaKey.PublicKey, rsaKey, signer, verifier, wrapped.AllowPKCS1v15())
	check(t, err)
	signer, verifier = asymmetric("SHA256withECDSA", ecKey)
	all["static ECDSA"], err = static.New(key, signer, verifier)
	check(t, err)
	all["wrapped AES"], err = wrapped.NewAES(key, hmac, hmac)
	check(t, err)
	return all
}

func newEncryptor(t testing.TB, provider providers.Provider, options ...ddbec.Option) *ddbec.Encryptor {
	t.Helper()
	e, err := ddbec.New(provider, options...)
	check(t, err)
	return e
}

// edits returns other values in place of v: of the same type where there is
// one near, and of another type with the same content.
func edits(v types.AttributeValue) []types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return []types.AttributeValue{
			&types.AttributeValueMemberS{Value: v.Value + "x"}, &types.AttributeValueMemberS{},
			&types.AttributeValueMemberB{Value: []byte(v.Value)}, &types.AttributeValueMemberSS{Value: []string{v.Value}},
		}
	case *types.AttributeValueMemberN:
		return []types.AttributeValue{
			&types.AttributeValueMemberN{Value: v.Value + "1"}, &types.AttributeValueMemberN{Value: "-" + v.Value},
			&types.AttributeValueMemberS{Value: v.Value},
		}
	case *types.AttributeValueMemberSS:
		return []types.AttributeValue{
			&types.AttributeValueMemberSS{Value: v.Value[:1]}, &types.AttributeValueMemberSS{Value: append(slices.Clone(v.Value), "z")},
			&types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "x"}, &types.AttributeValueMemberS{Value: "y"}}},
		}
	case *types.AttributeValueMemberM:
		return []types.AttributeValue{
			&types.AttributeValueMemberM{}, &types.AttributeValueMemberM{Value: crypto.Item{"home": &types.AttributeValueMemberS{Value: "Paris"}}},
			&types.AttributeValueMemberM{Value: crypto.Item{"work": v.Value["home"]}},
		}
	case *types.AttributeValueMemberB:
		all := []types.AttributeValue{
			&types.AttributeValueMemberB{}, &types.AttributeValueMemberB{Value: v.Value[1:]},
			&types.AttributeValueMemberB{Value: v.Value[:len(v.Value)-1]}, &types.AttributeValueMemberB{Value: append(slices.Clone(v.Value), 0)},
			&types.AttributeValueMemberBS{Value: [][]byte{v.Value}}, &types.AttributeValueMemberNULL{Value: true},
			(*types.AttributeValueMemberB)(nil), nil,
		}
		for i := range v.Value {
			flipped := slices.Clone(v.Value)
			flipped[i] ^= 1
			all = append(all, &types.AttributeValueMemberB{Value: flipped})
		}
		return all
	}
	return nil
}

func TestEveryChangeToAStoredItemIsNoticed(t *testing.T) {
	for name, provider := range allProviders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encryptor := newEncryptor(t, provider)
			sealed, err := encryptor.EncryptItem(t.Context(), table, actions, account())
			check(t, err)
			if strings.Contains(name, "RSA") {
				// Private key operations are slow: every seventh byte will do.
				t.Log("flipping every seventh byte only")
			}
			refused := func(what string, table crypto.TableInfo, item crypto.Item) {
				t.Helper()
				_, err := encryptor.DecryptItem(t.Context(), table, actions, item)
				if !errors.Is(err, crypto.ErrTampered) {
					t.Errorf("%s: got %v, want ErrTampered", what, err)
				}
			}
			for attribute, v := range sealed {
				if attribute == ddbec.DescriptionAttribute || attribute == "visits" {
					continue // not signed; below
				}
				changed := maps.Clone(sealed)
				delete(changed, attribute)
				refused("removed "+attribute, table, changed)

				changed["renamed "+attribute] = v
				refused("renamed "+attribute, table, changed)

				for i, edit := range edits(v) {
					if strings.Contains(name, "RSA") && i > 8 && i%7 != 0 {
						continue
					}
					changed := maps.Clone(sealed)
					changed[attribute] = edit
					refused("edited "+attribute, table, changed)
				}
				for other, w := range sealed {
					if other == attribute || other == ddbec.DescriptionAttribute || other == "visits" {
						continue
					}
					changed := maps.Clone(sealed)
					changed[attribute], changed[other] = w, v
					refused("swapped "+attribute+" and "+other, table, changed)
				}
			}
			added := maps.Clone(sealed)
			added["more"] = &types.AttributeValueMemberBOOL{Value: true}
			refused("added an attribute", table, added)

			for _, other := range []crypto.TableInfo{
				{Name: "Accounts", PartitionKey: "id", SortKey: "opened"},
				{Name: "accounts2", PartitionKey: "id", SortKey: "opened"},
			} {
				refused("moved to table "+other.Name, other, sealed)
			}

			another := account()
			another["id"] = &types.AttributeValueMemberS{Value: "a-2"}
			second, err := encryptor.EncryptItem(t.Context(), table, actions, another)
			check(t, err)
			for attribute := range sealed {
				if attribute == "id" || attribute == "email" || attribute == "secret" || attribute == "score" || attribute == ddbec.SignatureAttribute {
					mixed := maps.Clone(sealed)
					mixed[attribute] = second[attribute]
					refused("took "+attribute+" from another item", table, mixed)
				}
			}
		})
	}
}

func TestChangesThatNobodySignedChangeNoOther(t *testing.T) {
	for name, provider := range allProviders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encryptor := newEncryptor(t, provider)
			sealed, err := encryptor.EncryptItem(t.Context(), table, actions, account())
			check(t, err)

			// The unsigned attribute is whatever somebody made it.
			changed := maps.Clone(sealed)
			changed["visits"] = &types.AttributeValueMemberS{Value: "many"}
			opened, err := encryptor.DecryptItem(t.Context(), table, actions, changed)
			check(t, err)
			want := account()
			want["visits"] = &types.AttributeValueMemberS{Value: "many"}
			equalItems(t, opened, want)

			// A changed description opens to the same item or not at all.
			for i, edit := range edits(sealed[ddbec.DescriptionAttribute]) {
				if strings.Contains(name, "RSA") && i > 8 && i%7 != 0 {
					continue
				}
				changed := maps.Clone(sealed)
				changed[ddbec.DescriptionAttribute] = edit
				opened, err := encryptor.DecryptItem(t.Context(), table, actions, changed)
				switch {
				case err == nil:
					equalItems(t, opened, account())
				case !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey):
					t.Errorf("edit %d of the description: %v", i, err)
				}
			}
			delete(changed, ddbec.DescriptionAttribute)
			_, err = encryptor.DecryptItem(t.Context(), table, actions, changed)
			if !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("without its description: got %v, want ErrTampered or ErrNoUsableKey", err)
			}
		})
	}
}

func TestItemsOpenOnlyUnderTheActionsTheyWereSealedUnder(t *testing.T) {
	encryptor := newEncryptor(t, allProviders(t)["static HMAC"])
	sealed, err := encryptor.EncryptItem(t.Context(), table, actions, account())
	check(t, err)
	for _, c := range []struct {
		attribute string
		action    crypto.Action
	}{{"email", crypto.Sign}, {"email", crypto.None}, {"plan", crypto.Encrypt}, {"plan", crypto.None}, {"visits", crypto.Sign}, {"visits", crypto.Encrypt}} {
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
	check(t, err)
	provider, err := static.New(key, hmac, hmac)
	check(t, err)
	otherKey, err := static.New([]byte("another key of thirty-two bytes!"), hmac, hmac)
	check(t, err)
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
		item := crypto.Item{"id": account()["id"], "opened": account()["opened"], "email": value}
		forged := forge(t, hmac, unencrypted, item)
		_, err := newEncryptor(t, provider).DecryptItem(t.Context(), table, unencrypted, forged)
		if !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s: got %v, want ErrTampered", name, err)
			continue
		}
		texts[err.Error()] = true
	}
	sealed, err := newEncryptor(t, otherKey).EncryptItem(t.Context(), table, actions, account())
	check(t, err)
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
	check(t, err)
	signOnly := crypto.Actions{Attributes: map[string]crypto.Action{}, Default: crypto.Sign}
	sealed, err := newEncryptor(t, provider).EncryptItem(context.Background(), table, signOnly, item)
	check(t, err)
	// The message is one hash of the table, then three of each attribute by
	// name; the second of the three says whether it is encrypted.
	message, names := recorder.message, slices.Sorted(maps.Keys(item))
	for i, name := range names {
		if actions.Of(name) == crypto.Encrypt {
			copy(message[32*(2+3*i):], hashOf("ENCRYPTED"))
		}
	}
	signature, err := signer.Sign(message)
	check(t, err)
	sealed[ddbec.SignatureAttribute] = &types.AttributeValueMemberB{Value: signature}
	withMode, err := static.New(make([]byte, 32), signer, nil)
	check(t, err)
	other, err := newEncryptor(t, withMode).EncryptItem(context.Background(), table, signOnly, item)
	check(t, err)
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
