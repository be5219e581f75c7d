package wrapped_test

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// Both keys are secret. Keep them in a secret store, separate from the table.
func ExampleNewAES() {
	wrappingKey, signingKey := make([]byte, 32), make([]byte, 32)
	rand.Read(wrappingKey)
	rand.Read(signingKey)

	signing, err := providers.NewHMAC("HmacSHA256", signingKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	provider, err := wrapped.NewAES(wrappingKey, signing, signing)
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
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	sealed, err := encryptor.EncryptItem(ctx, table, actions, crypto.Item{
		"id":    &types.AttributeValueMemberS{Value: "a-1"},
		"email": &types.AttributeValueMemberS{Value: "ada@example.com"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	opened, err := encryptor.DecryptItem(ctx, table, actions, sealed)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(opened["email"].(*types.AttributeValueMemberS).Value)
	// Output: ada@example.com
}
