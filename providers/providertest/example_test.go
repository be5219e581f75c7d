package providertest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func ExampleKMS() {
	ctx := context.Background()
	service := providertest.NewKMS()
	keys, err := awskms.New(service, providertest.KeyARN)
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := dbesdk.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	table := crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	sealed, err := encryptor.EncryptItem(ctx, table, actions, crypto.Item{
		"id":    &types.AttributeValueMemberS{Value: "a-1"},
		"email": &types.AttributeValueMemberS{Value: "ada@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}

	for _, fault := range []error{providertest.ErrThrottled, providertest.ErrDenied, nil} {
		service.Fail(fault)
		_, err = encryptor.DecryptItem(ctx, table, actions, sealed)
		fmt.Println(err == nil, errors.Is(err, crypto.ErrKeyUnavailable), errors.Is(err, crypto.ErrNoUsableKey))
	}
	fmt.Println(service.Calls("Decrypt"), "calls of Decrypt")
	// Output:
	// false true false
	// false false true
	// true false false
	// 3 calls of Decrypt
}

func ExampleKeyStore() {
	store := providertest.NewKeyStore("tenant-1")
	keys, err := hierarchical.New(store, hierarchical.BranchKey("tenant-1"), 10*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := dbesdk.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	table := crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	for range 100 {
		item := crypto.Item{"id": &types.AttributeValueMemberS{Value: "a-1"}}
		if _, err := encryptor.EncryptItem(context.Background(), table, actions, item); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(store.Loads(), "load of the branch key")
	// Output: 1 load of the branch key
}
