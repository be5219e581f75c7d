package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

// Account is the struct of the application that is migrated. It is the one of
// migrationLock.
type Account struct {
	ID     string `dynamo:"id,hash"`
	Email  string `dynamo:"email" ddbenc:"encrypt"`
	Plan   string `dynamo:"plan" ddbenc:"sign"`
	Visits int    `dynamo:"visits" ddbenc:"none"`
}

const migrationLock = `# ddbenc.lock v1: what ddbenc does to each attribute of the structs of this module.
version 1

struct example.com/shop Account
	table accounts-2026
	attribute email encrypt written field=Email type=string
	attribute id sign default key=partition field=ID type=string
	attribute plan sign written field=Plan type=string
	attribute visits none written field=Visits type=int
`

// The steps of docs/migrating.md, from a plaintext table to a sealed one, while
// the application reads and writes the same items.
func TestMigration_TakesFiveCommandsWhileTheApplicationRuns(t *testing.T) {
	items := 1000
	if n, err := strconv.Atoi(os.Getenv("DDBENC_BULK_ITEMS")); err == nil {
		items = n
	}
	db := newTableDB(t)
	config := keys(t, 'k', `"encryptor": {"format": "dbesdk", "suite": "hmac", "keyring": {"kind": "rawaes", "namespace": "acme", "name": "2026-11",
		"key": {"file": "aes.key", "encoding": "base64"}}}`)
	lockFile := write(t, t.TempDir(), "ddbenc.lock", migrationLock)
	ring, err := raw.NewAES("acme", "2026-11", []byte(strings.Repeat("k", 32)))
	check(t, err)
	encryptor, err := dbesdk.New(ring, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	defer encryptor.Close()
	version := func(options ...mapper.TableOption) *dynamo.DB {
		app, err := mapper.New(db.DB, mapper.TableOf[Account](tableOf, encryptor, options...))
		check(t, err)
		return app
	}
	want := make([]map[string]Account, 2) // by application process
	for i := range want {
		want[i] = make(map[string]Account)
	}
	for n := range items {
		a := Account{ID: fmt.Sprintf("a-%05d", n), Email: fmt.Sprintf("ada%d@example.com", n), Plan: "gold", Visits: n}
		want[n%2][a.ID] = a
		item, err := dynamo.MarshalItem(a)
		check(t, err)
		_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(tableOf), Item: item})
		check(t, err)
	}

	// Every process runs step 2 of the migration.
	ctx, stop := context.WithCancel(t.Context())
	var group errgroup.Group
	for i := range want {
		group.Go(func() error { return useAccounts(ctx, version(mapper.WithPlaintextReads()), want[i]) })
	}
	on := []string{"-c", config, "-p", lockFile, "--plaintext-reads", "--checkpoint", filepath.Join(t.TempDir(), "checkpoint")}
	if r := db.ran(t, 1, append([]string{"reseal", "--dry-run"}, on...)...); !strings.Contains(r.err, "are not as declared") {
		t.Errorf("%s", r.err)
	}
	if r := db.ran(t, 0, append([]string{"reseal"}, on...)...); r.out != "" || !strings.Contains(r.err, " 0 failed\n") {
		t.Errorf("%+v", r)
	}
	if r := db.ran(t, 0, append([]string{"reseal", "--dry-run"}, on...)...); !strings.Contains(r.err, " 0 resealed") {
		t.Errorf("%s", r.err)
	}
	db.ran(t, 0, "verify", "-c", config, "-p", lockFile)
	if r := db.ran(t, 0, "census"); strings.Count(r.out, "\n") != 2 || !strings.Contains(r.out, "acme 2026-11") {
		t.Errorf("%s", r.out)
	}
	stop()
	check(t, group.Wait())

	// And the last step, in which nothing is read that is not sealed.
	all := make(map[string]Account)
	var got []Account
	check(t, version().Table(tableOf).Scan().All(t.Context(), &got))
	for _, a := range got {
		all[a.ID] = a
	}
	maps.Copy(want[0], want[1])
	if !reflect.DeepEqual(all, want[0]) {
		t.Errorf("%d items, want %d, or others", len(all), len(want[0]))
	}
}

// useAccounts changes accounts in each way until ctx ends, and keeps what they
// should be.
func useAccounts(ctx context.Context, app *dynamo.DB, accounts map[string]Account) error {
	table := app.Table(tableOf)
	for n := 0; ; n++ {
		for id, a := range accounts { // in no order
			var err error
			request := context.WithoutCancel(ctx)
			switch n % 3 {
			case 0:
				a.Plan += "+"
				err = table.Update("id", id).Set("plan", a.Plan).Run(request)
			case 1:
				a.Visits++
				err = table.Update("id", id).Add("visits", 1).Run(request)
			default:
				a = Account{ID: id, Email: "grace@example.com", Plan: "new"}
				err = table.Put(a).Run(request)
			}
			if err != nil {
				return err
			}
			accounts[id] = a
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Millisecond):
		}
	}
}
