package ddbec_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// FuzzForgedItem opens items of which everything that is stored was chosen by
// someone who has no key: description, signature and ciphertext. None may
// open, and none may do more than fail. The keys are created by each process,
// so no input can hold a signature that verifies.
func FuzzForgedItem(f *testing.F) {
	key := make([]byte, 32)
	rand.Read(key)
	hmac, err := providers.NewHMAC("HmacSHA256", key)
	itemtest.Check(f, err)
	withAES, err := wrapped.NewAES(key, hmac, hmac)
	itemtest.Check(f, err)
	fixed := symmetric(f)
	table := crypto.TableInfo{Name: "t", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	id := &types.AttributeValueMemberS{Value: "i"}
	stored := func(item crypto.Item, name string) []byte { return item[name].(*types.AttributeValueMemberB).Value }

	for _, provider := range []providers.Provider{withAES, fixed} {
		sealed, err := newEncryptor(f, provider).EncryptItem(f.Context(), table, actions,
			crypto.Item{"id": id, "x": &types.AttributeValueMemberN{Value: "1"}})
		itemtest.Check(f, err)
		signature := bytes.Clone(stored(sealed, ddbec.SignatureAttribute))
		signature[0] ^= 1
		f.Add(stored(sealed, ddbec.DescriptionAttribute), signature, stored(sealed, "x"))
	}
	f.Add([]byte{0, 0, 0, 0}, []byte{}, make([]byte, 32))
	f.Add([]byte{}, make([]byte, 32), []byte{})

	f.Fuzz(func(t *testing.T, description, signature, ciphertext []byte) {
		item := crypto.Item{
			"id": id, "x": &types.AttributeValueMemberB{Value: ciphertext},
			ddbec.DescriptionAttribute: &types.AttributeValueMemberB{Value: description},
			ddbec.SignatureAttribute:   &types.AttributeValueMemberB{Value: signature},
		}
		for _, provider := range []providers.Provider{withAES, fixed} {
			opened, err := newEncryptor(t, provider).DecryptItem(t.Context(), table, actions, item)
			if opened != nil || !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("%T: got %v and %v, want ErrTampered or ErrNoUsableKey", provider, opened, err)
			}
		}
	})
}
