package ddbenc_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

// Patient is the struct of the examples.
type Patient struct {
	ID        string `dynamo:"id,hash"`                 // key: signed, never encrypted
	Name      string `dynamo:"name" ddbenc:"encrypt"`   // encrypted and signed
	Diagnosis string `dynamo:"diagnosis"`               // no tag: the same
	Ward      string `dynamo:"ward" ddbenc:"sign"`      // readable, signed
	LastSeen  int64  `dynamo:"last_seen" ddbenc:"none"` // not protected
}

// newEncryptor returns an encryptor of the recommended format with a key that
// it makes. A service keeps its keys: without them, items cannot be read.
func newEncryptor() *dbesdk.Encryptor {
	key := make([]byte, 32)
	rand.Read(key)
	keys, err := raw.NewAES("clinic", "2026-11", key)
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := dbesdk.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	return encryptor
}

// newTable returns a database with the table "patients", which has one item,
// and the DynamoDB below it.
func newTable(ctx context.Context, encryptor crypto.ItemEncryptor) (db *dynamo.DB, below *dynamo.DB) {
	api := mappertest.New() // in production: dynamodb.NewFromConfig(cfg)
	db, err := mapper.New(api, mapper.TableOf[Patient]("patients", encryptor), mapper.WithDeclaredTablesOnly())
	if err != nil {
		log.Fatal(err)
	}
	if err := db.CreateTable("patients", Patient{}).OnDemand(true).Run(ctx); err != nil {
		log.Fatal(err)
	}
	patient := Patient{ID: "p-1", Name: "Ada", Diagnosis: "measles", Ward: "east"}
	if err := db.Table("patients").Put(patient).Run(ctx); err != nil {
		log.Fatal(err)
	}
	return db, dynamo.NewFromIface(api)
}

// Items are sealed before they leave the process. Everything else is plain
// guregu/dynamo.
func Example() {
	ctx := context.Background()
	key := make([]byte, 32)
	rand.Read(key) // a service keeps its key: without it, items cannot be read
	keys, err := raw.NewAES("clinic", "2026-11", key)
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := dbesdk.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	defer encryptor.Close()

	api := mappertest.New() // in production: dynamodb.NewFromConfig(cfg)
	db, err := mapper.New(api,
		mapper.TableOf[Patient]("patients", encryptor),
		mapper.WithDeclaredTablesOnly())
	if err != nil {
		log.Fatal(err)
	}
	if err := db.CreateTable("patients", Patient{}).OnDemand(true).Run(ctx); err != nil {
		log.Fatal(err)
	}

	patients := db.Table("patients")
	if err := patients.Put(Patient{ID: "p-1", Name: "Ada", Diagnosis: "measles", Ward: "east"}).Run(ctx); err != nil {
		log.Fatal(err)
	}
	var patient Patient
	if err := patients.Get("id", "p-1").One(ctx, &patient); err != nil {
		log.Fatal(err)
	}
	fmt.Println(patient.Name, "has", patient.Diagnosis)

	var stored dynamo.Item
	if err := dynamo.NewFromIface(api).Table("patients").Get("id", "p-1").One(ctx, &stored); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("DynamoDB stores the diagnosis as %T\n", stored["diagnosis"])
	// Output:
	// Ada has measles
	// DynamoDB stores the diagnosis as *types.AttributeValueMemberB
}

// Updates, conditions and filters work on encrypted attributes too. They cost
// a read where DynamoDB cannot evaluate them.
func Example_update() {
	ctx := context.Background()
	encryptor := newEncryptor()
	defer encryptor.Close()
	db, _ := newTable(ctx, encryptor)
	patients := db.Table("patients")

	cured := patients.Update("id", "p-1").Set("diagnosis", "none").If("diagnosis = ?", "measles")
	fmt.Println("cured:", cured.Run(ctx))
	fmt.Println("cured again:", dynamo.IsCondCheckFailed(cured.Run(ctx)), "is a failed condition")

	healthy, err := patients.Scan().Filter("diagnosis = ?", "none").Count(ctx)
	fmt.Println("healthy:", healthy, err)
	// Output:
	// cured: <nil>
	// cured again: true is a failed condition
	// healthy: 1 <nil>
}

// A change that someone else makes to what is signed is detected.
func Example_tampering() {
	ctx := context.Background()
	encryptor := newEncryptor()
	defer encryptor.Close()
	db, below := newTable(ctx, encryptor)

	var stored dynamo.Item
	if err := below.Table("patients").Get("id", "p-1").One(ctx, &stored); err != nil {
		log.Fatal(err)
	}
	stored["ward"] = &types.AttributeValueMemberS{Value: "west"}
	if err := below.Table("patients").Put(stored).Run(ctx); err != nil {
		log.Fatal(err)
	}

	var patient Patient
	err := db.Table("patients").Get("id", "p-1").One(ctx, &patient)
	fmt.Println(errors.Is(err, crypto.ErrTampered))
	fmt.Println(err)
	// Output:
	// true
	// ddbenc: GetItem: table "patients" (key id): item does not verify
}

// A repository changes items with Go code, however many processes do so at the
// same time.
func Example_repository() {
	ctx := context.Background()
	encryptor := newEncryptor()
	defer encryptor.Close()
	db, _ := newTable(ctx, encryptor)
	patients, err := mapper.NewRepository[Patient](db, "patients")
	if err != nil {
		log.Fatal(err)
	}

	patient, err := patients.Modify(ctx, dynamo.Keys{"p-1"}, func(p *Patient) error {
		p.Ward = "west"
		return nil
	})
	fmt.Println(patient.Name, "is in ward", patient.Ward, err)
	// Output:
	// Ada is in ward west <nil>
}
