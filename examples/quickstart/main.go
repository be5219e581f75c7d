// Quickstart stores a protected item, shows what DynamoDB sees of it, reads,
// filters and updates it, and tampers with it.
//
//	go run ./examples/quickstart                                  # in memory
//	go run ./examples/quickstart -endpoint http://localhost:8000  # DynamoDB Local
//	go run ./examples/quickstart -aws                             # your AWS account
//	go run ./examples/quickstart -format ddbec                    # the older item format
package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/examples/internal/database"
	"github.com/ddbenc/ddbenc/examples/internal/keys"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/tags"
)

// Account is what we store. The ddbenc tags say how each field is protected.
type Account struct {
	ID     string    `dynamo:"id,hash"` // key: signed, never encrypted
	Opened time.Time `dynamo:"opened,range"`
	Email  string    `dynamo:"email" ddbenc:"encrypt"`
	Plan   string    `dynamo:"plan"  ddbenc:"sign" index:"by-plan,hash"`
	Visits int       `dynamo:"visits" ddbenc:"none"` // not protected
}

func main() {
	log.SetFlags(0)
	open := database.Flags()
	format := flag.String("format", "dbesdk", "item `format`: dbesdk, which new tables should use, or ddbec, the older one")
	flag.Parse()
	ctx := context.Background()
	api, err := open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(ctx, api, *format); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, api dynamodbiface.DynamoDBAPI, format string) error {
	encryptor, err := keys.EncryptorOf(format)
	if err != nil {
		return err
	}
	policy, err := tags.Of[Account]()
	if err != nil {
		return err
	}
	fmt.Printf("1. The policy that the struct tags declare:\n\n%v\n", policy)

	// The one statement that differs from plain guregu/dynamo.
	name := "ddbenc-quickstart-" + rand.Text()[:8]
	db, err := mapper.New(api,
		mapper.TableOf[Account](name, encryptor),
		mapper.WithDeclaredTablesOnly()) // a misspelled table name is an error, and stores nothing in the clear
	if err != nil {
		return err
	}
	if err := db.CreateTable(name, Account{}).OnDemand(true).Wait(ctx); err != nil {
		return err
	}
	defer db.Table(name).DeleteTable().Run(ctx)
	accounts := db.Table(name)

	account := Account{
		ID:     "a-1",
		Opened: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Email:  "ada@example.com",
		Plan:   "gold",
		Visits: 1,
	}
	if err := accounts.Put(account).If("attribute_not_exists(id)").Run(ctx); err != nil {
		return err
	}
	fmt.Println("2. The item as DynamoDB stores it:")
	stored, err := read(ctx, api, name, account)
	if err != nil {
		return err
	}
	show(stored)

	fmt.Println("\n3. The item opened, read through the index:")
	var opened Account
	if err := accounts.Get("plan", "gold").Index("by-plan").One(ctx, &opened); err != nil {
		return err
	}
	fmt.Printf("   %+v\n", opened)

	fmt.Println("\n4. A filter on an encrypted attribute:")
	var found []Account
	if err := accounts.Scan().Filter("email = ?", "ada@example.com").Consistent(true).All(ctx, &found); err != nil {
		return err
	}
	fmt.Printf("   found %d\n", len(found))

	fmt.Println("\n5. An update of an encrypted and a signed attribute, on a condition on an encrypted one:")
	change := accounts.Update("id", account.ID).Range("opened", account.Opened).
		Set("email", "ada@lovelace.example").
		Set("plan", "platinum").
		Add("visits", 1).
		If("email = ?", "ada@example.com")
	if err := change.Value(ctx, &opened); err != nil {
		return err
	}
	fmt.Printf("   %+v\n", opened)
	if err := change.Run(ctx); !dynamo.IsCondCheckFailed(err) {
		return fmt.Errorf("the condition held twice: %w", err)
	}
	fmt.Println("   the same update again: its condition no longer holds")

	fmt.Println("\n6. Repository.Modify changes an item with Go code:")
	repository, err := mapper.NewRepository[Account](db, name)
	if err != nil {
		return err
	}
	opened, err = repository.Modify(ctx, dynamo.Keys{account.ID, account.Opened}, func(a *Account) error {
		a.Email = strings.ToUpper(a.Email)
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("   %+v\n", opened)

	fmt.Println("\n7. Someone with access to the table changes the plan:")
	if stored, err = read(ctx, api, name, account); err != nil {
		return err
	}
	stored["plan"] = &types.AttributeValueMemberS{Value: "gold"}
	if _, err := api.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: stored}); err != nil {
		return err
	}
	err = accounts.Get("id", account.ID).Range("opened", dynamo.Equal, account.Opened).Consistent(true).One(ctx, &opened)
	if !errors.Is(err, crypto.ErrTampered) {
		return fmt.Errorf("the forged item was not caught: %w", err)
	}
	fmt.Printf("   caught: %v\n", err)
	return nil
}

// read gets the item past the mapper.
func read(ctx context.Context, api dynamodbiface.DynamoDBAPI, table string, a Account) (crypto.Item, error) {
	id, err := dynamo.Marshal(a.ID)
	if err != nil {
		return nil, err
	}
	opened, err := dynamo.Marshal(a.Opened)
	if err != nil {
		return nil, err
	}
	out, err := api.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &table,
		Key:            crypto.Item{"id": id, "opened": opened},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// show prints an item, binary values shortened.
func show(item crypto.Item) {
	for _, name := range slices.Sorted(maps.Keys(item)) {
		switch v := item[name].(type) {
		case *types.AttributeValueMemberS:
			fmt.Printf("   %-22s S %s\n", name, v.Value)
		case *types.AttributeValueMemberN:
			fmt.Printf("   %-22s N %s\n", name, v.Value)
		case *types.AttributeValueMemberB:
			fmt.Printf("   %-22s B %.32s… (%d bytes)\n", name, base64.StdEncoding.EncodeToString(v.Value), len(v.Value))
		}
	}
}
