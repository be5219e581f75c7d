// Kms protects items of the format ddbec with keys in AWS KMS, in the two ways
// that there are, and counts the calls to KMS: one for every item with direct
// KMS, and one for every version of a key with the most recent provider over a
// meta store.
//
//	go run ./examples/kms -key ARN                              # KMS in your AWS account, tables in memory
//	go run ./examples/kms -key ARN -aws                         # both in your AWS account
//	go run ./examples/kms -kms-endpoint http://localhost:5000   # a local KMS, where a key is made
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

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/examples/internal/database"
	"github.com/ddbenc/ddbenc/examples/internal/keyservice"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/directkms"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
)

// Account is what we store.
type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"encrypt"`
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
	if err := run(ctx, api, &counter{client: client}, keyARN); err != nil {
		log.Fatal(err)
	}
}

// counter is a directkms.Client that counts.
type counter struct {
	client               directkms.Client
	generated, decrypted atomic.Int64
}

func (c *counter) GenerateDataKey(ctx context.Context, in *kms.GenerateDataKeyInput, options ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	c.generated.Add(1)
	return c.client.GenerateDataKey(ctx, in, options...)
}

func (c *counter) Decrypt(ctx context.Context, in *kms.DecryptInput, options ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	c.decrypted.Add(1)
	return c.client.Decrypt(ctx, in, options...)
}

// report prints what was asked of KMS since the last report.
func (c *counter) report(what string) {
	fmt.Printf("   %-45s GenerateDataKey %d, Decrypt %d\n", what, c.generated.Swap(0), c.decrypted.Swap(0))
}

func run(ctx context.Context, api dynamodbiface.DynamoDBAPI, client *counter, keyARN string) error {
	direct, err := directkms.New(client, keyARN)
	if err != nil {
		return err
	}
	prefix := "ddbenc-kms-" + rand.Text()[:8]

	fmt.Println("1. Direct KMS asks for every item:")
	if err := inTable(ctx, api, prefix+"-direct", direct, func(accounts *mapper.Repository[Account]) error {
		return writeAndRead(ctx, accounts, client, 0)
	}); err != nil {
		return err
	}

	fmt.Println("\n2. The most recent provider asks for every version of a key:")
	name := prefix + "-keys"
	store, err := metastore.New(api, name, direct)
	if err != nil {
		return err
	}
	if err := store.CreateTable(ctx); err != nil {
		return err
	}
	// The store seals its own items, so its table is reached past the mapper.
	keys := dynamo.NewFromIface(api).Table(name)
	if err := keys.Wait(ctx); err != nil {
		return err
	}
	defer keys.DeleteTable().Run(ctx)

	provider, err := mostrecent.New(store, "accounts", 5*time.Minute)
	if err != nil {
		return err
	}
	return inTable(ctx, api, prefix, provider, func(accounts *mapper.Repository[Account]) error {
		if err := writeAndRead(ctx, accounts, client, 0); err != nil {
			return err
		}

		fmt.Println("\n3. A new version for what is written from now on:")
		version, err := store.NewVersion(ctx, "accounts")
		if err != nil {
			return err
		}
		client.report(fmt.Sprintf("made version %d", version))
		provider.Refresh() // other processes notice within the time to live
		if err := writeAndRead(ctx, accounts, client, items); err != nil {
			return err
		}

		fmt.Println("\n4. Items under the old version can still be read:")
		if err := read(ctx, accounts, 0); err != nil {
			return err
		}
		client.report(fmt.Sprintf("read the first %d items", items))
		return nil
	})
}

// inTable runs f on a new table, whose items provider protects.
func inTable(ctx context.Context, api dynamodbiface.DynamoDBAPI, name string, provider providers.Provider, f func(*mapper.Repository[Account]) error) error {
	encryptor, err := ddbec.New(provider)
	if err != nil {
		return err
	}
	db, err := mapper.New(api, mapper.TableOf[Account](name, encryptor), mapper.WithDeclaredTablesOnly())
	if err != nil {
		return err
	}
	if err := db.CreateTable(name, Account{}).OnDemand(true).Wait(ctx); err != nil {
		return err
	}
	defer db.Table(name).DeleteTable().Run(ctx)
	accounts, err := mapper.NewRepository[Account](db, name)
	if err != nil {
		return err
	}
	return f(accounts)
}

// items is how many items each step writes and reads.
const items = 3

func account(i int) Account {
	return Account{ID: fmt.Sprintf("a-%d", i), Email: fmt.Sprintf("a%d@example.com", i)}
}

// writeAndRead writes the accounts from first, reads them, and says what that
// took.
func writeAndRead(ctx context.Context, accounts *mapper.Repository[Account], client *counter, first int) error {
	for i := range items {
		if err := accounts.Create(ctx, account(first+i)); err != nil {
			return err
		}
	}
	client.report(fmt.Sprintf("wrote %d items", items))
	if err := read(ctx, accounts, first); err != nil {
		return err
	}
	client.report(fmt.Sprintf("read %d items", items))
	return nil
}

func read(ctx context.Context, accounts *mapper.Repository[Account], first int) error {
	for i := range items {
		want := account(first + i)
		got, err := accounts.Get(ctx, dynamo.Keys{want.ID})
		if err != nil {
			return err
		}
		if got != want {
			return errors.New("an item came back changed")
		}
	}
	return nil
}
