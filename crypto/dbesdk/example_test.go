package dbesdk_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/rawaes"
)

// Package mapper calls an Encryptor for you. Called directly, it works on the
// items of the AWS SDK.
func ExampleEncryptor() {
	// Keep such a key in a secret store, and make it with crypto/rand.
	keys, err := rawaes.New("acme", "2026-11", []byte("a wrapping key of thirty-two byt"))
	if err != nil {
		fmt.Println(err)
		return
	}
	encryptor, err := dbesdk.New(keys)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer encryptor.Close()

	ctx := context.Background()
	table := crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	// What is not named is encrypted.
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "plan": crypto.Sign}}

	sealed, err := encryptor.EncryptItem(ctx, table, actions, crypto.Item{
		"id":    &types.AttributeValueMemberS{Value: "a-1"},
		"email": &types.AttributeValueMemberS{Value: "ada@example.com"},
		"plan":  &types.AttributeValueMemberS{Value: "free"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(sealed)) {
		fmt.Printf("%T %s\n", sealed[name], name)
	}

	// The plan is to be encrypted from now on: the item opens all the same.
	actions = crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	opened, err := encryptor.DecryptItem(ctx, table, actions, sealed)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("email:", opened["email"].(*types.AttributeValueMemberS).Value)

	sealed["plan"] = &types.AttributeValueMemberS{Value: "gold"}
	_, err = encryptor.DecryptItem(ctx, table, actions, sealed)
	fmt.Println(errors.Is(err, crypto.ErrTampered), err)
	// Output:
	// *types.AttributeValueMemberB aws_dbe_foot
	// *types.AttributeValueMemberB aws_dbe_head
	// *types.AttributeValueMemberB email
	// *types.AttributeValueMemberS id
	// *types.AttributeValueMemberS plan
	// email: ada@example.com
	// true ddbenc: decrypt: table "accounts" (key id): item does not verify
}

// What is in the encryption context can choose the key: here, each tenant's
// own.
func ExampleAttributes() {
	ec := keyring.EncryptionContext{
		"aws-crypto-table-name": "accounts", "aws-crypto-partition-name": "id", "aws-crypto-attr.id": "a-1",
		"aws-crypto-attr.tenant": "acme", "aws-crypto-legend": "SS",
	}
	attributes, err := dbesdk.Attributes(ec)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(attributes["tenant"].(*types.AttributeValueMemberS).Value)
	// Output: acme
}
