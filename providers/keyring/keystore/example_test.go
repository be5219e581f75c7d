package keystore_test

import (
	"context"
	"fmt"

	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// A job creates the table and a branch key for a tenant, and rotates the key later.
func Example() {
	ctx := context.Background()
	db, keys := mappertest.New(), providertest.NewKMS() // dynamodb.NewFromConfig(cfg), kms.NewFromConfig(cfg)
	const keyARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

	store, err := keystore.New(db, "branch-keys", keys, keyARN)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := store.CreateTable(ctx); err != nil {
		fmt.Println(err)
		return
	}
	id, err := store.Create(ctx, "tenant-1", map[string]string{"tenant": "1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	before, err := store.Active(ctx, id)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := store.Rotate(ctx, id); err != nil {
		fmt.Println(err)
		return
	}
	after, err := store.Active(ctx, id)
	if err != nil {
		fmt.Println(err)
		return
	}
	old, err := store.Version(ctx, id, before.Version)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(after.Version != before.Version, old.Version == before.Version, len(after.Key()))
	// Output: true true 32
}
