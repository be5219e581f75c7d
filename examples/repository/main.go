// Repository shows Modify under contention: many goroutines change one
// protected item at the same time, and no change is lost.
//
//	go run ./examples/repository
//	go run ./examples/repository -endpoint http://localhost:8000
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log"

	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"
	"golang.org/x/sync/errgroup"

	"github.com/ddbenc/ddbenc/examples/internal/database"
	"github.com/ddbenc/ddbenc/examples/internal/keys"
	"github.com/ddbenc/ddbenc/mapper"
)

// Wallet's balance is encrypted, so DynamoDB cannot add to it. Modify and
// updates do so in this process, on condition that nothing changed meanwhile.
type Wallet struct {
	Owner   string   `dynamo:"owner,hash"`
	Balance int      `dynamo:"balance" ddbenc:"encrypt"`
	Log     []string `dynamo:"log" ddbenc:"encrypt"`
	Seen    int      `dynamo:"seen" ddbenc:"none"` // counted in place
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
	name := "ddbenc-repository-" + rand.Text()[:8]
	db, err := mapper.New(api, mapper.TableOf[Wallet](name, encryptor), mapper.WithDeclaredTablesOnly())
	if err != nil {
		return err
	}
	if err := db.CreateTable(name, Wallet{}).OnDemand(true).Wait(ctx); err != nil {
		return err
	}
	defer db.Table(name).DeleteTable().Run(ctx)
	wallets, err := mapper.NewRepository[Wallet](db, name)
	if err != nil {
		return err
	}

	if err := wallets.Create(ctx, Wallet{Owner: "ada", Balance: 100}); err != nil {
		return err
	}
	if err := wallets.Create(ctx, Wallet{Owner: "ada"}); !errors.Is(err, mapper.ErrExists) {
		return fmt.Errorf("a second Create should fail, not: %w", err)
	}

	const writers = 10
	fmt.Printf("%d goroutines pay 5 each into one wallet with Modify, %d pay 1 with an update, and %d count visits:\n",
		writers, writers, writers)
	var group errgroup.Group
	for i := range writers {
		group.Go(func() error {
			_, err := wallets.Modify(ctx, dynamo.Keys{"ada"}, func(w *Wallet) error {
				w.Balance += 5
				w.Log = append(w.Log, fmt.Sprintf("payment %d", i))
				return nil
			})
			return err
		})
		group.Go(func() error {
			return db.Table(name).Update("owner", "ada").Add("balance", 1).Run(ctx)
		})
		group.Go(func() error {
			return db.Table(name).Update("owner", "ada").Add("seen", 1).Run(ctx)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}

	wallet, err := wallets.Get(ctx, dynamo.Keys{"ada"})
	if err != nil {
		return err
	}
	fmt.Printf("balance %d, %d payments in the log, seen %d times\n", wallet.Balance, len(wallet.Log), wallet.Seen)
	if wallet.Balance != 100+6*writers || len(wallet.Log) != writers || wallet.Seen != writers {
		return errors.New("a change was lost")
	}
	return nil
}
