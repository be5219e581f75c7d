// Search finds encrypted patients by email, by last name and first letter, and by
// diagnosis, each clinic under keys of its own.
//
//	go run ./examples/search                                   # in memory
//	go run ./examples/search -endpoint http://localhost:8000   # a local DynamoDB
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/examples/internal/database"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// Patient is stored encrypted, apart from its ID and its clinic.
type Patient struct {
	ID     string   `dynamo:"id,hash"`
	Clinic string   `dynamo:"clinic" ddbenc:"sign,context"`
	First  string   `dynamo:"first" ddbenc:"encrypt"`
	Last   string   `dynamo:"last" ddbenc:"encrypt" beacon:"8,partonly"`
	Email  string   `dynamo:"email" ddbenc:"encrypt" beacon:"10" index:"by-email,hash"`
	Codes  []string `dynamo:"codes,set" ddbenc:"encrypt" beacon:"6,set"`
}

// beacons has what tags cannot express: a compound beacon such as
// "C-north.L-Lovelace.F-a", of the clinic in the clear and hashes of the last name
// and of the first letter of the first name.
var beacons = beacon.Config{
	Virtual: []beacon.VirtualField{{Name: "initial", Parts: []beacon.VirtualPart{
		{Location: "first", Transforms: []beacon.Transform{beacon.Prefix(1), beacon.Lower()}},
	}}},
	Standard: []beacon.Standard{{Name: "letter", Location: "initial", Length: 3, PartOnly: true}},
	Compound: []beacon.Compound{{
		Name:      "person",
		Split:     ".",
		Signed:    []beacon.SignedPart{{Name: "clinic", Prefix: "C-"}},
		Encrypted: []beacon.EncryptedPart{{Name: "last", Prefix: "L-"}, {Name: "letter", Prefix: "F-"}},
	}},
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
	// In production, keystore.New: a table of branch keys that KMS protects.
	store := providertest.NewKeyStore("north", "south")
	keys, err := hierarchical.New(store, branchKeyOf, 10*time.Minute)
	if err != nil {
		return err
	}
	encryptor, err := dbesdk.New(keys)
	if err != nil {
		return err
	}
	defer encryptor.Close()
	beaconKeys, err := beacon.MultiKeyStore(store, "clinic", 10*time.Minute)
	if err != nil {
		return err
	}
	name := "ddbenc-search-" + rand.Text()[:8]
	db, err := mapper.New(api, mapper.TableOf[Patient](name, encryptor, mapper.WithBeacons(beaconKeys),
		mapper.WithBeaconConfig(beacons)))
	if err != nil {
		return err
	}
	byPerson := dynamo.Index{Name: "by-person", HashKey: "person", HashKeyType: dynamo.StringType,
		ProjectionType: dynamo.AllProjection}
	if err := db.CreateTable(name, Patient{}).OnDemand(true).Index(byPerson).Wait(ctx); err != nil {
		return err
	}
	patients := db.Table(name)
	defer patients.DeleteTable().Run(ctx)

	if err := fill(ctx, patients); err != nil {
		return err
	}
	if err := show(ctx, api, name); err != nil {
		return err
	}
	return search(ctx, patients)
}

// branchKeyOf picks the branch key of an item: its ID is the clinic's name.
func branchKeyOf(_ context.Context, ec keyring.EncryptionContext) (string, error) {
	attributes, err := dbesdk.Attributes(ec)
	if err != nil {
		return "", err
	}
	clinic, ok := attributes["clinic"].(*types.AttributeValueMemberS)
	if !ok {
		return "", errors.New("the item has no clinic")
	}
	return clinic.Value, nil
}

func fill(ctx context.Context, patients dynamo.Table) error {
	for _, p := range []Patient{
		{"1", "north", "Ada", "Lovelace", "ada@example.com", []string{"E11", "I10"}},
		{"2", "north", "Augusta", "Lovelace", "augusta@example.com", []string{"J45"}},
		{"3", "north", "Grace", "Hopper", "grace@example.com", []string{"E11"}},
		{"4", "south", "Ada", "Lovelace", "ada@example.com", []string{"J45"}},
	} {
		if err := patients.Put(p).Run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// show prints what DynamoDB stores of one patient.
func show(ctx context.Context, api dynamodbiface.DynamoDBAPI, name string) error {
	var stored crypto.Item
	err := dynamo.NewFromIface(api).Table(name).Get("id", "1").Consistent(true).One(ctx, &stored)
	if err != nil {
		return err
	}
	fmt.Println("DynamoDB sees the beacons of patient 1:")
	for _, attribute := range []string{"aws_dbe_b_email", "aws_dbe_b_person", "aws_dbe_b_codes"} {
		switch v := stored[attribute].(type) {
		case *types.AttributeValueMemberS:
			fmt.Printf("   %-18s %s\n", attribute, v.Value)
		case *types.AttributeValueMemberSS:
			fmt.Printf("   %-18s %s\n", attribute, strings.Join(v.Value, " "))
		}
	}
	return nil
}

func search(ctx context.Context, patients dynamo.Table) error {
	var found []Patient
	err := patients.Get("email", "ada@example.com").Index("by-email").Filter("clinic = ?", "north").All(ctx, &found)
	if err != nil {
		return err
	}
	report("by email, in the north:", found)

	found = nil
	if err := patients.Get("person", "C-north.L-Lovelace.F-a").Index("by-person").All(ctx, &found); err != nil {
		return err
	}
	report("by last name and first letter, in the north:", found)

	found = nil
	if err := patients.Scan().Filter("clinic = ? AND contains(codes, ?)", "north", "E11").All(ctx, &found); err != nil {
		return err
	}
	report("by diagnosis, in the north:", found)
	return nil
}

func report(what string, found []Patient) {
	fmt.Println("\nFound " + what)
	for _, p := range found {
		fmt.Printf("   %s %s %s, %s\n", p.ID, p.First, p.Last, p.Email)
	}
}
