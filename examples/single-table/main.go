// Single-table keeps two struct types in one table, each with its own
// protection, a discriminator and a repository, beside items of a third type
// that are not protected.
//
//	go run ./examples/single-table
//	go run ./examples/single-table -endpoint http://localhost:8000
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log"
	"strings"

	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/examples/internal/database"
	"github.com/ddbenc/ddbenc/examples/internal/keys"
	"github.com/ddbenc/ddbenc/mapper"
)

// Key is what all types of the table share.
type Key struct {
	PK string `dynamo:"pk,hash"`
	SK string `dynamo:"sk,range"`
}

// Customer is stored under CUSTOMER#id / PROFILE.
type Customer struct {
	Key
	Name  string `dynamo:"name" ddbenc:"encrypt"`
	Email string `dynamo:"email" ddbenc:"encrypt"`
	Tier  string `dynamo:"tier" ddbenc:"sign"`
}

// Order is stored under CUSTOMER#id / ORDER#number.
type Order struct {
	Key
	Address string `dynamo:"address" ddbenc:"encrypt"`
	Total   int    `dynamo:"total" ddbenc:"sign"`
	State   string `dynamo:"state" ddbenc:"none"`
}

// Setting is in the same table, but is not protected: services without keys
// write it.
type Setting struct {
	Key
	Value string `dynamo:"value"`
}

func main() {
	log.SetFlags(0)
	open := database.Flags()
	flag.Parse()
	ctx := context.Background()
	api, err := open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(ctx, api); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, api dynamodbiface.DynamoDBAPI) error {
	encryptor, err := keys.Encryptor()
	if err != nil {
		return err
	}
	name := "ddbenc-single-table-" + rand.Text()[:8]
	db, err := mapper.New(api, mapper.TableOf[Customer](name, encryptor,
		mapper.WithType[Order](),
		mapper.WithDiscriminator[Customer](mapper.Discriminator{Key: sortKeyBegins("PROFILE")}),
		mapper.WithDiscriminator[Order](mapper.Discriminator{Key: sortKeyBegins("ORDER#")}),
		mapper.WithSelection(func(key crypto.Item) bool { return !isSetting(key) }),
	), mapper.WithDeclaredTablesOnly())
	if err != nil {
		return err
	}
	if err := db.CreateTable(name, Customer{}).OnDemand(true).Wait(ctx); err != nil {
		return err
	}
	table := db.Table(name)
	defer table.DeleteTable().Run(ctx)

	customer := Key{PK: "CUSTOMER#7", SK: "PROFILE"}
	_, err = table.Batch().Write().Put(
		Customer{Key: customer, Name: "Ada", Email: "ada@example.com", Tier: "gold"},
		Order{Key: Key{customer.PK, "ORDER#1"}, Address: "12 St James's Square", Total: 42, State: "paid"},
		Order{Key: Key{customer.PK, "ORDER#2"}, Address: "12 St James's Square", Total: 7, State: "new"},
		Setting{Key: Key{"SETTING#theme", "-"}, Value: "dark"},
	).Run(ctx)
	if err != nil {
		return err
	}

	// A repository returns the items of its own type alone.
	customers, err := mapper.NewRepository[Customer](db, name)
	if err != nil {
		return err
	}
	orders, err := mapper.NewRepository[Order](db, name)
	if err != nil {
		return err
	}
	ada, err := customers.Get(ctx, dynamo.Keys{customer.PK, customer.SK})
	if err != nil {
		return err
	}
	fmt.Printf("customer: %+v\n", ada)
	for order, err := range orders.Query(ctx, customer.PK) {
		if err != nil {
			return err
		}
		fmt.Printf("order: %+v\n", order)
	}

	// It does not take an item of another type for one of its own.
	_, err = orders.Modify(ctx, dynamo.Keys{customer.PK, customer.SK}, func(o *Order) error {
		o.Total = 0
		return nil
	})
	if !errors.Is(err, mapper.ErrOtherType) {
		return fmt.Errorf("the profile was modified as an order: %w", err)
	}
	fmt.Printf("refused: %v\n", err)

	// An update works as on a plain table, whatever the attribute's action.
	err = table.Update("pk", customer.PK).Range("sk", "ORDER#2").
		Set("address", "10 Dorset Street").
		Set("state", "paid").
		Run(ctx)
	if err != nil {
		return err
	}

	// One query reads the customer and all orders. The sort key says which type
	// an item is of.
	items := table.Get("pk", customer.PK).Consistent(true).Iter()
	for {
		var item crypto.Item
		if !items.Next(ctx, &item) {
			break
		}
		if err := show(item); err != nil {
			return err
		}
	}
	if err := items.Err(); err != nil {
		return err
	}

	var theme Setting
	if err := table.Get("pk", "SETTING#theme").Range("sk", dynamo.Equal, "-").One(ctx, &theme); err != nil {
		return err
	}
	fmt.Printf("setting: %+v (not protected)\n", theme)
	return nil
}

// sortKeyBegins returns a predicate over the key.
func sortKeyBegins(prefix string) func(key crypto.Item) bool {
	return func(key crypto.Item) bool {
		var k Key
		return dynamo.UnmarshalItem(key, &k) == nil && strings.HasPrefix(k.SK, prefix)
	}
}

// isSetting decides what is not protected by the partition key. A setting
// cannot take the place of another item then: no read of a customer or an order
// looks there.
func isSetting(key crypto.Item) bool {
	var k Key
	return dynamo.UnmarshalItem(key, &k) == nil && strings.HasPrefix(k.PK, "SETTING#")
}

func show(item crypto.Item) error {
	var k Key
	if err := dynamo.UnmarshalItem(item, &k); err != nil {
		return err
	}
	if strings.HasPrefix(k.SK, "ORDER#") {
		var order Order
		err := dynamo.UnmarshalItem(item, &order)
		fmt.Printf("order: %+v\n", order)
		return err
	}
	var customer Customer
	err := dynamo.UnmarshalItem(item, &customer)
	fmt.Printf("customer: %+v\n", customer)
	return err
}
