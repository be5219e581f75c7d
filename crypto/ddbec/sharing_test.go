package ddbec_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
)

// copyItem copies an item and all that is in it.
func copyItem(item crypto.Item) crypto.Item {
	out := make(crypto.Item, len(item))
	for name, v := range item {
		out[name] = expr.Clone(v)
	}
	return out
}

// Callers keep the items that they hand in, and read them again. Sets and
// numbers are in no normal form here, so that sorting or normalizing them in
// place would show.
func TestNothingInsideAnItemIsChanged(t *testing.T) {
	item, actions := every()
	for _, prefix := range []string{"encrypted-", "signed-", "unsigned-"} {
		item[prefix+"N"] = &types.AttributeValueMemberN{Value: "+01.50e1"}
		item[prefix+"SS"] = &types.AttributeValueMemberSS{Value: []string{"b", "c", "a"}}
		item[prefix+"NS"] = &types.AttributeValueMemberNS{Value: []string{"3", "1e0", "2.0"}}
		item[prefix+"BS"] = &types.AttributeValueMemberBS{Value: [][]byte{{0xff}, {1}, {0x80}}}
	}
	item["opened"] = &types.AttributeValueMemberN{Value: "2e1"}
	encryptor := newEncryptor(t, symmetric(t))

	before := copyItem(item)
	sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
	check(t, err)
	if !reflect.DeepEqual(item, before) {
		t.Error("sealing changed what is in the item")
	}
	before = copyItem(sealed)
	opened, err := encryptor.DecryptItem(t.Context(), table, actions, sealed)
	check(t, err)
	if !reflect.DeepEqual(sealed, before) {
		t.Error("opening changed what is in the item")
	}
	// What was decrypted is the caller's, and no part of what was stored.
	clear(opened["encrypted-B"].(*types.AttributeValueMemberB).Value)
	clear(opened["encrypted-BS"].(*types.AttributeValueMemberBS).Value[0])
	clear(opened)
	if !reflect.DeepEqual(sealed, before) {
		t.Error("the opened item shares what was decrypted with the sealed one")
	}
	_, err = encryptor.DecryptItem(t.Context(), table, actions, sealed)
	check(t, err)
}

func TestEveryProviderServesManyAtOnce(t *testing.T) {
	item, actions := every()
	for name, provider := range allProviders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encryptor := newEncryptor(t, provider)
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() {
					sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
					if err != nil {
						t.Error(err)
						return
					}
					opened, err := encryptor.DecryptItem(t.Context(), table, actions, sealed)
					if err != nil {
						t.Error(err)
						return
					}
					equalItems(t, opened, item)
				})
			}
			all.Wait()
		})
	}
}

// unwilling is a signer whose key cannot be used.
type unwilling struct {
	providers.Signer
	err error
}

func (s unwilling) Sign([]byte) ([]byte, error) { return []byte("half a signature"), s.err }

func TestAFailureToSignSealsNothingAndKeepsItsCause(t *testing.T) {
	cause := errors.New("the device is locked")
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	check(t, err)
	provider, err := static.New(make([]byte, 32), unwilling{hmac, cause}, nil)
	check(t, err)
	sealed, err := newEncryptor(t, provider).EncryptItem(t.Context(), table, actions, account())
	if sealed != nil || !errors.Is(err, crypto.ErrNoUsableKey) || !errors.Is(err, cause) {
		t.Errorf("got %d attributes and %v, want ErrNoUsableKey with its cause", len(sealed), err)
	}
}
