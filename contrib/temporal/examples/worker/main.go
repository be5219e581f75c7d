// Command worker works on the segments of runs that other programs start.
package main

import (
	"context"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/ddbenc/ddbenc/contrib/temporal/fleet"
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"encrypt"`
}

// newEncryptor and oldEncryptor are the service's own.
var newEncryptor, oldEncryptor crypto.ItemEncryptor

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	tables, err := mapper.NewClient(dynamodb.NewFromConfig(cfg),
		mapper.TableOf[Account]("accounts", newEncryptor, mapper.WithReaders(oldEncryptor)))
	if err != nil {
		log.Fatal(err)
	}
	temporal, err := client.Dial(client.Options{HostPort: "temporal.example.com:7233"})
	if err != nil {
		log.Fatal(err)
	}
	defer temporal.Close()
	w := worker.New(temporal, "ddbenc", worker.Options{
		MaxConcurrentActivityExecutionSize: 4, // segments at once on this machine
		WorkerStopTimeout:                  time.Minute,
	})
	err = fleet.Register(w, fleet.Activities{Client: tables, Failures: func(f bulk.Failure) error {
		log.Printf("%s: %v", f.Reason, f.Err)
		return nil
	}})
	if err != nil {
		log.Fatal(err)
	}
	if err := w.Run(worker.InterruptCh()); err != nil {
		log.Fatal(err)
	}
}
