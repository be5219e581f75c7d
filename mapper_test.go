// Package ddbenc_test holds the whole promise of the module as one readable
// test, through its public API only. It runs in memory, and also against a
// real DynamoDB where DDBENC_DYNAMODB_ENDPOINT names one.
package ddbenc_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

type Account struct {
	ID     string    `dynamo:"id,hash"` // key: signed, never encrypted
	Opened time.Time `dynamo:"opened,range"`
	Email  string    `dynamo:"email" ddbenc:"encrypt"`
	Notes  []string  `dynamo:"notes,omitempty"` // no tag: encrypted
	Plan   string    `dynamo:"plan"  ddbenc:"sign" index:"by-plan,hash"`
	Visits int       `dynamo:"visits" ddbenc:"none"` // left alone: may be updated in place
}

func TestWholePromise(t *testing.T) {
	for name, api := range databases() {
		for format, encryptor := range encryptors(t) {
			t.Run(format+" "+name, func(t *testing.T) { testWholePromise(t, api, encryptor) })
		}
	}
}

func testWholePromise(t *testing.T, api dynamodbiface.DynamoDBAPI, encryptor crypto.ItemEncryptor) {
	ctx := t.Context()
	table := "accounts-" + rand.Text()

	// One constructor is swapped; what follows is plain guregu/dynamo.
	db, err := mapper.New(api, mapper.TableOf[Account](table, encryptor))
	check(t, err)
	check(t, db.CreateTable(table, Account{}).OnDemand(true).Wait(ctx))
	t.Cleanup(func() { db.Table(table).DeleteTable().Run(context.Background()) })
	accounts := db.Table(table)

	ada := Account{ID: "ada", Opened: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Email: "ada@example.com", Notes: []string{"first"}, Plan: "gold", Visits: 1}
	check(t, accounts.Put(ada).If("attribute_not_exists(id)").Run(ctx))

	// What DynamoDB stores does not show what is encrypted…
	stored := storedItem(t, api, table, ada)
	for name, value := range stored {
		if b, ok := value.(*types.AttributeValueMemberB); ok && bytes.Contains(b.Value, []byte("ada@example.com")) {
			t.Errorf("attribute %q shows the e-mail address", name)
		}
	}
	if _, ok := stored["email"].(*types.AttributeValueMemberB); !ok {
		t.Errorf("the stored email is a %T, not encrypted", stored["email"])
	}
	// …and leaves readable what keys, indexes and filters need.
	if plan, ok := stored["plan"].(*types.AttributeValueMemberS); !ok || plan.Value != "gold" {
		t.Error("the plan is not readable")
	}

	// Every way to read returns what was put.
	var got Account
	check(t, accounts.Get("id", "ada").Range("opened", dynamo.Equal, ada.Opened).One(ctx, &got))
	equal(t, got, ada)
	var all []Account
	check(t, accounts.Get("plan", "gold").Index("by-plan").All(ctx, &all))
	equal(t, all, []Account{ada})
	all = nil
	check(t, accounts.Scan().Filter("visits > ?", 0).All(ctx, &all))
	equal(t, all, []Account{ada})
	all = nil
	check(t, accounts.Get("id", "ada").Project("email").All(ctx, &all))
	equal(t, all, []Account{{Email: ada.Email}})

	// What is left alone may be updated in place.
	check(t, accounts.Update("id", "ada").Range("opened", ada.Opened).Add("visits", 1).Value(ctx, &got))
	ada.Visits = 2
	equal(t, got, ada)

	// What is signed or encrypted may be updated too, on conditions on it, and
	// filtered by.
	check(t, accounts.Update("id", "ada").Range("opened", ada.Opened).Set("plan", "bronze").If("email = ?", ada.Email).Value(ctx, &got))
	ada.Plan = "bronze"
	equal(t, got, ada)
	all = nil
	check(t, accounts.Scan().Filter("email = ?", ada.Email).All(ctx, &all))
	equal(t, all, []Account{ada})
	// No key that would carry a secret is sent.
	refused(t, accounts.Get("email", ada.Email).One(ctx, &got))
	// Modify changes what Go code decides.
	repository, err := mapper.NewRepository[Account](db, table)
	check(t, err)
	ada.Plan = "silver"
	got, err = repository.Modify(ctx, dynamo.Keys{ada.ID, ada.Opened}, func(a *Account) error { a.Plan = "silver"; return nil })
	check(t, err)
	equal(t, got, ada)

	// A failed condition shows the stored item, opened.
	wrote, err := accounts.Put(Account{ID: "ada", Opened: ada.Opened}).If("attribute_not_exists(id)").CurrentValue(ctx, &got)
	check(t, err)
	if wrote {
		t.Error("the condition did not hold, but the item was written")
	}
	equal(t, got, ada)

	// Whatever somebody changes past us is noticed.
	stored = storedItem(t, api, table, ada)
	for what, change := range map[string]func(crypto.Item){
		"a signed value":          func(i crypto.Item) { i["plan"] = &types.AttributeValueMemberS{Value: "platinum"} },
		"plaintext for encrypted": func(i crypto.Item) { i["email"] = &types.AttributeValueMemberS{Value: "eve@example.com"} },
		"values exchanged":        func(i crypto.Item) { i["email"], i["notes"] = i["notes"], i["email"] },
		"an attribute removed":    func(i crypto.Item) { delete(i, "email") },
		"an attribute added":      func(i crypto.Item) { i["admin"] = &types.AttributeValueMemberBOOL{Value: true} },
		"another key":             func(i crypto.Item) { i["id"] = &types.AttributeValueMemberS{Value: "eve"} },
	} {
		forged := maps.Clone(stored)
		change(forged)
		put(t, api, table, forged)
		id := forged["id"].(*types.AttributeValueMemberS).Value
		err := accounts.Get("id", id).Range("opened", dynamo.Equal, ada.Opened).One(ctx, &got)
		if !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s: got %v, not ErrTampered", what, err)
		}
		if err != nil && strings.Contains(err.Error(), "ada@") {
			t.Errorf("%s: the error tells a value: %v", what, err)
		}
	}
	plain := maps.Clone(stored)
	maps.DeleteFunc(plain, func(name string, _ types.AttributeValue) bool { return encryptor.Reserved(name) })
	put(t, api, table, plain)
	if err := accounts.Get("id", "ada").Range("opened", dynamo.Equal, ada.Opened).One(ctx, &got); !errors.Is(err, crypto.ErrNotProtected) {
		t.Errorf("an item without protection: got %v, not ErrNotProtected", err)
	}

	// A copy of the table is readable under the original's name.
	restored := table + "-restored"
	copied, err := mapper.New(api, mapper.TableOf[Account](restored, encryptor, mapper.WithLogicalName(table)))
	check(t, err)
	check(t, copied.CreateTable(restored, Account{}).OnDemand(true).Wait(ctx))
	t.Cleanup(func() { copied.Table(restored).DeleteTable().Run(context.Background()) })
	put(t, api, restored, stored)
	check(t, copied.Table(restored).Get("id", "ada").Range("opened", dynamo.Equal, ada.Opened).One(ctx, &got))
	equal(t, got, ada)
}

