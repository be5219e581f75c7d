package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

// To seal the items of an export for an import into a new table, read them as a
// sequence and write what ResealItems passes on.
func ExampleResealItems() {
	keys, err := raw.NewAES("example", "2026-11", make([]byte, 32)) // use a random key
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := dbesdk.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	defer encryptor.Close()
	client, err := mapper.NewClient(mappertest.New(), // no request is made
		mapper.TableOf[Note]("notes", encryptor, mapper.WithPlaintextReads()))
	if err != nil {
		log.Fatal(err)
	}
	exported := func(yield func(crypto.Item, error) bool) {
		for n := range 3 {
			if !yield(dynamo.MarshalItem(note(n))) {
				return
			}
		}
	}
	var imported []crypto.Item
	report, err := bulk.ResealItems(context.Background(), client, "notes", bulk.Pipe{
		Items: exported,
		Write: func(item crypto.Item) error { imported = append(imported, item); return nil },
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Resealed, "resealed,", len(imported), "written")
	// Output: 3 resealed, 3 written
}

// To continue a run on another machine, keep its checkpoint in a table.
func ExampleItem() {
	run := func(ctx context.Context, client *mapper.Client, api *dynamodb.Client) error {
		_, err := bulk.Reseal(ctx, client, "notes",
			bulk.WithCheckpoint(bulk.Item(api, "checkpoints", map[string]string{"id": "reseal-notes"})))
		if errors.Is(err, bulk.ErrTakenOver) {
			return nil // another process does the work
		}
		return err
	}
	_ = run
}
