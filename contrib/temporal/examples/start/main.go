// Command start reseals a table, and continues where an earlier run ended.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log"
	"os"

	"go.temporal.io/sdk/client"

	"github.com/ddbenc/ddbenc/contrib/temporal/fleet"
)

const file = "accounts.position"

func main() {
	ctx := context.Background()
	temporal, err := client.Dial(client.Options{HostPort: "temporal.example.com:7233"})
	if err != nil {
		log.Fatal(err)
	}
	defer temporal.Close()
	from, err := load()
	if err != nil {
		log.Fatal(err)
	}
	run, err := fleet.Start(ctx, temporal, "ddbenc", fleet.Table{
		Name:      "accounts",
		Operation: fleet.Reseal,
		Segments:  2000,
		AtOnce:    64,
		Rate:      fleet.Rate{Read: 4000, Write: 8000},
		From:      from,
	})
	if err != nil {
		log.Fatal(err)
	}
	result, err := run.Wait(ctx)
	if err != nil && !errors.Is(err, fleet.ErrIncomplete) {
		log.Fatal(err)
	}
	log.Printf("%d items, %d resealed, %d failed", result.Items, result.Resealed, result.Failed)
	if err := save(result.Position); err != nil {
		log.Print(err)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// load returns the position of an earlier run, or nil.
func load() (*fleet.Position, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	from := new(fleet.Position)
	return from, json.Unmarshal(data, from)
}

// save saves the position of an incomplete run.
func save(position *fleet.Position) error {
	if position == nil {
		if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	data, err := json.Marshal(position)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}
