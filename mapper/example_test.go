package mapper_test

import (
	"context"
	"fmt"
	"log"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

type Account struct {
	ID     string `dynamo:"id,hash"`
	Email  string `dynamo:"email" ddbenc:"encrypt"`
	Plan   string `dynamo:"plan" ddbenc:"sign"`
	Visits int    `dynamo:"visits" ddbenc:"none"`
}

// exampleEncryptor has fixed keys; make yours with crypto/rand, and keep them.
func exampleEncryptor() crypto.ItemEncryptor {
	signing, err := providers.NewHMAC("HmacSHA256", []byte("a signing key of thirty-two byte"))
	if err != nil {
		log.Fatal(err)
	}
	provider, err := wrapped.NewAES([]byte("a wrapping key of thirty-two byt"), signing, signing)
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := ddbec.New(provider)
	if err != nil {
		log.Fatal(err)
	}
	return encryptor
}

// One constructor is swapped; the rest is plain guregu/dynamo.
func ExampleNew() {
	ctx := context.Background()
	api := mappertest.New() // or dynamodb.NewFromConfig(cfg)
	db, err := mapper.New(api, mapper.TableOf[Account]("accounts", exampleEncryptor()), mapper.WithDeclaredTablesOnly())
	if err != nil {
		log.Fatal(err)
	}
	if err := db.CreateTable("accounts", Account{}).OnDemand(true).Run(ctx); err != nil {
		log.Fatal(err)
	}

	accounts := db.Table("accounts")
	if err := accounts.Put(Account{ID: "1", Email: "ada@example.com", Plan: "gold"}).Run(ctx); err != nil {
		log.Fatal(err)
	}
	var account Account
	if err := accounts.Get("id", "1").One(ctx, &account); err != nil {
		log.Fatal(err)
	}
	fmt.Println(account.Email)

	err = accounts.Update("id", "1").Set("plan", "platinum").If("email = ?", "ada@example.com").Run(ctx)
	fmt.Println(err)
	// Output:
	// ada@example.com
	// <nil>
}

// Encryption at rest protects what the mapper leaves readable, on DynamoDB's
// disks.
func ExampleNew_encryptionAtRest() {
	ctx := context.Background()
	api := mappertest.New() // or dynamodb.NewFromConfig(cfg)
	db, err := mapper.New(api, mapper.TableOf[Account]("accounts", exampleEncryptor()), mapper.WithDeclaredTablesOnly())
	if err != nil {
		log.Fatal(err)
	}
	err = db.CreateTable("accounts", Account{}).
		OnDemand(true).
		SSEEncryption(true, "alias/accounts", dynamo.SSETypeKMS).
		Run(ctx)
	if err != nil {
		log.Fatal(err)
	}
	err = db.Table("accounts").Put(Account{ID: "1", Email: "ada@example.com"}).Run(ctx)
	fmt.Println(err)
	// Output:
	// <nil>
}

// Modify changes a protected item, however many do so at once.
func ExampleRepository_Modify() {
	ctx := context.Background()
	db, err := mapper.New(mappertest.New(), mapper.TableOf[Account]("accounts", exampleEncryptor()))
	if err != nil {
		log.Fatal(err)
	}
	if err := db.CreateTable("accounts", Account{}).OnDemand(true).Run(ctx); err != nil {
		log.Fatal(err)
	}
	accounts, err := mapper.NewRepository[Account](db, "accounts")
	if err != nil {
		log.Fatal(err)
	}
	if err := accounts.Create(ctx, Account{ID: "1", Plan: "gold"}); err != nil {
		log.Fatal(err)
	}

	account, err := accounts.Modify(ctx, dynamo.Keys{"1"}, func(a *Account) error {
		a.Plan = "platinum"
		return nil
	})
	fmt.Println(account.Plan, err)
	// Output:
	// platinum <nil>
}

// Several struct types may share a table, and a restored table keeps the name
// that its items were sealed under.
func ExampleTableOf() {
	type Invoice struct {
		ID    string `dynamo:"id,hash"`
		Total int    `dynamo:"total" ddbenc:"sign"`
	}
	_, err := mapper.New(mappertest.New(),
		mapper.TableOf[Account]("shop-restored", exampleEncryptor(),
			mapper.WithType[Invoice](),
			mapper.WithLogicalName("shop"),
		),
	)
	fmt.Println(err)
	// Output:
	// <nil>
}

// Reseal moves the items of a table to another key or format, or seals items
// that were stored in plaintext. No item passes a Go type.
func ExampleClient_Reseal() {
	ctx := context.Background()
	api := mappertest.New() // or dynamodb.NewFromConfig(cfg)
	if err := dynamo.NewFromIface(api).CreateTable("accounts", Account{}).OnDemand(true).Run(ctx); err != nil {
		log.Fatal(err)
	}
	for i := range 3 {
		account := Account{ID: fmt.Sprint(i), Email: "ada@example.com"}
		if err := dynamo.NewFromIface(api).Table("accounts").Put(account).Run(ctx); err != nil { // in plaintext
			log.Fatal(err)
		}
	}

	client, err := mapper.NewClient(api, mapper.TableOf[Account]("accounts", exampleEncryptor(), mapper.WithPlaintextReads()))
	if err != nil {
		log.Fatal(err)
	}
	reseal := func() (n int) {
		unsealed := dynamo.NewFromIface(client).Table("accounts").Scan().Filter("attribute_not_exists($)", ddbec.SignatureAttribute).Iter()
		for {
			var item dynamo.Item
			if !unsealed.Next(ctx, &item) {
				if err := unsealed.Err(); err != nil {
					log.Fatal(err)
				}
				return n
			}
			if err := client.Reseal(ctx, "accounts", item); err != nil {
				log.Fatal(err)
			}
			n++
		}
	}
	fmt.Println("sealed:", reseal())
	fmt.Println("sealed:", reseal())
	// Output:
	// sealed: 3
	// sealed: 0
}
