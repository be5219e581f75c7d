package multi_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

// A service seals an item with its own key, and a recovery key that is kept
// elsewhere opens it.
func Example() {
	service, err := raw.NewAES("acme", "service", make([]byte, 32))
	if err != nil {
		log.Fatal(err)
	}
	recovery, err := raw.NewAES("acme", "recovery", []byte("thirty-two bytes that are secret"))
	if err != nil {
		log.Fatal(err)
	}
	both, err := multi.New(service, recovery)
	if err != nil {
		log.Fatal(err)
	}

	table := crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	encryptor := func(keys keyring.Keyring) *dbesdk.Encryptor {
		e, err := dbesdk.New(keys)
		if err != nil {
			log.Fatal(err)
		}
		return e
	}
	sealed, err := encryptor(both).EncryptItem(context.Background(), table, actions, crypto.Item{
		"id":    &types.AttributeValueMemberS{Value: "a-1"},
		"email": &types.AttributeValueMemberS{Value: "ada@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	opened, err := encryptor(recovery).DecryptItem(context.Background(), table, actions, sealed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(opened["email"].(*types.AttributeValueMemberS).Value)
	// Output: ada@example.com
}
