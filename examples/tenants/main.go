// Tenants keeps the items of two tenants in one table, each under a branch key
// of its own, and counts the calls to KMS: one for each version of a branch
// key, however many items there are.
//
//	go run ./examples/tenants -key ARN                              # KMS in your AWS account, tables in memory
//	go run ./examples/tenants -key ARN -aws                         # both in your AWS account
//	go run ./examples/tenants -kms-endpoint http://localhost:5000   # a local KMS, where a key is made
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/examples/internal/database"
	"github.com/ddbenc/ddbenc/examples/internal/keyservice"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// Invoice is what we store. Its tenant is in the encryption context, by which
// the branch key is chosen.
type Invoice struct {
	ID     string `dynamo:"id,hash"`
	Tenant string `dynamo:"tenant" ddbenc:"sign,context"`
	Text   string `dynamo:"text" ddbenc:"encrypt"`
}

func main() {
	log.SetFlags(0)
	openKMS := keyservice.Flags()
	open := database.Flags()
	flag.Parse()
	ctx := context.Background()
	client, keyARN, err := openKMS(ctx)
	if err != nil {
		log.Fatal(err)
	}
	api, err := open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(ctx, api, &counter{KMS: client}, keyARN); err != nil {
		log.Fatal(err)
	}
}

// counter is a KMS that counts how often it unwraps.
type counter struct {
	keystore.KMS
	calls atomic.Int64
}

func (c *counter) Decrypt(ctx context.Context, in *kms.DecryptInput, options ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	c.calls.Add(1)
	return c.KMS.Decrypt(ctx, in, options...)
}

func (c *counter) report(what string) {
	fmt.Printf("   %-38s calls to KMS: %d\n", what, c.calls.Swap(0))
}

var tenants = []string{"acme", "initech"}

// items is how many items each tenant has.
const items = 50

func run(ctx context.Context, api dynamodbiface.DynamoDBAPI, client *counter, keyARN string) error {
	prefix := "ddbenc-tenants-" + rand.Text()[:8]
	store, err := keystore.New(api, prefix+"-keys", client, keyARN)
	if err != nil {
		return err
	}
	if err := store.CreateTable(ctx); err != nil {
		return err
	}
	defer dynamo.NewFromIface(api).Table(prefix + "-keys").DeleteTable().Run(ctx)
	for _, tenant := range tenants {
		if _, err := store.Create(ctx, tenant, map[string]string{"tenant": tenant}); err != nil {
			return err
		}
	}

	keys, err := hierarchical.New(store, branchKeyOf, 10*time.Minute)
	if err != nil {
		return err
	}
	encryptor, err := dbesdk.New(keys)
	if err != nil {
		return err
	}
	defer encryptor.Close()
	db, err := mapper.New(api, mapper.TableOf[Invoice](prefix, encryptor), mapper.WithDeclaredTablesOnly())
	if err != nil {
		return err
	}
	if err := db.CreateTable(prefix, Invoice{}).OnDemand(true).Wait(ctx); err != nil {
		return err
	}
	defer db.Table(prefix).DeleteTable().Run(ctx)

	fmt.Printf("1. %d invoices of each of %d tenants:\n", items, len(tenants))
	if err := write(ctx, db.Table(prefix)); err != nil {
		return err
	}
	client.report("written")
	if err := read(ctx, db.Table(prefix)); err != nil {
		return err
	}
	client.report("read")

	fmt.Println("\n2. A new version of each branch key, for what is written from now on:")
	for _, tenant := range tenants {
		if err := store.Rotate(ctx, tenant); err != nil {
			return err
		}
	}
	keys.Clear() // other processes notice within the time to live
	if err := db.Table(prefix).Put(Invoice{ID: "new", Tenant: tenants[0], Text: "one more"}).Run(ctx); err != nil {
		return err
	}
	client.report("one written under it")
	if err := read(ctx, db.Table(prefix)); err != nil {
		return err
	}
	client.report("all read, in both versions")

	fmt.Println("\n3. Someone passes an invoice off as another tenant's:")
	var stored crypto.Item
	raw := dynamo.NewFromIface(api).Table(prefix)
	if err := raw.Get("id", "new").Consistent(true).One(ctx, &stored); err != nil {
		return err
	}
	stored["tenant"] = &types.AttributeValueMemberS{Value: tenants[1]}
	if err := raw.Put(stored).Run(ctx); err != nil {
		return err
	}
	err = db.Table(prefix).Get("id", "new").Consistent(true).One(ctx, new(Invoice))
	if !errors.Is(err, crypto.ErrNoUsableKey) {
		return fmt.Errorf("the forged item was not caught: %w", err)
	}
	fmt.Printf("   caught: %v\n", err)
	return nil
}

// branchKeyOf picks the branch key of an item: here, its ID is the tenant's.
func branchKeyOf(_ context.Context, ec keyring.EncryptionContext) (string, error) {
	attributes, err := dbesdk.Attributes(ec)
	if err != nil {
		return "", err
	}
	tenant, ok := attributes["tenant"].(*types.AttributeValueMemberS)
	if !ok {
		return "", errors.New("the item has no tenant")
	}
	return tenant.Value, nil
}

func write(ctx context.Context, table dynamo.Table) error {
	for _, tenant := range tenants {
		for i := range items {
			invoice := Invoice{ID: fmt.Sprintf("%s-%d", tenant, i), Tenant: tenant, Text: "for services rendered"}
			if err := table.Put(invoice).Run(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func read(ctx context.Context, table dynamo.Table) error {
	var all []Invoice
	return table.Scan().Consistent(true).All(ctx, &all)
}
