package ddbec

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/itemgen"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
)

// Inside the package, to write items in the order that is Java's.

func TestAnyItemOpensAsItWasSealedByEitherClient(t *testing.T) {
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	provider, err := static.New(make([]byte, 32), hmac, hmac)
	if err != nil {
		t.Fatal(err)
	}
	encryptor, err := New(provider)
	if err != nil {
		t.Fatal(err)
	}
	table := crypto.TableInfo{Name: "t", PartitionKey: "partition", SortKey: "sort"}
	action := rapid.SampledFrom([]crypto.Action{crypto.Encrypt, crypto.Sign, crypto.None})

	rapid.Check(t, func(t *rapid.T) {
		item := crypto.Item(rapid.MapOfN(itemgen.Name(), itemgen.Value(2), 0, 8).Draw(t, "item"))
		actions := crypto.Actions{Attributes: map[string]crypto.Action{"partition": crypto.Sign, "sort": crypto.Sign},
			Default: action.Draw(t, "default")}
		for name := range item {
			if rapid.Bool().Draw(t, "named") {
				actions.Attributes[name] = action.Draw(t, "action")
			}
		}
		item["partition"] = &types.AttributeValueMemberS{Value: "p"}
		item["sort"] = &types.AttributeValueMemberN{Value: itemgen.Number().Draw(t, "sort")}

		sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
		if err != nil {
			t.Fatal(err)
		}
		for _, by := range []reading{ours, javaOrder} {
			message, err := stringToSign(table.Name, sealed, actions, by, encryptor.Reserved)
			if err != nil {
				t.Fatal(err)
			}
			signature, err := hmac.Sign(message)
			if err != nil {
				t.Fatal(err)
			}
			sealed[SignatureAttribute] = &types.AttributeValueMemberB{Value: signature}
			opened, err := encryptor.DecryptItem(t.Context(), table, actions, sealed)
			if err != nil {
				t.Fatalf("in the order of %v: %v", by, err)
			}
			for name := range item {
				if !reflect.DeepEqual(inOrder(opened[name], ours), inOrder(item[name], ours)) {
					t.Fatalf("attribute %q becomes %#v", name, opened[name])
				}
			}
			if len(opened) != len(item) {
				t.Fatalf("%d attributes become %d", len(item), len(opened))
			}
		}
	})
}

// What rapid may miss: an item for which the two orders do differ, in each of
// the ways in which they can.
func TestItemsInJavasOrderOpen(t *testing.T) {
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	provider, err := static.New(nil, hmac, hmac)
	if err != nil {
		t.Fatal(err)
	}
	encryptor, err := New(provider)
	if err != nil {
		t.Fatal(err)
	}
	table := crypto.TableInfo{Name: "t", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}, Default: crypto.Sign}
	null := &types.AttributeValueMemberNULL{Value: true}
	for what, attributes := range map[string]crypto.Item{
		"names":       {"\uffee": null, "😀": null},
		"map keys":    {"m": &types.AttributeValueMemberM{Value: crypto.Item{"\uffee": null, "😀": null}}},
		"string sets": {"s": &types.AttributeValueMemberSS{Value: []string{"\uffee", "😀"}}},
		"binary sets": {"b": &types.AttributeValueMemberBS{Value: [][]byte{{0x7f}, {0x80}}}},
	} {
		attributes["id"] = &types.AttributeValueMemberS{Value: "i"}
		sealed, err := encryptor.EncryptItem(t.Context(), table, actions, attributes)
		if err != nil {
			t.Fatal(err)
		}
		ours := sealed[SignatureAttribute].(*types.AttributeValueMemberB).Value
		message, err := stringToSign(table.Name, sealed, actions, javaOrder, encryptor.Reserved)
		if err != nil {
			t.Fatal(err)
		}
		javas, err := hmac.Sign(message)
		if err != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(ours, javas) {
			t.Errorf("%s: the orders do not differ", what)
		}
		sealed[SignatureAttribute] = &types.AttributeValueMemberB{Value: javas}
		if _, err := encryptor.DecryptItem(t.Context(), table, actions, sealed); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// FuzzDecryptItem opens items whose parts were chosen by someone else, with a
// signature that verifies: no input may do more than fail, and what opens
// seals and opens again.
func FuzzDecryptItem(f *testing.F) {
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	provider, err := static.New(make([]byte, 32), hmac, hmac)
	if err != nil {
		f.Fatal(err)
	}
	encryptor, err := New(provider)
	if err != nil {
		f.Fatal(err)
	}
	table := crypto.TableInfo{Name: "t", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	id := &types.AttributeValueMemberS{Value: "i"}
	sealed, err := encryptor.EncryptItem(f.Context(), table, actions,
		crypto.Item{"id": id, "x": &types.AttributeValueMemberN{Value: "1"}})
	if err != nil {
		f.Fatal(err)
	}
	description := sealed[DescriptionAttribute].(*types.AttributeValueMemberB).Value
	f.Add(description, sealed["x"].(*types.AttributeValueMemberB).Value, true, true)
	f.Add([]byte{0, 0, 0, 0}, make([]byte, 32), true, false)
	f.Add([]byte{}, []byte{}, false, true)

	block, err := newCipher(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, description, value []byte, signed, plaintext bool) {
		if plaintext {
			// Let the decoder see value itself, encrypted.
			value = encryptBytes(block, value)
		}
		item := crypto.Item{
			"id": id, "x": &types.AttributeValueMemberB{Value: value},
			DescriptionAttribute: &types.AttributeValueMemberB{Value: description},
			SignatureAttribute:   &types.AttributeValueMemberB{Value: description},
		}
		if signed {
			message, err := stringToSign(table.Name, item, actions, ours, encryptor.Reserved)
			if err != nil {
				t.Fatal(err)
			}
			signature, err := hmac.Sign(message)
			if err != nil {
				t.Fatal(err)
			}
			item[SignatureAttribute] = &types.AttributeValueMemberB{Value: signature}
		}
		opened, err := encryptor.DecryptItem(t.Context(), table, actions, item)
		if err != nil {
			return
		}
		if !signed {
			t.Fatal("an item without a signature opens")
		}
		again, err := encryptor.EncryptItem(t.Context(), table, actions, opened)
		if errors.Is(err, crypto.ErrInvalidItem) {
			return // other clients encrypt more than DynamoDB stores
		}
		if err != nil {
			t.Fatal(err)
		}
		reopened, err := encryptor.DecryptItem(t.Context(), table, actions, again)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(inOrder(opened["x"], ours), reopened["x"]) {
			t.Fatalf("%#v becomes %#v", opened["x"], reopened["x"])
		}
	})
}

// encryptBytes pads and encrypts bytes that need not be an encoding.
func encryptBytes(block cipher.Block, plain []byte) []byte {
	padding := aes.BlockSize - len(plain)%aes.BlockSize
	out := append(make([]byte, aes.BlockSize), plain...)
	out = append(out, bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, out[:aes.BlockSize]).CryptBlocks(out[aes.BlockSize:], out[aes.BlockSize:])
	return out
}
