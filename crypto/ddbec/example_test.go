package ddbec_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// Package mapper calls an Encryptor for you. Called directly, it works on the
// items of the AWS SDK.
func ExampleEncryptor() {
	// Keep such keys in a secret store, and make them with crypto/rand.
	signing, err := providers.NewHMAC("HmacSHA256", []byte("a signing key of thirty-two byte"))
	if err != nil {
		fmt.Println(err)
		return
	}
	provider, err := wrapped.NewAES([]byte("a wrapping key of thirty-two byt"), signing, signing)
	if err != nil {
		fmt.Println(err)
		return
	}
	encryptor, err := ddbec.New(provider)
	if err != nil {
		fmt.Println(err)
		return
	}

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
	// *types.AttributeValueMemberB *amzn-ddb-map-desc*
	// *types.AttributeValueMemberB *amzn-ddb-map-sig*
	// *types.AttributeValueMemberB email
	// *types.AttributeValueMemberS id
	// *types.AttributeValueMemberS plan
	// email: ada@example.com
	// true ddbenc: decrypt: table "accounts" (key id): item does not verify
}