// databases returns the databases to run on.
func databases() map[string]dynamodbiface.DynamoDBAPI {
	all := map[string]dynamodbiface.DynamoDBAPI{"in memory": mappertest.New()}
	if endpoint := os.Getenv("DDBENC_DYNAMODB_ENDPOINT"); endpoint != "" {
		all["real"] = dynamodb.New(dynamodb.Options{
			Region:       "us-east-1",
			BaseEndpoint: aws.String(endpoint),
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
			}),
		})
	}
	return all
}

// encryptors returns an encryptor for each item format.
func encryptors(t *testing.T) map[string]crypto.ItemEncryptor {
	t.Helper()
	wrappingKey, signingKey := make([]byte, 32), make([]byte, 32)
	rand.Read(wrappingKey)
	rand.Read(signingKey)

	keys, err := raw.NewAES("test", "1", wrappingKey)
	check(t, err)
	sdk, err := dbesdk.New(keys)
	check(t, err)
	t.Cleanup(func() { sdk.Close() })

	signing, err := providers.NewHMAC("HmacSHA256", signingKey)
	check(t, err)
	provider, err := wrapped.NewAES(wrappingKey, signing, signing)
	check(t, err)
	client, err := ddbec.New(provider)
	check(t, err)
	return map[string]crypto.ItemEncryptor{"dbesdk": sdk, "ddbec": client}
}

// storedItem reads the stored item past the mapper.
func storedItem(t *testing.T, api dynamodbiface.DynamoDBAPI, table string, a Account) crypto.Item {
	t.Helper()
	var item crypto.Item
	check(t, dynamo.NewFromIface(api).Table(table).Get("id", a.ID).Range("opened", dynamo.Equal, a.Opened).Consistent(true).One(t.Context(), &item))
	return item
}

// put writes an item past the mapper.
func put(t *testing.T, api dynamodbiface.DynamoDBAPI, table string, item crypto.Item) {
	t.Helper()
	check(t, dynamo.NewFromIface(api).Table(table).Put(item).Run(t.Context()))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, crypto.ErrInvalidKey) {
		t.Errorf("got %v, not ErrInvalidKey", err)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
