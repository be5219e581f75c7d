// Single-table keeps two struct types in one table, each with its own
// protection, and reads them back together.
//
//	go run ./examples/single-table
//	go run ./examples/single-table -endpoint http://localhost:8000
package main

import (
	"context"
	"crypto/rand"
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

// Setting is in the same table, but not protected: other services, which have
// no keys, write it.
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
		mapper.WithSelection(func(key crypto.Item) bool { return !isSetting(key) }),
	))
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

	// An order's state is left alone, so it can be updated in place.
	if err := table.Update("pk", customer.PK).Range("sk", "ORDER#2").Set("state", "paid").Run(ctx); err != nil {
		return err
	}

	// One query reads the customer and all orders; the sort key tells which.
	items := table.Get("pk", customer.PK).Iter()
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
