package dbesdk_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

// Applications leave this to package mapper, which takes the actions from
// struct tags.
func Example() {
	ctx := context.Background()
	wrappingKey := make([]byte, 32) // yours to keep
	rand.Read(wrappingKey)
	keys, err := raw.NewAES("acme", "2026-11", wrappingKey)
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := dbesdk.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	defer encryptor.Close()

	table := crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "plan": crypto.Sign}}
	sealed, err := encryptor.EncryptItem(ctx, table, actions, crypto.Item{
		"id":    &types.AttributeValueMemberS{Value: "a-1"},
		"email": &types.AttributeValueMemberS{Value: "ada@example.com"},
		"plan":  &types.AttributeValueMemberS{Value: "gold"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("stored email: %T\n", sealed["email"])

	// An item says itself what is encrypted, so another policy opens it too.
	actions.Attributes["email"] = crypto.Sign
	opened, err := encryptor.DecryptItem(ctx, table, actions, sealed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("opened email:", opened["email"].(*types.AttributeValueMemberS).Value)
	// Output:
	// stored email: *types.AttributeValueMemberB
	// opened email: ada@example.com
}

// What an item says of itself, to whoever has it.
func ExampleInspect() {
	keys, err := raw.NewAES("acme", "2026-11", make([]byte, 32))
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	if err != nil {
		log.Fatal(err)
	}
	table := crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "visits": crypto.None}}
	sealed, err := encryptor.EncryptItem(context.Background(), table, actions, crypto.Item{
		"id":     &types.AttributeValueMemberS{Value: "a-1"},
		"email":  &types.AttributeValueMemberS{Value: "ada@example.com"},
		"visits": &types.AttributeValueMemberN{Value: "7"},
	})
	if err != nil {
		log.Fatal(err)
	}

	seen, err := dbesdk.Inspect(sealed, dbesdk.WithUnsigned("visits"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("suite:", seen.Suite)
	fmt.Println("key:", seen.DataKeys[0].ProviderID, seen.DataKeys[0].KeyID)
	fmt.Println("email:", seen.Actions["email"])
	// Output:
	// suite: 0x6700
	// key: acme 2026-11
	// email: encrypt
}
